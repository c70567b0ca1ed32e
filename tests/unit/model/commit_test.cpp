// The commit: births and departures in id order, inside the box, ledgers, and the digest that ignores the order of rows.
// Seen to fail: gaps filled with cells that go themselves; divisions told by the rows before gaps were filled.
#include <doctest/doctest.h>

#include <functional>
#include <set>

#include "model/columns.h"
#include "model/commit.h"
#include "model/digest.h"

using namespace invado;

namespace {

World world_of(std::size_t n) {
  World world;
  world.sites.resize(1);
  Population& cells = world.sites[0].cells;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t row = append_row(cells);
    cells.id[row] = world.next_id++;
    cells.parent[row] = -1;
    cells.x[row] = 10.0 * static_cast<double>(i);
    cells.radius[row] = 8;
  }
  world.sites[0].ledger.founders = static_cast<std::int64_t>(n);
  return world;
}

}  // namespace

TEST_CASE("daughters get ids in mother-id order, whatever the queue's order") {
  World world = world_of(4);
  Site& site = world.sites[0];
  site.queues.births = {{3, 3, {1, 0, 0}, 6}, {0, 0, {0, 1, 0}, 6}};
  const auto divisions = commit(world, site);
  REQUIRE(divisions.size() == 2);
  CHECK(site.cells.size() == 6);
  CHECK(site.cells.parent[4] == 0);
  CHECK(site.cells.parent[5] == 3);
  CHECK(site.cells.id[4] == 4);
  CHECK(site.cells.id[5] == 5);
  CHECK(site.cells.x[3] == 29);
  CHECK(site.cells.x[5] == 31);
  CHECK(site.cells.radius[0] == 6);
  CHECK(world.next_id == 6);
  CHECK(site.events.size() == 2);
}

TEST_CASE("who is queued to leave does not divide, and the head-count balances") {
  World world = world_of(5);
  Site& site = world.sites[0];
  site.queues.births = {{1, 1, {1, 0, 0}, 6}, {4, 4, {1, 0, 0}, 6}};
  site.queues.departures = {{1, 1, Leaving::Anoikis}, {0, 0, Leaving::Apoptosis}, {1, 1, Leaving::Necrosis}};
  const auto divisions = commit(world, site);
  REQUIRE(divisions.size() == 1);
  CHECK(site.cells.id[divisions[0].mother] == 4);
  CHECK(site.cells.parent[divisions[0].daughter] == 4);
  std::int64_t left = 0;
  for (std::int64_t count : site.ledger.departures) left += count;
  CHECK(left == 2);
  CHECK(site.ledger.departures[static_cast<std::size_t>(Leaving::Anoikis)] == 1);
  CHECK(static_cast<std::int64_t>(site.cells.size()) == site.ledger.founders + site.ledger.births - left);
  CHECK(site.queues.births.empty());
  CHECK(site.queues.departures.empty());
}

TEST_CASE("the gaps of those who go are filled, and divisions are told by their new rows") {
  constexpr std::int64_t n = 40;
  // None, the first, the last, all but one, every third, all: of the founders; the daughters of the rest stand behind them.
  const std::function<bool(std::int64_t)> goes[] = {
      [](std::int64_t) { return false; },          [](std::int64_t id) { return id == 0; },
      [](std::int64_t id) { return id >= n - 5; }, [](std::int64_t id) { return id != 7; },
      [](std::int64_t id) { return id % 3 == 0; }, [](std::int64_t) { return true; }};
  for (const auto& leaves : goes) {
    World world = world_of(n);
    Site& site = world.sites[0];
    std::set<std::int64_t> expected;
    for (std::int64_t id = n - 1; id >= 0; --id) {
      if (leaves(id)) {
        site.queues.departures.push_back({id, static_cast<std::size_t>(id), Leaving::Apoptosis});
        continue;
      }
      expected.insert(id);
      if (id % 2 == 1) site.queues.births.push_back({id, static_cast<std::size_t>(id), {1, 0, 0}, 6});
    }
    const std::size_t births = site.queues.births.size();
    const auto divisions = commit(world, site);
    CHECK(divisions.size() == births);
    for (const Division& division : divisions) {
      REQUIRE((division.mother < site.cells.size() && division.daughter < site.cells.size()));
      CHECK(site.cells.parent[division.daughter] == site.cells.id[division.mother]);
      CHECK(site.cells.x[division.mother] == 10.0 * static_cast<double>(site.cells.id[division.mother]) - 1);
      expected.insert(site.cells.id[division.daughter]);
    }
    CHECK(std::set(site.cells.id.begin(), site.cells.id.end()) == expected);
    CHECK(site.cells.size() == expected.size());
    CHECK(site.cells.weight.size() == expected.size());
  }
}

TEST_CASE("the digest ignores the order of rows and sees every state column") {
  World world = world_of(3);
  const std::string before = digest(world);
  Population& cells = world.sites[0].cells;
  for_each_column(cells, [](const ColumnInfo&, auto& column) { std::swap(column[0], column[2]); });
  CHECK(digest(world) == before);
  std::set<std::string> seen{before};
  std::size_t columns = 0;
  for_each_column(cells, [&](const ColumnInfo& info, auto& column) {
    const auto kept = column[1];
    column[1] = static_cast<std::remove_cvref_t<decltype(kept)>>(kept + 1);
    const std::string changed = digest(world);
    if (info.kind == ColumnInfo::Kind::State && info.name != "id") {
      ++columns;
      CHECK_MESSAGE(seen.insert(changed).second, info.name);
    }
    column[1] = kept;
  });
  CHECK(columns > 50);
  CHECK(digest(world) == before);
}

TEST_CASE("a division across a periodic face leaves both cells inside the box") {
  World world = world_of(1);
  Site& site = world.sites[0];
  site.domain.size = {100, 100, 100};
  site.domain.boundary = {Boundary::Periodic, Boundary::Periodic, Boundary::Closed};
  site.cells.x[0] = 2, site.cells.y[0] = 97, site.cells.z[0] = 1;
  site.cells.wrap_x[0] = 3;
  site.queues.births = {{0, 0, {5, 4, 2}, 6}};
  commit(world, site);
  CHECK(site.cells.position(0) == Vec3{97, 93, -1});  // z is not periodic: mechanics brings it back
  CHECK(site.cells.position(1) == Vec3{7, 1, 3});
  CHECK(site.cells.wrap_x[0] == 2);  // the mother's unwrapped path goes on
  CHECK(site.cells.wrap_x[1] == 3);  // the daughter's begins beside it
  CHECK(site.cells.wrap_y[1] == 1);
  CHECK(site.cells.start_x[1] == 307);
  CHECK(site.cells.start_y[1] == 101);
}

TEST_CASE("founders that come later are let in at their tick, where they belong") {
  World world = world_of(2);
  world.sites.emplace_back();
  Newcomers& later = world.newcomers;
  later.tick = {5, 5, 9};
  later.site = {0, 1, 0};
  for (std::int64_t id : {10, 11, 12}) later.cells.id[append_row(later.cells)] = id;
  world.clock.tick = 4;
  CHECK(let_in(world, world.sites[0]) == 0);
  world.clock = {.tick_us = 60000000, .tick = 5};
  CHECK(let_in(world, world.sites[0]) == 1);
  CHECK(let_in(world, world.sites[1]) == 1);
  CHECK(world.sites[0].cells.id == std::vector<std::int64_t>{0, 1, 10});
  CHECK(world.sites[1].cells.id == std::vector<std::int64_t>{11});
  // Who comes later is not as old as the run.
  CHECK(world.sites[0].cells.born_min[world.sites[0].cells.size() - 1] == 5);
  CHECK(world.sites[0].ledger.founders == 3);
  CHECK(world.sites[0].ledger.of_type(0).founders == 1);  // world_of counts none by type
}
