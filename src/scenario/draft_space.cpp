#include "scenario/draft_space.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "scenario/draft_parts.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

constexpr std::array<std::string_view, 3> boundary_words{"closed", "periodic", "open"};
constexpr std::array<std::string_view, 3> solve_words{"automatic", "transient", "steady"};

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

}  // namespace

void describe_shape(ParamVisitor& v, std::string_view key, ShapeDraft& shape, bool with_points, std::string_view meaning,
                    std::span<const Form> more) {
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

namespace {

void describe_fibres(ParamVisitor& v, MatrixDraft& m) {
  v.number("alignment", m.alignment, Unit::One, fraction, "fibre alignment within a voxel: 0 isotropic, 1 parallel",
           "biology.md 4b");
  v.vector("direction", m.direction, Unit::One, any_number, "direction of the fibres (any length)", "assumed");
  if (m.alignment > 0 && !(norm(m.direction) > 0)) v.complain("direction", "has length 0, needs a direction");
  v.choice("orientation", m.orientation, orientation_words,
           "common: all along `direction`; random: in each voxel along a direction of its own", "assumed");
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
  optional_choice(v, "orientation", region.orientation, orientation_words, "of the fibres here, as for the matrix",
                  "as the matrix");
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
                               describe_fibres(in, m);
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
  named_items_if_any(v, "vessels", "blood vessels: supply, and the way into the blood and out of it", "vessels by name",
                     space.vessels, most_vessels,
                     [](ParamVisitor& item, VesselDraft& vessel) { describe_vessel(item, vessel); });
  VesselWallDraft& w = space.vessel_wall;
  const Form wall{
      .kind = Form::Kind::Keys,
      .body =
          [&](ParamVisitor& in) {
            in.number(
                "basement_membrane", w.basement_membrane, Unit::Um, Range{0, 1000},
                "thickness of the basement membrane around the vessels; 0 = none. It opens where less than half of the "
                "density is left: never where half is no more than density_floor",
                "assumed: one voxel of the matrix");
            in.number("oxygen", w.oxygen, Unit::MmHg, non_negative, "partial pressure of the blood in the vessels",
                      "assumed: venous blood");
            in.number("perfusion", w.perfusion, Unit::PerMin, non_negative,
                      "exchange of oxygen with the tissue, per volume of vessel", "assumed");
          },
      .choose = [&] { w.given = true; },
      .chosen = w.given || !space.vessels.empty()};
  v.forms("vessel_wall", {&wall, 1}, "what the vessels have in common", "as these defaults where there are vessels");
  if (w.given && space.vessels.empty())
    v.complain("vessel_wall", "has no meaning without vessels (remove it, or add vessels)");
}

}  // namespace

void describe_space(ParamVisitor& v, SpaceDraft& space) {
  v.section("domain", "the box [0, size]", [&](ParamVisitor& in) {
    in.vector("size", space.size, Unit::Um, positive, "edges of the box", "no default");
    in.number("voxel", space.voxel, Unit::Um, positive,
              "edge of a voxel of the soluble factors; divides the size. One voxel along z: cells live in a plane",
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

}  // namespace invado
