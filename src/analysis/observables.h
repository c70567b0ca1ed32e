// What series.csv holds: observables of the World under stable names (design.md, section 7).
//
// Each group of columns is one function, listed in observables.cpp. All cells first, then, with more than one cell type,
// the columns that concern cells once more per type with the prefix `<type>.`; with more than one site everything per
// site with the prefix `<site>.`. Wells have no space and get no columns of space. Without a value (no cells, too few
// samples, no matrix) a column holds NaN, an empty field in the file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/front.h"
#include "model/world.h"

namespace invado {

struct Observable {
  std::string name;
  std::string unit;
  std::string meaning;
};

// Samples a World. Speed of the front and persistence need earlier samples: these are kept here.
class Observables {
 public:
  // Fixes the columns: sites, types, fields and start regions of this World.
  explicit Observables(const World& world);

  [[nodiscard]] const std::vector<Observable>& columns() const { return columns_; }
  [[nodiscard]] std::vector<std::string> names() const;

  // One value per column.
  [[nodiscard]] std::vector<double> sample(const World& world);
  // visit(name, value) for everything that is remembered from sample to sample: checkpoints keep it.
  template <class Self, class Visit>
  static void for_each_memory(Self& o, Visit&& visit) {
    visit("history", o.history_);
  }
  // Whether what was read fits these columns.
  [[nodiscard]] bool consistent() const { return history_.size() % columns_.size() == 0; }

  // Value of a column in a sample; NaN when there is no such column.
  [[nodiscard]] double value(std::span<const double> sample, std::string_view name) const;

 private:
  std::vector<double> measure(const World& world, std::vector<Observable>* names) const;

  std::vector<Observable> columns_;
  std::vector<StartRegion> regions_;  // one per site
  std::vector<double> history_;       // earlier samples, [sample][column]
};

}  // namespace invado
