// Numbers with units: exact conversion, every refusal, the nearest way out.
#include <doctest/doctest.h>

#include "scenario/quantity.h"

using namespace invado;

namespace {
double value(std::string_view text, Unit unit) {
  const auto read = parse_quantity(text, unit, any_number);
  REQUIRE_MESSAGE(read.value.has_value(), read.problem);
  return *read.value;
}
std::string problem(std::string_view text, Unit unit, Range range = any_number) {
  const auto read = parse_quantity(text, unit, range);
  CHECK_FALSE(read.value.has_value());
  return read.problem;
}
}  // namespace

TEST_CASE("units convert to the last bit") {
  CHECK(value("20 um", Unit::Um) == 20);
  CHECK(value("20um", Unit::Um) == 20);
  CHECK(value("1.2 mm", Unit::Um) == 1200);
  CHECK(value("30 um/h", Unit::UmPerMin) == 0.5);
  CHECK(value("0.5 um/min", Unit::UmPerHour) == 30);
  CHECK(value("72 h", Unit::Min) == 4320);
  CHECK(value("90 s", Unit::Min) == 1.5);
  CHECK(value("2 d", Unit::Hour) == 48);
  CHECK(value("6 1/h", Unit::PerHour) == 6);
  CHECK(value("0.1 1/min", Unit::PerHour) == 6);
  CHECK(value("1e5 um^2/min", Unit::Um2PerMin) == 1e5);
  CHECK(value("1.7 mg/ml", Unit::MgPerMl) == 1.7);
  CHECK(value("0.3", Unit::One) == 0.3);
  CHECK(value("-0", Unit::One) == 0);
  CHECK(value(".5", Unit::One) == 0.5);
}

TEST_CASE("a written number reads back as the same double") {
  for (const double x : {0.1, 1.0 / 3, 6.02e23, 4.9e-300, 123456789.123456789}) {
    CHECK(value(to_text(x, Unit::Um), Unit::Um) == x);
    CHECK(value(to_text(x, Unit::One), Unit::One) == x);
  }
}

TEST_CASE("what is no number is refused with a way out") {
  CHECK(problem("72", Unit::Hour) == "the unit is missing (got '72', allowed a time in h, s, min, d)");
  CHECK(problem("20 min", Unit::Um) == "is a time, must be a length (got '20 min', allowed units um, nm, mm)");
  CHECK(problem("20 \u00b5m/h", Unit::UmPerMin).ends_with("did you mean '20 um/h'?)"));
  CHECK(problem("20 mum", Unit::Um) == "unknown unit (got '20 mum', allowed units um, nm, mm; did you mean '20 um'?)");
  CHECK(problem("3 um", Unit::One) == "is a length, must be a dimensionless number (got '3 um', allowed a bare number)");
  CHECK(problem("14 um/min", Unit::UmPerMin, {0, 5}) == "is out of range (got '14 um/min', allowed [0, 5] um/min)");
  for (const char* bad : {"nan", "inf",  "-inf",  ".nan",   "",    " ",   "um", "+5",    "010", "0x10", "1_000",
                          "1,5", "1:30", "1e999", "1e-400", "5 5", "--5", "1e", "1.2.3", "x3",  "1d5"})
    CHECK_MESSAGE(!parse_quantity(bad, Unit::One, any_number).value.has_value(), bad);
  CHECK_FALSE(parse_quantity("1e308 d", Unit::Min, any_number).value.has_value());  // overflows in conversion
}

TEST_CASE("open and closed ends of a range") {
  CHECK(parse_quantity("0", Unit::One, fraction).value.has_value());
  CHECK_FALSE(parse_quantity("0", Unit::One, positive).value.has_value());
  CHECK_FALSE(parse_quantity("1.0000001", Unit::One, fraction).value.has_value());
}

TEST_CASE("whole numbers and factors") {
  CHECK(*parse_integer("1500", 0, 2000).value == 1500);
  for (const char* bad : {"1.0", "1e3", "+1", "01", "0x1", "1_0", "", "-1", "2001", "99999999999999999999", " 5"})
    CHECK_MESSAGE(!parse_integer(bad, 0, 2000).value.has_value(), bad);
  CHECK(*parse_factor("x3", any_number).value == 3);
  CHECK(*parse_factor("x0.5", any_number).value == 0.5);
  for (const char* bad : {"3", "x", "x3 um", "X3", "x-1", "xx3"})
    CHECK_MESSAGE(!parse_factor(bad, non_negative).value.has_value(), bad);
}

TEST_CASE("durations are whole microseconds") {
  CHECK(*whole_microseconds(0.5) == 30000000);
  CHECK(*whole_microseconds(0.1 * 60) == 360000000);
  CHECK(*whole_microseconds(*parse_quantity("0.1 s", Unit::Min, any_number).value) == 100000);
  CHECK_FALSE(whole_microseconds(1.0 / 3.0 / 60).has_value());
  CHECK_FALSE(whole_microseconds(1e300).has_value());
  CHECK(duration_text(7200000000) == "2 h");
  CHECK(duration_text(90000000) == "1.5 min");
  CHECK(duration_text(100000) == "0.1 s");
}
