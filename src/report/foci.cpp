#include "report/foci.h"

#include <algorithm>
#include <bit>
#include <map>

#include "model/cascade.h"

namespace invado {
namespace {

std::size_t class_of(std::size_t cells) { return static_cast<std::size_t>(std::bit_width(cells)) - 1; }

}  // namespace

std::vector<Focus> foci_of(const CellsAt& cells) {
  const CellsAt::Column *const groups = cells.find("group"), *const weights = cells.find("weight"),
                               *const dormancy = cells.find("dormancy");
  if (groups == nullptr || weights == nullptr || dormancy == nullptr) return {};
  std::map<std::int64_t, Focus> by_group;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto group = static_cast<std::int64_t>(groups->values[i]);
    Focus& focus = by_group[group];
    if (focus.cells++ == 0) focus.weight = weights->values[i];
    focus.group = group;
    focus.begun |= dormancy->values[i] == static_cast<double>(Dormancy::None);
  }
  std::vector<Focus> foci;
  for (const auto& [group, focus] : by_group) foci.push_back(focus);
  return foci;
}

FocusSizes sizes_of(std::span<const Focus> foci, const CascadeEvents& events) {
  std::vector<Focus> begun;
  FocusSizes sizes;
  for (const Focus& focus : foci)
    if (focus.begun)
      begun.push_back(focus);
    else
      sizes.idle += focus.weight;
  if (begun.empty()) return sizes;
  std::ranges::stable_sort(begun, {}, &Focus::cells);

  std::vector<std::vector<WeightOfEntry>> in_class(class_of(begun.back().cells) + 1);
  for (const Focus& focus : begun) {
    in_class[class_of(focus.cells)].push_back({events.entry_of(focus.group), focus.weight});
    sizes.weight += focus.weight;
    sizes.mean += focus.weight * static_cast<double>(focus.cells);
  }
  for (std::size_t c = 0; c < in_class.size(); ++c)
    sizes.classes.push_back({std::size_t{1} << c, (std::size_t{2} << c) - 1, count_over_entries(in_class[c])});
  sizes.foci = begun.size();
  sizes.mean /= sizes.weight;
  sizes.largest = static_cast<double>(begun.back().cells);
  // The least size that half of the weight does not exceed.
  double below = 0;
  for (const Focus& focus : begun) {
    below += focus.weight;
    sizes.median = static_cast<double>(focus.cells);
    if (below >= 0.5 * sizes.weight) break;
  }
  return sizes;
}

}  // namespace invado
