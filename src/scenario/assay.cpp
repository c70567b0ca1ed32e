#include "scenario/assay.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenario/quantity.h"
#include "scenario/resolved.h"
#include "scenario/text.h"

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

// What the scenario says in section.key, or `otherwise`.
double value_of(const Node& section, std::string_view key, Unit unit, double otherwise) {
  const Node* value = section.find(key);
  return value != nullptr ? parse_quantity(value->text, unit, positive).value.value_or(otherwise) : otherwise;
}

double length_of(const Node& given, std::string_view section, std::string_view key, double otherwise) {
  const Node* node = given.find(section);
  return node != nullptr ? value_of(*node, key, Unit::Um, otherwise) : otherwise;
}

// Whether a population belongs to the assay, and not into the blood or another site.
bool of_the_assay(const Node& population) {
  const Node *site = population.find("site"), *place = population.find("place");
  return (site == nullptr || site->text == primary_site) && (place == nullptr || place->kind != Node::Kind::Scalar);
}

double count_of_founders(const Node& given) {
  double count = 0;
  if (const Node* node = given.find("population"); node != nullptr)
    for (const Node& population : node->items)
      if (of_the_assay(population)) count += value_of(population, "count", Unit::One, 0);
  return count;
}

double largest_radius(const Node& given) {
  double radius = 0;
  if (const Node* types = given.find("cell_types"); types != nullptr)
    for (const Node& type : types->items) radius = std::max(radius, length_of(type, "mechanics", "radius", 8.4));
  return radius;
}

double whole(double length, double part) { return part * std::ceil(length / part - 1e-9); }

// The box that the scenario gives, or this one.
Vec3 size_of(const Node& given, Vec3 size) {
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
    if (of_the_assay(*given.find("population")->find(name)))
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
  const Vec3 size = size_of(given, {1000, 1000, 1000});
  return fmt::format("domain: {{size: {}, voxel: 20 um, boundary: {{x: periodic, y: periodic, z: periodic}}}}\n",
                     vector_text(size)) +
         placed(given, everywhere(size)) + "processes: {division: off}\n";
}

// A packed ball in a bed of soft gel, in the middle of a box with half a millimetre around it.
std::string spheroid(const Node& given, double radius) {
  const double margin = 490, bed_gap = 2;
  const double edge = 20 * std::ceil(2 * (radius + margin) / 20);
  const Vec3 size = size_of(given, {edge, edge, edge});
  const std::string centre = vector_text(0.5 * size);
  return fmt::format("domain: {{size: {}, voxel: 20 um, boundary: {{x: closed, y: closed, z: closed}}}}\n",
                     vector_text(size)) +
         fmt::format(
             "matrix: {{regions: {{bed: {{shape: {{sphere: {{centre: {}, radius: {}}}}}, density: 0.5 mg/ml, tissue: "
             "bed}}}}}}\n",
             centre, to_text(radius + bed_gap, Unit::Um)) +
         placed(given, fmt::format("{{sphere: {{centre: {}, radius: {}}}}}", centre, to_text(radius, Unit::Um)));
}

std::string detached(const Node& given, const Processes& processes) {
  const Vec3 size = size_of(given, {1000, 1000, 1000});
  return fmt::format("domain: {{size: {}, voxel: 20 um}}\nmatrix: none\n", vector_text(size)) +
         placed(given, everywhere(size)) + "processes:\n  division: off\n" +
         (std::ranges::any_of(processes, [](const auto& p) { return p->name() == "anoikis"; })
              ? "  anoikis: {without_matrix: detached}\n"
              : "");
}

// The voxels of a scenario, before its sections are read.
struct Voxels {
  double factors, matrix;
  explicit Voxels(const Node& given)
      : factors(length_of(given, "domain", "voxel", 20)), matrix(length_of(given, "matrix", "voxel", 10)) {}
};

// Sizes that cannot be: said of the assay, and nothing else is judged.
class Sizes {
 public:
  Sizes(const Node& given, Problems& problems) : given_(given), problems_(problems) {}

  void whole_voxels(const std::string& path, double length, double voxel) {
    if (std::fabs(whole(length, voxel) - length) <= 1e-6 * voxel) return;
    const double above = whole(length, voxel), below = above - voxel;
    wrong(path, explain(fmt::format("is no whole multiple of matrix.voxel ({})", to_text(voxel, Unit::Um)),
                        to_text(length, Unit::Um),
                        below > 0 ? fmt::format("{} or {}", to_text(below, Unit::Um), to_text(above, Unit::Um))
                                  : to_text(above, Unit::Um)));
  }
  void fits(const std::string& path, std::string_view what, double least, double room) {
    if (least > room * (1 + 1e-9))
      wrong(path, explain(what, to_text(room, Unit::Um), fmt::format("at least {}", to_text(least, Unit::Um))));
  }
  void possible() const {
    if (bad_) problems_.raise();
  }

 private:
  void wrong(const std::string& path, std::string what) {
    problems_.add(origin_of(given_, path), path, std::move(what));
    bad_ = true;
  }
  const Node& given_;
  Problems& problems_;
  bool bad_ = false;
};

std::string slab(char axis, double from, double to) {
  return fmt::format("{{slab: {{axis: {}, from: {}, to: {}}}}}", axis, to_text(from, Unit::Um), to_text(to, Unit::Um));
}

std::string layer(std::string_view name, const std::string& shape, std::string_view tissue, std::string_view more = "") {
  return fmt::format("    {}: {{shape: {}, tissue: {}, density: 0 mg/ml{}}}\n", name, shape, tissue, more);
}

// From the top: medium in which the cells lie on the plug, plug, membrane, medium in which they hang below the membrane. As
// many cells per area as in a common insert, 4e4 on 0.33 cm^2.
std::string transwell(const AssayDraft& assay, const Node& given, Problems& problems) {
  constexpr double pi = 3.14159265358979323846, area_per_cell = 800, lying = 10, hanging = 20;  // [um^2], [um]
  const Voxels voxel(given);
  Sizes sizes(given, problems);
  sizes.whole_voxels("assay.membrane", assay.membrane, voxel.matrix);
  sizes.whole_voxels("assay.plug", assay.plug, voxel.matrix);
  const double above = whole(lying, voxel.matrix), solid = assay.membrane + assay.plug;
  const double edge = whole(std::max(std::sqrt(area_per_cell * count_of_founders(given)), 100.0), voxel.factors);
  const Vec3 size = size_of(given, {edge, edge, whole(hanging + solid + above, voxel.factors)});
  sizes.fits("domain.size", "has no room along z for plug, membrane and the medium on both sides",
             solid + above + voxel.matrix, size.z);
  sizes.possible();
  const double plug = size.z - above, membrane = plug - assay.plug, below = membrane - assay.membrane;
  std::string text = fmt::format("domain: {{size: {}, voxel: 20 um, boundary: {{x: periodic, y: periodic, z: closed}}}}\n",
                                 vector_text(size)) +
                     fmt::format("matrix:\n  law: {{membrane_pore: {}}}\n  regions:\n",
                                 to_text(pi / 4 * assay.pore_diameter * assay.pore_diameter, Unit::Um2)) +
                     layer("above", slab('z', plug, size.z), "none") +
                     layer("membrane", slab('z', below, membrane), "membrane") + layer("below", slab('z', 0, below), "none");
  if (assay.attractant != 0)
    text += fmt::format("fields: {{{}: {{frozen: true, gradient: {{axis: z, low: 2, high: 0}}}}}}\n",
                        attractant_words[static_cast<std::size_t>(assay.attractant)]);
  return text + placed(given, slab('z', plug, size.z)) + "processes: {division: off}\n";
}

// A sheet of cells in a dish, closed in itself: the wound lies at both ends of the x axis, which meet. The sheet is as large
// as its cells need.
std::string monolayer(const AssayDraft& assay, const Node& given, Problems& problems) {
  constexpr double pi = 3.14159265358979323846, confluence = 0.8, along_the_wound = 400;  // [um]
  const Voxels voxel(given);
  const double radius = largest_radius(given), height = whole(along_the_wound, voxel.factors);
  const double sheet = std::max(count_of_founders(given) * pi * radius * radius / (confluence * height), 4 * radius);
  const Vec3 size = size_of(given, {whole(assay.gap + sheet, voxel.factors), height, voxel.factors});
  Sizes sizes(given, problems);
  sizes.fits("domain.size", "has no room along x for wound and sheet", assay.gap + 4 * radius, size.x);
  sizes.possible();
  const double edge = assay.gap / 2 + radius;
  return fmt::format("domain: {{size: {}, voxel: 20 um, boundary: {{x: periodic, y: periodic, z: closed}}}}\nmatrix: none\n",
                     vector_text(size)) +
         placed(given, slab('x', edge, size.x - edge));
}

// Parallel tracks along x, closed in themselves, between walls that hold ligand and cannot be digested. They guide cells as
// fibres along x do.
std::string microtracks(const AssayDraft& assay, const Node& given, Problems& problems) {
  constexpr double length = 1000, tracks = 16;  // [um]
  const Voxels voxel(given);
  const double half_wall = whole(10, voxel.matrix), period = assay.width + 2 * half_wall;
  Sizes sizes(given, problems);
  sizes.whole_voxels("assay.width", assay.width, voxel.matrix);
  const Vec3 size = size_of(given, {whole(length, voxel.factors), whole(tracks * period, voxel.factors), voxel.factors});
  sizes.fits("domain.size", "has no room along y for a track and its walls", period, size.y);
  sizes.possible();
  std::string text = fmt::format("domain: {{size: {}, voxel: 20 um, boundary: {{x: periodic, y: closed, z: closed}}}}\n",
                                 vector_text(size)) +
                     "matrix:\n  tissue: wall\n  regions:\n";
  const double most = std::floor(size.y / period * (1 + 1e-9));
  for (int track = 0; track < most; ++track) {
    const double from = half_wall + track * period;
    text += layer(fmt::format("track_{}", track + 1), slab('y', from, from + assay.width), "none",
                  ", alignment: 1, direction: [1, 0, 0]");
  }
  return text + placed(given, everywhere(size)) + "processes: {division: off}\n";
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
    case AssayKind::Detached: text = detached(given, processes); break;
    case AssayKind::Transwell: text = transwell(assay, given, problems); break;
    case AssayKind::Monolayer: text = monolayer(assay, given, problems); break;
    case AssayKind::Microtracks: text = microtracks(assay, given, problems); break;
  }
  const Source& source =
      sources.emplace_back(Source{Source::Kind::Assay, fmt::format("assay {}", assay_word(assay.kind)), {}});
  return parse_yaml(text, source, problems);
}

void refuse_space_in_wells(Node& given, Problems& problems) {
  for (const std::string_view section : sections_of_space) {
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
