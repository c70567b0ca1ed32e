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
#include <bit>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "model/matrix_points.h"
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
  double chemotaxis_on_fibres = 0;
  double haptotaxis = 0.1;
  double durotaxis = 0.1;
  double contact_guidance = 0.6;
  double contact_inhibition = 0.5;
  bool fixed = false;
  double fixed_speed = 0.5;       // [um/min]
  double fixed_persistence = 15;  // [min]
  Vec3 bias_direction{1, 0, 0};
  double bias_strength = 0;

  [[nodiscard]] bool tumbles() const { return static_cast<Turning>(turning) == Turning::Tumble; }
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
    v.number("chemotaxis_on_fibres", chemotaxis_on_fibres, Unit::One, fraction,
             "share of the chemotaxis that acts only as far as fibres are aligned", "assumed; 1 in community.md L1");
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
      keys.vector("direction", bias_direction, Unit::One, {-1e6, 1e6}, "preferred direction", "assumed");
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

// A factor that is there attracts or repels cells of this type.
bool attracts(const Surroundings& around, const TypeMotility& type, std::size_t factor) {
  return around.field[factor] != nullptr && type.chemotaxis[factor] != 0;
}
bool attracted(const Surroundings& around, const TypeMotility& type) {
  for (std::size_t a = 0; a < known_factors.size(); ++a)
    if (attracts(around, type, a)) return true;
  return false;
}

Vec3 chemotaxis_cue(const Surroundings& around, const TypeMotility& type, double half, Vec3 x, double radius) {
  Vec3 sum;
  const TrilinearCross points(around.site.factor_grid, x, radius, around.periodic);
  for (std::size_t a = 0; a < known_factors.size(); ++a) {
    if (!attracts(around, type, a)) continue;
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

class Motility final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "motility"; }
  [[nodiscard]] std::vector<std::string_view> writes() const override {
    return {"ux", "uy", "uz", "step_x", "step_y", "step_z", "speed_um_h"};
  }
  [[nodiscard]] std::vector<std::string_view> fills() const override {
    std::vector<std::string_view> columns = writes();
    columns.push_back("speed_factor");
    return columns;
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
  void configure(World& world) override {
    types_.resize(world.types.size());
    for (std::size_t t = 0; t < types_.size(); ++t)
      world.types[t].turns_away = !types_[t].fixed && types_[t].contact_inhibition != 0;
  }

  void start_cells(const World& world, Site& site, std::size_t first) const override {
    Population& c = site.cells;
    const Surroundings around(site);
    const std::size_t count = c.size() - first;
    for_rows(count, [&](std::size_t n) {
      const std::size_t i = first + n;
      const TypeMotility& type = types_[c.type[i]];
      const double z = gauss4(world.seed, 0, Purpose::Heterogeneity, c.founder[i])[0];
      c.speed_factor[i] = static_cast<float>(speed_factor(type.heterogeneity, z));
      set_walk(c, i, new_walk(type, around.space(), world.seed, 0, c.id[i]));
      c.step_x[i] = c.step_y[i] = c.step_z[i] = 0;
    });
    for_blocks((count + many - 1) / many, [&](std::size_t block) {
      const std::size_t row = first + many * block, rows = std::min(many, count - many * block);
      Headed cells(row, rows, one_type(c, row, rows));
      head(around, cells);
      for (std::size_t k = 0; k < cells.count; ++k)
        c.speed_in_place[cells.first + k] = static_cast<float>(60 * cells.speed[k]);
    });
  }

  void apply_to(World&, std::span<Site* const> sites, const Tick& tick) const override {
    for (Site* const one : sites) {
      Site& site = *one;
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
  // Up to 16 cells side by side: where they head and how fast they are.
  struct Headed {
    Headed() {}  // nothing is known yet: the arrays would only be emptied to be filled
    Headed(std::size_t first_row, std::size_t rows, bool of_one_type) { take(first_row, rows, of_one_type); }
    void take(std::size_t first_row, std::size_t rows, bool of_one_type) {
      first = first_row;
      count = rows;
      alike = of_one_type;
    }

    std::size_t first, count;  // rows; what is missing to 16 repeats the last one
    bool alike;                // all of one type
    ManyVectors centre;        // [um]
    Many radius;               // [um]
    ManyVectors bias;          // B: drift of the continuous walk, tilt of the tumbles
    Many random_share;         // sqrt(1 - B^2)
    ManyVectors fibres;        // n of FibreGuide
    Many along, across;
    ManyVectors preferred;  // velocity at unit speed
    Many speed;             // root mean square [um/min]

    [[nodiscard]] std::size_t row(std::size_t k) const { return first + std::min(k, count - 1); }
    template <class Numbers>
    [[nodiscard]] Many of(const Numbers& column) const {
      return take_many(column, first, count);
    }
    [[nodiscard]] FibreGuide guide(std::size_t k) const {
      return {{fibres[0][k], fibres[1][k], fibres[2][k]}, along[k], across[k]};
    }
  };

  // Do rows first .. first + count - 1 hold one type?
  static bool one_type(const Population& c, std::size_t first, std::size_t count) {
    return std::memcmp(&c.type[first], &c.type[first] + 1, count - 1) == 0;  // each as the one before it
  }

  // A number of each cell's type.
  template <class OfType>
  [[nodiscard]] Many by_type(const Population& c, const Headed& cells, const OfType& of_type) const {
    Many x;
    if (cells.alike)
      x.fill(of_type(types_[c.type[cells.first]]));
    else
      for (std::size_t k = 0; k < many; ++k) x[k] = of_type(types_[c.type[cells.row(k)]]);
    return x;
  }

  // The step of the cells in rows first .. first + count - 1.
  void walk(Population& c, const Surroundings& around, std::size_t first, std::size_t count, const Tick& tick) const {
    const bool alike = one_type(c, first, count);
    const bool given = alike && types_[c.type[first]].fixed;  // all head alike
    // Where they head follows from the walk vectors before the step.
    std::array<Headed, Walkers::most / many> heads;
    for (std::size_t from = 0; from < (given ? 1 : count); from += many) {
      Headed& cells = heads[from / many];
      cells.take(first + from, std::min(many, count - from), alike);
      head(around, cells);
    }

    Walkers walkers;
    const std::array<float*, 3> u{&c.ux[first], &c.uy[first], &c.uz[first]},
        step{&c.step_x[first], &c.step_y[first], &c.step_z[first]};
    walkers.id = {&c.id[first], count};
    walkers.u = u;
    bool any_continuous = false, any_tumbling = false;
    const auto take_persistence = [&](std::size_t k, const TypeMotility& type) {
      walkers.persistence_min[k] = persistence_min(c, type, first + k);
      (type.tumbles() ? any_tumbling : any_continuous) = true;
    };
    if (alike) {
      const TypeMotility& type = types_[c.type[first]];
      for (std::size_t k = 0; k < count; ++k) take_persistence(k, type);
    } else {
      for (std::size_t k = 0; k < count; ++k) take_persistence(k, types_[c.type[first + k]]);
    }
    std::array<std::array<float, Walkers::most>, 3> runs;  // walk vectors of those who tumble
    if (any_tumbling)
      for (std::size_t axis = 0; axis < 3; ++axis) std::copy_n(u[axis], count, runs[axis].begin());
    if (any_continuous) continuous_walk(walkers, tick.dt_min, around.space(), tick.seed, tick.step);
    if (!any_continuous || count < Walkers::most)
      for (auto& travel : walkers.travel) std::fill(travel + (any_continuous ? count : 0), std::end(travel), 0.0F);

    for (std::size_t from = 0; from < count; from += many) {
      Headed& cells = heads[given ? 0 : from / many];
      const std::size_t here = std::min(many, count - from);
      ManyVectors travel;
      const float *const x = walkers.travel[0] + from, *const y = walkers.travel[1] + from,
                         *const z = walkers.travel[2] + from;
      for (std::size_t k = 0; k < many; ++k)
        put(travel, k, tick.dt_min * at(cells.bias, k) + cells.random_share[k] * cells.guide(k)({x[k], y[k], z[k]}));
      if (any_tumbling)
        for (std::size_t n = from, k = 0; k < here; ++n, ++k) {
          const std::size_t i = first + n;
          const TypeMotility& type = types_[c.type[i]];
          if (!type.tumbles()) continue;
          const WalkStep run = tumble_walk({runs[0][n], runs[1][n], runs[2][n]}, persistence_min(c, type, i), tick.dt_min,
                                           at(cells.bias, k), around.space(), tick.seed, tick.step, c.id[i]);
          for (int axis = 0; axis < 3; ++axis) u[static_cast<std::size_t>(axis)][n] = static_cast<float>(run.u[axis]);
          put(travel, k, cells.guide(k)(run.travel));
        }
      for (std::size_t axis = 0; axis < 3; ++axis)
        for (std::size_t k = 0; k < here; ++k) step[axis][from + k] = static_cast<float>(cells.speed[k] * travel[axis][k]);
      float* const speed_in_place = c.speed_in_place.data() + first + from;
      for (std::size_t k = 0; k < here; ++k) speed_in_place[k] = static_cast<float>(60 * cells.speed[k]);
    }
  }

  static Vec3 at(const ManyVectors& v, std::size_t k) { return {v[0][k], v[1][k], v[2][k]}; }
  static void put(ManyVectors& v, std::size_t k, Vec3 x) {
    v[0][k] = x.x;
    v[1][k] = x.y;
    v[2][k] = x.z;
  }

  static double persistence_min(const Population& c, const TypeMotility& type, std::size_t i) {
    return type.fixed ? type.fixed_persistence : 60 * static_cast<double>(c.phenotype[+Phenotype::Persistence][i]);
  }

  static void set_walk(Population& c, std::size_t i, Vec3 u) {
    c.ux[i] = static_cast<float>(u.x);
    c.uy[i] = static_cast<float>(u.y);
    c.uz[i] = static_cast<float>(u.z);
  }

  static Vec3 new_walk(const TypeMotility& type, Space space, Seed seed, std::uint32_t step, std::int64_t id) {
    return type.tumbles() ? tumble_start(flat(type.bias(), space), space, seed, step, id)
                          : stationary_walk(space, seed, step, id);
  }

  static Vec3 flat(Vec3 v, Space space) { return space == Space::Plane ? Vec3{v.x, v.y, 0} : v; }

  // Where cells of one type head whose speed is given, and who ask nothing of their surroundings but bias.
  static void head_alike(const TypeMotility& type, Space space, Headed& cells) {
    const Vec3 bias = bounded_bias(flat(type.bias(), space), type.tumbles() ? 1.0 : largest_bias);
    for (int axis = 0; axis < 3; ++axis) {
      cells.bias[static_cast<std::size_t>(axis)].fill(bias[axis]);
      cells.fibres[static_cast<std::size_t>(axis)].fill(0);
    }
    cells.random_share.fill(type.tumbles() ? 1.0 : std::sqrt(1 - dot(bias, bias)));
    cells.along.fill(1);
    cells.across.fill(1);
    cells.speed.fill(type.fixed_speed);
  }

  // Where the cells head, from their walk vectors and the cues that they sense, and how fast they are there.
  void head(const Surroundings& around, Headed& cells) const {
    const Population& c = around.site.cells;
    const Matrix& matrix = around.site.matrix;
    const bool in_matrix = !matrix.none() && !around.site.domain.spaceless(), planar = around.planar;
    if (const TypeMotility& type = types_[c.type[cells.first]]; cells.alike && type.fixed)
      return head_alike(type, around.space(), cells);
    const auto of_types = [&](const auto& of_type) { return by_type(c, cells, of_type); };
    // Arrays are not const here: loops that read const ones do not vectorise (g++ 12).
    ManyVectors u{cells.of(c.ux), cells.of(c.uy), cells.of(c.uz)};
    cells.centre = {cells.of(c.x), cells.of(c.y), cells.of(c.z)};
    cells.radius = cells.of(c.radius);
    const auto unless_fixed = [&](auto weight) {
      return of_types([weight](const TypeMotility& type) { return type.fixed ? 0.0 : type.*weight; });
    };
    const Many haptotaxis = unless_fixed(&TypeMotility::haptotaxis), durotaxis = unless_fixed(&TypeMotility::durotaxis),
               guidance = unless_fixed(&TypeMotility::contact_guidance),
               on_fibres = in_matrix ? unless_fixed(&TypeMotility::chemotaxis_on_fibres) : Many{};
    Many continuous = of_types([](const TypeMotility& type) { return type.tumbles() ? 0.0 : 1.0; });
    ManyVectors cues, climbs{};
    for (int axis = 0; axis < 3; ++axis)
      cues[static_cast<std::size_t>(axis)] = of_types([axis](const TypeMotility& type) { return type.bias()[axis]; });
    const auto some = [](const Many& weight) {  // is not 0
      std::uint64_t bits = 0;
      for (const double one : weight) bits |= std::bit_cast<std::uint64_t>(one) << 1;
      return bits != 0;
    };
    const bool any_gradient = some(haptotaxis) || some(durotaxis), any_guidance = some(guidance) || some(on_fibres);
    if (!around.site.domain.spaceless()) {
      for (std::size_t k = 0; k < many; ++k) {
        const std::size_t i = cells.row(k);
        const TypeMotility& type = types_[c.type[i]];
        if (type.fixed) continue;
        if (!attracted(around, type)) {
          if (cells.alike) break;
          continue;
        }
        const Vec3 climb = chemotaxis_cue(around, type, place_.cue_half, c.position(i), c.radius[i]);
        put(climbs, k, climb);
        if (!(on_fibres[k] > 0)) put(cues, k, at(cues, k) + climb);
      }
      Many inhibition = unless_fixed(&TypeMotility::contact_inhibition);
      if (some(inhibition)) {
        Many ecadherin = cells.of(c.state[+State::Ecadherin]), neighbours = cells.of(c.neighbours);
        ManyVectors away{cells.of(c.away_x), cells.of(c.away_y), cells.of(c.away_z)};
        for (std::size_t k = 0; k < many; ++k)
          put(cues, k, at(cues, k) + contact_inhibition_cue(inhibition[k], ecadherin[k], neighbours[k], at(away, k)));
      }
    }
    cells.along.fill(1);
    cells.across.fill(1);
    for (Many& component : cells.fibres) component.fill(0);
    if (in_matrix && (any_gradient || any_guidance)) {
      // Along each axis behind, at and ahead of the centres.
      AxisPairs near[3][3];
      for (int axis = 0; axis < 3; ++axis)
        for (int side = 0; side < 3; ++side) {
          const Many& centre = cells.centre[static_cast<std::size_t>(axis)];
          Many x;
          for (std::size_t k = 0; k < many; ++k) x[k] = centre[k] + (side - 1) * cells.radius[k];
          near[axis][side] = AxisPairs(matrix.grid, axis, x, around.periodic[static_cast<std::size_t>(axis)]);
        }
      const TrilinearMany centres(near[0][1], near[1][1], near[2][1]);
      if (any_gradient) {
        // Mechanosensing saturates: E / (E + E_ref).
        const auto occupied = [half = matrix.law.stiffness_ref](double e) { return e / (e + half); };
        FeltMatrix here, ahead, behind;
        feel_matrix(matrix, centres, here);
        ManyVectors density{}, stiffness{};  // differences across the cells
        for (std::size_t axis = 0; axis < (planar ? 2u : 3u); ++axis) {
          const auto beside = [&](int side) {
            return TrilinearMany(near[0][axis == 0 ? side : 1], near[1][axis == 1 ? side : 1],
                                 near[2][axis == 2 ? side : 1]);
          };
          feel_matrix(matrix, beside(2), ahead);
          feel_matrix(matrix, beside(0), behind);
#pragma omp simd
          for (std::size_t k = 0; k < many; ++k) {
            density[axis][k] = ahead.density[k] - behind.density[k];
            stiffness[axis][k] = occupied(ahead.stiffness[k]) - occupied(behind.stiffness[k]);
          }
        }
#pragma omp simd
        for (std::size_t k = 0; k < many; ++k)
          put(cues, k,
              at(cues, k) + (gradient_cue(haptotaxis[k], at(density, k), here.density[k], place_.cue_half) +
                             gradient_cue(durotaxis[k], at(stiffness, k), occupied(here.stiffness[k]), place_.cue_half)));
      }
      if (any_guidance) {
        std::array<Many, 6> q;
        feel_fibres(matrix, centres, q);
        Many alignment;
        const auto follow = [&](auto flat) {  // known when compiled, so that the loop vectorises
          for (std::size_t k = 0; k < many; ++k) {
            const FibreAxis fibres = fibre_axis({q[0][k], q[1][k], q[2][k], q[3][k], q[4][k], q[5][k]});
            const FibreGuide guide = fibre_guide(fibres, guidance[k], flat);
            alignment[k] = fibres.alignment;
            put(cells.fibres, k, guide.n);
            cells.along[k] = guide.along;
            cells.across[k] = guide.across;
          }
        };
        planar ? follow(std::true_type{}) : follow(std::false_type{});
        for (std::size_t k = 0; k < many; ++k)
          if (on_fibres[k] > 0) put(cues, k, at(cues, k) + chemotaxis_on_fibres(on_fibres[k], alignment[k]) * at(climbs, k));
      }
    }
    if (planar) cues[2].fill(0);
    Many longest, least_random;  // of those who tumble the whole drift, which tilts their tumbles, and the whole walk
    for (std::size_t k = 0; k < many; ++k) {
      longest[k] = continuous[k] == 0 ? 1.0 : largest_bias;
      least_random[k] = 1 - continuous[k];
    }
    for (std::size_t k = 0; k < many; ++k) {
      put(cells.bias, k, bounded_bias(at(cues, k), longest[k]));
    }
    for (std::size_t k = 0; k < many; ++k) {
      const Vec3 bias = at(cells.bias, k);
      const double share = std::sqrt(1 - dot(bias, bias));
      cells.random_share[k] = share > least_random[k] ? share : least_random[k];
      put(cells.preferred, k, continuous[k] * bias + cells.random_share[k] * cells.guide(k)(at(u, k)));
    }
    set_speeds(around, cells);
  }

  // Free speed times the speed factors of lineage, grip and room at the leading edge.
  void set_speeds(const Surroundings& around, Headed& cells) const {
    const Population& c = around.site.cells;
    const Matrix& matrix = around.site.matrix;
    const Many free_speed = cells.of(c.phenotype[+Phenotype::FreeSpeed]), factor = cells.of(c.speed_factor);
    for (std::size_t k = 0; k < many; ++k) cells.speed[k] = free_speed[k] * factor[k] / 60;
    if (!matrix.none()) {
      const Many adhesion = cells.of(c.phenotype[+Phenotype::AdhesionMatrix]), ligand = cells.of(c.ligand),
                 pore_limit = cells.of(c.phenotype[+Phenotype::PoreLimit]);
      ManyVectors edge;
      Many grip, room;
      const PlaceParams place = place_;
      for (std::size_t k = 0; k < many; ++k) {
        grip[k] = adhesion_factor(adhesion[k], ligand[k], place.ligand_optimum, place.adhesion_floor);
        put(edge, k, at(cells.centre, k) + cells.radius[k] * unit(at(cells.preferred, k)));
      }
      steric_factors_at(matrix, edge, pore_limit, around.periodic, room);
      if (matrix.any(inert))
        for (std::size_t k = 0; k < many; ++k)
          room[k] = std::min(room[k], inert_factor_at(matrix, at(cells.centre, k), pore_limit[k], around.periodic));
      for (std::size_t k = 0; k < many; ++k) cells.speed[k] = cells.speed[k] * grip[k] * room[k];
    }
    if (cells.alike) return;  // a speed that is given to all of them is set in head_alike
    for (std::size_t k = 0; k < many; ++k) {
      const TypeMotility& type = types_[c.type[cells.row(k)]];
      if (type.fixed) cells.speed[k] = type.fixed_speed;
    }
  }

  PlaceParams place_;
  std::vector<TypeMotility> types_;
};

}  // namespace

std::unique_ptr<Process> make_motility() { return std::make_unique<Motility>(); }

}  // namespace invado
