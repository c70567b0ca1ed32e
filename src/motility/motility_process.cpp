// Motility: each cell's walk displacement of the step and its new walk vector, from its own speed and persistence, the
// matrix around it and the cues it senses. Mechanics moves the cells.
//
// How a step is made (biology.md 4b, design.md 9):
//   cues     B, fibres C                                at the centre, differences across the cell at x +- R
//   heading  v^ = direction of B + sqrt(1 - B^2) C^(1/2) u
//   speed    S = free speed * lineage factor * psi(adhesion, ligand) * phi(leading edge x + R v^)
//   step     S [ B dt + sqrt(1 - B^2) C^(1/2) integral of u ]
// The walk vector u itself never sees phi: a blocked cell stands still but goes on turning, and leaves when it has
// turned away. Daughters draw a fresh stationary u, mothers keep theirs.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "model/process.h"
#include "motility/guidance.h"
#include "motility/persistent_walk.h"
#include "motility/speed_law.h"

namespace invado {
namespace {

enum class Turning : int { Continuous, Tumble };
constexpr std::array<std::string_view, 2> turning_words{"continuous", "tumble"};

struct TypeMotility {
  double heterogeneity = 0.2;  // coefficient of variation of the lineage speed factor
  int turning = 0;             // index into turning_words
  std::array<double, known_factors.size()> chemotaxis{0, 0, 0.2, 0.2, 0, 0};
  double haptotaxis = 0.1;
  double durotaxis = 0.1;
  double contact_guidance = 0.6;
  double contact_inhibition = 0.5;
  bool fixed = false;
  double fixed_speed = 0.5;       // [um/min]
  double fixed_persistence = 15;  // [min]
  Vec3 bias_direction{1, 0, 0};
  double bias_strength = 0;

  [[nodiscard]] Turning kind() const { return static_cast<Turning>(turning); }
  [[nodiscard]] Vec3 bias() const { return bias_strength > 0 ? bias_strength * unit(bias_direction) : Vec3{}; }

  void describe(ParamVisitor& v) {
    v.number("heterogeneity", heterogeneity, Unit::One, {0, 3},
             "coefficient of variation of the lognormal speed factor of a lineage",
             "assumed; 0.43 fits Wu 2014 PNAS 111:3949");
    v.choice("turning", turning, turning_words, "how the direction changes: Ornstein-Uhlenbeck, or runs and tumbles",
             "design.md 9; run and tumble of community.md P1");
    v.section("chemotaxis", "weight of each soluble factor as attractant; negative repels", [&](ParamVisitor& names) {
      for (std::size_t a = 0; a < known_factors.size(); ++a)
        names.number(known_factors[a], chemotaxis[a], Unit::One, {-1, 1}, "weight of this factor's occupancy gradient",
                     "assumed");
    });
    v.number("haptotaxis", haptotaxis, Unit::One, {-1, 1}, "weight of the gradient of matrix density", "assumed");
    v.number("durotaxis", durotaxis, Unit::One, {-1, 1}, "weight of the gradient of stiffness", "assumed");
    v.number("contact_guidance", contact_guidance, Unit::One, fraction, "share of the walk that aligned fibres direct",
             "assumed; direction of the effect: Riching 2014, Ray 2017");
    v.number("contact_inhibition", contact_inhibition, Unit::One, fraction, "weight of the direction away from neighbours",
             "assumed");
    const std::array<Form, 2> forms{
        Form{.kind = Form::Kind::Word, .word = "off", .choose = [&] { fixed = false; }, .chosen = !fixed},
        Form{.kind = Form::Kind::Keys,
             .body =
                 [&](ParamVisitor& keys) {
                   keys.number("speed", fixed_speed, Unit::UmPerMin, {0, 1000}, "root-mean-square speed", "assumed");
                   keys.number("persistence", fixed_persistence, Unit::Min, non_negative, "correlation time of the velocity",
                               "assumed");
                 },
             .choose = [&] { fixed = true; },
             .chosen = fixed}};
    v.forms("fixed", forms, "speed and persistence given; signals, matrix and cues other than bias have no effect",
            "design.md 4");
    v.section("bias", "constant preferred direction", [&](ParamVisitor& keys) {
      keys.vector("direction", bias_direction, Unit::One, any_number, "preferred direction", "assumed");
      keys.number("strength", bias_strength, Unit::One, fraction,
                  "share of the velocity in that direction (continuous: at most 0.95)", "community.md P1");
      if (bias_strength > 0 && !(norm(bias_direction) > 0)) keys.complain("direction", "has length 0, needs a direction");
    });
  }
};

struct PlaceParams {
  double ligand_optimum = 0.35;  // l_opt
  double adhesion_floor = 0.2;   // psi_0
  double cue_half = 0.2;         // relative difference across the cell at which a cue has half its weight

  void describe(ParamVisitor& v) {
    v.number("ligand_optimum", ligand_optimum, Unit::One, positive, "adhesion times ligand at which cells are fastest",
             "assumed; biphasic shape Zaman 2006");
    v.number("adhesion_floor", adhesion_floor, Unit::One, fraction, "speed factor without any grip on matrix", "assumed");
    v.number("cue_half", cue_half, Unit::One, positive, "difference across the cell at which a cue has half its weight",
             "assumed");
  }
};

// What the cells of one site sense: the site and the factors that are there.
struct Surroundings {
  const Site& site;
  std::array<const Field*, known_factors.size()> field{};
  std::array<bool, 3> periodic;
  bool planar;

  explicit Surroundings(const Site& s) : site(s), periodic(s.domain.periodic()), planar(s.domain.planar) {
    for (std::size_t a = 0; a < field.size(); ++a) field[a] = find_field(s.fields, known_factors[a]);
  }

  [[nodiscard]] Space space() const { return planar ? Space::Plane : Space::Volume; }
};

Vec3 chemotaxis_cue(const Surroundings& around, const TypeMotility& type, double half, Vec3 x, double radius) {
  const auto attracts = [&](std::size_t a) { return around.field[a] != nullptr && type.chemotaxis[a] != 0; };
  bool any = false;
  for (std::size_t a = 0; a < known_factors.size(); ++a) any = any || attracts(a);
  if (!any) return {};
  Vec3 sum;
  const TrilinearCross points(around.site.factor_grid, x, radius, around.periodic);
  for (std::size_t a = 0; a < known_factors.size(); ++a) {
    if (!attracts(a)) continue;
    const auto occupancy = [&](const Trilinear& at) {
      const double c = at([&](std::size_t v) { return around.field[a]->value[v]; });
      return c / (c + 1);
    };
    Vec3 difference;
    for (int axis = 0; axis < (around.planar ? 2 : 3); ++axis)
      difference[axis] = occupancy(points.ahead(axis)) - occupancy(points.behind(axis));
    sum += gradient_cue(type.chemotaxis[a], difference, 1, half);
  }
  return sum;
}

Vec3 matrix_cues(const Surroundings& around, const TypeMotility& type, double half, const TrilinearCross& points) {
  if (type.haptotaxis == 0 && type.durotaxis == 0) return {};
  const Matrix& matrix = around.site.matrix;
  struct Local {
    double density;
    double stiffness;  // E / (E + E_ref)
  };
  const auto sense = [&](const Trilinear& near) {
    double density = 0, stiffness = 0;
    for (std::size_t c = 0; c < 8; ++c) {
      const std::size_t v = near.voxel[c];
      density += near.weight[c] * matrix.density[v];
      stiffness += near.weight[c] * matrix.law.stiffness(matrix.density[v], static_cast<double>(matrix.crosslinking[v]));
    }
    return Local{density, stiffness / (stiffness + matrix.law.stiffness_ref)};
  };
  Vec3 density, stiffness;  // differences across the cell
  for (int axis = 0; axis < (around.planar ? 2 : 3); ++axis) {
    const Local front = sense(points.ahead(axis)), back = sense(points.behind(axis));
    density[axis] = front.density - back.density;
    stiffness[axis] = front.stiffness - back.stiffness;
  }
  const Local here = sense(points.centre());
  return gradient_cue(type.haptotaxis, density, here.density, half) +
         gradient_cue(type.durotaxis, stiffness, here.stiffness, half);
}

Sym3 fibres_at(const Matrix& matrix, const Trilinear& near) {
  const auto part = [&](std::size_t c) {
    return near([&](std::size_t v) { return static_cast<double>(matrix.fibre[c][v]); });
  };
  return {part(0), part(1), part(2), part(3), part(4), part(5)};
}

class Motility final : public Process {
 public:
  [[nodiscard]] std::string_view name() const override { return "motility"; }
  [[nodiscard]] std::vector<std::string_view> writes() const override {
    return {"ux", "uy", "uz", "step_x", "step_y", "step_z", "speed_um_h"};
  }
  [[nodiscard]] std::vector<std::string_view> reads() const override {
    return {"id",
            "type",
            "x",
            "y",
            "z",
            "radius",
            "speed_factor",
            "ligand",
            "neighbours",
            "away_x",
            "away_y",
            "away_z",
            "ecadherin",
            "free_speed_um_h",
            "persistence_h",
            "adhesion_matrix",
            "pore_limit_um2",
            "matrix",
            "fields"};
  }
  void describe(ParamVisitor& v) override { place_.describe(v); }
  void resize_types(std::size_t types) override { types_.resize(types); }
  void describe_type(ParamVisitor& v, std::size_t type) override {
    v.section("motility", "walk, guidance and cues", [&](ParamVisitor& keys) { types_[type].describe(keys); });
  }
  void configure(World& world) override { types_.resize(world.types.size()); }

  void start(World& world) const override {
    for (Site& site : world.sites) {
      Population& c = site.cells;
      const Surroundings around(site);
      for_rows(c.size(), [&](std::size_t i) {
        const TypeMotility& type = types_[c.type[i]];
        const double z = gauss4(world.seed, 0, Purpose::Heterogeneity, c.founder[i])[0];
        c.speed_factor[i] = static_cast<float>(speed_factor(type.heterogeneity, z));
        set_walk(c, i, new_walk(type, around.space(), world.seed, 0, c.id[i]));
        c.step_x[i] = c.step_y[i] = c.step_z[i] = 0;
        const Heading heading = heading_of(around, type, i);
        c.speed_in_place[i] = static_cast<float>(60 * speed_of(around, type, i, heading));
      });
    }
  }

  void apply(World& world, const Tick& tick) const override {
    for (Site& site : world.sites) {
      if (site.domain.spaceless()) continue;
      const Surroundings around(site);
      const std::size_t n = site.cells.size();
      for_blocks((n + Walkers::most - 1) / Walkers::most, [&](std::size_t chunk) {
        const std::size_t first = chunk * Walkers::most;
        walk(site.cells, around, first, std::min(Walkers::most, n - first), tick);
      });
    }
  }

  void inherit(const World& world, Site& site, std::size_t, std::size_t daughter, const Tick& tick) const override {
    Population& c = site.cells;
    const Space space = site.domain.planar ? Space::Plane : Space::Volume;
    set_walk(c, daughter, new_walk(types_[c.type[daughter]], space, world.seed, tick.step, c.id[daughter]));
    c.step_x[daughter] = c.step_y[daughter] = c.step_z[daughter] = 0;
  }

 private:
  struct Heading {
    Vec3 bias;                // B: drift of the continuous walk, tilt of the tumbles
    double random_share = 1;  // sqrt(1 - B^2)
    FibreGuide fibres;
    Vec3 preferred;  // velocity at unit speed
  };

  // The step of the cells in rows first .. first + count - 1.
  void walk(Population& c, const Surroundings& around, std::size_t first, std::size_t count, const Tick& tick) const {
    Walkers walkers;
    bool any_continuous = false;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t i = first + k;
      const TypeMotility& type = types_[c.type[i]];
      any_continuous = any_continuous || type.kind() == Turning::Continuous;
      walkers.id[k] = c.id[i];
      walkers.persistence_min[k] = persistence_min(c, type, i);
      walkers.u[0][k] = c.ux[i];
      walkers.u[1][k] = c.uy[i];
      walkers.u[2][k] = c.uz[i];
    }
    if (any_continuous) continuous_walk(walkers, count, tick.dt_min, around.space(), tick.seed, tick.step);

    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t i = first + k;
      const TypeMotility& type = types_[c.type[i]];
      const Heading heading = heading_of(around, type, i);
      const double speed = speed_of(around, type, i, heading);
      Vec3 u, travel;
      if (type.kind() == Turning::Tumble) {
        const WalkStep run = tumble_walk({c.ux[i], c.uy[i], c.uz[i]}, persistence_min(c, type, i), tick.dt_min, heading.bias,
                                         around.space(), tick.seed, tick.step, c.id[i]);
        u = run.u;
        travel = heading.fibres(run.travel);
      } else {
        u = {walkers.u[0][k], walkers.u[1][k], walkers.u[2][k]};
        travel = tick.dt_min * heading.bias +
                 heading.random_share * heading.fibres({walkers.travel[0][k], walkers.travel[1][k], walkers.travel[2][k]});
      }
      set_walk(c, i, u);
      c.step_x[i] = speed * travel.x;
      c.step_y[i] = speed * travel.y;
      c.step_z[i] = speed * travel.z;
      c.speed_in_place[i] = static_cast<float>(60 * speed);
    }
  }

  static double persistence_min(const Population& c, const TypeMotility& type, std::size_t i) {
    return type.fixed ? type.fixed_persistence : 60 * static_cast<double>(c.phenotype[+Phenotype::Persistence][i]);
  }

  static void set_walk(Population& c, std::size_t i, Vec3 u) {
    c.ux[i] = u.x;
    c.uy[i] = u.y;
    c.uz[i] = u.z;
  }

  static Vec3 new_walk(const TypeMotility& type, Space space, Seed seed, std::uint32_t step, std::int64_t id) {
    return type.kind() == Turning::Tumble ? tumble_start(flat(type.bias(), space), space, seed, step, id)
                                          : stationary_walk(space, seed, step, id);
  }

  static Vec3 flat(Vec3 v, Space space) { return space == Space::Plane ? Vec3{v.x, v.y, 0} : v; }

  [[nodiscard]] Heading heading_of(const Surroundings& around, const TypeMotility& type, std::size_t i) const {
    const Population& c = around.site.cells;
    const Vec3 x = c.position(i);
    Heading heading;
    Vec3 sum = type.bias();
    if (!type.fixed && !around.site.domain.spaceless()) {
      sum += chemotaxis_cue(around, type, place_.cue_half, x, c.radius[i]);
      if (type.contact_inhibition != 0 && c.neighbours[i] > 0)
        sum += contact_inhibition_cue(type.contact_inhibition, c.state[+State::Ecadherin][i], c.neighbours[i],
                                      {c.away_x[i], c.away_y[i], c.away_z[i]});
      if (!around.site.matrix.none()) {
        const TrilinearCross points(around.site.matrix.grid, x, c.radius[i], around.periodic);
        sum += matrix_cues(around, type, place_.cue_half, points);
        if (type.contact_guidance > 0)
          heading.fibres = fibre_guide(fibres_at(around.site.matrix, points.centre()), type.contact_guidance, around.planar);
      }
    }
    const bool tumbles = type.kind() == Turning::Tumble;
    heading.bias = bounded_bias(flat(sum, around.space()), tumbles ? 1.0 : largest_bias);
    heading.random_share = tumbles ? 1.0 : std::sqrt(1 - dot(heading.bias, heading.bias));
    const Vec3 random = heading.random_share * heading.fibres({c.ux[i], c.uy[i], c.uz[i]});
    heading.preferred = tumbles ? random : heading.bias + random;
    return heading;
  }

  // Root-mean-square speed of cell i with this heading [um/min].
  [[nodiscard]] double speed_of(const Surroundings& around, const TypeMotility& type, std::size_t i,
                                const Heading& heading) const {
    if (type.fixed) return type.fixed_speed;
    const Population& c = around.site.cells;
    const double free =
        static_cast<double>(c.phenotype[+Phenotype::FreeSpeed][i]) * static_cast<double>(c.speed_factor[i]) / 60;
    const Matrix& matrix = around.site.matrix;
    if (matrix.none()) return free;
    const double grip = adhesion_factor(static_cast<double>(c.phenotype[+Phenotype::AdhesionMatrix][i]),
                                        static_cast<double>(c.ligand[i]), place_.ligand_optimum, place_.adhesion_floor);
    const Vec3 edge = c.position(i) + c.radius[i] * unit(heading.preferred);
    const double room =
        steric_factor_at(matrix, edge, static_cast<double>(c.phenotype[+Phenotype::PoreLimit][i]), around.periodic);
    return free * grip * room;
  }

  PlaceParams place_;
  std::vector<TypeMotility> types_;
};

}  // namespace

std::unique_ptr<Process> make_motility() { return std::make_unique<Motility>(); }

}  // namespace invado
