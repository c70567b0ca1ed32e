// One picture: scenes, letters and colour bars together, as bytes of a PNG or JPEG file.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "render/job.h"
#include "render/layout.h"
#include "render/vtk/scene.h"

namespace invado {

// What one panel shows.
struct PanelAt {
  std::vector<Moment> sites;
  std::string heading;
};

class Window {
 public:
  // Throws Error 66 when there is nothing that one could draw on.
  explicit Window(const Layout& layout);
  ~Window();

  [[nodiscard]] std::vector<std::byte> draw(const Job& job, const std::vector<PanelAt>& panels, const Setting& setting,
                                            const Frame& frame);

 private:
  struct State;
  Layout layout_;
  std::unique_ptr<State> state_;
};

}  // namespace invado
