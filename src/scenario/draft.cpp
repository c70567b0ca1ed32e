#include "scenario/draft.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "scenario/files.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

constexpr std::array<std::string_view, 3> boundary_words{"closed", "periodic", "open"};
constexpr std::array<std::string_view, 3> solve_words{"automatic", "transient", "steady"};
constexpr std::array<std::string_view, 2> branch_words{"low", "high"};
constexpr std::size_t longest_name = 200;    // of a scenario [bytes]
constexpr Range up_to_100_years{0, 876600};  // [h]
constexpr Range cadence{0, 1e6, true};       // [min]

// A number that may be left out.
void optional_number(ParamVisitor& v, std::string_view key, std::optional<double>& value, Unit unit, Range range,
                     std::string_view meaning, std::string_view source) {
  double number = value.value_or(0);
  bool read = false;
  const Form form{.kind = Form::Kind::Quantity,
                  .value = &number,
                  .unit = unit,
                  .range = range,
                  .choose = [&] { read = true; },
                  .chosen = value.has_value()};
  v.forms(key, {&form, 1}, meaning, source);
  if (read) value = number;
}

// One of some words, or left out.
void optional_choice(ParamVisitor& v, std::string_view key, std::optional<int>& value,
                     std::span<const std::string_view> words, std::string_view meaning, std::string_view source) {
  std::vector<Form> forms;
  for (std::size_t w = 0; w < words.size(); ++w) {
    Form form{.kind = Form::Kind::Word, .word = words[w]};
    form.choose = [&value, w] { value = static_cast<int>(w); };
    form.chosen = value == static_cast<int>(w);
    forms.push_back(std::move(form));
  }
  v.forms(key, forms, meaning, source);
}

// A cadence that may be off (0).
void cadence_or_off(ParamVisitor& v, std::string_view key, double& minutes, std::string_view meaning,
                    std::string_view source) {
  const Form forms[] = {
      {.kind = Form::Kind::Word, .word = "off", .choose = [&] { minutes = 0; }, .chosen = minutes <= 0},
      {.kind = Form::Kind::Quantity, .value = &minutes, .unit = Unit::Min, .range = cadence, .chosen = minutes > 0}};
  v.forms(key, forms, meaning, source);
}

// Names become parts of key paths, of columns and of file names.
void require_plain_name(ParamVisitor& v, const std::string& name) {
  if (name != "*" && !is_plain_name(name))  // the schema's scratch object
    v.complain("", explain("is no name", name, "up to 64 letters, digits, _ and -, beginning with a letter"));
}

void require(ParamVisitor& v, std::string_view key, bool given, std::string_view how) {
  if (!given) v.complain(key, fmt::format("is missing ({})", how));
}

bool complete(Vec3 x) { return !std::isnan(x.x) && !std::isnan(x.y) && !std::isnan(x.z); }

void describe_extent(ParamVisitor& v, Region& r) {
  v.number("from", r.from, Unit::Um, any_number, "begins here", "no default");
  v.number("to", r.to, Unit::Um, any_number, "ends here", "no default");
  require(v, "from", !std::isnan(r.from), "a length such as '0 um'");
  require(v, "to", !std::isnan(r.to), "a length such as '100 um'");
  if (r.to <= r.from)
    v.complain("to", explain("must be larger than from", to_text(r.to, Unit::Um), "> " + to_text(r.from, Unit::Um)));
}

void describe_ball(ParamVisitor& v, Region& r) {
  v.vector("centre", r.centre, Unit::Um, any_number, "centre", "no default");
  v.number("radius", r.radius, Unit::Um, positive, "radius", "no default");
  require(v, "centre", complete(r.centre), "[x, y, z] in um");
  require(v, "radius", !std::isnan(r.radius), "a length such as '100 um'");
}

// sphere | shell | box | slab | cylinder, and for places points and `more`.
void describe_shape(ParamVisitor& v, std::string_view key, ShapeDraft& shape, bool with_points, std::string_view meaning,
                    std::span<const Form> more = {}) {
  Region& r = shape.region;
  const auto choose = [&shape](Region::Kind kind) {
    return [&shape, kind] {
      const Vec3 nowhere{unset, unset, unset};
      shape = {};
      shape.given = true;
      shape.region.kind = kind;
      shape.region.centre = shape.region.low = shape.region.high = nowhere;
      shape.region.radius = shape.region.inner_radius = shape.region.from = shape.region.to = unset;
    };
  };
  const auto tagged = [&](std::string_view word, Region::Kind kind, Body body) {
    return Form{.kind = Form::Kind::Tagged,
                .word = word,
                .body = std::move(body),
                .choose = choose(kind),
                .chosen = shape.given && r.kind == kind};
  };
  std::vector<Form> forms;
  forms.push_back(tagged("sphere", Region::Kind::Sphere, [&](ParamVisitor& in) { describe_ball(in, r); }));
  forms.push_back(tagged("shell", Region::Kind::Shell, [&](ParamVisitor& in) {
    describe_ball(in, r);
    in.number("inner_radius", r.inner_radius, Unit::Um, non_negative, "radius of the hollow", "no default");
    require(in, "inner_radius", !std::isnan(r.inner_radius), "a length such as '80 um'");
    if (r.inner_radius >= r.radius)
      in.complain("inner_radius", explain("must be smaller than radius", to_text(r.inner_radius, Unit::Um),
                                          "< " + to_text(r.radius, Unit::Um)));
  }));
  forms.push_back(tagged("box", Region::Kind::Box, [&](ParamVisitor& in) {
    in.vector("from", r.low, Unit::Um, any_number, "lowest corner", "no default");
    in.vector("to", r.high, Unit::Um, any_number, "highest corner", "no default");
    require(in, "from", complete(r.low), "[x, y, z] in um");
    require(in, "to", complete(r.high), "[x, y, z] in um");
    for (int axis = 0; axis < 3; ++axis)
      if (r.high[axis] <= r.low[axis])
        in.complain("to", explain("must be larger than from on every axis", to_text(r.high[axis], Unit::Um),
                                  "> " + to_text(r.low[axis], Unit::Um)));
  }));
  forms.push_back(tagged("slab", Region::Kind::Slab, [&](ParamVisitor& in) {
    in.choice("axis", r.axis, axis_words, "axis across the slab", "assumed");
    describe_extent(in, r);
  }));
  forms.push_back(tagged("cylinder", Region::Kind::Cylinder, [&](ParamVisitor& in) {
    in.choice("axis", r.axis, axis_words, "axis of the cylinder", "assumed");
    describe_ball(in, r);
    describe_extent(in, r);
  }));
  if (with_points)
    forms.push_back(tagged("points", Region::Kind::Points, [&](ParamVisitor& in) {
      in.text("file", shape.points_file, "table of positions: x_um,y_um,z_um[,type,radius_um]");
      require(in, "file", !shape.points_file.empty(), "a CSV file with the columns x_um,y_um,z_um[,type,radius_um]");
    }));
  forms.insert(forms.end(), more.begin(), more.end());
  v.forms(key, forms, meaning, "no default");
}

void describe_fibres(ParamVisitor& v, double& alignment, Vec3& direction) {
  v.number("alignment", alignment, Unit::One, fraction, "fibre alignment: 0 isotropic, 1 parallel", "biology.md 4b");
  v.vector("direction", direction, Unit::One, any_number, "direction of the fibres (any length)", "assumed");
  if (alignment > 0 && !(norm(direction) > 0)) v.complain("direction", "has length 0, needs a direction");
}

void describe_law(ParamVisitor& v, MatrixLaw& law) {
  v.number("density_ref", law.rho_ref, Unit::MgPerMl, positive, "reference density rho_ref", "biology.md 4b");
  v.number("pore_ref", law.pore_ref, Unit::Um2, positive, "pore cross-section at the reference density, a_ref",
           "biology.md 4b, unverified: literature 6-30 um^2");
  v.number("pore_max", law.pore_max, Unit::Um2, positive, "largest pore cross-section", "biology.md 4b, assumed");
  v.number("pore_free", law.pore_free, Unit::Um2, positive, "pore cross-section above which nothing hinders, a_free",
           "biology.md 4b, assumed");
  v.number("stiffness_ref", law.stiffness_ref, Unit::KPa, non_negative, "stiffness at the reference density, E_ref",
           "biology.md 4b, assumed");
  v.number("density_floor", law.rho_floor, Unit::MgPerMl, non_negative, "density that no protease removes",
           "biology.md 4b, assumed");
  v.number("membrane_pore", law.membrane_pore, Unit::Um2, non_negative,
           "pore cross-section of tissue `membrane`; 0 = solid plastic", "design.md 4");
}

constexpr std::array<std::string_view, 6> image_axis_words{"x", "-x", "y", "-y", "z", "-z"};

void describe_image(ParamVisitor& v, ImageDraft& image) {
  v.text("file", image.file, "picture: .nrrd, .nhdr, and with VTK .vti, .mha, .mhd, .tif");
  require(v, "file", !image.file.empty(), "a picture such as collagen.nrrd");
  v.text("array", image.array, "array of a .vti with several");
  v.integer("channel", image.channel, 0, 1000, "channel of pixels that have several, counted from 0", "assumed");
  const std::vector<std::string> allowed(image_axis_words.begin(), image_axis_words.end());
  v.words("axes", image.axes, allowed, "which way columns, rows and slices of the picture run in the box");
  std::array<int, 3> used{};
  for (const std::string& axis : image.axes)
    if (const char letter = axis.empty() ? ' ' : axis.back(); letter >= 'x' && letter <= 'z')
      ++used[static_cast<std::size_t>(letter - 'x')];
  if (image.axes.size() != 3 || used != std::array<int, 3>{1, 1, 1})
    v.complain("axes", "must name each axis once, such as [x, y, z] or [x, -y, z]");
  v.vector("spacing", image.spacing, Unit::Um, positive, "edges of a pixel along columns, rows and slices",
           "the file's unless given; bare numbers in files are um");
  v.vector("origin", image.origin, Unit::Um, any_number, "lowest corner of the picture in the box", "assumed");
  v.number("black", image.black, Unit::MgPerMl, non_negative, "density that black stands for", "assumed");
  v.number("white", image.white, Unit::MgPerMl, non_negative, "density that white stands for", "no default");
  require(v, "white", !std::isnan(image.white), "a density such as '4 mg/ml'");
  optional_number(v, "grey_black", image.grey_black, Unit::One, any_number, "grey value of black",
                  "0 with 8 and 16 bits without sign, else the smallest there is");
  optional_number(v, "grey_white", image.grey_white, Unit::One, any_number, "grey value of white",
                  "255 with 8 and 65535 with 16 bits without sign, else the largest there is");
  if (image.grey_black && image.grey_white && !(*image.grey_white > *image.grey_black))
    v.complain("grey_white", explain("must be larger than grey_black", to_text(*image.grey_white, Unit::One),
                                     "> " + to_text(*image.grey_black, Unit::One)));
  const Form fibres[] = {
      {.kind = Form::Kind::Word, .word = "off", .choose = [&] { image.fibres = false; }, .chosen = !image.fibres},
      {.kind = Form::Kind::Keys,
       .body =
           [&](ParamVisitor& in) {
             in.number("gradient", image.gradient, Unit::Um, Range{0, 1000},
                       "scale of gradients, standard deviation of a Gaussian: about the radius of a fibre", "assumed");
             in.number("average", image.average, Unit::Um, Range{0, 1000},
                       "scale over which directions are averaged, standard deviation of a Gaussian",
                       "assumed: about a cell's radius");
           },
       .choose = [&] { image.fibres = true; },
       .chosen = image.fibres}};
  v.forms("fibres", fibres, "direction and alignment of fibres from the picture (structure tensor); off: as the matrix says",
          "from the picture");
}

void describe_region(ParamVisitor& v, RegionDraft& region) {
  describe_shape(v, "shape", region.shape, false, "where: voxels whose centre lies in this shape");
  require(v, "shape", region.shape.given, "such as {sphere: {centre: [...], radius: ...}}");
  optional_number(v, "density", region.density, Unit::MgPerMl, non_negative, "density here", "as the matrix");
  optional_number(v, "alignment", region.alignment, Unit::One, fraction, "fibre alignment here", "as the matrix");
  Vec3 direction = region.direction.value_or(Vec3{unset, unset, unset});
  v.vector("direction", direction, Unit::One, any_number, "direction of the fibres here", "as the matrix");
  if (complete(direction)) region.direction = direction;
  if (region.direction && !(norm(*region.direction) > 0)) v.complain("direction", "has length 0, needs a direction");
  optional_number(v, "crosslinking", region.crosslinking, Unit::One, Range{1, 100}, "crosslinking here", "as the matrix");
  optional_choice(v, "tissue", region.tissue, tissue_words, "kind of tissue here; none: no matrix at all", "as the matrix");
}

void describe_matrix(ParamVisitor& v, MatrixDraft& m) {
  const Form forms[] = {{.kind = Form::Kind::Word, .word = "none", .choose = [&] { m.given = false; }, .chosen = !m.given},
                        {.kind = Form::Kind::Keys,
                         .body =
                             [&](ParamVisitor& in) {
                               in.number("voxel", m.voxel, Unit::Um, positive,
                                         "edge of a voxel of the matrix; divides domain.voxel", "biology.md 4b");
                               in.number("density", m.density, Unit::MgPerMl, non_negative, "density",
                                         "biology.md 4b: collagens 0.5, 1.7, 6");
                               describe_fibres(in, m.alignment, m.direction);
                               in.number("crosslinking", m.crosslinking, Unit::One, Range{1, 100},
                                         "crosslinking chi; 1 = none", "biology.md 4b");
                               in.choice("tissue", m.tissue, tissue_words, "kind of tissue", "biology.md 4b");
                               const Form image{.kind = Form::Kind::Keys,
                                                .body = [&](ParamVisitor& keys) { describe_image(keys, m.image); },
                                                .choose = [&] { m.image.given = true; },
                                                .chosen = m.image.given};
                               in.forms("image", {&image, 1},
                                        "density and fibres from a picture; what it does not cover is as the matrix says",
                                        "none unless given");
                               in.section("law", "pores and stiffness as functions of density",
                                          [&](ParamVisitor& law) { describe_law(law, m.law); });
                               std::vector<std::string> names;
                               for (const RegionDraft& region : m.regions) names.push_back(region.name);
                               in.named("regions", "parts that differ, in order of first appearance; later ones win", names,
                                        [&](const std::string& name, ParamVisitor& item) {
                                          RegionDraft scratch;
                                          auto at = std::ranges::find(m.regions, name, &RegionDraft::name);
                                          if (at == m.regions.end() && name != "*") {
                                            m.regions.emplace_back().name = name;
                                            at = m.regions.end() - 1;
                                          }
                                          require_plain_name(item, name);
                                          describe_region(item, at == m.regions.end() ? scratch : *at);
                                        });
                             },
                         .choose = [&] { m.given = true; },
                         .chosen = m.given}};
  v.forms("matrix", forms, "the extracellular matrix; none: dish or suspension", "none unless given");
}

// closed | open | value, and for a whole axis {low, high}.
std::vector<Form> face_forms(FaceDraft& face, Unit unit, const std::function<void()>& given, bool chosen) {
  return {
      {.kind = Form::Kind::Word,
       .word = "closed",
       .choose =
           [&face, given] {
             given();
             face.kind = FaceDraft::Kind::Closed;
           },
       .chosen = chosen && face.kind == FaceDraft::Kind::Closed},
      {.kind = Form::Kind::Word,
       .word = "open",
       .choose =
           [&face, given] {
             given();
             face.kind = FaceDraft::Kind::Open;
           },
       .chosen = chosen && face.kind == FaceDraft::Kind::Open},
      {.kind = Form::Kind::Quantity,
       .value = &face.value,
       .unit = unit,
       .range = non_negative,
       .choose =
           [&face, given] {
             given();
             face.kind = FaceDraft::Kind::Value;
           },
       .chosen = chosen && face.kind == FaceDraft::Kind::Value},
  };
}

void describe_field_boundary(ParamVisitor& v, FieldDraft& f, Unit unit) {
  for (std::size_t a = 0; a < 3; ++a) {
    auto& faces = f.face[a];
    const bool whole = !f.boundary_of_faces[a];
    std::vector<Form> forms = face_forms(
        faces[0], unit,
        [&f, a] {
          f.boundary_given[a] = true;
          f.boundary_of_faces[a] = false;
        },
        f.boundary_given[a] && whole);
    forms.push_back({.kind = Form::Kind::Keys,
                     .body =
                         [&faces, unit](ParamVisitor& in) {
                           in.forms("low",
                                    face_forms(
                                        faces[0], unit, [] {}, true),
                                    "at the low face", "no flux");
                           in.forms("high",
                                    face_forms(
                                        faces[1], unit, [] {}, true),
                                    "at the high face", "no flux");
                         },
                     .choose =
                         [&f, a] {
                           f.boundary_given[a] = true;
                           f.boundary_of_faces[a] = true;
                         },
                     .chosen = f.boundary_given[a] && !whole});
    v.forms(axis_words[a], forms, "closed: no flux; open: held at initial; a value: held there", "no flux unless given");
    if (f.boundary_given[a] && !f.boundary_of_faces[a]) faces[1] = faces[0];
  }
}

void describe_field(ParamVisitor& v, FieldDraft& f) {
  const Unit unit = is_pressure_field(f.name) ? Unit::MmHg : Unit::One;
  v.number("diffusion", f.diffusion, Unit::Um2PerMin, non_negative, "diffusion coefficient",
           "no default; biology.md 5.2 rows 20-24");
  v.number("decay", f.decay, Unit::PerMin, non_negative, "decay rate", "assumed; biology.md 5.2 rows 20-24");
  v.number("initial", f.initial, unit, non_negative, "level at the start; 1 = half-effect (oxygen: mmHg)", "assumed");
  v.boolean("frozen", f.frozen, "true: keeps its initial profile for ever", "design.md 4");
  const Form gradient{.kind = Form::Kind::Keys,
                      .body =
                          [&](ParamVisitor& in) {
                            in.choice("axis", f.gradient_axis, axis_words, "axis of the gradient", "assumed");
                            in.number("low", f.gradient_low, unit, non_negative, "level at the low face", "assumed");
                            in.number("high", f.gradient_high, unit, non_negative, "level at the high face", "assumed");
                          },
                      .choose = [&] { f.has_gradient = true; },
                      .chosen = f.has_gradient};
  v.forms("gradient", {&gradient, 1}, "linear profile at the start, in place of `initial`", "none unless given");
  v.section("boundary", "what the factor does at the faces of the box",
            [&](ParamVisitor& in) { describe_field_boundary(in, f, unit); });
  v.choice("solve", f.solve, solve_words, "transient, steady, or automatic: steady where D dt/h^2 > 5", "design.md 4");
  if (!f.frozen && f.name != "*") require(v, "diffusion", f.diffusion >= 0, "such as '60 um^2/min', or `frozen: true`");
}

// A named map over a vector of drafts: known names are visited, new ones appended, "*" is a scratch object.
template <class Item, class Describe>
void named_items(ParamVisitor& v, std::string_view key, std::string_view meaning, std::vector<Item>& items, std::size_t most,
                 Describe&& describe) {
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(item.name);
  v.named(key, meaning, names, [&](const std::string& name, ParamVisitor& in) {
    Item scratch;
    scratch.name = name;
    auto at = std::ranges::find(items, name, &Item::name);
    if (at == items.end() && name != "*") {
      require_plain_name(in, name);
      if (items.size() == most) {
        in.complain("", fmt::format("is one too many (allowed {})", most));
        return;
      }
      items.push_back(scratch);
      at = items.end() - 1;
    }
    describe(in, at == items.end() ? scratch : *at);
  });
}

void describe_vessel(ParamVisitor& v, VesselDraft& vessel) {
  v.points("path", vessel.path, Unit::Um, any_number, "points of its axis, joined by straight pieces", "no default");
  v.number("radius", vessel.radius, Unit::Um, Range{0, 1000, true}, "radius of the tube, lumen and endothelium",
           "assumed: a venule");
  if (vessel.name == "*") return;
  require(v, "path", !vessel.path.empty(), "two points or more, such as [[0 um, 50 um, 50 um], [100 um, 50 um, 50 um]]");
  if (vessel.path.size() == 1) v.complain("path", explain("leads nowhere", "one point", "two points or more"));
  if (std::ranges::adjacent_find(vessel.path) != vessel.path.end())
    v.complain("path", "has the same point twice in succession");
}

// Both sections are left out of the resolved copy of a scenario without vessels.
void describe_vessels(ParamVisitor& v, SpaceDraft& space) {
  constexpr std::size_t most_vessels = 256;  // whoever asks for the nearest one looks at all of them
  const Form vessels{.kind = Form::Kind::Keys,
                     .body =
                         [&](ParamVisitor& in) {
                           named_items(in, "", "vessels by name", space.vessels, most_vessels,
                                       [](ParamVisitor& item, VesselDraft& vessel) { describe_vessel(item, vessel); });
                         },
                     .chosen = !space.vessels.empty()};
  v.forms("vessels", {&vessels, 1}, "blood vessels: supply, and the way into the blood and out of it", "none unless given");
  VesselWallDraft& w = space.vessel_wall;
  const Form wall{.kind = Form::Kind::Keys,
                  .body =
                      [&](ParamVisitor& in) {
                        in.number("basement_membrane", w.basement_membrane, Unit::Um, Range{0, 1000},
                                  "thickness of the basement membrane around the vessels; 0 = none",
                                  "assumed: one voxel of the matrix");
                        in.number("oxygen", w.oxygen, Unit::MmHg, non_negative,
                                  "partial pressure of the blood in the vessels", "assumed: venous blood");
                        in.number("perfusion", w.perfusion, Unit::PerMin, non_negative,
                                  "exchange of oxygen with the tissue, per volume of vessel", "assumed");
                      },
                  .choose = [&] { w.given = true; },
                  .chosen = w.given || !space.vessels.empty()};
  v.forms("vessel_wall", {&wall, 1}, "what the vessels have in common", "as these defaults where there are vessels");
  if (w.given && space.vessels.empty())
    v.complain("vessel_wall", "has no meaning without vessels (remove it, or add vessels)");
}

void describe_space(ParamVisitor& v, SpaceDraft& space) {
  v.section("domain", "the box [0, size]", [&](ParamVisitor& in) {
    in.vector("size", space.size, Unit::Um, positive, "edges of the box", "no default");
    in.number("voxel", space.voxel, Unit::Um, positive, "edge of a voxel of the soluble factors; divides the size",
              "biology.md 4b");
    in.section("boundary", "what cells meet at the faces: a wall, the other side, or the way out (counted)",
               [&](ParamVisitor& b) {
                 for (std::size_t a = 0; a < 3; ++a)
                   b.choice(axis_words[a], space.boundary[a], boundary_words, "both faces across this axis", "design.md 4");
               });
    require(in, "size", complete(space.size), "[x, y, z] in um");
  });
  describe_matrix(v, space.matrix);
  named_items(v, "fields", "soluble factors; mmp, tgfb, egf, cxcl12, vegf and oxygen are known to the model", space.fields,
              64, [](ParamVisitor& in, FieldDraft& f) { describe_field(in, f); });
  describe_vessels(v, space);
}

void describe_site(ParamVisitor& v, SiteDraft& site) {
  if (site.name == "*") site.fields.emplace_back().name = "oxygen";  // schema and table show the pressure field apart
  if (site.name == primary_site || site.name == blood_site)
    v.complain("", explain("is the name of a site that there is anyhow", site.name, "another name"));
  std::int64_t schema = 0;  // of a file that the site extends; nothing to keep
  v.integer("schema", schema, 1, 1, "version of the scenario language, in a file that a site extends", "design.md 4");
  describe_space(v, site);
  v.number("permeability", site.organ.permeability, Unit::One, Range{0, 1000},
           "of its capillaries: factor on the rate of extravasation", "biology.md 6: lung 1, bone marrow 3, unverified");
  v.number("affinity", site.organ.affinity, Unit::One, Range{0, 1000},
           "b: the bone programme W multiplies the chance of a cell to begin here by 1 + b W",
           "biology.md 6: bone 8, unverified");
}

std::vector<std::string> names_of(const std::vector<SiteDraft>& sites) {
  std::vector<std::string> names;
  for (const SiteDraft& site : sites) names.push_back(site.name);
  return names;
}

void describe_secondary_sites(ParamVisitor& v, Draft& draft) {
  const Form form{.kind = Form::Kind::Keys,
                  .body =
                      [&](ParamVisitor& in) {
                        named_items(in, "", "sites by name", draft.secondary_sites, most_secondary_sites,
                                    [](ParamVisitor& item, SiteDraft& site) { describe_site(item, site); });
                      },
                  .chosen = !draft.secondary_sites.empty()};
  v.forms("secondary_sites", {&form, 1},
          "organs beyond the blood, each with a box, a matrix, factors and vessels of its own", "none unless given");
}

void describe_circulation(ParamVisitor& v, Draft& draft) {
  BloodStream& b = draft.circulation.stream;
  const Form form{
      .kind = Form::Kind::Keys,
      .body =
          [&](ParamVisitor& in) {
            in.number("shear_death", b.shear_death_1_h, Unit::PerHour, non_negative, "hazard of death by shear",
                      "biology.md 6, unverified");
            in.number("immune_death", b.immune_death_1_h, Unit::PerHour, non_negative, "hazard of death by immune cells",
                      "biology.md 6, unverified");
            in.number("passages", b.passages_1_h, Unit::PerHour, non_negative,
                      "passages through the capillaries that can end in lodging", "assumed");
            in.number("reference_radius", b.reference_radius, Unit::Um, Range{0, 1000, true},
                      "radius of a cell at which the chances of lodging hold", "assumed: default radius of cells");
            in.number("cluster_protection", b.cluster_protection, Unit::One, Range{0, 10},
                      "hazards of a cell in a clump of n are n^-this", "assumed");
            in.number("bed_death", b.bed_death, Unit::One, Range{0, 1000},
                      "hazard of the lodged, in shares of their anoikis rate", "assumed; biology.md 6: 0.02-0.05 1/h");
            in.number("bed_death_for", b.bed_death_min, Unit::Min, non_negative, "for so long after lodging",
                      "biology.md 6, unverified: 72 h");
            in.integer("split_in", b.split_in, 1, 1000, "copies that a cell becomes when it enters the blood", "assumed");
            in.integer("split_out", b.split_out, 1, 1000, "copies that a cell becomes when it leaves the blood", "assumed");
            named_items(in, "lodging", "chance to lodge in passing, by secondary site, in the order in which they are met",
                        draft.circulation.lodging, most_secondary_sites, [&](ParamVisitor& item, LodgingDraft& lodging) {
                          item.number("", lodging.chance, Unit::One, fraction,
                                      "chance that a cell of the reference radius lodges when it passes",
                                      "biology.md 6, unverified: lung 0.95, bone 0.3-0.5 of what is left");
                          const std::vector<std::string> names = names_of(draft.secondary_sites);
                          if (lodging.name != "*" && std::ranges::find(names, lodging.name) == names.end())
                            item.complain("", explain("no such secondary site", lodging.name, comma_list(names),
                                                      nearest_word(lodging.name, names)));
                        });
          },
      .choose = [&] { draft.circulation.given = true; },
      .chosen = has_blood(draft)};
  v.forms("circulation", {&form, 1}, "the blood between the sites",
          "as these defaults where there are vessels, secondary sites or cells in the blood");
}

// How to get a cell type that is shipped but was not asked for; empty when there is none of that name.
std::string shipped_type(const std::string& name) {
  std::error_code error;
  if (!is_plain_name(name) || !std::filesystem::is_regular_file(shipped_configs() / "cells" / (name + ".yaml"), error))
    return {};
  return fmt::format("; it comes with `extends: [cells/{}.yaml]`", name);
}

void describe_population(ParamVisitor& v, PopulationDraft& p, const Draft& draft) {
  v.text("type", p.type, "cell type");
  v.text("site", p.site, "secondary site where the cells start; not given: the primary site");
  if (p.site == primary_site) p.site.clear();
  v.integer("count", p.count, 0, 1000000000, "number of cells at the start", "no default");
  const Form blood{
      .kind = Form::Kind::Word, .word = "circulation", .choose = [&] { p.in_blood = true; }, .chosen = p.in_blood};
  describe_shape(v, "place", p.place, true, "where the cells are put, uniformly; circulation: into the blood", {&blood, 1});
  v.section("initial_state", "overrides the branch on which the cell type starts", [&](ParamVisitor& in) {
    optional_choice(in, "branch", p.branch, branch_words, "stable branch of the network at the start", "as the cell type");
    optional_number(in, "high_fraction", p.high_fraction, Unit::One, fraction,
                    "share of cells that start on the high branch", "as the cell type");
    if (p.branch && p.high_fraction) in.complain("high_fraction", "contradicts branch (give one of the two)");
  });
  if (p.name == "*") return;
  const bool points = p.place.given && p.place.region.kind == Region::Kind::Points;
  require(v, "type", !p.type.empty(), fmt::format("one of {}", comma_list(draft.types)));
  if (!p.type.empty() && std::ranges::find(draft.types, p.type) == draft.types.end())
    v.complain("type", explain("no such cell type", p.type, comma_list(draft.types), nearest_word(p.type, draft.types)) +
                           shipped_type(p.type));
  if (!points) require(v, "count", p.count >= 0, "a whole number of cells");
  if (draft.assay.kind == AssayKind::Wells) {
    if (p.place.given || p.in_blood)
      v.complain("place", "has no meaning in `assay: {kind: wells}` (remove it, or choose another assay)");
  } else {
    require(v, "place", p.place.given || p.in_blood, "such as {sphere: {centre: [...], radius: ...}}");
  }
  if (p.site.empty()) return;
  if (p.in_blood) v.complain("site", "contradicts `place: circulation` (give one of the two)");
  std::vector<std::string> sites = names_of(draft.secondary_sites);
  sites.insert(sites.begin(), std::string(primary_site));
  if (std::ranges::find(sites, p.site) == sites.end())
    v.complain("site", explain("no such site", p.site, comma_list(sites), nearest_word(p.site, sites)));
}

void describe_knobs(ParamVisitor& v, PerturbationDraft& p) {
  for (std::size_t k = 0; k < knob_count; ++k) {
    const KnobInfo& info = knobs[k];
    const Knob knob = static_cast<Knob>(k);
    const auto at = std::ranges::find(p.doses, knob, &KnobDraft::knob);
    const bool given = at != p.doses.end();
    KnobDraft dose = given ? *at : KnobDraft{knob, 0, false};
    bool read = false;
    std::vector<Form> forms;
    if (info.kind == KnobKind::Mutant) {
      for (std::size_t w = 0; w < s39_words.size(); ++w) {
        Form form{.kind = Form::Kind::Word, .word = s39_words[w]};
        form.choose = [&dose, &read, w] {
          dose.value = static_cast<double>(w);
          read = true;
        };
        form.chosen = given && dose.value == static_cast<double>(w);
        forms.push_back(std::move(form));
      }
    } else {
      forms.push_back({.kind = Form::Kind::Quantity,
                       .value = &dose.value,
                       .unit = Unit::One,
                       .range = Range{0, info.high},
                       .choose =
                           [&] {
                             dose.multiplies = false;
                             read = true;
                           },
                       .chosen = given && !dose.multiplies});
      if (info.kind == KnobKind::Level)
        forms.push_back({.kind = Form::Kind::Factor,
                         .value = &dose.value,
                         .range = Range{0, info.high},
                         .choose =
                             [&] {
                               dose.multiplies = true;
                               read = true;
                             },
                         .chosen = given && dose.multiplies});
    }
    v.forms(info.name, forms, info.meaning, info.source);
    if (read) p.doses.push_back(dose);
  }
}

void require_known(ParamVisitor& v, std::string_view key, const std::vector<std::string>& given,
                   const std::vector<std::string>& known, std::string_view what) {
  for (const std::string& word : given)
    if (std::ranges::find(known, word) == known.end())
      v.complain(key, explain(fmt::format("no such {}", what), word, comma_list(known), nearest_word(word, known)));
}

void describe_perturbation(ParamVisitor& v, PerturbationDraft& p, const Draft& draft) {
  v.section("knobs", "what is changed, and by how much", [&](ParamVisitor& in) { describe_knobs(in, p); });
  v.words("types", p.types, {}, "cell types that it acts on; none given: all");
  v.words("populations", p.populations, {}, "populations that it acts on; none given: all");
  v.number("fraction", p.fraction, Unit::One, Range{0, 1, true}, "share of those cells, drawn once per founder",
           "all unless given");
  optional_number(v, "from", p.from, Unit::Hour, up_to_100_years,
                  "begins here; without it a genotype, part of the starting state", "genotype unless given");
  optional_number(v, "until", p.until, Unit::Hour, Range{0, 876600, true}, "ends here", "never unless given");
  optional_number(v, "onset", p.onset, Unit::Hour, up_to_100_years, "linear ramp up to the full dose (siRNA: 12 h)",
                  "at once unless given");
  if (p.name == "*") return;
  require(v, "knobs", !p.doses.empty(), "at least one knob, such as {akt1_knockdown: 0.85}");
  require_known(v, "types", p.types, draft.types, "cell type");
  std::vector<std::string> names;
  for (const PopulationDraft& population : draft.populations) names.push_back(population.name);
  require_known(v, "populations", p.populations, names, "population");
  if (p.until && *p.until <= p.from.value_or(0))
    v.complain("until", explain("must be later than from", to_text(*p.until, Unit::Hour),
                                "> " + to_text(p.from.value_or(0), Unit::Hour)));
  if (p.onset && *p.onset > 0 && !p.from) v.complain("onset", "needs `from` (a genotype is in force from the start)");
}

void describe_cell_types(ParamVisitor& v, const Draft& draft, const Processes& processes) {
  v.named("cell_types", "kinds of cells", draft.types, [&](const std::string& name, ParamVisitor& in) {
    require_plain_name(in, name);
    const auto at = std::ranges::find(draft.types, name);
    const std::size_t type = at == draft.types.end() ? 0 : static_cast<std::size_t>(at - draft.types.begin());
    // A value that is no map is reported here, even if no process asked for a key.
    for (const auto& process : processes) process->describe_type(in, type);
  });
}

void describe_processes(ParamVisitor& v, Draft& draft, const Processes& processes) {
  v.section("processes", "which processes act, how often, and their constants", [&](ParamVisitor& in) {
    for (std::size_t p = 0; p < processes.size(); ++p) {
      ProcessDraft& d = draft.processes[p];
      Process& process = *processes[p];
      std::optional<double> every;
      if (d.every > 0) every = d.every;
      const Form forms[] = {{.kind = Form::Kind::Word, .word = "off", .choose = [&] { d.on = false; }, .chosen = !d.on},
                            {.kind = Form::Kind::Word, .word = "on", .choose = [&] { d.on = true; }},
                            {.kind = Form::Kind::Keys,
                             .body =
                                 [&](ParamVisitor& keys) {
                                   optional_number(keys, "every", every, Unit::Min, cadence,
                                                   "cadence; a whole multiple of the tick", "as `steps` says");
                                   process.describe(keys);
                                 },
                             .choose = [&] { d.on = true; },
                             .chosen = d.on}};
      in.forms(process.name(), forms, "off, on, or on with these constants", "on unless given");
      d.every = every.value_or(0);
    }
  });
}

void describe_output(ParamVisitor& v, OutputDraft& o) {
  cadence_or_off(v, "series", o.series, "one row of observables", "design.md 4");
  cadence_or_off(v, "snapshots", o.snapshots, "the whole state, for ParaView", "design.md 4");
  cadence_or_off(v, "tracks", o.tracks, "positions of all cells", "design.md 4: off unless given");
  const bool by_wall = o.checkpoint_wall > 0;
  const Form checkpoints[] = {{.kind = Form::Kind::Word,
                               .word = "off",
                               .choose = [&] { o.checkpoints = o.checkpoint_wall = 0; },
                               .chosen = o.checkpoints <= 0 && !by_wall},
                              {.kind = Form::Kind::Quantity,
                               .value = &o.checkpoints,
                               .unit = Unit::Min,
                               .range = cadence,
                               .choose = [&] { o.checkpoint_wall = 0; },
                               .chosen = o.checkpoints > 0 && !by_wall},
                              {.kind = Form::Kind::Keys,
                               .body =
                                   [&](ParamVisitor& in) {
                                     cadence_or_off(in, "every", o.checkpoints, "simulated time between checkpoints",
                                                    "design.md 4");
                                     cadence_or_off(in, "wall", o.checkpoint_wall,
                                                    "time of the clock on the wall between checkpoints", "design.md 4");
                                   },
                               .chosen = by_wall}};
  v.forms("checkpoints", checkpoints, "state to resume from, whichever comes first", "design.md 4");
  v.words("fields", o.fields, {}, "lattice and field arrays kept in snapshots: all, or a list");
}

}  // namespace

bool is_pressure_field(std::string_view name) { return name == "oxygen"; }

bool has_blood(const Draft& d) {
  return d.circulation.given || !d.secondary_sites.empty() || !d.vessels.empty() ||
         std::ranges::any_of(d.populations, &PopulationDraft::in_blood);
}

void describe_assay(ParamVisitor& v, AssayDraft& assay) {
  const auto kind = [&](AssayKind k) { return assay.kind == k; };
  const Form form{.kind = Form::Kind::Keys,
                  .body =
                      [&](ParamVisitor& in) {
                        int index = kind(AssayKind::None) ? -1 : static_cast<int>(assay.kind) - 1;
                        in.choice("kind", index, assay_words,
                                  "ready-made settings of domain, matrix, placement and processes", "no default");
                        assay.kind = static_cast<AssayKind>(index + 1);
                        require(in, "kind", index >= 0,
                                "one of " + comma_list(std::vector<std::string>{assay_words.begin(), assay_words.end()}));
                        const auto has = [&](AssayKind k) { return kind(k) || kind(AssayKind::None); };
                        constexpr Range up_to_10_cm{0, 1e5, true};
                        if (has(AssayKind::Spheroid))
                          in.number("radius", assay.radius, Unit::Um, up_to_10_cm, "radius of the spheroid", "design.md 4");
                        if (has(AssayKind::Transwell)) {
                          in.number("pore_diameter", assay.pore_diameter, Unit::Um, Range{0, 1000, true},
                                    "transwell: diameter of the pores of the membrane", "design.md 4");
                          in.number("membrane", assay.membrane, Unit::Um, up_to_10_cm,
                                    "transwell: thickness of the membrane", "design.md 4");
                          in.number("plug", assay.plug, Unit::Um, Range{0, 1e5},
                                    "transwell: thickness of the matrix that coats the membrane; 0 = none", "design.md 4");
                          in.choice("attractant", assay.attractant, attractant_words,
                                    "transwell: factor of the lower chamber, 2 there and 0 on top", "design.md 4");
                        }
                        if (has(AssayKind::Monolayer))
                          in.number("gap", assay.gap, Unit::Um, up_to_10_cm, "monolayer: width of the wound", "design.md 4");
                        if (has(AssayKind::Microtracks))
                          in.number("width", assay.width, Unit::Um, up_to_10_cm, "microtracks: width of a track",
                                    "design.md 4");
                      },
                  .chosen = !kind(AssayKind::None)};
  v.forms("assay", {&form, 1}, "a ready-made experiment; the scenario's own keys override it", "none unless given");
}

void describe_scenario(ParamVisitor& v, Draft& d, const Processes& processes) {
  v.integer("schema", d.schema, 1, 1, "version of the scenario language", "design.md 4");
  require(v, "schema", d.schema == 1, "write 'schema: 1' on top");
  v.text("name", d.name, "title of the scenario");
  require(v, "name", !d.name.empty(), "a title for people");
  if (d.name.find('\n') != std::string::npos || d.name.size() > longest_name)
    v.complain("name",
               fmt::format("is no title (allowed one line of at most {} bytes; `about` may be longer)", longest_name));
  v.text("about", d.about, "what is asked, in a sentence");
  v.integer("seed", d.seed, 0, std::numeric_limits<std::int64_t>::max(), "decides all chance of the run", "assumed");
  v.number("duration", d.duration, Unit::Hour, Range{0, 876600, true}, "simulated time", "no default");
  require(v, "duration", d.duration > 0, "a time such as '72 h'");
  describe_assay(v, d.assay);

  v.section("steps", "cadences of the groups of processes; their common divisor is the tick", [&](ParamVisitor& in) {
    in.number("motion", d.steps.motion, Unit::Min, cadence, "walk and mechanics", "design.md 4");
    in.number("fields", d.steps.fields, Unit::Min, cadence, "soluble factors", "design.md 4");
    in.number("signalling", d.steps.signalling, Unit::Min, cadence, "signalling network and response",
              "design.md 4; biology.md 2");
    in.number("matrix", d.steps.matrix, Unit::Min, cadence, "sensing, proteolysis, deposition, realignment, osteolysis",
              "design.md 4");
    in.number("fate", d.steps.fate, Unit::Min, cadence,
              "division, death, anoikis, growth of vessels, and the way from site to site", "design.md 4");
  });

  if (d.assay.kind != AssayKind::Wells) {
    describe_space(v, d);
    describe_secondary_sites(v, d);
    describe_circulation(v, d);
  }
  describe_cell_types(v, d, processes);
  named_items(v, "population", "founders", d.populations, 64,
              [&](ParamVisitor& in, PopulationDraft& p) { describe_population(in, p, d); });
  require(v, "population", !d.populations.empty(), "at least one, such as {core: {type: sts, count: 200, place: {...}}}");
  named_items(v, "perturbations", "interventions and genotypes", d.perturbations, 64,
              [&](ParamVisitor& in, PerturbationDraft& p) { describe_perturbation(in, p, d); });
  describe_processes(v, d, processes);
  v.section("output", "what is written, and when", [&](ParamVisitor& in) { describe_output(in, d.output); });
}

}  // namespace invado
