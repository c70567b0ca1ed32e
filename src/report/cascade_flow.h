// The way of cells out of a tumour through the blood into organs, as bands whose heights are numbers of cells.
#pragma once

#include <string>
#include <vector>

namespace invado {

// Sums of weights; what follows from others (who died where) is not in here.
struct CascadeNumbers {
  double entered = 0, circulating = 0;
  struct Organ {
    std::string name;
    double lodged = 0, extravasated = 0, waiting = 0, dormant = 0, begun = 0, colonies = 0;
    bool box_is_open = false;  // cells have left it through a face

    // In the tissue, before they had begun (or out of an open box).
    [[nodiscard]] double died() const;
  };
  std::vector<Organ> organs;
  double injected = 0;  // of those that entered: were put there

  // In the blood: what entered it and is neither there nor has lodged.
  [[nodiscard]] double died() const;
};

// A complete <svg> element. What is zero is left out.
[[nodiscard]] std::string cascade_flow(const CascadeNumbers& numbers);

}  // namespace invado
