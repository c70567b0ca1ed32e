// The signalling process: knobs, start, inheritance, fields, wells, independence of packing.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "../../support/close.h"
#include "../../support/golden_rows.h"
#include "../../support/signal_world.h"

using namespace invado;
using namespace invado::test;

namespace {

// How experiments of the reference are written as knobs.
const std::map<std::string, Knob> knob_of{{"pi3ki", Knob::Pi3kInhibitor},
                                          {"akti", Knob::AktInhibitor},
                                          {"myr", Knob::MyrAkt},
                                          {"kdead", Knob::AktKinaseDead},
                                          {"akt1kd", Knob::Akt1Knockdown},
                                          {"akt2kd", Knob::Akt2Knockdown},
                                          {"ric_kd", Knob::RictorKnockdown},
                                          {"r_kd", Knob::Runx2Knockdown},
                                          {"r_oe", Knob::Runx2Overexpression},
                                          {"mutDNA", Knob::Runx2DnaMutant},
                                          {"mutERK", Knob::Runx2ErkMutant},
                                          {"mutSMAD", Knob::Runx2SmadMutant},
                                          {"foxo", Knob::Foxo},
                                          {"foxoAAA", Knob::FoxoAaa},
                                          {"gsk", Knob::Gsk3b},
                                          {"gskCA", Knob::Gsk3bCa},
                                          {"smurf", Knob::Smurf2},
                                          {"mg132", Knob::ProteasomeInhibitor},
                                          {"val_oe", Knob::ValOverexpression},
                                          {"val_kd", Knob::ValKnockdown},
                                          {"vim_kd", Knob::VimentinKnockdown},
                                          {"s39", Knob::VimentinS39},
                                          {"zvad", Knob::CaspaseInhibitor},
                                          {"cclamp", Knob::CaspaseClamp},
                                          {"meki", Knob::MekInhibitor},
                                          {"tgfi", Knob::TgfbInhibitor},
                                          {"smadi", Knob::SmadInhibitor},
                                          {"usp4", Knob::Usp4},
                                          {"twist", Knob::Twist},
                                          {"stat3i", Knob::Stat3Inhibitor},
                                          {"cx", Knob::Cxcl12},
                                          {"ox", Knob::OxidativeStress},
                                          {"p38", Knob::P38},
                                          {"I", Knob::Pi3kInput},
                                          {"x_I", Knob::Pi3kInput},
                                          {"n", Knob::Pten},
                                          {"g", Knob::TgfbBath},
                                          {"T16", Knob::Trim16}};

const std::map<std::string, std::string> context_key{
    {"I", "pi3k_input"},         {"n", "pten"},           {"rho", "runx2_competence"},
    {"e", "erk_input"},          {"g", "tgfb_bath"},      {"sV", "vimentin_synthesis"},
    {"vZ", "vimentin_emt_gain"}, {"e0", "ecadherin_max"}, {"chi", "emt_competence"},
    {"lam", "val_competence"},   {"w1", "akt1_share"},    {"w2", "akt2_share"},
    {"cin", "caspase_input"},    {"branch", "branch"}};

Settings settings_of(const GoldenContext& context) {
  Settings settings{{"signalling.branch", context.branch}};
  for (const auto& [symbol, value] : context.constants)
    settings["signalling." + context_key.at(symbol)] = std::to_string(value);
  return settings;
}

Perturbation arm(const Changes& changes) {
  Perturbation p;
  p.name = "arm";
  p.genotype = false;
  for (const auto& [symbol, value] : changes) {
    const Knob knob = knob_of.at(symbol);
    const double dose = knob == Knob::VimentinS39 ? (value > 0 ? 2 : 1) : value;  // words: wt, S39A, S39D
    p.doses.push_back({knob, dose, symbol.starts_with("x_")});
  }
  return p;
}

Perturbation genotype(Knob knob, double value) {
  Perturbation p;
  p.doses = {{knob, value}};
  return p;
}

const Settings high{{"signalling.branch", "high"}, {"signalling.pi3k_input", "0.8"}};

}  // namespace

TEST_CASE("every experiment of the reference comes out of the knobs, in wells, at equal step") {
  const auto contexts = golden_contexts();
  const std::map<std::string, Derived> derived_of{
      {"Ra", Derived::Runx2Activity},     {"F", Derived::FoxoNuclear}, {"U", Derived::Smurf2Active},
      {"G", Derived::Gsk3bActive},        {"e", Derived::Erk},         {"P", Derived::Pip3},
      {"th", Derived::Trim16Occupancy},   {"Vt", Derived::Vimentin},   {"Veff", Derived::VimentinEffective},
      {"syn", Derived::VimentinSynthesis}};
  const std::vector<std::string> symbols{"A", "T", "M", "K", "r", "R", "L", "V", "Vp", "C", "B", "S", "Z", "D", "X", "W"};
  for (const GoldenRow& row : golden_rows()) {
    if (row.row == "start" || row.then_hours > 0) continue;
    Settings settings = settings_of(contexts.at(row.context));
    settings["signalling.branch"] = row.branch;
    for (const auto& [symbol, value] : row.start) settings["signalling." + context_key.at(symbol)] = std::to_string(value);
    SignalWorld w(Types{settings}, row.dt * 60, true);
    REQUIRE(w.complaints.empty());
    w.world.perturbations.push_back(arm(row.perturbation));
    w.add_cells(1, 0, 1);
    w.start();
    w.run(row.hours);
    const bool s39d = !row.perturbation.empty() && std::ranges::any_of(row.perturbation, [](const auto& change) {
      return change.first == "s39" && change.second > 0;
    });
    for (std::size_t s = 0; s < state_count; ++s) {
      // The start is the fixed point itself, not the reference's 1200 h of approach to it: hence 1e-6.
      const double expected = s39d && symbols[s] == "Vp" ? row.value.at("Vt") : row.value.at(symbols[s]);
      CHECK_MESSAGE(std::fabs(w.cells().state[s][0] - expected) <= 1e-6 * std::max(expected, 1e-6), row.name(), ": ",
                    symbols[s]);
    }
    for (const auto& one : derived_of)  // columns are f32; no structured binding: clang 14 cannot capture one
      CHECK_MESSAGE(close(w.derived(one.second), row.value.at(one.first), 2e-6), row.name(), ": ", one.first);
    CHECK_MESSAGE(close(w.phenotype(Phenotype::FreeSpeed), row.value.at("v"), 2e-6), row.name());
    CHECK_MESSAGE(close(w.phenotype(Phenotype::Persistence), row.value.at("Pt"), 2e-6), row.name());
    CHECK_MESSAGE(close(w.phenotype(Phenotype::AnoikisRate), row.value.at("kan"), 2e-6), row.name());
    CHECK_MESSAGE(close(w.phenotype(Phenotype::AdhesionMatrix), row.value.at("Jcm"), 2e-6), row.name());
    CHECK_MESSAGE(close(w.phenotype(Phenotype::MmpSecretion), row.value.at("X"), 2e-6), row.name());
  }
}

TEST_CASE("every constant is described, with range and source, and acts") {
  const auto process = make_signalling();
  process->resize_types(1);
  PathSetter setter(Settings{{"signalling.kinetics.kph", "0"}});
  process->describe_type(setter, 0);
  CHECK(setter.complaints.empty());
  CHECK(setter.unused().empty());
  // 15 keys of the context and fak_gain, 69 constants, noise time and 16 system sizes.
  CHECK(setter.seen.size() == 15 + 1 + 69 + 1 + 16);
  CHECK(setter.seen.contains("signalling.runx2_competence"));
  CHECK(setter.seen.contains("signalling.kinetics.dC_V"));
  CHECK(setter.seen.contains("noise.system_size.val"));
  PathSetter shares(Settings{{"signalling.akt1_share", "0.8"}, {"signalling.akt2_share", "0.4"}});
  process->describe_type(shares, 0);
  REQUIRE(shares.complaints.size() == 1);
  CHECK(shares.complaints[0].starts_with("signalling.akt2_share"));
}

TEST_CASE("signalling: off leaves the levels at zero") {
  SignalWorld w(Types{{{"signalling", "off"}}});
  w.add_cells(3);
  w.start();
  w.run(1);
  CHECK(!w.world.types[0].signalling);
  CHECK(w.state(State::Pakt) == 0);
  CHECK(close(w.phenotype(Phenotype::FreeSpeed), 3, 1e-9));
  CHECK(w.phenotype(Phenotype::MmpSecretion) == 0);
}

TEST_CASE("start: branch of the type, share of the population, genotype but not later perturbations") {
  SignalWorld w(Types{high, high}, 6, true);
  w.world.populations[1].high_fraction = 0.3;
  w.world.perturbations.push_back(genotype(Knob::VimentinKnockdown, 0.5));
  w.world.perturbations.push_back(arm({{"akti", 0.9}}));  // from 0 h
  w.add_cells(2, 0, 0);
  w.add_cells(2, 0, 1);
  w.add_cells(2, 0, 2);
  w.add_cells(5000, 1);
  w.start();
  CHECK(w.world.types[0].starts_high);
  CHECK(w.derived(Derived::Runx2Activity, 0) > 0.25);
  CHECK(w.derived(Derived::Vimentin, 2) < 0.8 * w.derived(Derived::Vimentin, 0));
  CHECK(w.state(State::Pakt, 4) == w.state(State::Pakt, 0));
  CHECK(w.world.types[0].steady_state[+State::Pakt] == w.state(State::Pakt, 0));
  int on_high = 0;
  for (std::size_t row = 6; row < w.cells().size(); ++row) on_high += w.derived(Derived::Runx2Activity, row) > 0.25 ? 1 : 0;
  CHECK(std::fabs(on_high - 1500) < 4.5 * std::sqrt(5000 * 0.3 * 0.7));
  w.run(0.1);
  CHECK(w.state(State::Pakt, 4) < 0.9 * w.state(State::Pakt, 0));
  // In wells noise is off unless it is set.
  CHECK(close(w.state(State::Runx2Mrna, 0), w.world.types[0].steady_state[+State::Runx2Mrna], 1e-12));
  for (const auto& column : w.cells().extrinsic) CHECK(column[0] == 0);
}

TEST_CASE("noise in wells only when set; outside by default") {
  SignalWorld set(Types{{{"noise.intrinsic", "1"}, {"noise.extrinsic_sigma", "0.1"}}}, 6, true);
  set.add_cells(1);
  set.start();
  CHECK(set.cells().extrinsic[0][0] != 0);
  const double before = set.state(State::Runx2Mrna);
  set.run(0.1);
  CHECK(set.state(State::Runx2Mrna) != before);
  SignalWorld tissue(Types{{}});
  tissue.add_cells(1);
  tissue.start();
  CHECK(tissue.cells().extrinsic[2][0] != 0);
  // A slow factor acts: synthesis of vimentin of a type without EMT gain is basal synthesis times it.
  CHECK(close(tissue.derived(Derived::VimentinSynthesis), 0.0105 * std::exp(tissue.cells().extrinsic[2][0]), 1e-2));
}

TEST_CASE("vimentin stability: half-life at the loss in force; S39D reports all vimentin as phosphorylated") {
  const Settings lad = settings_of(golden_contexts().at("LAD"));
  const Settings sts = settings_of(golden_contexts().at("STS"));
  SignalWorld w(Types{lad, sts}, 6, true);
  w.world.perturbations.push_back(genotype(Knob::ValOverexpression, 2));
  w.world.perturbations.push_back(genotype(Knob::VimentinS39, 2));
  Perturbation pulse = arm({{"s39", 1}});
  pulse.until_min = 12 * 60;
  w.world.perturbations.push_back(pulse);
  w.add_cells(1, 0);
  w.add_cells(1, 0, 1);
  w.add_cells(1, 1);
  w.add_cells(1, 1, 2);
  w.add_cells(1, 1, 4);
  w.start();
  CHECK(close(w.derived(Derived::VimentinHalfLife, 0), 8.0, 0.02));  // biology.md 2.3
  CHECK(close(w.derived(Derived::VimentinHalfLife, 1), 14.7, 0.05));
  CHECK(close(w.derived(Derived::VimentinStability, 0), w.derived(Derived::VimentinHalfLife, 0) / 48, 1e-6));
  CHECK(w.derived(Derived::VimentinStability, 3) > w.derived(Derived::VimentinStability, 2));
  CHECK(close(w.state(State::VimentinPs39, 3), w.derived(Derived::Vimentin, 3), 1e-6));
  const double total = w.derived(Derived::Vimentin, 3);
  w.run(24);
  CHECK(close(w.state(State::VimentinPs39, 3), w.derived(Derived::Vimentin, 3), 1e-6));
  CHECK(close(w.derived(Derived::Vimentin, 3), total, 1e-6));
  // A pulse of S39D: 12 h after it, total and phosphorylated vimentin are those of a cell that keeps its own account.
  CHECK(close(w.derived(Derived::Vimentin, 4), w.state(State::VimentinFree, 4) + w.state(State::VimentinPs39, 4), 1e-6));
  CHECK(w.state(State::VimentinPs39, 4) < w.state(State::VimentinFree, 4));
}

TEST_CASE("RUNX2 with SMAD: the product of their activities, of the RUNX2 that can bind SMAD") {
  SignalWorld w(Types{high}, 6, true);
  w.world.perturbations.push_back(genotype(Knob::Runx2SmadMutant, 0.75));
  w.add_cells(1, 0, 0);
  w.add_cells(1, 0, 1);
  w.start();
  const auto product = [&](std::size_t row) { return w.derived(Derived::Runx2Activity, row) * w.state(State::Smad, row); };
  CHECK(product(0) > 0.01);
  CHECK(close(w.derived(Derived::Runx2Smad, 0), product(0), 1e-6));
  CHECK(close(w.derived(Derived::Runx2Smad, 1), 0.25 * product(1), 1e-6));  // seen to fail: the mutant left out
}

TEST_CASE("soluble factors reach the network in units of their half-effect") {
  // Without the crosstalk of RUNX2 and TGFbeta on ERK and PI3K the inputs show undisturbed.
  SignalWorld w(Types{{{"noise.intrinsic", "0"},
                       {"noise.extrinsic_sigma", "0"},
                       {"signalling.fak_gain", "1"},
                       {"signalling.kinetics.eRE", "0"},
                       {"signalling.kinetics.iT", "0"}}});
  Site& site = w.world.sites[0];
  site.domain.size = {40, 40, 40};
  site.factor_grid = {{2, 2, 2}, {20, 20, 20}};
  w.add_cells(2);
  for (double& x : w.cells().x) x = 20;
  for (double& y : w.cells().y) y = 20;
  for (double& z : w.cells().z) z = 20;
  w.start();
  const double pip3 = w.derived(Derived::Pip3), erk = w.derived(Derived::Erk), mmp = w.state(State::MmpExpression);
  for (const char* name : {"egf", "cxcl12", "tgfb"}) {
    Field field;
    field.name = name;
    field.value.assign(8, std::string(name) == "tgfb" ? 0.0 : 1.0);
    site.fields.push_back(field);
  }
  SUBCASE("EGF doubles the PI3K input at its half-effect and multiplies ERK by 1.5") {
    w.run(0.1);  // ERK also feeds PIP3 (iE = 0.15); PI3K itself has half-life 14 h
    const double e = w.derived(Derived::Erk);
    CHECK(close(e / erk, 1.5, 1e-6));
    CHECK(close(w.derived(Derived::Pip3) / pip3, 2 * (1 + 0.15 * e) / (1 + 0.15 * erk), 2e-3));
  }
  SUBCASE("CXCL12 adds 2 to cx at its half-effect") {
    site.fields[0].value.assign(8, 0.0);
    SignalWorld& with = w;
    with.run(48);
    const double pakt = with.state(State::Pakt);
    CHECK(close(with.state(State::MmpExpression) - mmp, 0.10 * 2 * pakt / (0.5 + pakt), 0.05));
  }
  SUBCASE("TGFbeta adds to the bath") {
    for (Field& field : site.fields) field.value.assign(8, field.name == "tgfb" ? 3.0 : 0.0);
    const double smad = w.state(State::Smad);
    w.run(6);
    const double g = 0.08 + 3;
    CHECK(w.state(State::Smad) > 2 * smad);
    CHECK(close(w.state(State::Smad), w.state(State::Tgfbr) * g / (0.5 + g), 0.05));
  }
  SUBCASE("ligand under adhesion raises input by fak_gain J l/(1 + l)") {
    for (Field& field : site.fields) field.value.assign(8, 0.0);
    w.cells().ligand = {1, 0};
    w.run(0.1);
    const double adhesion = w.phenotype(Phenotype::AdhesionMatrix, 1);
    CHECK(close(w.derived(Derived::Erk, 0) / w.derived(Derived::Erk, 1), 1 + adhesion * 0.5, 1e-4));
  }
}

TEST_CASE("division deals out RNA copies: sum kept, variance x/(2 Omega), the rest shared") {
  SignalWorld w(Types{{{"noise.extrinsic_sigma", "0"}, {"signalling.pi3k_input", "2"}}});
  const std::size_t n = 5000;
  w.add_cells(2 * n);
  w.start();
  const double level = w.state(State::Runx2Mrna), val = w.state(State::Val);
  const Tick tick{w.world.seed, 7, 42, 6};
  double square = 0, square_val = 0, product = 0, mean = 0;
  int sum_kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    w.signalling->inherit(w.world, w.world.sites[0], i, n + i, tick);
    const double a = w.state(State::Runx2Mrna, i) - level, b = w.state(State::Runx2Mrna, n + i) - level;
    const double l = w.state(State::Val, i) - val;
    sum_kept += std::fabs(a + b) < 1e-12 ? 1 : 0;
    mean += a, square += a * a, square_val += l * l, product += a * l;
    CHECK(w.state(State::Runx2, i) == w.state(State::Runx2, n + i));
  }
  const auto count = static_cast<double>(n);
  CHECK(sum_kept == static_cast<int>(n));
  // The share is Binomial(whole copies, 1/2); copies = 2 Omega x.
  const double variance = std::floor(2 * 50 * level) / 4 / (50.0 * 50.0),
               of_val = std::floor(2 * 30 * val) / 4 / (30.0 * 30.0);
  CHECK(close(variance, level / (2 * 50), 0.02));
  CHECK(std::fabs(mean / count) < 4.5 * std::sqrt(variance / count));
  CHECK(std::fabs(square / count - variance) < 4.5 * variance * std::sqrt(2 / count));
  CHECK(std::fabs(square_val / count - of_val) < 4.5 * of_val * std::sqrt(2 / count));
  CHECK(std::fabs(product / count) < 4.5 * std::sqrt(variance * of_val / count));

  SignalWorld quiet(Types{{{"noise.intrinsic", "0"}}});
  quiet.add_cells(2);
  quiet.start();
  const double before = quiet.state(State::Val);
  quiet.signalling->inherit(quiet.world, quiet.world.sites[0], 0, 1, tick);
  CHECK(quiet.state(State::Val) == before);
}

TEST_CASE("a cell's future does not depend on its row or its neighbours in a block") {
  SignalWorld a(Types{{}, high}), b(Types{{}, high});
  for (SignalWorld* w : {&a, &b}) {
    w->world.perturbations.push_back(arm({{"akti", 0.5}}));
    w->add_cells(13, 0, 0);
    w->add_cells(9, 1, 1);
  }
  Population& cells = b.cells();  // reversed rows, one more cell in between
  const std::size_t n = cells.size();
  for_each_column(cells, [](const ColumnInfo&, auto& column) { std::reverse(column.begin(), column.end()); });
  b.world.next_id = 1000;
  b.add_cells(1, 0, 0);
  a.start(), b.start();
  a.run(6), b.run(6);
  for (std::size_t row = 0; row < n; ++row) {
    REQUIRE(a.cells().id[row] == cells.id[n - 1 - row]);
    for (std::size_t s = 0; s < state_count; ++s) CHECK(a.cells().state[s][row] == cells.state[s][n - 1 - row]);
    for (std::size_t d = 0; d < derived_count; ++d) CHECK(a.cells().derived[d][row] == cells.derived[d][n - 1 - row]);
  }
}

TEST_CASE("a perturbation of another site leaves a cell alone") {  // seen to fail: sites ignored; those of the first in all
  for (const std::uint64_t sites : {0b01U, 0b10U}) {
    SignalWorld w(Types{high}, 6, true);
    Perturbation drug = arm({{"akti", 0.9}});
    drug.sites = sites;
    w.world.perturbations.push_back(drug);
    w.add_cells(1, 0, 0);
    w.add_cells(1, 0, 1);
    w.start();
    w.world.sites.push_back(w.world.sites[0]);
    w.run(0.1);
    for (std::size_t site = 0; site < 2; ++site) {
      const auto& pakt = w.world.sites[site].cells.state[+State::Pakt];
      const bool here = (sites >> site & 1U) != 0;
      CHECK((pakt[1] < 0.9 * pakt[0]) == here);
      CHECK((pakt[1] == pakt[0]) == !here);
    }
  }
}

TEST_CASE("a caspase clamp holds, ramps from the free level, and lets go") {
  SignalWorld w(Types{settings_of(golden_contexts().at("STS"))}, 6, true);
  Perturbation clamp = arm({{"cclamp", 1.0}});
  clamp.onset_min = 60;
  clamp.until_min = 600;
  w.world.perturbations.push_back(clamp);
  w.add_cells(1, 0, 1);
  w.start();
  const double free = w.state(State::Caspase);
  w.run(0.6);
  CHECK(close(w.state(State::Caspase), 0.5 * 0.35 + 0.5 * 1.0, 1e-9));  // caspase_input 0.35, half of the ramp
  w.run(4);
  CHECK(w.state(State::Caspase) == 1.0);
  w.run(30);
  CHECK(close(w.state(State::Caspase), free, 0.05));
}
