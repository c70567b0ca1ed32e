// Snapshots that are damaged or foreign are refused with code 65 before HDF5 opens them, those with the right seal and wrong
// content by their reader; and they are written into a folder for tests/scenarios/bad_files.py.
// Planted mistakes seen to fail: the seal not compared (HDF5 crashes), formats up to 100 read. A snapshot without positions
// was accepted at first.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "base/error.h"
#include "io/hdf5.h"
#include "io/snapshot.h"
#include "made_up_world.h"

namespace fs = std::filesystem;
using namespace invado;

namespace {

void put(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::string seal_of(const std::string& bytes) {
  Checksum checksum;
  checksum.add(bytes);
  return "\ninvado snapshot xxh3-128 " + checksum.hex() + "\n";
}
std::string sealed(const std::string& bytes) { return bytes + seal_of(bytes); }
constexpr std::size_t seal_words = 26, seal_bytes = seal_words + 32 + 1;

std::string good_snapshot(const fs::path& folder) {
  SnapshotWriter writer(folder, {.run_id = "0123456789abcdef", .schedule = "1. motility every 0.5 min\n"});
  return test::bytes_of(writer.write(test::made_up_world({.cells = 12, .tick = 10}), "00112233445566778899aabbccddeeff"));
}

// A sealed HDF5 file made for the occasion.
std::string hdf5_file(const std::function<void(hdf5::Writer&)>& fill) {
  auto file = hdf5::Writer::in_memory();
  fill(file);
  const std::vector<std::byte> image = file.image();
  return sealed(std::string(reinterpret_cast<const char*>(image.data()), image.size()));
}

// What every snapshot has, but for what `leave_out` names.
void basics(hdf5::Writer& file, const std::set<std::string>& leave_out = {}) {
  const auto attribute = [&](const char* name, const hdf5::Attribute& value) {
    if (!leave_out.contains(name)) file.attribute("/", name, value);
  };
  attribute("format", std::string("invado snapshot"));
  attribute("format_version", std::int64_t{1});
  attribute("time_h", 1.0);
  attribute("step", std::int64_t{10});
  attribute("seed", std::uint64_t{5});
  attribute("digest", std::string("00"));
  attribute("run_id", std::string("00"));
  if (leave_out.contains("cells")) return;
  file.group("/cells");
  if (!leave_out.contains("position")) file.dataset<double>("/cells/position", std::vector<double>(6), {2, 3});
}

struct Bad {
  std::string name;
  int code;
  std::string message;
  std::function<void(const fs::path&)> make;
};

std::vector<Bad> bad_snapshots(const std::string& whole) {
  std::vector<Bad> all;
  const auto bytes = [&](const std::string& name, const std::string& message, const std::string& content) {
    all.push_back({name, 65, message, [content](const fs::path& file) { put(file, content); }});
  };
  const auto special = [&](const std::string& name, int code, const std::string& message, auto make) {
    all.push_back({name, code, message, make});
  };
  const std::string body = whole.substr(0, whole.size() - seal_bytes);
  const auto flipped = [&](std::size_t at, int bit) {
    std::string copy = whole;
    copy[at] = static_cast<char>(copy[at] ^ (1 << bit));
    return copy;
  };
  // --- bytes are missing, too many, or others ---
  bytes("empty", "its end is missing", "");
  for (std::size_t n = 1; n < 8; ++n)
    bytes("cut_at_" + std::to_string(n) + "_8", "its end is missing", whole.substr(0, whole.size() * n / 8));
  bytes("last_byte_missing", "its end is missing", whole.substr(0, whole.size() - 1));
  bytes("one_byte_more", "its end is missing", whole + "x");
  bytes("seal_missing", "its end is missing", body);
  bytes("seal_only", "is damaged: its checksum is wrong", whole.substr(body.size()));
  bytes("seal_half", "its end is missing", whole.substr(0, body.size() + 30));
  bytes("seal_of_zeros", "its checksum is wrong", body + "\ninvado snapshot xxh3-128 " + std::string(32, '0') + "\n");
  bytes("seal_in_capitals", "its checksum is wrong", [&] {
    std::string copy = whole;
    for (std::size_t i = body.size() + seal_words; i < copy.size(); ++i)
      if (copy[i] >= 'a' && copy[i] <= 'f') copy[i] = static_cast<char>(copy[i] - 'a' + 'A');
    return copy;
  }());
  bytes("seal_of_another_file", "its checksum is wrong", body + seal_of("another"));
  for (const auto& [what, at] : std::vector<std::pair<std::string, std::size_t>>{{"signature", 1},
                                                                                 {"superblock", 9},
                                                                                 {"superblock_address", 40},
                                                                                 {"root_group", 110},
                                                                                 {"a_quarter", body.size() / 4},
                                                                                 {"half", body.size() / 2},
                                                                                 {"three_quarters", body.size() * 3 / 4},
                                                                                 {"last_data", body.size() - 1},
                                                                                 {"checksum", whole.size() - 5}})
    bytes("flipped_bit_in_" + what, "its checksum is wrong", flipped(at, 1));
  bytes("flipped_bit_in_words_of_seal", "its end is missing", flipped(body.size() + 4, 1));
  bytes("burst_in_superblock", "its checksum is wrong", std::string(whole).replace(8, 8, "\1\2\3\4\5\6\7\x8"));
  bytes("lost_block_of_512", "its checksum is wrong", std::string(whole).replace(1024, 512, std::string(512, '\0')));
  bytes("all_zero", "its end is missing", std::string(whole.size(), '\0'));
  // --- something else altogether ---
  bytes("a_png", "is no snapshot of invado", "\x89PNG\r\n\x1a\n" + std::string(500, '\x42'));
  bytes("a_gzip_file", "is no snapshot of invado", "\x1f\x8b\x08" + std::string(200, '\x07'));
  bytes("a_text", "is no snapshot of invado", "time_h,cells\n0,100\n0.5,101\n");
  bytes("a_checkpoint", "is no snapshot of invado", "INVADOCP" + std::string(200, '\1'));
  special("missing", 66, "No such file", [](const fs::path&) {});
  special("dangling_link", 66, "No such file", [](const fs::path& f) { fs::create_symlink("nowhere", f); });
  special("directory", 65, "is not a regular file", [](const fs::path& f) { fs::create_directory(f); });
  special("pipe", 65, "is not a regular file", [](const fs::path& f) { REQUIRE(::mkfifo(f.c_str(), 0600) == 0); });
  special("endless_device", 65, "is not a regular file", [](const fs::path& f) { fs::create_symlink("/dev/zero", f); });
  // --- sealed, and not a snapshot ---
  bytes("sealed_nothing", "cannot be opened as an HDF5 file", sealed(""));
  bytes("sealed_text", "cannot be opened as an HDF5 file", sealed("no HDF5 at all"));
  bytes("sealed_half", "truncated file", sealed(body.substr(0, body.size() / 2)));
  bytes("foreign_hdf5", "its end is missing", [] {
    const std::string file = hdf5_file([](hdf5::Writer& w) { w.attribute("/", "format", std::string("something else")); });
    return file.substr(0, file.size() - seal_bytes);
  }());
  const auto forged = [&](const std::string& name, const std::string& message,
                          const std::function<void(hdf5::Writer&)>& fill) { bytes(name, message, hdf5_file(fill)); };
  forged("sealed_foreign_hdf5", "not a snapshot", [](hdf5::Writer& w) { w.attribute("/", "name", std::string("x")); });
  forged("format_of_somebody_else", "not a snapshot",
         [](hdf5::Writer& w) { w.attribute("/", "format", std::string("else")); });
  forged("format_that_is_a_number", "is not text", [](hdf5::Writer& w) { w.attribute("/", "format", 1.0); });
  for (const std::int64_t version : {0, 2, -1, 1000000})
    forged("format_" + std::to_string(version), "snapshot format " + std::to_string(version) + ", this release reads 1",
           [version](hdf5::Writer& w) {
             basics(w, {"format_version", "cells"});
             w.attribute("/", "format_version", version);
           });
  for (const char* name : {"format_version", "time_h", "step", "seed", "digest", "run_id", "cells"})
    forged(std::string("without_") + name, name, [name](hdf5::Writer& w) { basics(w, {name}); });
  forged("without_position", "position", [](hdf5::Writer& w) { basics(w, {"position"}); });
  forged("time_that_is_text", "time_h: no appropriate function", [](hdf5::Writer& w) {
    basics(w, {"time_h"});
    w.attribute("/", "time_h", std::string("late"));
  });
  forged("two_seeds", "is not one number", [](hdf5::Writer& w) {
    basics(w, {"seed"});
    w.attribute("/", "seed", std::vector<std::int64_t>{1, 2});
  });
  forged("position_of_nothing", "not a dataset", [](hdf5::Writer& w) {
    basics(w, {"position"});
    w.group("/cells/position");
  });
  forged("position_on_a_line", "no list of positions", [](hdf5::Writer& w) {
    basics(w, {"position"});
    w.dataset<double>("/cells/position", std::vector<double>(6), {6});
  });
  forged("lattice_of_two_axes", "no grid of three axes", [](hdf5::Writer& w) {
    basics(w);
    w.group("/lattice");
    for (const char* name : {"origin", "spacing", "shape"}) w.attribute("/lattice", name, std::vector<double>{2, 2});
  });
  forged("site_that_is_not_there", "/sites/lung/cells", [](hdf5::Writer& w) {
    basics(w);
    w.group("/sites");
    w.attribute("/sites", "names", std::vector<std::string>{"lung"});
  });
  forged("lattice_without_spacing", "/lattice@spacing", [](hdf5::Writer& w) {
    basics(w);
    w.group("/lattice");
    w.attribute("/lattice", "origin", std::vector<double>{0, 0, 0});
  });
  forged("cells_that_lead_out", "unable to open external file", [](hdf5::Writer& w) {
    basics(w, {"cells"});
    w.external_link("/cells", "../../elsewhere.h5", "/cells");
  });
  return all;
}

int refusal(const fs::path& file, std::string& message) {
  try {
    (void)read_snapshot_info(file);
  } catch (const IoError& error) {
    message = error.what();
    return static_cast<int>(error.code());
  }
  return 0;
}

}  // namespace

TEST_CASE("bad snapshots are refused, each for its reason") {
  const test::ScratchFolder folder;
  const std::string whole = good_snapshot(folder.path());
  const fs::path file = folder.path() / "bad.h5";
  put(file, whole);
  std::string message;
  CHECK_MESSAGE(refusal(file, message) == 0, message);
  put(file, hdf5_file([](hdf5::Writer& w) { basics(w); }));  // what the forged ones are made of is good
  CHECK_MESSAGE(refusal(file, message) == 0, message);
  std::set<std::string> names;
  int refused = 0;
  const std::vector<Bad> all = bad_snapshots(whole);
  for (const Bad& bad : all) {
    fs::remove(file);
    bad.make(file);
    CHECK(names.insert(bad.name).second);
    message.clear();
    const int code = refusal(file, message);
    CHECK_MESSAGE(code == bad.code, bad.name, ": ", message);
    CHECK_MESSAGE(message.find(bad.message) != std::string::npos, bad.name, ": ", message);
    refused += code != 0;
    fs::remove(file);
  }
  CHECK(refused == static_cast<int>(all.size()));
  CHECK(refused >= 50);
  MESSAGE(all.size(), " bad snapshots, ", refused, " refused");
}

TEST_CASE("of a thousand flipped bits and a thousand bursts in a snapshot none is accepted") {
  const test::ScratchFolder folder;
  const std::string whole = good_snapshot(folder.path());
  const fs::path file = folder.path() / "bad.h5";
  std::uint64_t state = 20261120;
  const auto dice = [&] {  // the same numbers everywhere
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
  };
  int accepted = 0, other_codes = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::string bytes = whole;
    const std::size_t length = trial < 1000 ? 1 : 2 + dice() % 40;
    const std::size_t at = dice() % (bytes.size() - length);
    for (std::size_t i = 0; i < length; ++i)
      bytes[at + i] = static_cast<char>(trial < 1000 ? bytes[at] ^ (1 << dice() % 8) : static_cast<int>(dice() % 256));
    if (bytes == whole) bytes[at] = static_cast<char>(bytes[at] ^ 1);
    put(file, bytes);
    std::string message;
    const int code = refusal(file, message);
    accepted += code == 0;
    other_codes += code != 0 && code != 65;
  }
  CHECK(accepted == 0);
  CHECK(other_codes == 0);
  MESSAGE("2000 trials, ", accepted, " accepted");
}

// For tests/scenarios/bad_files.py: all of them, made out of a snapshot of a run.
TEST_CASE("corpus of bad snapshots") {
  const char* const target = std::getenv("INVADO_CORPUS_FOLDER");
  if (target == nullptr) return;
  const fs::path top = target;
  fs::create_directory(top / "snapshots");
  std::ofstream index(top / "snapshots.tsv");
  for (const Bad& bad : bad_snapshots(test::bytes_of(top / "good.h5"))) {
    bad.make(top / "snapshots" / bad.name);
    index << bad.name << '\t' << bad.code << '\t' << bad.message << '\n';
  }
}
