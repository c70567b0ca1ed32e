#include "scenario/assay.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenario/quantity.h"
#include "scenario/resolved.h"

namespace invado {
namespace {

// What is on where there is no space.
constexpr std::array<std::string_view, 2> without_space{"signalling", "response"};

std::vector<std::string> names_in(const Node& given, std::string_view section) {
  std::vector<std::string> names;
  if (const Node* node = given.find(section); node != nullptr && node->kind == Node::Kind::Map)
    for (const Node::Key& key : node->keys) names.push_back(key.text);
  return names;
}

// The box that the scenario gives, or `edge` in each direction.
Vec3 size_of(const Node& given, double edge) {
  Vec3 size{edge, edge, edge};
  const Node* domain = given.find("domain");
  const Node* list = domain != nullptr ? domain->find("size") : nullptr;
  if (list == nullptr || list->items.size() != 3) return size;
  for (int axis = 0; axis < 3; ++axis)
    if (const auto read = parse_quantity(list->items[static_cast<std::size_t>(axis)].text, Unit::Um, positive); read.value)
      size[axis] = *read.value;
  return size;
}

std::string vector_text(Vec3 x) {
  return fmt::format("[{}, {}, {}]", to_text(x.x, Unit::Um), to_text(x.y, Unit::Um), to_text(x.z, Unit::Um));
}

std::string placed(const Node& given, const std::string& shape) {
  std::string text = "population:\n";
  for (const std::string& name : names_in(given, "population"))
    text += fmt::format("  {}: {{place: {}}}\n", yaml_quoted(name), shape);
  return text;
}

std::string everywhere(Vec3 size) { return fmt::format("{{box: {{from: [0 um, 0 um, 0 um], to: {}}}}}", vector_text(size)); }

std::string wells(const Processes& processes) {
  std::string text = "processes:\n";
  for (const auto& process : processes)
    if (std::ranges::find(without_space, process->name()) == without_space.end())
      text += fmt::format("  {}: off\n", process->name());
  return text;
}

std::string single_cells(const Node& given) {
  const Vec3 size = size_of(given, 1000);
  return fmt::format("domain: {{size: {}, voxel: 20 um, boundary: {{x: periodic, y: periodic, z: periodic}}}}\n",
                     vector_text(size)) +
         placed(given, everywhere(size)) + "processes: {division: off}\n";
}

// A packed ball in a bed of soft gel, in the middle of a box with half a millimetre around it.
std::string spheroid(const Node& given, double radius) {
  const double margin = 490, bed_gap = 2;
  const Vec3 size = size_of(given, 20 * std::ceil(2 * (radius + margin) / 20));
  const std::string centre = vector_text(0.5 * size);
  return fmt::format("domain: {{size: {}, voxel: 20 um, boundary: {{x: closed, y: closed, z: closed}}}}\n",
                     vector_text(size)) +
         fmt::format(
             "matrix: {{regions: {{bed: {{shape: {{sphere: {{centre: {}, radius: {}}}}}, density: 0.5 mg/ml, tissue: "
             "bed}}}}}}\n",
             centre, to_text(radius + bed_gap, Unit::Um)) +
         placed(given, fmt::format("{{sphere: {{centre: {}, radius: {}}}}}", centre, to_text(radius, Unit::Um)));
}

std::string detached(const Node& given) {
  const Vec3 size = size_of(given, 1000);
  return fmt::format("domain: {{size: {}, voxel: 20 um}}\nmatrix: none\n", vector_text(size)) +
         placed(given, everywhere(size)) + "processes: {division: off}\n";
}

}  // namespace

Node assay_defaults(const AssayDraft& assay, const Node& given, const Processes& processes, std::deque<Source>& sources,
                    Problems& problems) {
  std::string text;
  switch (assay.kind) {
    case AssayKind::None: return {};
    case AssayKind::Wells: text = wells(processes); break;
    case AssayKind::SingleCells: text = single_cells(given); break;
    case AssayKind::Spheroid: text = spheroid(given, assay.radius); break;
    case AssayKind::Detached: text = detached(given); break;
  }
  const Source& source =
      sources.emplace_back(Source{Source::Kind::Assay, fmt::format("assay {}", assay_word(assay.kind)), {}});
  return parse_yaml(text, source, problems);
}

void refuse_space_in_wells(Node& given, Problems& problems) {
  for (const char* section : {"domain", "matrix", "fields"}) {
    const auto at = given.index.find(section);
    if (at == given.index.end()) continue;
    given.known.emplace_back(section);
    if (const Node& value = given.items[at->second]; value.kind == Node::Kind::Scalar && value.text == "none") continue;
    problems.add(given.keys[at->second].origin, section,
                 "has no meaning in `assay: {kind: wells}` (remove it, or choose another assay)");
  }
  Node* processes = given.find("processes");
  if (processes == nullptr) return;
  for (std::size_t i = 0; i < processes->keys.size(); ++i) {
    const std::string& name = processes->keys[i].text;
    const Node& value = processes->items[i];
    const bool off = value.kind == Node::Kind::Scalar && value.text == "off";
    if (!off && std::ranges::find(without_space, name) == without_space.end())
      problems.add(value.origin, fmt::format("processes.{}", name),
                   "needs space, which `assay: {kind: wells}` does not have (allowed off)");
  }
}

}  // namespace invado
