// Tables, tracks and the record of a run read back as they were written.
// Planted mistakes seen to fail: no bound of bytes, none of columns.
#include "io/table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "io/provenance.h"
#include "io/tracks.h"
#include "made_up_world.h"

using namespace invado;

TEST_CASE("numbers in a table read back to the same bits, no value is an empty field") {
  const test::ScratchFolder folder;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::string> names{"time_h", "a", "b"};
  const std::vector<double> first{0.1, 1.0 / 3, nan}, second{1e300, -2.5e-17, 1500};
  {
    SeriesWriter series(folder.path() / "series.csv", names);
    series.write_row(first);
    CHECK(test::bytes_of(folder.path() / "series.csv") == "time_h,a,b\n0.1,0.3333333333333333,\n");
    series.write_row(second);
  }
  const Table table = read_table(folder.path() / "series.csv");
  CHECK(table.names == names);
  REQUIRE(table.rows.size() == 2);
  CHECK(table.rows[0][1] == first[1]);
  CHECK(std::isnan(table.rows[0][2]));
  CHECK(table.rows[1] == second);
  write_table(folder.path() / "all.csv", names, table.rows);
  CHECK(test::bytes_of(folder.path() / "all.csv") == test::bytes_of(folder.path() / "series.csv"));

  atomic_write(folder.path() / "bad.csv", "a,b\n1,2\n1,two\n");
  CHECK_THROWS_AS((void)read_table(folder.path() / "bad.csv"), IoError);
  atomic_write(folder.path() / "torn.csv", "a,b\n1,2\n3,");
  CHECK(read_table(folder.path() / "torn.csv").rows == std::vector<std::vector<double>>{{1, 2}});
  atomic_write(folder.path() / "bad.csv", "a,b\n1\n");
  CHECK_THROWS_AS((void)read_table(folder.path() / "bad.csv"), IoError);
}

TEST_CASE("a table beyond all bounds is refused, with the bound, and does not fill the memory") {
  const test::ScratchFolder folder;
  const auto refused = [&](const char* name) {
    try {
      (void)read_table(folder.path() / name);
    } catch (const IoError& error) {
      CHECK(error.code() == Exit::BadData);
      return std::string(error.what());
    }
    return std::string();
  };
  atomic_write(folder.path() / "long.csv", "a,b\n");
  std::filesystem::resize_file(folder.path() / "long.csv", longest_table_bytes + 1);  // a hole: no space on the disk
  CHECK(refused("long.csv").find(std::to_string(longest_table_bytes)) != std::string::npos);
  atomic_write(folder.path() / "wide.csv", std::string(most_table_columns, ',') + "\n");
  CHECK(refused("wide.csv").find(std::to_string(most_table_columns)) != std::string::npos);
  atomic_write(folder.path() / "row.csv", "a,b\n1,2\n" + std::string(1000000, ',') + "\n");
  CHECK(refused("row.csv").find(":3: more fields") != std::string::npos);
  atomic_write(folder.path() / "good.csv", std::string(most_table_columns - 1, ',') + "\n");
  CHECK(read_table(folder.path() / "good.csv").names.size() == most_table_columns);
}

TEST_CASE("tracks are unwrapped and in the order of ids") {
  const test::ScratchFolder folder, other;
  World world = test::made_up_world({.cells = 32, .tick = 10});
  world.sites[0].cells.wrap_x[2] = -2;
  TracksWriter writer(folder.path() / "tracks.csv");
  writer.write_frame(world);
  writer.write_frame(world);
  const std::string text = test::bytes_of(folder.path() / "tracks.csv");
  CHECK(text.starts_with(
      "track_id,frame,time_h,x_um,y_um,z_um,parent_id,type,site,radius_um,speed_um_h,pakt,vimentin_stability,"
      "runx2_activity\n0,0,1,10.000,30.000,3.000,-1,sts,primary,8.000,12.50,0,0,1\n"));
  CHECK(text.find("\n2,0,1,-128.000,34.000,3.200,-1,sts,") != std::string::npos);  // 12 - 2 * 70
  CHECK(text.find("\n31,1,1,41.000,92.000,6.100,1,fibroblast,") != std::string::npos);
  CHECK(writer.state().bytes == text.size());
  CHECK(writer.frames() == 2);
  TracksWriter reversed(other.path() / "tracks.csv");
  reversed.write_frame(test::shuffled(world));
  reversed.write_frame(world);
  CHECK(test::bytes_of(other.path() / "tracks.csv") == text);
}

TEST_CASE("run.json comes back, unfinished and finished") {
  const test::ScratchFolder folder;
  Provenance p;
  p.argv = {"invado", "run", "caf\xc3\xa9.yaml"};
  p.seed = 18446744073709551557ull;
  p.digest = "00112233445566778899aabbccddeeff";
  p.figures = {{"cells", 1500}};
  write_run_json(folder.path() / "run.json", p);
  Provenance back = read_run_json(folder.path() / "run.json");
  CHECK(back.argv == p.argv);
  CHECK(back.seed == p.seed);
  CHECK(!back.exit.has_value());
  CHECK(back.end.empty());
  p.exit = 0;
  p.end = utc_now();
  p.argv.push_back("no utf-8: \xff");
  write_run_json(folder.path() / "run.json", p);
  back = read_run_json(folder.path() / "run.json");
  CHECK(back.exit == 0);
  CHECK(back.end == p.end);
  CHECK(back.figures == p.figures);
  CHECK(p.end.size() == 20);
  atomic_write(folder.path() / "run.json", "{}");
  CHECK_THROWS_AS((void)read_run_json(folder.path() / "run.json"), IoError);
}

TEST_CASE("the log is one JSON object per line and goes on after a restart") {
  const test::ScratchFolder folder;
  for (int n = 0; n < 2; ++n) RunLog(folder.path() / "log.jsonl").write("snapshot", {{"step", n}});
  std::ifstream file(folder.path() / "log.jsonl");
  int n = 0;
  for (std::string line; std::getline(file, line); ++n) {
    const auto json = nlohmann::json::parse(line);
    CHECK(json.at("event") == "snapshot");
    CHECK(json.at("step") == n);
  }
  CHECK(n == 2);
}
