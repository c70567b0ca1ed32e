// Fuzzing of checkpoints behind their seal: any records, with the right length and checksum around them, are either refused
// with a message, or are a state that breaks no invariant and comes back from the next checkpoint as it is.
// The first seed is made here: the state of two cells in a gel.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "../unit/io/checkpoint_bytes.h"
#include "../unit/io/made_up_world.h"
#include "analysis/msd.h"
#include "base/error.h"
#include "fuzz_folder.h"
#include "io/checkpoint.h"
#include "model/digest.h"
#include "model/invariants.h"

using namespace invado;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

constexpr std::size_t header = test::checkpoint_header, trailer = test::checkpoint_trailer;

World some_cells() {
  World world = test::made_up_world({.cells = 2, .matrix_shape = {2, 2, 1}, .matrix_spacing = {35, 50, 15}, .tick = 10});
  Site& site = world.sites[0];
  for (double& y : site.cells.y) y = 40;
  for (auto& column : site.cells.derived)
    for (float& value : column) value = 0;
  for (auto& column : site.cells.phenotype)
    for (float& value : column) value = 1;
  for (std::size_t row = 0; row < 2; ++row) {
    site.cells.parent[row] = -1;
    site.cells.founder[row] = site.cells.id[row];
    site.cells.speed_factor[row] = 1;
    site.cells.neighbours[row] = 0;
  }
  site.ledger.founders = 2;
  site.ledger.births = 0;
  site.ledger.of_type(0).founders = 2;
  for (Field& field : site.fields) {
    field.amount_start = 0;
    for (const double value : field.value) field.amount_start += value * site.factor_grid.voxel_volume();
  }
  site.events = {{54, 1, 0, 0, {1, 2, 3}}};
  return world;
}

World no_cells() {
  World world = some_cells();
  world.sites[0].cells = {};
  world.sites[0].ledger = {};
  world.sites[0].events.clear();
  world.next_id = 0;
  return world;
}

std::string body_of(const World& world) {
  const std::filesystem::path file = fuzz::folder() / "seed.ckpt";
  CheckpointWriter writer;
  add_state(writer, world);
  FounderTracks tracks;
  tracks.add_frame(world);
  FounderTracks::for_each_memory(tracks,
                                 [&](const std::string& name, const auto& value) { writer.add("founders." + name, value); });
  writer.write(file);
  std::string bytes = test::bytes_of(file);
  return bytes.substr(header, bytes.size() - header - trailer);
}

// As resume does. Null: refused.
std::optional<World> read(const std::filesystem::path& file) {
  World world = no_cells();
  try {
    CheckpointReader reader(file);
    read_state(reader, world);
    FounderTracks tracks;
    FounderTracks::for_each_memory(tracks,
                                   [&](const std::string& name, auto& value) { reader.read("founders." + name, value); });
    reader.expect_all_read();
    if (find_violation(world, Checks::Full, 0)) return std::nullopt;
    if (tracks.consistent()) (void)tracks.msd();
  } catch (const IoError& error) {
    const std::string message = error.what();
    const bool plain = std::ranges::all_of(message, [](char c) { return c >= ' ' && c <= '~'; });
    if (error.code() != Exit::BadData || !plain || message.size() > 2000) {
      std::fprintf(stderr, "code %d: %s\n", static_cast<int>(error.code()), message.c_str());
      std::abort();
    }
    return std::nullopt;
  }
  return world;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
  const World world = some_cells();
  if (const auto violation = find_violation(world, Checks::Full, 0)) {
    std::fprintf(stderr, "the seed is no good state: %s\n", violation->text.c_str());
    std::abort();
  }
  const std::string body = body_of(world);
  for (int i = 1; i < *count; ++i)
    if (const std::filesystem::path folder = (*arguments)[i]; std::filesystem::is_directory(folder))
      fuzz::write_file(folder / "two_cells", body);
  fuzz::write_file(fuzz::folder() / "good.ckpt", test::sealed(test::checkpoint_body({}) + body));
  if (!read(fuzz::folder() / "good.ckpt")) {
    std::fprintf(stderr, "the seed is refused\n");
    std::abort();
  }
  return 0;
}

// Every second time the bytes of one record, which stays as long as it is: else most inputs would end at the first name.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed) {
  if (size == 0 || seed % 4 == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::vector<std::pair<std::size_t, std::size_t>> records;  // where their data lie
  for (std::size_t at = 0; at + 16 <= size;) {
    const std::string_view bytes = fuzz::text(data, size);
    const std::uint64_t name = test::number_at<std::uint32_t>(bytes, at),
                        element = test::number_at<std::uint32_t>(bytes, at + 4),
                        count = test::number_at<std::uint64_t>(bytes, at + 8);
    at += 16 + (name + 7) / 8 * 8;
    if (at > size || count > size || element > size || count * element > size - at) break;
    if (count * element > 0) records.emplace_back(at, count * element);
    at += (count * element + 7) / 8 * 8;
  }
  if (records.empty()) return LLVMFuzzerMutate(data, size, max_size);
  const auto [at, length] = records[seed / 4 % records.size()];
  std::vector<std::uint8_t> part(data + at, data + at + length);
  LLVMFuzzerMutate(part.data(), length, length);
  std::copy(part.begin(), part.end(), data + at);
  return size;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path file = fuzz::folder() / "a.ckpt", again = fuzz::folder() / "b.ckpt";
  fuzz::write_file(file, test::sealed(test::checkpoint_body({}) + std::string(fuzz::text(data, size))));
  const std::optional<World> world = read(file);
  if (!world) return 0;
  const std::string body = body_of(*world);
  fuzz::write_file(again, test::sealed(test::checkpoint_body({}) + body));
  const std::optional<World> back = read(again);
  if (!back || digest(*back) != digest(*world)) {
    std::fprintf(stderr, "what was accepted does not come back\n");
    std::abort();
  }
  return 0;
}
