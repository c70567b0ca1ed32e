// The signalling network of every cell: inputs from the place, doses of the perturbations, noise, start and inheritance.
#include <fmt/core.h>

#include <bit>
#include <cmath>

#include "base/error.h"
#include "base/parallel.h"
#include "base/random_eight.h"
#include "base/row_blocks.h"
#include "model/perturbation.h"
#include "model/process.h"
#include "signalling/inputs.h"
#include "signalling/integrate.h"

namespace invado {
namespace {

static_assert(species_count == state_count && +State::BoneProgramme == 15 && +State::VimentinPs39 == 8 &&
                  +State::Caspase == 9,
              "order of the columns = order of the species");

// Noise of one type. `automatic` is 1 (or the assumed sigma), and 0 in wells, where noise is off unless it is set.
struct Noise {
  bool intrinsic_automatic = true;
  double intrinsic = 1;  // multiplies the variance of the chemical Langevin noise
  bool sigma_automatic = true;
  double sigma = 0.25;  // standard deviation of the logarithm of the slow factors
  double time_h = 24;   // their correlation time
  SystemSizes sizes = default_system_sizes;
};

struct TypeSignalling {
  bool on = true;
  Kinetics kinetics;
  int branch = 0;  // 0 low, 1 high
  double fak_gain = 0;
  Noise noise;
};

// The type's constants with the doses that act on the type's own values.
Kinetics dosed(Kinetics k, const Doses& d) {
  k.I = d.level(Knob::Pi3kInput, k.I);
  k.n = d.level(Knob::Pten, k.n);
  k.g = d.level(Knob::TgfbBath, k.g);
  k.T16 = d.level(Knob::Trim16, k.T16);
  return k;
}

Interventions interventions(const Doses& d, const Kinetics& own) {
  constexpr double s39_of_word[3] = {0, -1, 1};  // wt, S39A, S39D
  Interventions out;
  out.pi3ki = d.fraction(Knob::Pi3kInhibitor), out.akti = d.fraction(Knob::AktInhibitor);
  out.myr = d.level(Knob::MyrAkt, 0), out.kdead = d.fraction(Knob::AktKinaseDead);
  out.akt1kd = d.fraction(Knob::Akt1Knockdown), out.akt2kd = d.fraction(Knob::Akt2Knockdown);
  out.ric_kd = d.fraction(Knob::RictorKnockdown);
  out.r_kd = d.fraction(Knob::Runx2Knockdown), out.r_oe = d.level(Knob::Runx2Overexpression, 0);
  out.mutDNA = d.fraction(Knob::Runx2DnaMutant), out.mutERK = d.fraction(Knob::Runx2ErkMutant);
  out.mutSMAD = d.fraction(Knob::Runx2SmadMutant);
  out.foxo = d.level(Knob::Foxo, 1), out.foxoAAA = d.level(Knob::FoxoAaa, 0);
  out.gsk = d.level(Knob::Gsk3b, 1), out.gskCA = d.level(Knob::Gsk3bCa, 0);
  out.smurf = d.level(Knob::Smurf2, 1), out.mg132 = d.fraction(Knob::ProteasomeInhibitor);
  out.val_oe = d.level(Knob::ValOverexpression, 0), out.val_kd = d.fraction(Knob::ValKnockdown);
  out.vim_kd = d.fraction(Knob::VimentinKnockdown), out.s39 = s39_of_word[d.mutant(Knob::VimentinS39)];
  out.zvad = d.fraction(Knob::CaspaseInhibitor);
  // A clamp that ramps up starts at the activity that caspase has without AKT.
  if (d.changes_level(Knob::CaspaseClamp)) out.cclamp = d.level(Knob::CaspaseClamp, own.cin);
  out.meki = d.fraction(Knob::MekInhibitor), out.tgfi = d.fraction(Knob::TgfbInhibitor);
  out.smadi = d.fraction(Knob::SmadInhibitor), out.usp4 = d.level(Knob::Usp4, 1), out.twist = d.level(Knob::Twist, 1);
  out.ox = d.level(Knob::OxidativeStress, 0), out.stat3i = d.fraction(Knob::Stat3Inhibitor);
  out.p38 = d.level(Knob::P38, 0), out.cx = d.level(Knob::Cxcl12, 0);
  return out;
}

bool is_s39d(const Doses& doses) { return doses.mutant(Knob::VimentinS39) == 2; }

// Cells that share parameters and doses.
struct Group {
  std::uint8_t type = 0;
  bool high = false;  // used at the start only
  std::uint64_t treated = 0;
  friend bool operator==(const Group&, const Group&) = default;
};

// Soluble factors that the network senses; null when the site has none of that name.
struct Factors {
  const Field* tgfb;
  const Field* egf;
  const Field* cxcl12;

  explicit Factors(const Site& site)
      : tgfb(find_field(site.fields, "tgfb")),
        egf(find_field(site.fields, "egf")),
        cxcl12(find_field(site.fields, "cxcl12")) {}
  [[nodiscard]] bool any() const { return tgfb != nullptr || egf != nullptr || cxcl12 != nullptr; }
};

Surroundings surroundings(const Site& site, const Factors& factors, std::size_t row) {
  Surroundings at;
  const Population& cells = site.cells;
  at.adhesion = cells.phenotype[+Phenotype::AdhesionMatrix][row];
  at.ligand = cells.ligand[row];
  if (!factors.any()) return at;
  const Trilinear around(site.factor_grid, cells.position(row), site.domain.periodic());
  const auto value = [&](const Field* field) {
    return field == nullptr ? 0.0 : around([&](std::size_t voxel) { return field->value[voxel]; });
  };
  at.tgfb = value(factors.tgfb), at.egf = value(factors.egf), at.cxcl12 = value(factors.cxcl12);
  return at;
}

Levels load(const Population& cells, std::size_t row) {
  Levels y{};
  for (std::size_t s = 0; s < species_count; ++s) y.*species[s] = cells.state[s][row];
  return y;
}

// Under S39D all vimentin counts as phosphorylated: the column vimentin_ps39 then holds V + Vp, and V stays in its own.
void store(Population& cells, std::size_t row, const Levels& y, bool s39d) {
  for (std::size_t s = 0; s < species_count; ++s) cells.state[s][row] = y.*species[s];
  if (s39d) cells.state[+State::VimentinPs39][row] = y.V + y.Vp;
}

void store(Population& cells, std::size_t row, const Readout& out) {
  const auto set = [&](Derived d, double value) { cells.derived[+d][row] = static_cast<float>(value); };
  set(Derived::VimentinStability, out.vimentin_stability);
  set(Derived::Runx2Activity, out.runx2_activity);
  set(Derived::VimentinHalfLife, out.vimentin_half_life);
  set(Derived::Trim16Occupancy, out.trim16_occupancy);
  set(Derived::FoxoNuclear, out.foxo);
  set(Derived::Smurf2Active, out.smurf2);
  set(Derived::Gsk3bActive, out.gsk3b);
  set(Derived::Vimentin, out.vimentin);
  set(Derived::VimentinEffective, out.vimentin_effective);
  set(Derived::Pip3, out.pip3);
  set(Derived::Erk, out.erk);
  set(Derived::EmtScore, out.emt_score);
  set(Derived::VimentinSynthesis, out.vimentin_synthesis);
  set(Derived::Runx2Smad, out.runx2_smad);
}

// Binomial(n, 1/2) as the number of ones among n random bits: exact, addressed, 128 bits per block of Philox.
// At most 2^22 bits; of more copies the rest is halved evenly (their relative noise is below 0.05 %).
double half_of(double copies, Seed seed, std::uint32_t step, std::int64_t id, std::uint32_t first_block) {
  constexpr std::int64_t most = std::int64_t{1} << 22;
  const double whole = std::floor(copies < static_cast<double>(most) ? copies : static_cast<double>(most));
  auto left = static_cast<std::int64_t>(whole);
  std::int64_t ones = 0;
  for (std::uint32_t block = first_block; left > 0; ++block) {
    const auto w = words4(seed, step, Purpose::Partition, id, block);
    for (const std::uint32_t word : {w.w0, w.w1, w.w2, w.w3}) {
      if (left <= 0) break;
      ones += std::popcount(left >= 32 ? word : word & ((std::uint32_t{1} << left) - 1u));
      left -= 32;
    }
  }
  return static_cast<double>(ones) + 0.5 * (copies - whole);
}

class Signalling final : public SiteProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "signalling"; }

  [[nodiscard]] std::vector<std::string_view> writes() const override {
    if (!any_signals()) return {};
    std::vector<std::string_view> columns{"extrinsic_pi3k_input", "extrinsic_runx2_competence",
                                          "extrinsic_vimentin_synthesis"};
    for (const NamedQuantity& state : states) columns.push_back(state.name);
    for (const NamedQuantity& derived : derived_signals) columns.push_back(derived.name);
    return columns;
  }
  [[nodiscard]] std::vector<std::string_view> fills() const override { return writes(); }
  [[nodiscard]] std::vector<std::string_view> reads() const override {
    return {"fields", "x", "y", "z", "ligand", phenotypes[+Phenotype::AdhesionMatrix].column};
  }

  [[nodiscard]] bool needed(const World&) const override { return any_signals(); }

  void resize_types(std::size_t count) override { types_.resize(count); }

  void describe_type(ParamVisitor& visitor, std::size_t index) override {
    TypeSignalling& type = types_[index];
    const auto body = [&type](ParamVisitor& v) {
      describe_context(type.kinetics, v);
      static constexpr std::array<std::string_view, 2> words{"low", "high"};
      v.choice("branch", type.branch, words, "stable branch at the start (high: runx2_activity above 0.25)", "assumed");
      v.number("fak_gain", type.fak_gain, Unit::One, non_negative, "gain of adhesion to ligand on PI3K and ERK input",
               "assumed");
      v.section("kinetics", "constants of the network by their symbols",
                [&type](ParamVisitor& k) { describe_kinetics(type.kinetics, k); });
    };
    const std::array forms{
        Form{.kind = Form::Kind::Keys, .body = body, .choose = [&type] { type.on = true; }, .chosen = type.on},
        Form{.kind = Form::Kind::Word, .word = "off", .choose = [&type] { type.on = false; }, .chosen = !type.on}};
    visitor.forms("signalling", forms, "signalling network, or off", "assumed");

    visitor.section("noise", "noise of the network", [&type](ParamVisitor& v) {
      Noise& noise = type.noise;
      const std::array intrinsic{Form{.kind = Form::Kind::Word,
                                      .word = "automatic",
                                      .choose = [&noise] { noise.intrinsic_automatic = true; },
                                      .chosen = noise.intrinsic_automatic},
                                 Form{.kind = Form::Kind::Quantity,
                                      .value = &noise.intrinsic,
                                      .unit = Unit::One,
                                      .range = non_negative,
                                      .choose = [&noise] { noise.intrinsic_automatic = false; },
                                      .chosen = !noise.intrinsic_automatic}};
      v.forms("intrinsic", intrinsic, "factor on the variance of intrinsic noise; 0 = off; automatic = 1, in wells 0",
              "assumed");
      const std::array sigma{Form{.kind = Form::Kind::Word,
                                  .word = "automatic",
                                  .choose = [&noise] { noise.sigma_automatic = true; },
                                  .chosen = noise.sigma_automatic},
                             Form{.kind = Form::Kind::Quantity,
                                  .value = &noise.sigma,
                                  .unit = Unit::One,
                                  .range = {0, 3},
                                  .choose = [&noise] { noise.sigma_automatic = false; },
                                  .chosen = !noise.sigma_automatic}};
      v.forms("extrinsic_sigma", sigma,
              "standard deviation of the logarithm of slow factors on pi3k_input, runx2_competence and vimentin_synthesis; "
              "automatic = 0.25, in wells 0",
              "assumed");
      v.number("extrinsic_time", noise.time_h, Unit::Hour, positive, "correlation time of the slow factors", "assumed");
      v.section("system_size", "copies at level 1 over burst size", [&noise](ParamVisitor& sizes) {
        for (std::size_t s = 0; s < species_count; ++s)
          sizes.number(states[s].name, noise.sizes[s], Unit::One, {1, 1e6}, "system size", "assumed (order of magnitude)");
      });
    });
  }

  void configure(World& world) override {
    wells_ = world.wells;
    for (std::size_t t = 0; t < types_.size() && t < world.types.size(); ++t) {
      CellType& shared = world.types[t];
      const TypeSignalling& type = types_[t];
      shared.signalling = type.on;
      shared.starts_high = type.branch == 1;
      shared.steady_state.fill(0);
      shared.steady_derived.fill(0);
      if (!type.on) continue;
      const Network network = fold(type.kinetics, {});
      const Inputs own = inputs_of(type.kinetics);
      const Levels y = steady_state(network, own, shared.starts_high);
      Population one;  // a cell to read the columns from, so that this cannot differ from what cells report
      for (auto& column : one.state) column.resize(1);
      for (auto& column : one.derived) column.resize(1);
      store(one, 0, y, false);
      store(one, 0, readout(network, own, y));
      for (std::size_t s = 0; s < state_count; ++s) shared.steady_state[s] = one.state[s][0];
      for (std::size_t d = 0; d < derived_count; ++d) shared.steady_derived[d] = one.derived[d][0];
    }
  }

  void start_cells(const World& world, Site& site, std::size_t first) const override {
    const Population& cells = site.cells;
    const auto starts_high = [&](std::size_t row) {
      const double share = world.populations.empty() ? -1.0 : world.populations[cells.origin[row]].high_fraction;
      if (share < 0) return world.types[cells.type[row]].starts_high;
      return uniform4(world.seed, 0, Purpose::BranchChoice, cells.id[row])[0] < share;
    };
    RowBlocks<Group> blocks;
    blocks.build(
        cells.size(), [&](std::size_t row) { return row >= first && types_[cells.type[row]].on; },
        [&](std::size_t row) {
          return Group{cells.type[row], starts_high(row), cells.treated[row]};
        });

    struct Start {
      Network network;
      Inputs own;
      Levels levels;
      bool s39d;
    };
    std::vector<Start> starts;
    for (const Group& group : blocks.keys()) {
      const Doses doses = doses_in_force(world.perturbations, group.treated, 0, true);
      const Kinetics kinetics = dosed(types_[group.type].kinetics, doses);
      const Network network = fold(kinetics, interventions(doses, kinetics));
      const Inputs own = inputs_of(kinetics);
      starts.push_back({network, own, steady_state(network, own, group.high), is_s39d(doses)});
    }
    const Factors factors(site);
    for (const RowBlock& block : blocks.blocks()) {
      const Group& group = blocks.keys()[block.group];
      const Start& start = starts[block.group];
      const double sigma = extrinsic_sigma(types_[group.type].noise);
      for (std::size_t lane = 0; lane < block.count; ++lane) {
        const std::size_t row = block.row[lane];
        const auto z = gauss4(world.seed, 0, Purpose::ExtrinsicStart, cells.id[row]);
        for (std::size_t factor = 0; factor < 3; ++factor)
          site.cells.extrinsic[factor][row] = sigma > 0 ? sigma * z[factor] - 0.5 * sigma * sigma : 0.0;
        const Inputs in = sense(site, factors, start.own, types_[group.type].fak_gain, row);
        store(site.cells, row, start.levels, start.s39d);
        store(site.cells, row, readout(start.network, in, start.levels));
      }
    }
  }

  void apply_to(World& world, std::span<Site* const> sites, const Tick& tick) const override {
    for (Site* const site : sites) advance_site(world, *site, tick);
  }

  // Division shares levels (concentrations); the copies of the two RNAs are dealt out one by one. With N = 2 Omega x
  // copies in the dividing cell, one daughter gets k ~ Binomial(N, 1/2) of them: levels k/Omega and (N - k)/Omega. The
  // mean of the two is the mother's level, exactly; the variance of each is x/(2 Omega). Omega is the system size of the
  // intrinsic noise (over its intensity); without intrinsic noise both keep the level. Quantities that follow from the
  // levels are renewed at the next signalling step.
  void inherit(const World& world, Site& site, std::size_t mother, std::size_t daughter, const Tick& tick) const override {
    Population& cells = site.cells;
    const TypeSignalling& type = types_[cells.type[mother]];
    const double intensity = intrinsic(type.noise);
    if (!type.on || intensity <= 0) return;
    std::uint32_t first_block = 0;
    for (const State rna : {State::Runx2Mrna, State::Val}) {
      const double size = type.noise.sizes[+rna] / intensity;
      const double copies = 2 * size * cells.state[+rna][mother];
      const double share = half_of(copies, world.seed, tick.step, cells.id[mother], first_block);
      cells.state[+rna][mother] = share / size;
      cells.state[+rna][daughter] = (copies - share) / size;
      first_block += 32768;
    }
  }

 private:
  // Everything that the cells of a group have in common during one step.
  struct Shared {
    Network network;
    StepConstants step;
    Inputs own;
    double fak_gain;
    bool noisy;
    bool s39d_before, s39d;
    double sigma, keep, kick;  // slow factors: their log keeps `keep` of its distance from the mean, gains `kick` z
  };

  [[nodiscard]] bool any_signals() const { return std::ranges::any_of(types_, &TypeSignalling::on); }
  [[nodiscard]] double intrinsic(const Noise& noise) const {
    return noise.intrinsic_automatic ? (wells_ ? 0.0 : 1.0) : noise.intrinsic;
  }
  [[nodiscard]] double extrinsic_sigma(const Noise& noise) const {
    return noise.sigma_automatic && wells_ ? 0.0 : noise.sigma;
  }

  static Inputs sense(const Site& site, const Factors& factors, const Inputs& own, double fak_gain, std::size_t row) {
    Inputs in = own;
    const Population& cells = site.cells;
    in.I *= invado::exp(cells.extrinsic[0][row]);
    in.rho *= invado::exp(cells.extrinsic[1][row]);
    in.sV *= invado::exp(cells.extrinsic[2][row]);
    return couple(in, surroundings(site, factors, row), fak_gain);
  }

  Shared shared(const World& world, const Group& group, const Tick& tick) const {
    const TypeSignalling& type = types_[group.type];
    const Doses doses = doses_in_force(world.perturbations, group.treated, tick.time_min);
    // The interval before this one wrote the columns: with the doses at its start, or, at t = 0, with the genotype.
    const Clock& clock = world.clock;
    const auto every = static_cast<std::int64_t>(tick.dt_min * 60e6 / static_cast<double>(clock.tick_us) + 0.5);
    const std::int64_t previous = static_cast<std::int64_t>(tick.step) - every;
    const Doses before =
        doses_in_force(world.perturbations, group.treated, previous < 0 ? 0.0 : clock.minutes(previous), previous < 0);
    const Kinetics kinetics = dosed(type.kinetics, doses);
    const Network network = fold(kinetics, interventions(doses, kinetics));
    const double dt_h = tick.dt_min / 60;
    const double intensity = intrinsic(type.noise);
    const double sigma = extrinsic_sigma(type.noise);
    return {network,
            StepConstants(network, dt_h, intensity, type.noise.sizes),
            inputs_of(kinetics),
            type.fak_gain,
            intensity > 0,
            is_s39d(before),
            is_s39d(doses),
            sigma,
            invado::exp(-dt_h / type.noise.time_h),
            sigma * std::sqrt(-invado::expm1(-2 * dt_h / type.noise.time_h))};
  }

  void advance_site(const World& world, Site& site, const Tick& tick) const {
    static thread_local RowBlocks<Group> blocks;
    static thread_local std::vector<Shared> groups;
    const Population& cells = site.cells;
    const std::uint64_t here = acting_at(world.perturbations, index_of(world, site));
    blocks.build(
        cells.size(), [&](std::size_t row) { return types_[cells.type[row]].on; },
        [&](std::size_t row) {
          return Group{cells.type[row], false, cells.treated[row] & here};
        });
    groups.clear();
    for (const Group& group : blocks.keys()) groups.push_back(shared(world, group, tick));
    const Factors factors(site);
    const std::vector<RowBlock>& list = blocks.blocks();
    const std::vector<Shared>& common = groups;  // a name that the other threads share: `groups` itself is per thread
    for_rows(list.size(), [&](std::size_t b) { advance_block(site, factors, list[b], common[list[b].group], tick); });

    for (std::size_t row = 0; row < cells.size(); ++row) {
      double sum = 0;
      for (const auto& column : cells.state) sum += column[row];
      if (!(std::fabs(sum) < 1e12))
        throw ModelFault(fmt::format(
            "cell {}: the levels of the network are not finite (pakt {}, runx2 {}, vimentin_free {})", cells.id[row],
            cells.state[+State::Pakt][row], cells.state[+State::Runx2][row], cells.state[+State::VimentinFree][row]));
    }
  }

  static void advance_block(Site& site, const Factors& factors, const RowBlock& block, const Shared& group,
                            const Tick& tick) {
    Population& cells = site.cells;
    LaneLevels y, normals{};
    LaneInputs in;
    if (group.sigma > 0) {
      const double mean = -0.5 * group.sigma * group.sigma;
      for (std::size_t lane = 0; lane < block.count; ++lane) {
        const std::size_t row = block.row[lane];
        const auto z = gauss4(tick.seed, tick.step, Purpose::ExtrinsicNoise, cells.id[row]);
        for (std::size_t factor = 0; factor < 3; ++factor) {
          double& log_factor = cells.extrinsic[factor][row];
          log_factor = mean + group.keep * (log_factor - mean) + group.kick * z[factor];
        }
      }
    }
    std::int64_t id[lanes];
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const std::size_t row = block.row[lane];
      id[lane] = cells.id[row];
      Levels levels = load(cells, row);
      if (group.s39d_before) levels.Vp -= levels.V;
      y.set(lane, levels);
      in.set(lane, sense(site, factors, group.own, group.fak_gain, row));
    }
    if (group.noisy) {
      for (std::uint32_t quarter = 0; quarter < 4; ++quarter) {
        static_assert(lanes == 8);
        const auto z = gauss4(tick.seed, tick.step, Purpose::SignalNoise, id, quarter);
        for (std::size_t n = 0; n < 4; ++n) store8(to_doubles(z[n]), &normals.of[4 * quarter + n][0], lanes);
      }
      advance<true>(group.network, group.step, in, normals, y);
    } else {
      advance<false>(group.network, group.step, in, normals, y);
    }
    for (std::size_t lane = 0; lane < block.count; ++lane) {
      const std::size_t row = block.row[lane];
      const Levels levels = y.at(lane);
      store(cells, row, levels, group.s39d);
      store(cells, row, readout(group.network, in.at(lane), levels));
    }
  }

  std::vector<TypeSignalling> types_;
  bool wells_ = false;
};

}  // namespace

std::unique_ptr<Process> make_signalling() { return std::make_unique<Signalling>(); }

}  // namespace invado
