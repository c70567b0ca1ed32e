// The snapshots of a run by time, and what is read of one without the rest.
//
// Seen to fail with: a list that is empty, or not by time; the later of two; the first file for all; the column, or what has
// happened, of the first site for all; vectors as if they were a number per cell.
#include "io/snapshot_series.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "base/error.h"
#include "io/snapshot.h"
#include "io/snapshot_read.h"
#include "made_up_world.h"

using namespace invado;
namespace fs = std::filesystem;

namespace {

SnapshotOptions usual() { return {.run_id = "0123456789abcdef", .schedule = "1. motility every 0.5 min\n"}; }

Exit code_of(const RunFolder& folder) {
  try {
    (void)snapshot_series(folder);
  } catch (const Error& error) {
    return error.code();
  }
  return Exit::Done;
}

}  // namespace

TEST_CASE("the series is what the list says, and the nearest of two equally near is the earlier") {
  const test::ScratchFolder scratch;
  const RunFolder folder(scratch.path());
  CHECK(code_of(folder) == Exit::NotFound);
  SnapshotWriter writer(scratch.path(), usual());
  std::vector<fs::path> written;
  std::vector<double> times;
  for (const int tick : {0, 10, 30}) {
    written.push_back(writer.write(test::made_up_world({.tick = tick}), "d"));
    times.push_back(read_snapshot_info(written.back()).time_h);
  }
  const SnapshotSeries series = snapshot_series(folder);
  REQUIRE(series.files.size() == 3);
  CHECK(
      std::ranges::equal(series.files, written, [](const fs::path& a, const fs::path& b) { return fs::equivalent(a, b); }));
  for (std::size_t i = 0; i < 3; ++i) CHECK(series.times_h[i] == doctest::Approx(times[i]));
  CHECK(nearest_snapshot(series, -1) == 0);
  CHECK(nearest_snapshot(series, 0.5 * (times[0] + times[1])) == 0);
  CHECK(nearest_snapshot(series, 0.49 * times[1] + 0.51 * times[2]) == 2);
  CHECK(nearest_snapshot(series, 1e6) == 2);
  for (const char* const bad :
       {"", "[]", "{\"files\": []}", "{\"files\": [{\"name\": \"a\"}]}", "{\"files\": [{\"time\": 2}, {\"time\": 1}]}"}) {
    std::ofstream(scratch.path() / "cells.hdf.series") << bad;
    CHECK_MESSAGE(code_of(folder) == Exit::BadData, bad);
  }
}

TEST_CASE("a column and what has happened are read without the rest, and what is not there is empty") {
  const test::ScratchFolder folder;
  World world = test::made_up_world({.tick = 10});
  world.sites.push_back(test::made_up_world({.cells = 3, .fields = false}).sites[0]);
  world.sites[1].name = "lung";
  world.sites[1].ledger.stages = {0, 2.5, 1.25, 0.5, 0.125, 0};
  const fs::path file = SnapshotWriter(folder.path(), usual()).write(world, "d");
  const SnapshotInfo info = read_snapshot_info(file);
  const std::vector<std::string> wanted{"pakt"};
  for (std::size_t place = 0; place < 2; ++place) {
    const CellsAt cells = read_cells(file, info, place, wanted);
    REQUIRE(cells.find("pakt") != nullptr);
    CHECK(read_column(file, info, place, "pakt") == cells.find("pakt")->values);
  }
  CHECK(read_column(file, info, 1, "pakt").size() == 3);
  CHECK(read_column(file, info, 0, "position").empty());  // not one number per cell
  CHECK(read_column(file, info, 0, "nonsense").empty());
  CHECK(read_stages(file, info, 1) == std::vector<double>{0, 2.5, 1.25, 0.5, 0.125, 0});
  CHECK(read_stages(file, info, 0) == std::vector<double>(stage_count, 0.0));
  const test::ScratchFolder one;
  const fs::path alone = SnapshotWriter(one.path(), usual()).write(test::made_up_world({}), "d");
  CHECK(read_stages(alone, read_snapshot_info(alone), 0).empty());
}
