// The response table: its laws, its defaults, what a scenario may write, what is refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "../../support/close.h"
#include "../../support/signal_world.h"
#include "base/error.h"
#include "response/table.h"

using namespace invado;
using namespace invado::test;

namespace {

const Settings quiet{{"noise.intrinsic", "0"}, {"noise.extrinsic_sigma", "0"}};

Settings with(const Settings& more) {
  Settings all = quiet;
  all.insert(more.begin(), more.end());
  return all;
}

double hill(double x, double half, double n) { return std::pow(x, n) / (std::pow(half, n) + std::pow(x, n)); }
double less(double x, double half, double n) { return 1 / (1 + std::pow(x / half, n)); }

// A world of one type in a small box with a field of each name and value.
struct InBox : SignalWorld {
  explicit InBox(const Settings& settings, const std::vector<std::pair<std::string, double>>& fields = {},
                 std::size_t count = 1)
      : SignalWorld(Types{with(settings)}) {
    Site& site = world.sites[0];
    site.domain.size = {40, 40, 40};
    site.factor_grid = {{2, 2, 2}, {20, 20, 20}};
    for (const auto& [name, value] : fields) {
      Field field;
      field.name = name;
      field.value.assign(8, value);
      site.fields.push_back(field);
    }
    add_cells(count);
    for (auto* column : {&cells().x, &cells().y, &cells().z}) std::ranges::fill(*column, 20.0);
  }
};

}  // namespace

TEST_CASE("one law: hill, linear, falling, reductions, clipped at 0, whole and broken exponents") {
  LaneValues x;
  for (std::size_t lane = 0; lane < lanes; ++lane) x[lane] = -1 + 0.5 * static_cast<double>(lane);
  const std::vector<LaneValues> values{x};
  for (const double exponent : {0.0, 1.0, 2.0, 3.0, 1.5, 9.0}) {
    FoldedLaw law{2, 0.3, {}, {}};
    law.add.push_back(fold_term({"a", "a", 0.7, 0.8, exponent, static_cast<int>(Shape::Hill)}, 0));
    law.add.push_back(fold_term({"b", "b", 0.4, 1.2, exponent, static_cast<int>(Shape::Falling)}, 0));
    law.add.push_back(fold_term({"c", "c", -0.9, 1, 1, static_cast<int>(Shape::Linear)}, 0));
    law.reduce.push_back(fold_term({"d", "d", 0.5, 2, exponent, 0}, 0));
    const LaneValues seen = evaluate(law, values);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double p = std::max(0.0, x[lane]);
      const double expected = 2 * (0.3 + 0.7 * hill(p, 0.8, exponent) + 0.4 * less(p, 1.2, exponent) - 0.9 * x[lane]) /
                              (1 + 0.5 * std::pow(p / 2, exponent));
      CHECK(std::fabs(seen[lane] - std::max(0.0, expected)) < 1e-13);
    }
    CHECK(seen[7] == 0);
  }
}

TEST_CASE("every default phenotype is the table's law") {
  InBox w({{"signalling.branch", "high"}, {"signalling.pi3k_input", "0.8"}}, {{"oxygen", 4}});
  w.cells().pressure[0] = 0.5F;
  w.start();
  const double veff = w.derived(Derived::VimentinEffective), a = w.state(State::Pakt),
               ra = w.derived(Derived::Runx2Activity);
  const double d = w.state(State::Ecadherin), k = w.state(State::Pi3k), c = w.state(State::Caspase);
  const double cyclin = w.derived(Derived::Runx2Activity) * w.state(State::Smad);
  REQUIRE(ra > 0.25);
  const auto check = [&](Phenotype p, double expected) {
    CHECK_MESSAGE(close(w.phenotype(p), expected, 2e-7), phenotypes[+p].key);
  };
  check(Phenotype::FreeSpeed, 30 * (0.10 + hill(veff, 0.9, 2) + 0.05 * hill(a, 0.5, 1) + 0.20 * hill(ra, 0.5, 2)));
  check(Phenotype::Persistence, 0.60 + 0.50 * hill(veff, 0.9, 2) - 0.35 * d);
  check(Phenotype::MmpSecretion, w.state(State::MmpExpression));
  check(Phenotype::AdhesionCell, 2 * d);
  check(Phenotype::AdhesionMatrix, -0.10 + 0.50 * k);
  check(Phenotype::PoreLimit, 0.10 * 3.14159265358979 * 4.72 * 4.72);
  check(Phenotype::AnoikisRate, std::log(2) / 10 * less(veff, 0.8, 3) * less(a, 5, 1));
  check(Phenotype::DeathRate, 0.004 * (1 + hill(c, 0.3, 1)) * less(veff, 0.8, 2));
  check(Phenotype::DivisionRate,
        (0.55 + 0.6 * hill(a, 0.5, 1) + 0.15 * d + 0.25 * hill(cyclin, 0.2, 2)) / (1 + std::pow(0.5, 4)));
  check(Phenotype::VegfSecretion, 0.5 * w.state(State::BoneProgramme) + 0.5 * 8 / (8 + 4.0));
  check(Phenotype::RuptureRate, 0.01 * less(veff, 1, 1));
}

TEST_CASE(
    "without an oxygen field nothing is short of oxygen; without a nucleus of its own the type's decides the pore limit") {
  InBox w({});
  w.start();
  CHECK(close(w.phenotype(Phenotype::VegfSecretion), 0.5 * w.state(State::BoneProgramme), 1e-5));
  w.world.types[0].nucleus_radius = 2 * 4.72;  // mechanics writes it after this process is configured
  w.response->start(w.world);
  CHECK(close(w.phenotype(Phenotype::PoreLimit), 0.4 * 3.14159265358979 * 4.72 * 4.72, 1e-6));
}

TEST_CASE("a scenario writes only what differs, adds terms, switches them off") {
  InBox w({{"response.speed.scale", "18"},
           {"response.speed.add.pakt.gain", "0"},
           {"response.persistence.add.crowd.signal", "neighbours"},
           {"response.persistence.add.crowd.form", "linear"},
           {"response.persistence.add.crowd.gain", "0.5"},
           {"response.division_rate.add.cyclin_d1.gain", "0.5"},
           {"response.division_rate.reduce.pressure.gain", "0"},
           {"response.division_rate.reduce.stiff.signal", "stiffness*ligand"},
           {"response.division_rate.reduce.stiff.half", "0.2"},
           {"response.mmp_secretion.add.own.signal", "field.growth_factor"},
           {"response.mmp_secretion.add.own.gain", "3"},
           {"response.mmp_secretion.add.pore.half", "10"},
           {"response.pore_limit.scale", "5"}},
          {{"growth_factor", 1}});
  REQUIRE(w.complaints.empty());
  w.cells().neighbours[0] = 3;
  w.cells().pressure[0] = 2;
  w.cells().stiffness_kpa[0] = 0.4F;
  w.cells().ligand[0] = 0.5F;
  w.cells().pore_um2[0] = 30;
  w.start();
  const double veff = w.derived(Derived::VimentinEffective), a = w.state(State::Pakt),
               ra = w.derived(Derived::Runx2Activity);
  const double d = w.state(State::Ecadherin);
  CHECK(close(w.phenotype(Phenotype::FreeSpeed), 18 * (0.10 + hill(veff, 0.9, 2) + 0.20 * hill(ra, 0.5, 2)), 1e-6));
  CHECK(close(w.phenotype(Phenotype::Persistence), 0.60 + 0.50 * hill(veff, 0.9, 2) - 0.35 * d + 1.5, 1e-6));
  const double free = 0.55 + 0.6 * hill(a, 0.5, 1) + 0.15 * d + 0.5 * hill(ra * w.state(State::Smad), 0.2, 2);
  CHECK(close(w.phenotype(Phenotype::DivisionRate), free / (1 + 0.4 * 0.5 / 0.2), 1e-6));
  CHECK(close(w.phenotype(Phenotype::MmpSecretion), w.state(State::MmpExpression) + 3 * 0.5 + 0.75, 1e-6));
  CHECK(close(w.phenotype(Phenotype::PoreLimit), 5, 1e-6));
}

TEST_CASE("the reference of the division rate is its value at the type's own steady state, uncrowded, before knobs") {
  InBox w({});
  Perturbation p;
  p.doses = {{Knob::Runx2Overexpression, 2}};
  w.world.perturbations.push_back(p);
  w.cells().treated[0] = 1;
  w.cells().pressure[0] = 1;
  w.start();
  InBox plain({});
  plain.start();
  CHECK(close(w.world.types[0].division_reference, plain.phenotype(Phenotype::DivisionRate), 1e-6));
  CHECK(!close(w.phenotype(Phenotype::DivisionRate), w.world.types[0].division_reference, 0.1));
}

TEST_CASE("signalling: off leaves base, and what the place does") {
  InBox w(Settings{{"signalling", "off"},
                   {"response.speed.add.low_akt.signal", "pakt"},
                   {"response.speed.add.low_akt.form", "falling"}},
          {{"oxygen", 8}});
  w.cells().pressure[0] = 1;
  w.start();
  CHECK(close(w.phenotype(Phenotype::FreeSpeed), 3, 1e-6));
  CHECK(close(w.phenotype(Phenotype::Persistence), 0.6, 1e-6));
  CHECK(w.phenotype(Phenotype::AdhesionMatrix) == 0);  // base -0.1, clipped
  CHECK(close(w.phenotype(Phenotype::AnoikisRate), std::log(2) / 10, 1e-6));
  CHECK(close(w.phenotype(Phenotype::DeathRate), 0.004, 1e-6));
  CHECK(close(w.phenotype(Phenotype::DivisionRate), 0.55 / 2, 1e-6));
  CHECK(close(w.phenotype(Phenotype::VegfSecretion), 0.25, 1e-6));
  CHECK(close(w.world.types[0].division_reference, 0.55, 1e-12));
}

TEST_CASE("unknown signals are named, with a way out") {
  const auto complaint = [](const std::string& signal) {
    SignalWorld w(Types{{{"response.speed.add.mine.signal", signal}}});
    return w.complaints.empty() ? std::string{} : w.complaints.at(0);
  };
  CHECK(complaint("pakt").empty());
  CHECK(complaint(" runx2_activity * smad ").empty());
  CHECK(complaint("field.own").empty());
  CHECK(complaint("vimentin_efective").find("unknown signal 'vimentin_efective' (did you mean 'vimentin_effective'?)") !=
        std::string::npos);
  CHECK(complaint("pakt*oxigen").find("(did you mean 'oxygen'?)") != std::string::npos);
  CHECK(complaint("qqqqqqqqqq").find("did you mean") == std::string::npos);
  CHECK(complaint("vimentin_efective").starts_with("response.speed.add.mine.signal: "));
  // What only the whole scenario shows.
  InBox missing(Settings{{"response.speed.add.mine.signal", "field.own"}});
  CHECK_THROWS_WITH_AS(
      missing.start(),
      "cell_types.type0.response.speed.add.mine.signal: there is no soluble factor 'own' (allowed: names of "
      "`fields`)\n",
      ConfigError);
  InBox linear(Settings{{"response.speed.add.oxygen.form", "linear"}});
  CHECK_THROWS_AS(linear.start(), ConfigError);
}

TEST_CASE("a cell's phenotype does not depend on its row or its type's other cells") {
  InBox w({}, {}, 11);
  for (std::size_t row = 0; row < 11; ++row) w.cells().pressure[row] = 0.1F * static_cast<float>(row);
  w.start();
  InBox alone({});
  for (std::size_t row = 0; row < 11; ++row) {
    alone.cells().pressure[0] = w.cells().pressure[row];
    alone.start();
    CHECK(alone.phenotype(Phenotype::DivisionRate) == w.phenotype(Phenotype::DivisionRate, row));
  }
}

// Trilinear between the centres of the voxels: half-way between 1 and 3 mg/ml a cell is in 2.
TEST_CASE("a response to the density of the matrix at the cell's centre") {
  InBox b(Settings{{"response.speed.base", "0"}, {"response.speed.add.density.form", "linear"}});
  Site& site = b.world.sites[0];
  b.start();
  const float without = b.cells().phenotype[+Phenotype::FreeSpeed][0];
  site.matrix.grid = {{2, 2, 2}, {20, 20, 20}};
  for (std::size_t v = 0; v < 8; ++v) site.matrix.density.push_back(v % 2 == 0 ? 1 : 3);
  b.response->start(b.world);
  CHECK(b.cells().phenotype[+Phenotype::FreeSpeed][0] == doctest::Approx(without + 30 * 2));
  b.cells().x[0] = 10;
  b.response->start(b.world);
  CHECK(b.cells().phenotype[+Phenotype::FreeSpeed][0] == doctest::Approx(without + 30 * 1));
}
