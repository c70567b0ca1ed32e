// Checkpoints that are damaged, foreign or forged are refused, each for its own reason and with code 65: here as a reader
// sees them, and written into a folder for tests/scenarios/bad_files.py, which gives them to the program. Most forged ones
// have the right checksum, and the digest of the state that is in them.
// Planted mistakes seen to fail: in CheckpointReader the checksum not compared, or only its first byte; counts believed up
// to an overflowing product; a second record of a name ignored; unknown records ignored; formats up to 100 read; sizes of
// elements not compared; files of refused checkpoints left open; in read_state lengths of columns (crash), the seed not
// compared. Without bounds of counts in invariants.cpp, and of ticks in FounderTracks, three were accepted.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "analysis/msd.h"
#include "analysis/observables.h"
#include "base/error.h"
#include "checkpoint_bytes.h"
#include "engine/stepper.h"
#include "io/checkpoint.h"
#include "made_up_world.h"
#include "model/digest.h"
#include "model/invariants.h"
#include "scenario/scenario.h"

namespace fs = std::filesystem;
using namespace invado;
using test::CheckpointRecord;
using test::raw;
using test::record_of;
using test::sealed;
using Records = std::vector<CheckpointRecord>;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity(), no_number = std::numeric_limits<double>::quiet_NaN();
const fs::path scenario_file = INVADO_SOURCE_DIR "/tests/unit/io/checkpoint.yaml";

void put(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// A good checkpoint of the small scenario, and what reads it.
struct Good {
  std::string bytes;
  World empty;  // of the scenario, without cells

  // As `invado resume` reads, up to the files that only a run folder has. Throws IoError.
  void open(const fs::path& file) const {
    CheckpointReader reader(file);
    for (const char* name : {"version", "commit", "run_id", "scenario"}) (void)reader.text(name);
    const std::string expected = reader.text("digest");
    World world = empty;
    read_state(reader, world);
    if (const auto violation = find_violation(world, Checks::Full, 0)) reader.fail(violation->text);
    if (digest(world) != expected) reader.fail("does not give the state that was saved (digest)");
    const auto read = [&](const std::string& at) {
      return [&reader, at](const std::string& name, auto& value) { reader.read(at + name, value); };
    };
    std::uint64_t number = 0;
    std::int64_t frames = 0;
    reader.read("snapshots.count", number);
    (void)reader.text("snapshots.files");
    for (const std::string at : {"series", "tracks"}) {
      reader.read(at + ".bytes", number);
      (void)reader.text(at + ".checksum");
    }
    reader.read("tracks.frames", frames);
    Observables curves(world);
    Observables::for_each_memory(curves, read("series."));
    if (!curves.consistent()) reader.fail("the samples in it do not fit the columns of series.csv");
    FounderTracks tracks;
    FounderTracks::for_each_memory(tracks, read("founders."));
    if (!tracks.consistent()) reader.fail("the tracks of the founders in it do not fit together");
    reader.expect_all_read();
  }

  // The digest of the state that is in these records, where they still make a state.
  void correct_digest(Records& records, const fs::path& scratch) const {
    put(scratch, test::checkpoint_of(records));
    try {
      CheckpointReader reader(scratch);
      World world = empty;
      read_state(reader, world);
      record_of(records, "digest").text(digest(world));
    } catch (const IoError&) {
    }
    fs::remove(scratch);
  }
};

// 23 steps of the small scenario, saved as a run saves.
Good good_checkpoint(const fs::path& folder) {
  Good good;
  Scenario scenario = load_scenario(scenario_file);
  good.empty = scenario.world;
  World world = std::move(scenario.world);
  Stepper stepper(std::move(scenario.schedule));
  place_founders(scenario, world);
  stepper.start(world);
  Observables curves(world);
  FounderTracks tracks;
  for (int step = 0; step < 23; ++step) {
    (void)curves.sample(world);
    tracks.add_frame(world);
    stepper.step(world);
  }
  CheckpointWriter writer;
  writer.text("version", "0.1.0");
  writer.text("commit", "0");
  writer.text("run_id", scenario.run_id);
  writer.text("scenario", scenario.resolved_yaml);
  writer.text("digest", digest(world));
  add_state(writer, world);
  const auto add = [&](const std::string& at) {
    return [&writer, at](const std::string& name, const auto& value) { writer.add(at + name, value); };
  };
  writer.add("snapshots.count", std::uint64_t{0});
  writer.text("snapshots.files", "");
  writer.add("series.bytes", std::uint64_t{0});
  writer.text("series.checksum", "");
  Observables::for_each_memory(curves, add("series."));
  writer.add("tracks.frames", std::int64_t{0});
  writer.add("tracks.bytes", std::uint64_t{0});
  writer.text("tracks.checksum", "");
  FounderTracks::for_each_memory(tracks, add("founders."));
  writer.write(folder / "good.ckpt");
  good.bytes = test::bytes_of(folder / "good.ckpt");
  return good;
}

struct Bad {
  std::string name;
  int code;             // of the reader
  std::string message;  // a part of what it says
  std::function<void(const fs::path&)> make;
  bool only_run = false;  // only a run folder shows that it is bad
};

// Every way to be bad, made out of a good one.
std::vector<Bad> bad_checkpoints(const Good& good) {
  std::vector<Bad> all;
  const auto special = [&](const std::string& name, int code, const std::string& message, auto make) {
    all.push_back({name, code, message, make});
  };
  const auto bytes = [&](const std::string& name, const std::string& message, const std::string& content) {
    all.push_back({name, 65, message, [content](const fs::path& file) { put(file, content); }});
  };
  const std::string& whole = good.bytes;
  const std::size_t size = whole.size();
  const auto changed = [&](std::size_t at, const std::string& with) {
    std::string copy = whole;
    return copy.replace(at, with.size(), with);
  };
  const auto flipped = [&](std::size_t at, int bit) {
    std::string copy = whole;
    copy[at] = static_cast<char>(copy[at] ^ (1 << bit));
    return copy;
  };
  // --- bytes are missing, too many, or others ---
  bytes("empty", "only 0 bytes", "");
  for (std::size_t n = 1; n < 16; ++n)
    bytes(fmt::format("cut_at_{}_16", n), "is damaged: it has", whole.substr(0, size * n / 16));
  bytes("cut_in_the_header", "only 23 bytes", whole.substr(0, 23));
  bytes("header_only", "only 24 bytes", whole.substr(0, 24));
  bytes("last_byte_missing", "is damaged: it has", whole.substr(0, size - 1));
  bytes("one_byte_more", "is damaged: it has", whole + "x");
  bytes("twice_in_a_row", "is damaged: it has", whole + whole);
  bytes("flipped_bit_in_magic", "is no checkpoint", flipped(3, 5));
  bytes("flipped_bit_in_version", "has format", flipped(9, 0));
  bytes("flipped_bit_in_byte_order", "byte order", flipped(13, 7));
  bytes("flipped_bit_in_length", "should have", flipped(18, 2));
  for (const auto& [what, at] : std::vector<std::pair<std::string, std::size_t>>{{"first_name_length", 24},
                                                                                 {"first_element_size", 28},
                                                                                 {"first_count", 36},
                                                                                 {"first_name", 41},
                                                                                 {"a_quarter", size / 4},
                                                                                 {"half", size / 2},
                                                                                 {"three_quarters", size * 3 / 4},
                                                                                 {"last_data", size - 17},
                                                                                 {"checksum", size - 16},
                                                                                 {"last_byte", size - 1}})
    bytes("flipped_bit_in_" + what, "checksum is wrong", flipped(at, 1));
  bytes("burst_in_first_record", "checksum is wrong", changed(26, "\x12\x34\x56\x78\x9a\xbc"));
  bytes("burst_of_64_in_the_middle", "checksum is wrong", changed(size / 2, std::string(64, '\xa5')));
  bytes("lost_block_of_512", "checksum is wrong", changed(size / 2 / 512 * 512, std::string(512, '\0')));
  bytes("lost_first_block", "is no checkpoint", changed(0, std::string(512, '\0')));
  bytes("two_blocks_exchanged", "checksum is wrong",
        whole.substr(0, 1024) + whole.substr(1536, 512) + whole.substr(1024, 512) + whole.substr(2048));
  bytes("all_zero", "is no checkpoint", std::string(size, '\0'));
  bytes("wrong_checksum_of_zeros", "checksum is wrong", changed(size - 16, std::string(16, '\0')));
  // --- another format ---
  const std::string body = whole.substr(0, size - 16);
  const auto header = [&](std::size_t at, const std::string& with) {
    std::string copy = body;
    return sealed(copy.replace(at, with.size(), with), at != 16);
  };
  bytes("next_format", "has format 3, this version of invado reads format 2", header(8, raw(std::uint32_t{3})));
  bytes("format_0", "has format 0, this version of invado reads format 2", header(8, raw(std::uint32_t{0})));
  bytes("far_format", "has format 4294967295", header(8, raw(std::uint32_t{0xffffffff})));
  bytes("big_endian", "another byte order", header(12, raw(std::uint32_t{0x04030201})));
  bytes("length_0", "should have 0", header(16, raw(std::uint64_t{0})));
  bytes("length_8_less", "should have", header(16, raw(std::uint64_t{size - 8})));
  bytes("length_without_end", "should have 18446744073709551615", header(16, raw(~std::uint64_t{0})));
  // --- something else altogether ---
  bytes("a_png", "is no checkpoint", "\x89PNG\r\n\x1a\n" + std::string(500, '\x42'));
  bytes("an_hdf5_file", "is no checkpoint", "\x89HDF\r\n\x1a\n" + std::string(2000, '\0'));
  bytes("a_gzip_file", "is no checkpoint", "\x1f\x8b\x08" + std::string(100, '\x07'));
  bytes("a_text", "is no checkpoint", "time_h,cells\n0,100\n0.5,101\n1,103\n1.5,104\n2,104\n");
  bytes("magic_only", "only 8 bytes", "INVADOCP");
  special("missing", 66, "cannot open the checkpoint", [](const fs::path&) {});
  special("dangling_link", 66, "cannot open the checkpoint", [](const fs::path& f) { fs::create_symlink("nowhere", f); });
  special("link_to_itself", 65, "cannot open the checkpoint",
          [](const fs::path& f) { fs::create_symlink(f.filename(), f); });
  special("directory", 65, "is not a regular file", [](const fs::path& f) { fs::create_directory(f); });
  special("pipe", 65, "is not a regular file", [](const fs::path& f) { REQUIRE(::mkfifo(f.c_str(), 0600) == 0); });
  special("endless_device", 65, "is not a regular file", [](const fs::path& f) { fs::create_symlink("/dev/zero", f); });

  // --- records that do not fit, with the right checksum ---
  const Records records = test::records_of(whole);
  const auto forged = [&](const std::string& name, const std::string& message, const std::function<void(Records&)>& change) {
    Records copy = records;
    change(copy);
    bytes(name, message, test::checkpoint_of(copy));
  };
  const std::string x = "world.primary.cells.x", id = "world.primary.cells.id", fibre = "world.primary.matrix.fibre";
  const auto claim = [&](std::uint64_t count, std::uint32_t element) {
    return [=](Records& r) {
      record_of(r, x).count = count;
      record_of(r, x).element_bytes = element;
    };
  };
  forged("1e18_elements", "more than the file holds", claim(1000000000000000000u, 8));
  forged("2_to_64_elements", "more than the file holds", claim(~std::uint64_t{0}, 8));
  forged("product_that_overflows_to_0", "more than the file holds", claim(std::uint64_t{1} << 61, 8));
  forged("product_that_overflows_to_1", "more than the file holds", claim(0xaaaaaaaaaaaaaaabu, 3));
  forged("padding_that_overflows", "more than the file holds", claim(~std::uint64_t{0} - 3, 1));
  forged("elements_of_0_bytes", "more than the file holds", claim(5, 0));
  forged("elements_of_4_GiB", "more than the file holds", claim(1, 0xffffffffu));
  const auto claim_name = [&](std::uint32_t length) { return [=](Records& r) { record_of(r, x).name_bytes = length; }; };
  forged("name_of_0_bytes", "impossible name", claim_name(0));
  forged("name_of_1e9_bytes", "impossible name", claim_name(1000000000));
  forged("name_of_4_GiB", "impossible name", claim_name(0xffffffffu));
  forged("name_of_513_bytes", "impossible name", [&](Records& r) { record_of(r, x).name = std::string(513, 'x'); });
  bytes("record_cut_off", "cut off", sealed(body + raw(std::uint64_t{5})));
  bytes("no_record", "has no record", sealed(body.substr(0, 24)));
  forged("record_missing", "has no record '" + x + "'",
         [&](Records& r) { std::erase_if(r, [&](const CheckpointRecord& one) { return one.name == x; }); });
  forged("record_renamed", "has no record '" + x + "'",
         [&](Records& r) { record_of(r, x).name = "world.primary.cells.xx"; });
  forged("record_twice", "has two records '" + x + "'", [&](Records& r) { r.push_back(record_of(r, x)); });
  forged("record_unknown", "has a record 'world.primary.cells.mood'", [&](Records& r) {
    r.push_back({"world.primary.cells.mood", 8, 1, std::string(8, '\0'), {}});
  });
  forged("name_with_control_characters", "impossible name", [&](Records& r) {
    r.push_back({"\x1b[31m\n", 8, 1, std::string(8, '\0'), {}});
  });
  forged("doubles_as_floats", "has elements of 4 bytes, 8 are expected", [&](Records& r) {
    record_of(r, x).element_bytes = 4;
    record_of(r, x).count *= 2;
  });
  forged("two_seeds", "record 'world.seed' has 2 elements, 1 are expected",
         [&](Records& r) { record_of(r, "world.seed").resize(2); });
  forged("no_next_id", "record 'world.next_id' has 0 elements",
         [&](Records& r) { record_of(r, "world.next_id").resize(0); });

  // --- states that cannot be, with the right checksum and digest ---
  const auto state = [&](const std::string& name, const std::string& message, const std::function<void(Records&)>& change) {
    Records copy = records;
    change(copy);
    good.correct_digest(copy, fs::temp_directory_path() / ("invado_forged_" + std::to_string(::getpid())));
    bytes(name, message, test::checkpoint_of(copy));
  };
  const auto cell = [](const std::string& column) { return "world.primary.cells." + column; };
  const auto set = [&](const std::string& record, auto value, std::size_t at = 0) {
    return [=](Records& r) { record_of(r, record).set(at, value); };
  };
  const auto longer = [](const std::string& record, int by) {
    return [=](Records& r) {
      CheckpointRecord& one = record_of(r, record);
      one.resize(one.count + static_cast<std::uint64_t>(by));
    };
  };
  state("a_column_too_short", "column x of the cells has", longer(x, -1));
  state("a_column_too_long", "column treated of the cells has", longer(cell("treated"), 1));
  state("more_ids_than_cells", "of the cells has", longer(id, 1));
  state("matrix_of_another_size", "matrix density has", longer("world.primary.matrix.density", -1));
  state("tissue_of_another_size", "matrix tissue has", longer("world.primary.matrix.tissue", 1));
  state("fibres_of_another_size", "matrix fibre has", longer(fibre, -1));
  state("no_matrix", "matrix density has 0", [&](Records& r) { record_of(r, "world.primary.matrix.density").resize(0); });
  state("field_of_another_size", "field oxygen has", longer("world.primary.fields.oxygen.value", 1));
  state("another_seed", "has seed 12, the scenario 11", set("world.seed", std::uint64_t{12}));
  state("another_step", "has steps of 30000000 us", set("world.clock.tick_us", std::int64_t{30000000}));
  state("steps_of_nothing", "has steps of 0 us", set("world.clock.tick_us", std::int64_t{0}));
  state("negative_time", "says that it is of step -1", set("world.clock.tick", std::int64_t{-1}));
  state("endless_time", "says that it is of step 4294967296", set("world.clock.tick", std::int64_t{4294967296}));
  state("position_nan", "x = nan um, must be finite", set(x, no_number));
  state("position_infinite", "y = inf um, must be finite", set(cell("y"), infinity));
  state("position_outside", "must lie in [0, 60] um", set(x, 60.5));
  state("position_minus_tiny", "must lie in [0, 60] um", set(cell("z"), -1e-300));
  state("walk_nan", "must be finite", set(cell("ux"), -no_number));
  state("two_cells_of_one_id", "the id of more than one cell",
        [&](Records& r) { record_of(r, id).set(1, record_of(r, id).get<std::int64_t>(0)); });
  state("id_that_was_never_given", "its id must lie in", set(id, std::int64_t{1000000}));
  state("negative_id", "its id must lie in", set(id, std::int64_t{-1}));
  state("next_id_too_small", "its id must lie in [0, 1)", set("world.next_id", std::int64_t{1}));
  state("next_id_negative", "next id -9223372036854775808, must not be negative",
        set("world.next_id", std::numeric_limits<std::int64_t>::min()));
  state("next_id_at_the_end", "next id 9223372036854775807, must be at most",
        set("world.next_id", std::numeric_limits<std::int64_t>::max()));
  state("parent_younger", "parent", set(cell("parent"), std::int64_t{10}));
  state("founder_unknown", "founder", set(cell("founder"), std::int64_t{1000000}));
  state("type_out_of_range", "type = 200, must lie in [0, 2)", set(cell("type"), std::uint8_t{200}));
  state("population_out_of_range", "origin = 2, must lie in [0, 2)", set(cell("origin"), std::uint8_t{2}));
  state("unknown_perturbation", "treated", set(cell("treated"), std::uint64_t{1} << 63));
  state("radius_0", "radius = 0 um, must be positive", set(cell("radius"), 0.0));
  state("radius_negative", "radius = -8 um, must be positive", set(cell("radius"), -8.0));
  state("born_later", "born_min", set(cell("born_min"), 1e9));
  state("crossed_a_closed_wall", "wrap_x = 3, must be 0", set(cell("wrap_x"), std::int32_t{3}));
  state("half_anchored", "anchored = 2", set(cell("anchored"), std::uint8_t{2}));
  state("negative_level", "pakt = -1", set(cell("pakt"), -1.0));
  state("extrinsic_without_limit", "extrinsic_pi3k_input", set(cell("extrinsic_pi3k_input"), 1e300));
  state("speed_nan", "must be finite", set(cell("speed_um_h"), std::numeric_limits<float>::quiet_NaN()));
  state("negative_density", "density -0.5 mg/ml, must not be negative", set("world.primary.matrix.density", -0.5));
  state("density_from_nowhere", "density", set("world.primary.matrix.density", 50.0));
  state("density_of_another_start", "matrix: holds", set("world.primary.matrix.density_start", 3.0));
  state("crosslinking_below_1", "crosslinking 0.5, must be at least 1", set("world.primary.matrix.crosslinking", 0.5f));
  state("unknown_tissue", "tissue 8, must be one of the tissues", set("world.primary.matrix.tissue", std::uint8_t{8}));
  state("fibres_of_trace_2", "must have the trace 1", set(fibre, FibreTensor{1.5f, 0, 0, 0, 0, 0}));
  state("fibres_nan", "fibre tensor", set(fibre, FibreTensor{1, 0, 0, std::numeric_limits<float>::quiet_NaN(), 0, 0}));
  state("degraded_nan", "matrix: an entry of its ledger is nan", set("world.primary.matrix.degraded_mg_um3", no_number));
  state("degraded_elsewhere", "matrix: holds", set("world.primary.matrix.degraded_mg_um3", 1e7));
  state("negative_concentration", "must not be negative", set("world.primary.fields.mmp.value", -1e-9));
  state("oxygen_nan", "must be finite", set("world.primary.fields.oxygen.value", no_number));
  state("secreted_infinite", "field mmp: amount", set("world.primary.fields.mmp.secreted", infinity));
  state("secreted_by_nobody", "field mmp: amount", set("world.primary.fields.mmp.secreted", 1e9));
  state("a_founder_too_many", "but 12 founders", set("world.primary.ledger.founders", std::int64_t{12}));
  state("negative_births", "the ledger counts -5", set("world.primary.ledger.births", std::int64_t{-5}));
  state("departures_that_overflow", "the ledger counts 9223372036854775807", [&](Records& r) {
    record_of(r, "world.primary.ledger.departures.apoptosis").set(0, std::numeric_limits<std::int64_t>::max());
    record_of(r, "world.primary.ledger.departures.anoikis").set(0, std::numeric_limits<std::int64_t>::max());
  });
  state("ledger_of_types_that_overflows", "the ledger counts 9223372036854775807", [&](Records& r) {
    for (std::size_t n = 1; n < 11; ++n)
      record_of(r, "world.primary.ledger.types").set(n, std::numeric_limits<std::int64_t>::max());
  });
  state("ledger_of_three_types", "0 cells of type 2, but 5 founders", [&](Records& r) {
    CheckpointRecord& types = record_of(r, "world.primary.ledger.types");
    types.resize(3);
    types.set(2 * 11, std::int64_t{5});
  });
  state("event_of_the_future", "event of cell", set("world.primary.events", 1e6));
  state("event_of_no_kind", "event of cell", set("world.primary.events", std::int64_t{99}, 3));
  state("event_nowhere", "event of cell", set("world.primary.events", no_number, 5));
  state("extra_substeps_negative", "mechanics_substeps", set("world.diagnostics.mechanics_substeps", std::int64_t{-1}));
  state("transport_error_nan", "transport_error", set("world.diagnostics.transport_error", no_number));
  forged("state_of_another_digest", "does not give the state that was saved",
         [&](Records& r) { record_of(r, x).set(0, std::nextafter(record_of(r, x).get<double>(0), 0.0)); });
  forged("no_digest", "does not give the state that was saved", [&](Records& r) { record_of(r, "digest").text(""); });

  // --- what curves and tracks remember does not fit ---
  forged("history_of_half_a_sample", "do not fit the columns", longer("series.history", -1));
  forged("tracks_of_other_length", "do not fit together", longer("founders.length", -1));
  forged("tracks_without_start", "do not fit together", [&](Records& r) { record_of(r, "founders.start").resize(0); });
  forged("tracks_of_one_frame_less", "do not fit together", longer("founders.displacement", -3));
  forged("track_longer_than_time", "do not fit together", set("founders.length", std::uint64_t{1000}));
  forged("tracks_out_of_order", "do not fit together", set("founders.id", std::int64_t{99}));
  forged("tracks_without_end", "do not fit together", set("founders.frames", ~std::uint64_t{0}));
  forged("tracks_of_a_negative_interval", "do not fit together", set("founders.interval_ticks", std::int64_t{-1}));
  forged("tracks_from_the_end_of_time", "do not fit together",
         set("founders.first_tick", std::numeric_limits<std::int64_t>::max()));

  // --- what only the folder of the run tells ---
  const auto run = [&](const std::string& name, const std::string& message, const std::function<void(Records&)>& change) {
    forged(name, message, change);
    all.back().only_run = true;
  };
  const auto text = [](const std::string& record, const std::string& value) {
    return [=](Records& r) { record_of(r, record).text(value); };
  };
  const auto replaced = [](const std::string& record, const std::string& from, const std::string& to) {
    return [=](Records& r) {
      std::string now = record_of(r, record).data;
      const std::size_t at = now.find(from);
      if (at != std::string::npos) now.replace(at, from.size(), to);
      record_of(r, record).text(now);
    };
  };
  run("another_run", "is understood differently than when the run began", text("run_id", std::string(32, '0')));
  run("a_run_that_steers_terminals", "run \\x1b[31m", text("run_id", "\x1b[31m"));
  run("a_scenario_that_steers_terminals", "doubling: \\x1b[2J in the run",
      replaced("scenario", "doubling: 0.3 h", "doubling: \x1b[2J"));
  run("another_scenario", "doubling: 0.5 h in the run, 0.3 h here",
      replaced("scenario", "doubling: 0.3 h", "doubling: 0.5 h"));
  run("no_scenario", "in the run", text("scenario", ""));
  run("series_longer_than_the_file", "are expected", set("series.bytes", std::uint64_t{1000000000}));
  run("series_without_end", "are expected", set("series.bytes", ~std::uint64_t{0}));
  run("series_of_other_content", "has changed since the checkpoint", text("series.checksum", std::string(32, '0')));
  run("tracks_longer_than_the_file", "are expected", set("tracks.bytes", std::uint64_t{1000000000}));
  run("tracks_of_other_content", "has changed since the checkpoint", text("tracks.checksum", "rubbish"));
  run("tracks_of_negative_frames", "counts -1 frames of tracks.csv", set("tracks.frames", std::int64_t{-1}));
  run("1e18_snapshots", "counts 1000000000000000000 snapshots", set("snapshots.count", std::uint64_t{1000000000000000000}));
  run("one_snapshot_more", "does not name snap_", [&](Records& r) {
    record_of(r, "snapshots.count").set(0, record_of(r, "snapshots.count").get<std::uint64_t>(0) + 1);
  });
  run("snapshot_of_other_content", "is missing or has changed",
      replaced("snapshots.files", "snapshots/snap_000001.h5", "snapshots/snap_000002.h5"));
  run("file_above_the_folder", "is no file of this run",
      replaced("snapshots.files", "snapshots/snap_000001.h5", "../../etc/passwd"));
  run("file_through_the_folder", "is no file of this run",
      replaced("snapshots.files", "snapshots/snap_000001.h5", "snapshots/../../x"));
  run("file_of_the_system", "is no file of this run",
      replaced("snapshots.files", "snapshots/snap_000001.h5", "/etc/passwd"));
  run("list_of_rubbish", "has a broken list of snapshots", text("snapshots.files", "rubbish\n\x1b[31m\n"));
  run("list_without_a_wrapper", "the checkpoint does not name", [&](Records& r) {
    std::string now = record_of(r, "snapshots.files").data;
    if (!now.empty()) now.pop_back();
    record_of(r, "snapshots.files").text(now.substr(0, now.rfind('\n') + 1));
  });
  run("list_that_ends_early", "has a broken list of snapshots", [&](Records& r) {
    std::string now = record_of(r, "snapshots.files").data;
    record_of(r, "snapshots.files").text(now.substr(0, now.rfind(' ')));
  });
  return all;
}

int refusal(const Good& good, const fs::path& file, std::string& message) {
  try {
    good.open(file);
  } catch (const IoError& error) {
    message = error.what();
    return static_cast<int>(error.code());
  }
  return 0;
}

long peak_kilobytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

// The same numbers everywhere.
struct Dice {
  std::uint64_t state;
  std::uint64_t operator()() {
    state += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
};

}  // namespace

TEST_CASE("bad checkpoints are refused, each for its reason, in little memory") {
  const test::ScratchFolder folder;
  const Good good = good_checkpoint(folder.path());
  good.open(folder.path() / "good.ckpt");
  CHECK((test::checkpoint_of(test::records_of(good.bytes)) == good.bytes));  // the tests know the format
  std::set<std::string> names;
  int refused = 0;
  const std::vector<Bad> all = bad_checkpoints(good);
  const long before = peak_kilobytes();
  for (const Bad& bad : all) {
    const fs::path file = folder.path() / "bad.ckpt";
    fs::remove(file);
    bad.make(file);
    CHECK_MESSAGE(names.insert(bad.name).second, bad.name);
    std::string message;
    const int code = refusal(good, file, message);
    if (bad.only_run) continue;
    CHECK_MESSAGE(code == bad.code, bad.name, ": ", message);
    CHECK_MESSAGE(message.find(bad.message) != std::string::npos, bad.name, ": ", message);
    refused += code != 0;
    fs::remove(file);
  }
  CHECK(refused >= 60);
  CHECK(peak_kilobytes() - before < 64 * 1024);
  MESSAGE(all.size(), " bad checkpoints, ", refused, " refused by the reader, the others are for a run folder");
}

TEST_CASE("no record can be left out, doubled or made to hold other elements") {
  const test::ScratchFolder folder;
  const Good good = good_checkpoint(folder.path());
  const Records records = test::records_of(good.bytes);
  const fs::path file = folder.path() / "bad.ckpt";
  int refused = 0, trials = 0;
  for (std::size_t n = 0; n < records.size(); ++n) {
    const auto attempt = [&](const std::string& what, const std::function<void(Records&)>& change) {
      Records copy = records;
      change(copy);
      put(file, test::checkpoint_of(copy));
      std::string message;
      const int code = refusal(good, file, message);
      ++trials;
      refused += code == 65;
      CHECK_MESSAGE(code == 65, records[n].name, " ", what);
    };
    attempt("left out", [&](Records& r) { r.erase(r.begin() + static_cast<std::ptrdiff_t>(n)); });
    attempt("doubled", [&](Records& r) { r.insert(r.begin(), r[n]); });
    attempt("renamed", [&](Records& r) { r[n].name += "_"; });
    attempt("of elements of 16 bytes", [&](Records& r) {
      r[n].element_bytes = 16;
      r[n].data.resize(16 * r[n].count);
    });
  }
  MESSAGE(records.size(), " records, ", trials, " trials, ", trials - refused, " accepted");
  CHECK(refused == trials);
}

TEST_CASE("of a thousand flipped bits and a thousand bursts of bytes none is accepted") {
  const test::ScratchFolder folder;
  const Good good = good_checkpoint(folder.path());
  const fs::path file = folder.path() / "bad.ckpt";
  Dice dice{20261120};
  int accepted = 0, other_codes = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes = good.bytes;
    const std::size_t length = trial < 1000 ? 1 : 2 + dice() % 40;
    // Half of them near the beginning, where lengths and names are.
    const std::size_t at = dice() % (trial % 2 == 0 ? bytes.size() - length : 600);
    for (std::size_t i = 0; i < length; ++i)
      bytes[at + i] = static_cast<char>(trial < 1000 ? bytes[at] ^ (1 << dice() % 8) : static_cast<int>(dice() % 256));
    if (bytes == good.bytes) bytes[at] = static_cast<char>(bytes[at] ^ 1);
    put(file, bytes);
    try {
      CheckpointReader reader(file);
      ++accepted;
    } catch (const IoError& error) {
      other_codes += error.code() != Exit::BadData;
    }
  }
  CHECK(accepted == 0);
  CHECK(other_codes == 0);
  MESSAGE("2000 trials, ", accepted, " accepted");
}

TEST_CASE("a refused checkpoint is closed again: with few files allowed, the good one still opens after hundreds") {
  const test::ScratchFolder folder;
  const Good good = good_checkpoint(folder.path());
  const fs::path file = folder.path() / "bad.ckpt", whole = folder.path() / "whole.ckpt";
  put(whole, good.bytes);
  const auto open_files = [] { return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator()); };
  const auto before = open_files();
  rlimit usual{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &usual) == 0);
  const rlimit few{static_cast<rlim_t>(before) + 8, usual.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
  Dice dice{20261121};
  int refused = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::string bytes = good.bytes;
    bytes.resize(trial % 3 == 0 ? dice() % bytes.size() : bytes.size());
    if (!bytes.empty()) bytes[dice() % bytes.size()] ^= 1;
    put(file, bytes);
    try {
      CheckpointReader reader(file);
    } catch (const IoError&) {
      ++refused;
    }
  }
  for (int trial = 0; trial < 20; ++trial) CHECK_NOTHROW((void)CheckpointReader(whole).text("run_id"));
  CHECK(open_files() == before);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &usual) == 0);
  CHECK(refused == 300);
}

TEST_CASE("numbers, texts and lists come back, and nothing is there until the file is whole") {
  const test::ScratchFolder folder;
  const fs::path file = folder.path() / "a.ckpt";
  const std::vector<double> list{1.5, -0.0, no_number};
  const std::vector<std::uint8_t> odd{1, 2, 3}, none;
  CheckpointWriter writer;
  writer.text("text", std::string("with \0 and \n", 12));
  writer.text("no text", "");
  writer.add("number", std::int64_t{-5});
  writer.add("list", list);
  writer.add("odd", odd);
  writer.add("none", none);
  CHECK(!fs::exists(file));
  writer.write(file);
  CHECK(fs::file_size(file) == writer.bytes());
  CHECK(folder.entries() == 1);
  CheckpointReader reader(file);
  std::int64_t number = 0;
  std::vector<double> list_back{7};
  std::vector<std::uint8_t> odd_back, none_back{9};
  reader.read("number", number);
  reader.read("list", list_back);
  reader.read("odd", odd_back);
  CHECK_THROWS_AS(reader.expect_all_read(), IoError);
  reader.read("none", none_back);
  CHECK(number == -5);
  CHECK((test::bytes_of(file).substr(0, 8) == "INVADOCP"));
  CHECK(std::memcmp(list_back.data(), list.data(), 24) == 0);
  CHECK(odd_back == odd);
  CHECK(none_back.empty());
  CHECK((reader.text("text") == std::string("with \0 and \n", 12)));
  CHECK(reader.text("no text").empty());
  reader.expect_all_read();
  CHECK_THROWS_AS((void)reader.text("number"), IoError);
  CHECK_THROWS_AS(reader.read("list", number), IoError);
}

// For tests/scenarios/bad_files.py: all of them, made out of the checkpoint of a run, and what to expect of each.
TEST_CASE("corpus of bad checkpoints") {
  const char* const target = std::getenv("INVADO_CORPUS_FOLDER");
  if (target == nullptr) return;
  const fs::path top = target;
  Good good;
  good.empty = load_scenario(scenario_file).world;
  good.bytes = test::bytes_of(top / "good.ckpt");
  fs::create_directory(top / "checkpoints");
  std::ofstream index(top / "checkpoints.tsv");
  for (const Bad& bad : bad_checkpoints(good)) {
    bad.make(top / "checkpoints" / bad.name);
    index << bad.name << '\t' << (bad.only_run ? "run" : "reader") << '\t' << bad.message << '\n';
  }
}
