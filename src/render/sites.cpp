#include "render/sites.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string_view>

#include "base/number_text.h"

namespace invado {
namespace {

// Weights are numbers of cells, whole where nobody was split. The letters of pictures have no thin space and no raised
// digits.
std::string weight_text(double weight) {
  if (weight > 0 && weight < 1e-4) return fmt::format("{:.3g}", weight);
  constexpr std::string_view thin = "\u202F";
  const std::string text = number_text(weight, 3);
  std::string spaced;
  for (std::size_t begin = 0, end; begin <= text.size(); begin = end + thin.size()) {
    end = std::min(text.find(thin, begin), text.size());
    if (begin > 0) spaced += ' ';
    spaced.append(text, begin, end - begin);
  }
  return spaced;
}

}  // namespace

std::vector<Sphere> corners_of(const Corners& box) {
  std::vector<Sphere> corners;
  for (std::size_t k = 0; k < 8; ++k) corners.push_back({{box[k & 1].x, box[(k >> 1) & 1].y, box[(k >> 2) & 1].z}, 0});
  return corners;
}

std::vector<Vec3> in_a_row(std::span<const Corners> boxes, const Axes& axes) {
  struct Extent {
    double left, right, low, front, back;
  };
  std::vector<Extent> extents;
  double widest = 0;
  for (const Corners& box : boxes) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    Extent e{infinity, -infinity, infinity, -infinity, infinity};
    for (const Sphere& corner : corners_of(box)) {
      const double across = dot(corner.centre, axes.right), depth = dot(corner.centre, axes.back);
      e.left = std::min(e.left, across);
      e.right = std::max(e.right, across);
      e.low = std::min(e.low, dot(corner.centre, axes.up));
      e.front = std::max(e.front, depth);
      e.back = std::min(e.back, depth);
    }
    extents.push_back(e);
    widest = std::max(widest, e.right - e.left);
  }
  std::vector<Vec3> shifts;
  double left = 0;
  for (const Extent& e : extents) {
    shifts.push_back((left - e.left) * axes.right - e.low * axes.up - (0.5 * (e.front + e.back)) * axes.back);
    left += e.right - e.left + row_gap * widest;
  }
  return shifts;
}

std::vector<double> label_widths(std::span<const Sphere> corners, const Axes& axes) {
  std::vector<double> widths;
  for (std::size_t first = 0; first < corners.size(); first += 8)
    widths.push_back(width_of(corners.subspan(first, 8), axes));
  return widths;
}

Residents residents_of(bool organ, std::span<const double> group, std::span<const double> dormancy,
                       std::span<const double> weight) {
  Residents found;
  found.organ = organ;
  found.cells = group.size();
  std::map<double, std::size_t> sizes;
  for (std::size_t i = 0; i < group.size(); ++i) {
    (dormancy[i] == static_cast<double>(Dormancy::Waiting)   ? found.waiting
     : dormancy[i] == static_cast<double>(Dormancy::Dormant) ? found.dormant
                                                             : found.growing) += weight[i];
    found.weight += weight[i];
    if (organ && ++sizes[group[i]] == colony_from) found.colonies += weight[i];
  }
  return found;
}

double held_in(std::size_t place, std::span<const double> lodged, std::span<const double> weight) {
  double held = 0;
  for (std::size_t i = 0; i < lodged.size(); ++i)
    if (lodged[i] == static_cast<double>(place + 1)) held += weight[i];
  return held;
}

std::vector<std::string> label_of(const std::string& site, const Residents& residents) {
  const auto heads = static_cast<double>(residents.cells);
  const double living = residents.weight + residents.held;
  std::vector<std::string> parts{fmt::format("{}: {} cell{}", site, weight_text(living), living == 1 ? "" : "s")};
  if (std::abs(living - heads) > 1e-9) parts[0] += fmt::format(" ({} drawn)", weight_text(heads));
  if (residents.held > 0) parts.push_back(fmt::format("{} in capillaries", weight_text(residents.held)));
  if (!residents.organ) return parts;
  if (residents.growing > 0) parts.push_back(fmt::format("{} growing", weight_text(residents.growing)));
  if (residents.waiting > 0) parts.push_back(fmt::format("{} waiting", weight_text(residents.waiting)));
  parts.push_back(fmt::format("{} dormant", weight_text(residents.dormant)));
  parts.push_back(fmt::format("{} colon{}", weight_text(residents.colonies), residents.colonies == 1 ? "y" : "ies"));
  return parts;
}

std::vector<std::string> label_of_stages(bool organ, std::span<const double> stages) {
  if (stages.size() != stage_count) return {};
  const auto of = [&](Stage stage) { return stages[static_cast<std::size_t>(stage)]; };
  if (!organ) return {fmt::format("so far {} intravasated", weight_text(of(Stage::Intravasated)))};
  return {fmt::format("so far {} lodged", weight_text(of(Stage::Lodged))),
          fmt::format("{} extravasated", weight_text(of(Stage::Extravasated))),
          fmt::format("{} began to grow", weight_text(of(Stage::Initiated) + of(Stage::Woken)))};
}

std::vector<std::string> wrapped(const std::vector<std::string>& parts, double letters) {
  std::vector<std::string> lines;
  for (const std::string& part : parts)
    if (!lines.empty() && static_cast<double>(lines.back().size() + 2 + part.size()) <= letters)
      lines.back() += ", " + part;
    else
      lines.push_back(part);
  return lines;
}

std::size_t most_lines(std::span<const std::string> sites, std::span<const double> letters) {
  constexpr double longest = 0.0625;  // as it is written
  const Residents residents{true, 10'000, longest, longest, longest, longest, longest, longest};
  const std::vector<double> stages(stage_count, longest);
  std::size_t most = 0;
  for (std::size_t s = 0; s < sites.size(); ++s)
    most = std::max(most, wrapped(label_of(sites[s], residents), letters[s]).size() +
                              wrapped(label_of_stages(true, stages), letters[s]).size());
  return most;
}

std::string blood_line(std::span<const double> lodged, std::span<const double> weight, std::span<const std::string> sites) {
  const bool split = std::ranges::any_of(weight, [](double w) { return w != 1; });
  double circulating = 0;
  for (std::size_t i = 0; i < lodged.size(); ++i)
    if (lodged[i] <= 0) circulating += weight[i];
  std::string text = fmt::format("Blood{}: {} circulat{}", split ? ", by weight" : "", weight_text(circulating),
                                 circulating == 1 ? "es" : "e"),
              held;
  for (std::size_t s = 0; s < sites.size(); ++s)
    if (const double here = held_in(s, lodged, weight); here > 0)
      held += fmt::format("{}{} in {}", held.empty() ? "" : ", ", weight_text(here), sites[s]);
  return text + (held.empty() ? ", none lodged" : "; lodged in capillaries: " + held);
}

}  // namespace invado
