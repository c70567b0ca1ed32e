// Ids of runs, the plan as a file, and the table.
// Planted and seen to fail: ids and seeds by place in the list; values joined without lengths in the id; the plan's checksum
// not compared; a slope by the ends of its window; a column of mixed units as numbers; quotes left out of the table.
#include "sweep/plan.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "sweep/collect.h"
#include "sweep/csv.h"

using namespace invado;

namespace {

SweepSpecification two_axes(std::vector<std::string> first, std::vector<std::string> second) {
  SweepSpecification s;
  s.name = "two axes";
  s.base = "/base.yaml";
  s.replicates = 2;
  s.axes.resize(2);
  s.axes[0].name = "a";
  s.axes[0].paths = {"x.a"};
  s.axes[1].name = "b";
  s.axes[1].paths = {"x.b", "y.b"};
  for (const std::string& a : first)
    for (const std::string& b : second) s.points.push_back({"", {a, b}, {}});
  SweepObservable end, curve;
  end.name = "end";
  end.column = "cells";
  curve.name = "curve";
  curve.column = "cells";
  curve.take = static_cast<int>(SweepObservable::Take::Curve);
  s.observables = {end, curve};
  return s;
}

std::set<std::string> ids(const SweepPlan& plan) {
  std::set<std::string> all;
  for (const SweepRun& run : plan.runs) all.insert(run.id);
  return all;
}

std::size_t in_both(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::size_t n = 0;
  for (const std::string& id : a) n += b.contains(id) ? 1 : 0;
  return n;
}

}  // namespace

TEST_CASE("an id is of what a run computes, not of where it stands") {
  const SweepPlan plan = make_plan(two_axes({"1", "2"}, {"3 um", "4 um"}), "base", "1.0");
  const std::set<std::string> before = ids(plan);
  CHECK(before.size() == 8);
  // A known answer: an id that changes without notice computes every sweep of every user anew.
  CHECK(plan.runs[0].id == "fb89f9d1d6054f3a8bc7ec5b8f4a654b");
  CHECK(plan.runs[0].seed == 809662941983132084u);
  CHECK(in_both(before, ids(make_plan(two_axes({"0", "1", "2"}, {"3 um", "4 um"}), "base", "1.0"))) == 8);
  CHECK(in_both(before, ids(make_plan(two_axes({"1", "5"}, {"3 um", "4 um"}), "base", "1.0"))) == 4);
  CHECK(in_both(before, ids(make_plan(two_axes({"1", "2"}, {"3 um", "4 um"}), "other", "1.0"))) == 0);
  CHECK(in_both(before, ids(make_plan(two_axes({"1", "2"}, {"3 um", "4 um"}), "base", "1.1"))) == 0);
  SweepSpecification other = two_axes({"1", "2"}, {"3 um", "4 um"});
  other.axes[0].name = "renamed";
  other.observables.clear();
  CHECK(in_both(before, ids(make_plan(other, "base", "1.0"))) == 8);
  other.seed = 2;
  CHECK(in_both(before, ids(make_plan(other, "base", "1.0"))) == 0);
  // Values cannot be moved from one assignment into another.
  CHECK(ids(make_plan(two_axes({"1\nx.b=2"}, {"2"}), "base", "1.0")) !=
        ids(make_plan(two_axes({"1"}, {"2"}), "base", "1.0")));
}

TEST_CASE("a plan reads back as it was, whole or one run of it, and says when it was damaged") {
  SweepSpecification s = two_axes({"1", "quote \" comma , \\ \u00b5"}, {"3 um", "$(touch x)"});
  s.set = {{"duration", "1 h"}};
  s.time_limit_s = 12.5;
  const SweepPlan plan = make_plan(s, "base", "1.0");
  const std::string text = to_text(plan);
  CHECK(to_text(read_plan(text, "plan")) == text);
  const SweepPlan one = read_plan(text, "plan", 5);
  REQUIRE(one.runs.size() == 1);
  CHECK(one.count == 8);
  CHECK(one.runs[0].id == plan.runs[5].id);
  CHECK(one.settings(one.runs[0]) == plan.settings(plan.runs[5]));
  CHECK(plan.settings(plan.runs[7]) ==
        std::vector<std::string>{"duration=1 h", "x.a=quote \" comma , \\ \u00b5", "x.b=$(touch x)", "y.b=$(touch x)"});
  CHECK_THROWS_AS(static_cast<void>(read_plan(text, "plan", 8)), IoError);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{1}, text.size() / 2, text.size() - 1})
    CHECK_THROWS_AS(static_cast<void>(read_plan(text.substr(0, cut), "plan")), IoError);
  std::string damaged = text;
  damaged[text.find("3 um")] = '4';
  CHECK_THROWS_AS(static_cast<void>(read_plan(damaged, "plan")), IoError);
}

TEST_CASE("what is taken of a curve") {
  const Curves curves{{"time_h", "y"}, {{0, 1}, {1, 3}, {2, std::nan("")}, {3, 4}, {4, 12}}};
  const auto take = [&](SweepObservable::Take what, double time = 0, double from = 0, double until = 1e9) {
    SweepObservable o;
    o.column = "y";
    o.take = static_cast<int>(what);
    o.time_h = time;
    o.from_h = from;
    o.until_h = until;
    return observe(o, curves);
  };
  using Take = SweepObservable::Take;
  CHECK(take(Take::End) == 12);
  CHECK(take(Take::At, 3) == 4);
  CHECK(take(Take::At, 2) == 3.5);  // between rows, over one without a value
  CHECK(std::isnan(take(Take::At, 5)));
  CHECK(take(Take::Maximum, 0, 0, 3) == 4);
  CHECK(take(Take::Minimum, 0, 1) == 3);
  CHECK(take(Take::Mean, 0, 1, 3) == 3.5);
  CHECK(take(Take::Slope, 0, 0, 1) == 2);
  // Least squares through (1, 3), (3, 4), (4, 12): sum of products 37/3, of squares 14/3.
  CHECK(take(Take::Slope, 0, 1) == doctest::Approx(37.0 / 14));
  CHECK(std::isnan(take(Take::Slope, 0, 4)));
  SweepObservable none;
  none.column = "z";
  CHECK(std::isnan(observe(none, curves)));
}

TEST_CASE("the table has one row per run, units in names, quotes where they are needed") {
  const SweepPlan plan = make_plan(two_axes({"1", "2"}, {"3 um^2/min", "=1,5"}), "base", "1.0");
  std::vector<RunOutcome> outcomes(plan.runs.size());
  for (std::size_t i = 0; i < 7; ++i) outcomes[i] = finished_run(plan, "d", {{"time_h", "cells"}, {{0, 1}, {1, 1.5}}});
  outcomes[7].state = "failed";
  const std::string csv = to_csv(sweep_table(plan, outcomes));
  CsvReader reader(csv);
  REQUIRE(reader.next());
  CHECK(reader.fields() == std::vector<std::string>{"point", "replicate", "id", "seed", "a", "b", "end", "state", "digest"});
  std::vector<std::vector<std::string>> rows;
  while (reader.next()) rows.push_back(reader.fields());
  REQUIRE(rows.size() == 8);
  CHECK(rows[0][5] == "3 um^2/min");
  CHECK(rows[2][5] == "=1,5");
  CHECK(rows[0][6] == "1.5");
  CHECK(rows[7][6].empty());
  CHECK(rows[7][7] == "failed");
  CHECK(csv.find(",\"=1,5\",") != std::string::npos);
  const SweepPlan one_unit = make_plan(two_axes({"1"}, {"3 um^2/min", "4 um^2/min"}), "base", "1.0");
  const std::string first = to_csv(sweep_table(one_unit, std::vector<RunOutcome>(4)));
  CHECK(first.starts_with("point,replicate,id,seed,a,b_um2_min,end,state,digest\n0,0,"));
  CHECK(to_csv(curve_table(plan, outcomes)).starts_with("point,replicate,time_h,curve\n0,0,0,1\n0,0,1,1.5\n0,1,0,1\n"));
}
