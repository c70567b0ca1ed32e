#include "report/cascade_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <string_view>

#include "report/markup.h"

namespace invado {
namespace {

constexpr double width = 1100, top = 44, tallest = 190;  // of what entered the blood
constexpr double least = 2;                              // height of what is there at all
constexpr double gap = 6;                                // below a node, at least
constexpr double label_height = 17;
constexpr double letter_width = 7.9;  // of DejaVu Sans, the widest of the fonts of pages, numbers bold (measured)
constexpr double before_label = 5;
constexpr int value_digits = 3;
constexpr double bar = 14;
constexpr std::array<double, 5> columns{8, 222, 420, 640, 900};
constexpr std::array<std::string_view, 5> titles{"into the blood", "in the blood", "capillaries of organs",
                                                 "tissue of organs", "growth"};

// Okabe & Ito 2008: ways on in blue, what stays in orange, what died in grey.
constexpr std::string_view moves = "#0072B2", stays = "#E69F00", dead = "#999999", grows = "#009E73";

struct Node {
  std::size_t column;
  double value;
  std::string label;
  std::string_view colour;
  std::size_t from;  // index of the node that it comes from
  double y = 0, height = 0;
  double given = 0;  // height that has gone on to other nodes

  // Where its label stands: beside the middle, of tall ones near the top.
  [[nodiscard]] double label_y() const { return y + std::min(0.5 * height, 60.0) + 5; }
};

// "lung: dormant", with as much of the name as leaves the label, and the number behind it, before the next column.
std::string label_of(const std::string& organ, std::string_view what, double value, std::size_t column) {
  const double right = column + 1 < columns.size() ? columns[column + 1] : width;
  const double letters = (right - columns[column] - bar - before_label) / letter_width;
  const double others = static_cast<double>(what.size() + number_text(value, value_digits).size() + 3);  // ": ", " "
  return fmt::format("{}: {}", shortened(organ, static_cast<std::size_t>(std::max(letters - others, 4.0))), what);
}

// A band from the right edge of one node to the left edge of another.
std::string band(const Node& from, double from_y, const Node& to) {
  const double left = columns[from.column] + bar, right = columns[to.column], middle = 0.5 * (left + right);
  return fmt::format(
      "<path d=\"M{0} {1}C{2} {1} {2} {3} {4} {3}V{5}C{2} {5} {2} {6} {0} {6}Z\" fill=\"{7}\" opacity=\"0.3\"/>",
      pixels(left), pixels(from_y), pixels(middle), pixels(to.y), pixels(right), pixels(to.y + to.height),
      pixels(from_y + to.height), to.colour);
}

}  // namespace

double CascadeNumbers::died() const {
  double rest = entered - circulating;
  for (const Organ& organ : organs) rest -= organ.lodged;
  return rest > 1e-9 * entered ? rest : 0;  // else round-off
}

double CascadeNumbers::Organ::died() const {
  const double rest = extravasated - waiting - dormant - begun;
  return rest > 1e-9 * extravasated ? rest : 0;
}

std::string cascade_flow(const CascadeNumbers& numbers) {
  const std::string_view way = numbers.injected <= 0                ? "entered the blood"
                               : numbers.injected < numbers.entered ? "injected or entered"
                                                                    : "injected";
  std::vector<Node> nodes{{0, numbers.entered, std::string(way), moves, 0}};
  const auto add = [&](std::size_t column, double value, std::string label, std::string_view colour, std::size_t from) {
    const double least_value = 1e-9 * std::max(numbers.entered, nodes[from].value);
    if (value > least_value) nodes.push_back({column, value, std::move(label), colour, from});
    return nodes.size() - 1;
  };
  // Ways on first, so that they run straight; what ends below them.
  for (const CascadeNumbers::Organ& organ : numbers.organs) {
    if (!(organ.lodged > 0)) continue;
    const auto add_here = [&](std::size_t column, double value, std::string_view what, std::string_view colour,
                              std::size_t from) {
      return add(column, value, label_of(organ.name, what, value, column), colour, from);
    };
    const std::size_t lodged = add_here(1, organ.lodged, "lodged", moves, 0);
    if (organ.extravasated > 0) {
      const std::size_t arrived = add_here(2, organ.extravasated, "extravasated", moves, lodged);
      if (organ.begun > 0) {
        const std::size_t begun = add_here(3, organ.begun, "begun", grows, arrived);
        add_here(4, std::min(organ.colonies, organ.begun), "colonies", grows, begun);
      }
      add_here(3, organ.dormant, "dormant", stays, arrived);
      add_here(3, organ.waiting, "waiting", stays, arrived);
      add_here(3, organ.died(), organ.box_is_open ? "died, or out of the box" : "died", dead, arrived);
    }
    add_here(2, organ.lodged - organ.extravasated, "held, or died", dead, lodged);
  }
  add(1, numbers.circulating, "circulating", stays, 0);
  add(1, numbers.died(), "died there", dead, 0);

  // From the top, each node as high as it counts, and lower where its label would meet the one above.
  const double scale = numbers.entered > 0 ? tallest / numbers.entered : 0;
  std::array<const Node*, columns.size()> above{};
  double lowest = top;
  for (Node& node : nodes) {
    node.height = node.value > 0 ? std::max(scale * node.value, least) : 0;
    node.y = top;
    if (const Node* const last = above[node.column]; last != nullptr)
      node.y = std::max(last->y + last->height + gap, last->label_y() + label_height - (node.label_y() - node.y));
    above[node.column] = &node;
    lowest = std::max({lowest, node.y + node.height, node.label_y()});
  }
  const double height = lowest + 14;
  std::string out =
      fmt::format("<svg class=\"wide\" viewBox=\"0 0 {} {}\" role=\"img\"><title>From the tumour to the organs</title>",
                  pixels(width), pixels(height));
  for (std::size_t c = 0; c <= std::ranges::max(nodes, {}, &Node::column).column; ++c)
    fmt::format_to(std::back_inserter(out), "<text class=\"title\" x=\"{}\" y=\"18\">{}</text>", pixels(columns[c]),
                   titles[c]);
  for (std::size_t i = 1; i < nodes.size(); ++i) {
    Node& from = nodes[nodes[i].from];
    out += band(from, std::min(from.y + from.given, from.y + std::max(from.height - nodes[i].height, 0.0)), nodes[i]);
    from.given += nodes[i].height;
  }
  for (const Node& node : nodes) {
    fmt::format_to(std::back_inserter(out), "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
                   pixels(columns[node.column]), pixels(node.y), pixels(bar), pixels(node.height), node.colour);
    fmt::format_to(std::back_inserter(out),
                   "<text class=\"label\" x=\"{}\" y=\"{}\">{} <tspan font-weight=\"600\">{}</tspan></text>",
                   pixels(columns[node.column] + bar + before_label), pixels(node.label_y()), escaped(node.label),
                   number_text(node.value, value_digits));
  }
  return out + "</svg>";
}

}  // namespace invado
