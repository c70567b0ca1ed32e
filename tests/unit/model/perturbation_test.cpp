// How doses combine and ramp.
//
// Seen to fail with: sites of a perturbation ignored, looked up by its own number, all at the bit of the first.
#include <doctest/doctest.h>

#include "model/perturbation.h"

using namespace invado;

namespace {

Perturbation of(Knob knob, double value, bool multiplies = false) {
  Perturbation p;
  p.doses = {{knob, value, multiplies}};
  return p;
}

}  // namespace

TEST_CASE("fractions combine as 1 - prod(1 - d)") {
  const std::vector<Perturbation> both{of(Knob::Pi3kInhibitor, 0.5), of(Knob::Pi3kInhibitor, 0.4)};
  CHECK(doses_in_force(both, 0b11, 0).fraction(Knob::Pi3kInhibitor) == doctest::Approx(0.7));
  CHECK(doses_in_force(both, 0b10, 0).fraction(Knob::Pi3kInhibitor) == doctest::Approx(0.4));
  CHECK(doses_in_force(both, 0, 0) == Doses{});
}

TEST_CASE("a perturbation acts at its sites only") {
  std::vector<Perturbation> three{of(Knob::Pi3kInhibitor, 0.5), of(Knob::AktInhibitor, 0.4), of(Knob::MmpInhibitor, 1)};
  three[0].sites = 0b010;
  three[2].sites = 0b101;
  CHECK(acting_at(three, 0) == 0b110);
  CHECK(acting_at(three, 1) == 0b011);
  CHECK(acting_at(three, 2) == 0b110);
  CHECK(acting_at(three, 3) == 0b010);
  CHECK(acting_at({}, 0) == 0);
}

TEST_CASE("of levels the later wins, x multiplies") {
  const std::vector<Perturbation> levels{of(Knob::Pten, 0.2), of(Knob::Pten, 0.7), of(Knob::Pten, 3, true)};
  CHECK(doses_in_force(levels, 0b011, 0).level(Knob::Pten, 1.0) == doctest::Approx(0.7));
  CHECK(doses_in_force(levels, 0b100, 0).level(Knob::Pten, 1.5) == doctest::Approx(4.5));
  CHECK(doses_in_force(levels, 0b111, 0).level(Knob::Pten, 1.0) == doctest::Approx(2.1));
  CHECK(doses_in_force(levels, 0, 0).level(Knob::Pten, 0.3) == doctest::Approx(0.3));
}

TEST_CASE("a perturbation with `from` ramps, ends at `until`, and is no genotype") {
  Perturbation sirna = of(Knob::Akt1Knockdown, 0.8);
  sirna.genotype = false;
  sirna.from_min = 60;
  sirna.until_min = 600;
  sirna.onset_min = 120;
  const std::vector<Perturbation> one{sirna};
  const auto dose = [&](double t, bool genotypes = false) {
    return doses_in_force(one, 1, t, genotypes).fraction(Knob::Akt1Knockdown);
  };
  CHECK(dose(59.9) == 0);
  CHECK(dose(120) == doctest::Approx(0.4));
  CHECK(dose(180) == doctest::Approx(0.8));
  CHECK(dose(600) == 0);
  CHECK(dose(300, true) == 0);
}

TEST_CASE("a level ramps from the cell's own value") {
  Perturbation bath = of(Knob::TgfbBath, 3);
  bath.genotype = false;
  bath.onset_min = 100;
  const std::vector<Perturbation> one{bath};
  CHECK(doses_in_force(one, 1, 25).level(Knob::TgfbBath, 0.2) == doctest::Approx(0.2 + 0.25 * 2.8));
}
