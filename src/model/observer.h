// Something that looks at the World and can never change it.
#pragma once

#include "model/world.h"

namespace invado {

class Observer {
 public:
  virtual ~Observer() = default;
  // At t = 0, whenever due, and at the end. `last` is true at the end of the run.
  virtual void observe(const World&, bool last) = 0;
};

}  // namespace invado
