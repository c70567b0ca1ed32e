// Snapshots hold what design.md, section 6 says, with equal bytes for equal worlds; and the folders that
// snapshot_test.py (h5py) and tests/paraview open.
// Planted mistakes seen to fail: going on deletes everything that it does not know, says so after the lists are renewed or
// before files are compared; a snapshot without a seal stays behind as a temporary file;
// stages all zero, not there, or under the names of others.
#include "io/snapshot.h"

#include <doctest/doctest.h>
#include <omp.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <map>

#include "base/error.h"
#include "made_up_world.h"

namespace fs = std::filesystem;
using namespace invado;
using test::MadeUp;

namespace {
SnapshotOptions usual_options() { return {.run_id = "0123456789abcdef", .schedule = "1. motility every 0.5 min\n"}; }

// How writing a snapshot ends in a process whose files may have `bytes` bytes: 0 or the exit code; -1: it crashed.
int code_on_a_disk_of(rlim_t bytes, const fs::path& folder, const SnapshotOptions& options, const World& world) {
  const pid_t child = ::fork();
  if (child == 0) {
    SnapshotWriter writer(folder, options);
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::freopen("/dev/null", "w", stderr);
    int code = 0;
    try {
      writer.write(world, "d");
    } catch (const IoError& error) {
      code = static_cast<int>(error.code());
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
}  // namespace

TEST_CASE("chunks divide grids and cut lists evenly") {
  using hdf5::chunk_shape;
  for (const hdf5::Shape& shape :
       {hdf5::Shape{80, 120, 120}, hdf5::Shape{97, 31, 200}, hdf5::Shape{1, 1200, 1200}, hdf5::Shape{40, 60, 60, 3}}) {
    const hdf5::Shape chunk = chunk_shape(shape, 4);
    std::size_t bytes = 4;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      CHECK(shape[d] % chunk[d] == 0);
      bytes *= chunk[d];
    }
    CHECK(bytes <= (1u << 17));
  }
  CHECK(chunk_shape({100000}, 4) == hdf5::Shape{25000});
  CHECK(chunk_shape({100003, 3}, 8) == hdf5::Shape{5264, 3});  // 19 chunks
}

TEST_CASE("data comes back as written, also in several chunks with a padded end") {
  const test::ScratchFolder folder;
  std::vector<double> rows(3 * 100003);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = 0.25 * static_cast<double>(i % 977);
  std::vector<float> grid(60 * 50 * 70);
  for (std::size_t i = 0; i < grid.size(); ++i) grid[i] = static_cast<float>(i % 1009);
  auto file = hdf5::Writer::in_memory();
  file.group("/a");
  file.dataset<double>("/a/rows", rows, {100003, 3});
  file.dataset<float>("/grid", grid, {60, 50, 70});
  file.dataset<std::int64_t>("/none", std::vector<std::int64_t>{}, {0});
  file.attribute("/a", "words", std::vector<std::string>{"one", "", "three"});
  file.attribute("/a", "empty", std::string());
  const auto image = file.image();
  CHECK(image.size() < (rows.size() * 8 + grid.size() * 4) / 2);  // compressed
  std::ofstream(folder.path() / "f.h5", std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
  const hdf5::Reader reader(folder.path() / "f.h5");
  CHECK(reader.read<double>("/a/rows") == rows);
  CHECK(reader.read<float>("/grid") == grid);
  CHECK(reader.shape("/a/rows") == hdf5::Shape{100003, 3});
  CHECK(reader.read<std::int64_t>("/none").empty());
  CHECK(reader.texts("/a", "words") == std::vector<std::string>{"one", "", "three"});
  CHECK(reader.text("/a", "empty").empty());
  CHECK(reader.has("/a/rows"));
  CHECK(!reader.has("/b/rows"));
  CHECK_THROWS_AS((void)reader.shape("/b"), IoError);
}

TEST_CASE("a snapshot has the layout of the contract") {
  const test::ScratchFolder folder;
  SnapshotWriter writer(folder.path(), usual_options());
  World world = test::made_up_world({.tick = 10});
  world.sites[0].events = {{54, 39, 9, 0, {1, 2, 3}},
                           {60, 100, -1, 1 + static_cast<std::uint8_t>(Leaving::Anoikis), {4, 5, 6}}};
  const fs::path path = writer.write(test::shuffled(world), "00112233445566778899aabbccddeeff");
  CHECK(path == folder.path() / "snapshots" / "snap_000000.h5");
  const SnapshotInfo info = read_snapshot_info(path);
  CHECK(info.time_h == 1.0);
  CHECK(info.step == 10);
  CHECK(info.seed == world.seed.value);
  CHECK(info.digest == "00112233445566778899aabbccddeeff");
  CHECK(info.run_id == "0123456789abcdef");
  REQUIRE(info.places.size() == 1);
  CHECK(info.places[0].cells == 40);

  const hdf5::Reader file(path);
  CHECK(file.text("/", "schedule") == "1. motility every 0.5 min\n");
  const auto columns = file.members("/cells");
  REQUIRE(columns.size() > 30);
  CHECK(std::vector<std::string>(columns.begin(), columns.begin() + 5) ==
        std::vector<std::string>{"position", "pakt", "vimentin_stability", "runx2_activity", "akt_total"});
  for (const NamedQuantity& q : states) CHECK(file.has("/cells/" + std::string(q.name)));
  for (const NamedQuantity& q : derived_signals) CHECK(file.has("/cells/" + std::string(q.name)));
  for (const PhenotypeName& p : phenotypes) CHECK(file.has("/cells/" + std::string(p.column)));
  for (const std::string& column : columns) {
    CHECK(file.has_attribute("/cells/" + column, "unit"));
    CHECK(!file.text("/cells/" + column, "long_name").empty());
  }
  CHECK(file.layout("/cells/position").type == hdf5::Type::Float64);
  CHECK(file.layout("/cells/pakt").type == hdf5::Type::Float32);
  CHECK(file.layout("/cells/type").type == hdf5::Type::UInt8);
  CHECK(file.texts("/cells/type", "names") == std::vector<std::string>{"sts", "fibroblast"});
  const auto id = file.read<std::int64_t>("/cells/id");
  const auto position = file.read<double>("/cells/position");
  const auto pakt = file.read<double>("/cells/pakt");
  const auto age = file.read<double>("/cells/age_h");
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK(id[i] == static_cast<std::int64_t>(i));
    CHECK(position[3 * i + 1] == 20 + 2 * static_cast<double>(i) + 10);
    CHECK(pakt[i] == doctest::Approx(static_cast<double>(i) / 100).epsilon(1e-6));
    CHECK(age[i] == 1.0);
  }

  CHECK(file.members("/lattice") ==
        std::vector<std::string>{"density", "pore", "stiffness", "alignment", "fibre", "crosslinking", "tissue"});
  CHECK(file.shape("/lattice/density") == hdf5::Shape{3, 5, 7});
  CHECK(file.shape("/lattice/fibre") == hdf5::Shape{3, 5, 7, 3});
  CHECK(file.numbers("/lattice", "origin") == std::vector<double>{5, 10, 2.5});
  CHECK(file.numbers("/lattice/density", "spacing") == std::vector<double>{10, 20, 5});
  CHECK(file.numbers("/lattice", "shape") == std::vector<double>{7, 5, 3});
  CHECK(file.read<double>("/lattice/density")[(2 * 5 + 4) * 7 + 6] == doctest::Approx(1.642));
  CHECK(file.read<double>("/lattice/alignment")[17] == doctest::Approx(0.5));
  CHECK(file.read<double>("/lattice/fibre")[3 * 17] == doctest::Approx(0.5));
  CHECK(file.read<double>("/lattice/fibre")[3 * 17 + 1] == doctest::Approx(0.0));
  CHECK(file.read<double>("/lattice/pore")[0] == doctest::Approx(34));  // 20 * 1.7 / 1
  CHECK(file.members("/fields") == std::vector<std::string>{"egf", "oxygen"});
  CHECK(file.text("/fields/oxygen", "unit") == "mmHg");
  CHECK(file.read<double>("/fields/egf")[(1 * 3 + 2) * 4 + 3] == 123);

  CHECK(file.read<double>("/events/time_h") == std::vector<double>{0.9, 1.0});
  CHECK(file.read<std::int64_t>("/events/parent") == std::vector<std::int64_t>{9, -1});
  CHECK(file.texts("/events/cause", "names").at(file.read<std::uint8_t>("/events/cause").at(1)) == "anoikis");
  CHECK(file.read<std::int64_t>("/vtk/offsets").size() == 41);
}

TEST_CASE("equal worlds give equal bytes, in any order of rows, on any number of threads, in memory or on disk") {
  // Enough cells and voxels for several chunks.
  const World world = test::made_up_world({.cells = 70003, .matrix_shape = {64, 50, 60}, .matrix_spacing = {1, 2, 0.25}});
  const test::ScratchFolder one, two, disk;
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const fs::path first = SnapshotWriter(one.path(), usual_options()).write(world, "d");
  omp_set_num_threads(3);
  const fs::path second = SnapshotWriter(two.path(), usual_options()).write(test::shuffled(world), "d");
  omp_set_num_threads(threads);
  CHECK(test::bytes_of(first) == test::bytes_of(second));
  CHECK(test::bytes_of(first).find("/tmp") == std::string::npos);
  CHECK(test::bytes_of(one.path() / "snapshots" / "cells_000000.hdf") ==
        test::bytes_of(two.path() / "snapshots" / "cells_000000.hdf"));

  SnapshotOptions options = usual_options();
  options.in_memory_limit = 0;
  const fs::path third = SnapshotWriter(disk.path(), options).write(world, "d");
  const hdf5::Reader a(first), b(third);
  CHECK(a.read<double>("/cells/position") == b.read<double>("/cells/position"));
  CHECK(a.read<float>("/lattice/density") == b.read<float>("/lattice/density"));
}

TEST_CASE("wells keep states in double precision; arrays can be chosen; nothing is there that has no content") {
  const test::ScratchFolder wells, chosen;
  const fs::path a = SnapshotWriter(wells.path(), usual_options())
                         .write(test::made_up_world({.matrix = false, .fields = false, .wells = true}), "d");
  const hdf5::Reader file(a);
  CHECK(file.layout("/cells/pakt").type == hdf5::Type::Float64);
  CHECK(file.read<double>("/cells/pakt")[7] == 0.07);
  CHECK(!file.has("/lattice"));
  CHECK(!file.has("/fields"));
  CHECK(!fs::exists(wells.path() / "lattice.hdf.series"));

  SnapshotOptions options = usual_options();
  options.all_arrays = false;
  options.arrays = {"fibre", "oxygen"};
  const hdf5::Reader few(SnapshotWriter(chosen.path(), options).write(test::made_up_world({}), "d"));
  CHECK(few.members("/lattice") == std::vector<std::string>{"fibre"});
  CHECK(few.members("/fields") == std::vector<std::string>{"oxygen"});
}

TEST_CASE("several sites share one file and have lists of their own") {
  const test::ScratchFolder folder;
  World world = test::made_up_world({});
  world.sites.push_back(test::made_up_world({.cells = 3, .fields = false}).sites[0]);
  world.sites[1].name = "lung";
  world.sites[1].ledger.stages = {0, 2.5, 1.25, 0.5, 0.125, 0};
  const fs::path path = SnapshotWriter(folder.path(), usual_options()).write(world, "d");
  const SnapshotInfo info = read_snapshot_info(path);
  const hdf5::Reader file(path);
  CHECK(file.read<double>("/sites/primary/stages") == std::vector<double>(stage_count, 0.0));
  CHECK(file.read<double>("/sites/lung/stages") == std::vector<double>{0, 2.5, 1.25, 0.5, 0.125, 0});
  CHECK(file.texts("/sites/lung/stages", "names") ==
        std::vector<std::string>{"intravasated", "lodged", "extravasated", "initiated", "dormant", "woken"});
  REQUIRE(info.places.size() == 2);
  CHECK(info.places[1].name == "lung");
  CHECK(info.places[1].cells == 3);
  CHECK(info.places[1].fields.arrays.empty());
  CHECK(fs::exists(folder.path() / "lung.cells.hdf.series"));
  CHECK(fs::exists(folder.path() / "snapshots" / "lung.lattice_000000.hdf"));
  CHECK(!fs::exists(folder.path() / "lung.fields.hdf.series"));
}

TEST_CASE("a writer goes on after the snapshots that are there") {
  const test::ScratchFolder whole, resumed;
  for (const auto* folder : {&whole, &resumed}) {
    auto writer = std::make_unique<SnapshotWriter>(folder->path(), usual_options());
    std::vector<FinishedFile> files;
    for (std::int64_t n = 0; n < 4; ++n) {
      if (n == 2) files = writer->files();
      if (n == 3 && folder == &resumed) {
        // Killed after the third; the checkpoint is from after the second.
        std::ofstream(folder->path() / "snapshots" / ".tmp-1-0") << "half";
        writer = std::make_unique<SnapshotWriter>(folder->path(), usual_options());
        writer->continue_after(2, files);
        CHECK(writer->count() == 2);
        CHECK(!fs::exists(folder->path() / "snapshots" / "snap_000002.h5"));
        CHECK(!fs::exists(folder->path() / "snapshots" / "cells_000002.hdf"));
        CHECK(!fs::exists(folder->path() / "snapshots" / ".tmp-1-0"));
        CHECK(test::bytes_of(folder->path() / "cells.hdf.series").find("000002") == std::string::npos);
        writer->write(test::made_up_world({.tick = 20}), "d");
      }
      writer->write(test::made_up_world({.tick = 10 * n}), "d");
    }
    writer->close();
    CHECK(writer->files().size() == 4 * 4);  // data, cells, lattice, fields
    for (const FinishedFile& file : writer->files()) {
      const FinishedFile there = examine_file(folder->path() / file.name);
      CHECK(there.bytes == file.bytes);
      CHECK(there.checksum == file.checksum);
    }
  }
  std::size_t compared = 0;
  for (const auto& entry : fs::recursive_directory_iterator(whole.path()))
    if (entry.is_regular_file()) {
      CHECK(test::bytes_of(entry.path()) == test::bytes_of(resumed.path() / fs::relative(entry.path(), whole.path())));
      ++compared;
    }
  CHECK(compared == 4 * 4 + 4);
}

TEST_CASE("a writer does not go on after snapshots that are missing or were changed, and deletes nothing then") {
  const test::ScratchFolder folder;
  std::vector<FinishedFile> files;
  {
    SnapshotWriter writer(folder.path(), usual_options());
    writer.write(test::made_up_world({}), "d");
    writer.write(test::made_up_world({.tick = 10}), "d");
    files = writer.files();
    writer.write(test::made_up_world({.tick = 20}), "d");
  }
  const auto refused = [&](std::size_t count, const std::vector<FinishedFile>& list) {
    try {
      SnapshotWriter(folder.path(), usual_options()).continue_after(count, list);
    } catch (const IoError& error) {
      CHECK(fs::exists(folder.path() / "snapshots" / "snap_000002.h5"));
      return static_cast<int>(error.code());
    }
    return 0;
  };
  for (const char* name : {"snap_000001.h5", "cells_000000.hdf"}) {
    const fs::path file = folder.path() / "snapshots" / name;
    const std::string good = test::bytes_of(file);
    for (const std::string& bad : {good + "x", good.substr(0, good.size() - 1), std::string(good.size(), 'x')}) {
      std::ofstream(file, std::ios::binary) << bad;
      CHECK(refused(2, files) == 65);
    }
    fs::remove(file);
    CHECK(refused(2, files) == 65);
    std::ofstream(file, std::ios::binary) << good;
  }
  std::ofstream(folder.path().parent_path() / "invado_foreign") << "x";
  for (const char* name : {"../invado_foreign", "snapshots/../../invado_foreign", "/etc/hostname", "snapshots/"}) {
    std::vector<FinishedFile> foreign = files;
    foreign.push_back({name, 1, std::string(32, '0')});
    CHECK_MESSAGE(refused(2, foreign) == 65, name);
  }
  fs::remove(folder.path().parent_path() / "invado_foreign");
  CHECK(refused(3, files) == 65);  // counts a snapshot whose file it does not name
  CHECK(refused(2, files) == 0);
}

TEST_CASE("going on says so before its first change, and leaves alone what is not of a run") {
  const test::ScratchFolder folder;
  std::vector<FinishedFile> files;
  {
    SnapshotWriter writer(folder.path(), usual_options());
    writer.write(test::made_up_world({}), "d");
    files = writer.files();
    writer.write(test::made_up_world({.tick = 10}), "d");
    writer.close();
  }
  const fs::path snapshots = folder.path() / "snapshots";
  std::vector<std::string> mine;
  for (const char* name : {"notes.txt", ".tmp-mine", "snap_final.h5", "my_000001.hdf", "snap_000001.h5.bak"}) {
    mine.emplace_back(name);
    std::ofstream(snapshots / name) << "mine";
  }
  std::ofstream(snapshots / ".tmp-12-3") << "half";
  const auto all = [&] {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
      if (entry.is_regular_file()) found[entry.path().string()] = test::bytes_of(entry.path());
    return found;
  };
  const auto before = all();
  int asked = 0;
  SnapshotWriter(folder.path(), usual_options()).continue_after(1, files, [&](const std::vector<FinishedFile>& staying) {
    ++asked;
    CHECK(all() == before);
    CHECK(staying.size() == files.size());
  });
  CHECK(asked == 1);
  CHECK(!fs::exists(snapshots / "snap_000001.h5"));
  CHECK(!fs::exists(snapshots / "lattice_000001.hdf"));
  CHECK(!fs::exists(snapshots / ".tmp-12-3"));
  for (const std::string& name : mine) CHECK_MESSAGE(test::bytes_of(snapshots / name) == "mine", name);
  // What is refused was not announced.
  std::ofstream(snapshots / "snap_000000.h5", std::ios::app) << "x";
  CHECK_THROWS_AS(SnapshotWriter(folder.path(), usual_options()).continue_after(1, files, [&](const auto&) { ++asked; }),
                  IoError);
  CHECK(asked == 1);
}

TEST_CASE("a snapshot whose seal cannot be written leaves no temporary file") {
  const test::ScratchFolder folder;
  SnapshotOptions options = usual_options();
  options.in_memory_limit = 0;
  const World world = test::made_up_world({});
  const auto size = fs::file_size(SnapshotWriter(folder.path(), options).write(world, "d"));
  fs::remove_all(folder.path() / "snapshots");
  CHECK(code_on_a_disk_of(size - 5, folder.path(), options, world) == 74);  // the data fit, the seal does not
  CHECK(fs::is_empty(folder.path() / "snapshots"));
}

TEST_CASE("a full disk leaves no snapshot under its name and code 74") {
  const test::ScratchFolder memory, disk;
  for (const bool in_memory : {true, false}) {
    const fs::path folder = (in_memory ? memory : disk).path();
    SnapshotOptions options = usual_options();
    if (!in_memory) options.in_memory_limit = 0;
    const World world = test::made_up_world({});
    CHECK(code_on_a_disk_of(4096, folder, options, world) == 74);
    CHECK(fs::is_empty(folder / "snapshots"));
  }
}

TEST_CASE("what is no snapshot is refused with code 65") {
  const test::ScratchFolder folder;
  std::ofstream(folder.path() / "picture.h5") << "no HDF5";
  CHECK_THROWS_AS((void)read_snapshot_info(folder.path() / "picture.h5"), IoError);
  auto other = hdf5::Writer::in_memory();
  other.attribute("/", "format", std::string("something else"));
  const auto image = other.image();
  std::ofstream(folder.path() / "other.h5", std::ios::binary)
      .write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
  try {
    (void)read_snapshot_info(folder.path() / "other.h5");
    FAIL("accepted");
  } catch (const IoError& error) {
    CHECK(error.code() == Exit::BadData);
  }
}

// Writes the run folders that the checks in Python open, when INVADO_SAMPLE_FOLDER says where.
TEST_CASE("sample folders") {
  const char* const target = std::getenv("INVADO_SAMPLE_FOLDER");
  const test::ScratchFolder scratch;
  const fs::path top = target != nullptr ? fs::path(target) : scratch.path();
  const auto write = [&](const char* name, const std::vector<MadeUp>& frames) {
    fs::create_directories(top / name);
    SnapshotWriter writer(top / name, usual_options());
    for (const MadeUp& frame : frames) writer.write(test::made_up_world(frame), "00112233445566778899aabbccddeeff");
    writer.close();
    CHECK(writer.count() == frames.size());
    CHECK(fs::exists(top / name / "cells.hdf.series"));
    CHECK(fs::exists(top / name / "run.xdmf"));
  };
  write("usual", {{.tick = 0}, {.tick = 10}, {.cells = 45, .tick = 25}});
  write("empty_later", {{.tick = 0}, {.cells = 0, .tick = 10}});
  write("empty", {{.cells = 0}});
  write("bare", {{.matrix = false, .fields = false}});
  write("thin", {{.matrix_shape = {7, 5, 1}, .matrix_spacing = {10, 20, 15}}});
  write("thread", {{.matrix_shape = {7, 1, 1}, .matrix_spacing = {10, 20, 15}}});
  {
    World world = test::made_up_world({});
    world.sites.push_back(test::made_up_world({.cells = 12}).sites[0]);
    world.sites[0].name = "primary", world.sites[1].name = "lung";
    fs::create_directories(top / "two_sites");
    SnapshotWriter(top / "two_sites", usual_options()).write(world, "00112233445566778899aabbccddeeff");
  }
  write("large", {{.cells = 70003, .matrix_shape = {64, 50, 60}, .matrix_spacing = {1, 2, 0.25}}});
}
