#include "io/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "io/atomic_file.h"
#include "model/state.h"

namespace invado {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "checkpoints are little-endian");

constexpr std::string_view magic = "INVADOCP";
constexpr std::uint32_t byte_order_mark = 0x01020304;
constexpr std::uint64_t header_bytes = 8 + 4 + 4 + 8;
constexpr std::uint64_t record_header_bytes = 4 + 4 + 8;
constexpr std::uint64_t checksum_bytes = 16;
constexpr std::uint64_t longest_name = 512;

constexpr std::uint64_t whole_words(std::uint64_t bytes) { return (bytes + 7) / 8 * 8; }

// Bytes of the file on their way to the disk, and into the checksum.
class Sink {
 public:
  explicit Sink(AtomicFile& file) : file_(file) {}
  void put(std::span<const std::byte> bytes) {
    checksum.add(bytes);
    file_.write(bytes);
  }
  template <class T>
  void number(T value) {
    put(std::as_bytes(std::span(&value, 1)));
  }
  // These bytes as often as makes so many, filled up to whole words.
  void padded(std::span<const std::byte> bytes, std::uint64_t so_many) {
    constexpr std::array<std::byte, 8> zeros{};
    if (bytes.size() == so_many)
      put(bytes);
    else
      repeat(bytes, so_many);
    put(std::span(zeros).first(whole_words(so_many) - so_many));
  }
  Checksum checksum;

 private:
  void repeat(std::span<const std::byte> bytes, std::uint64_t so_many) {
    std::vector<std::byte> piece;
    while (piece.size() < std::min<std::uint64_t>(so_many, std::uint64_t{1} << 20))
      piece.insert(piece.end(), bytes.begin(), bytes.end());
    for (std::uint64_t left = so_many; left > 0;) {
      const std::uint64_t now = std::min<std::uint64_t>(left, piece.size());
      put(std::span(piece).first(now));
      left -= now;
    }
  }

  AtomicFile& file_;
};

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

}  // namespace

// --- writing ----------------------------------------------------------------------------------------------------------

void CheckpointWriter::add_copy(const std::string& name, std::uint32_t element_bytes, std::span<const std::byte> bytes) {
  auto copy = std::make_unique<std::byte[]>(bytes.size());
  std::ranges::copy(bytes, copy.get());
  records_.push_back({name, element_bytes, bytes.size() / element_bytes, {copy.get(), bytes.size()}});
  copies_.push_back(std::move(copy));
}

void CheckpointWriter::text(const std::string& name, std::string_view value) { add_copy(name, 1, bytes_of(value)); }

std::uint64_t CheckpointWriter::bytes() const {
  std::uint64_t sum = header_bytes + checksum_bytes;
  for (const Record& record : records_)
    sum += record_header_bytes + whole_words(record.name.size()) + whole_words(record.bytes());
  return sum;
}

void CheckpointWriter::write(const fs::path& target) const {
  AtomicFile file(target, bytes());
  Sink sink(file);
  sink.put(bytes_of(magic));
  sink.number(checkpoint_format_version);
  sink.number(byte_order_mark);
  sink.number(bytes());
  for (const Record& record : records_) {
    sink.number(static_cast<std::uint32_t>(record.name.size()));
    sink.number(record.element_bytes);
    sink.number(record.count);
    sink.padded(bytes_of(record.name), record.name.size());
    sink.padded(record.data, record.bytes());
  }
  file.write(sink.checksum.bytes());
  file.commit();
}

// --- reading ----------------------------------------------------------------------------------------------------------

void CheckpointReader::fail(const std::string& what) const {
  throw IoError(fmt::format("{}: {}", path_.string(), what), Exit::BadData);
}

// From the end of the first constructor on, whatever is thrown closes the file.
CheckpointReader::CheckpointReader(const fs::path& file)
    : CheckpointReader(file, ::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (descriptor_ < 0)
    throw IoError(fmt::format("{}: cannot open the checkpoint: {}", file.string(), std::strerror(errno)),
                  errno == ENOENT   ? Exit::NotFound
                  : errno == EACCES ? Exit::NoPermission
                                    : Exit::BadData);
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) fail("is not a regular file");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size < header_bytes + checksum_bytes) fail(fmt::format("is no checkpoint of invado (only {} bytes)", size));

  std::array<std::byte, header_bytes> header;
  read_at(0, header);
  std::uint32_t version = 0, mark = 0;
  std::uint64_t length = 0;
  std::memcpy(&version, header.data() + 8, 4);
  std::memcpy(&mark, header.data() + 12, 4);
  std::memcpy(&length, header.data() + 16, 8);
  if (std::memcmp(header.data(), magic.data(), magic.size()) != 0) fail("is no checkpoint of invado");
  if (mark != byte_order_mark) fail("is damaged, or was written on a machine with another byte order");
  if (version != checkpoint_format_version)
    fail(fmt::format("has format {}, this version of invado reads format {}", version, checkpoint_format_version));
  if (length != size) fail(fmt::format("is damaged: it has {} bytes and should have {}", size, length));

  Checksum checksum;
  std::vector<std::byte> buffer(std::min<std::uint64_t>(size, std::uint64_t{1} << 20));
  const std::uint64_t end = size - checksum_bytes;
  for (std::uint64_t at = 0; at < end; at += buffer.size()) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - at));
    read_at(at, piece);
    checksum.add(piece);
  }
  std::array<std::byte, checksum_bytes> stored;
  read_at(end, stored);
  if (checksum.bytes() != stored) fail("is damaged: its checksum is wrong");

  for (std::uint64_t at = header_bytes; at < end;) {
    std::array<std::byte, record_header_bytes> head;
    if (end - at < head.size()) fail("has a record that is cut off");
    read_at(at, head);
    std::uint32_t name_bytes = 0, element_bytes = 0;
    std::uint64_t count = 0;
    std::memcpy(&name_bytes, head.data(), 4);
    std::memcpy(&element_bytes, head.data() + 4, 4);
    std::memcpy(&count, head.data() + 8, 8);
    at += head.size();
    if (name_bytes == 0 || name_bytes > longest_name || whole_words(name_bytes) > end - at)
      fail("has a record with an impossible name");
    std::string name(name_bytes, '\0');
    read_at(at, std::as_writable_bytes(std::span(name)));
    at += whole_words(name_bytes);
    // Names are shown in messages.
    if (!std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~'; }))
      fail("has a record with an impossible name");
    // A count is believed only as far as there are bytes: no product that could overflow, no memory for what is not there.
    if (element_bytes == 0 || count > (end - at) / element_bytes || whole_words(count * element_bytes) > end - at)
      fail(fmt::format("record '{}' claims {} elements of {} bytes, more than the file holds", name, count, element_bytes));
    if (!records_.emplace(name, Record{element_bytes, count, at, false}).second)
      fail(fmt::format("has two records '{}'", name));
    at += whole_words(count * element_bytes);
  }
}

CheckpointReader::CheckpointReader(CheckpointReader&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      records_(std::move(other.records_)) {}

CheckpointReader::~CheckpointReader() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void CheckpointReader::read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw io_error(path_, "cannot read the checkpoint", errno);
    if (got == 0) fail("was cut while it was read");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
}

const CheckpointReader::Record& CheckpointReader::take(const std::string& name, std::uint64_t element_bytes) {
  const auto found = records_.find(name);
  if (found == records_.end()) fail(fmt::format("has no record '{}'", name));
  if (found->second.element_bytes != element_bytes)
    fail(fmt::format("record '{}' has elements of {} bytes, {} are expected", name, found->second.element_bytes,
                     element_bytes));
  found->second.read = true;
  return found->second;
}

void CheckpointReader::expect_count(const std::string& name, std::uint64_t count, std::uint64_t wanted) const {
  if (count != wanted) fail(fmt::format("record '{}' has {} elements, {} are expected", name, count, wanted));
}

void CheckpointReader::read_bytes(const Record& record, std::span<std::byte> bytes) const { read_at(record.offset, bytes); }

std::string CheckpointReader::text(const std::string& name) {
  const Record& record = take(name, 1);
  std::string value(record.count, '\0');
  read_bytes(record, std::as_writable_bytes(std::span(value)));
  return value;
}

void CheckpointReader::expect_all_read() const {
  for (const auto& [name, record] : records_)
    if (!record.read) fail(fmt::format("has a record '{}' that this version of invado does not know", name));
}

// --- the World --------------------------------------------------------------------------------------------------------

void add_state(CheckpointWriter& writer, const World& world) {
  for (const Site& site : world.sites) INVADO_ENSURE(site.queues.births.empty() && site.queues.departures.empty());
  for_each_state(world, [&](const StateInfo& info, const auto& value) { writer.add("world." + info.name, value); });
}

void read_state(CheckpointReader& reader, World& world) {
  const std::uint64_t seed = world.seed.value;
  const std::int64_t tick_us = world.clock.tick_us;
  for_each_state(world, [&](const StateInfo& info, auto& value) { reader.read("world." + info.name, value); });
  if (world.seed.value != seed) reader.fail(fmt::format("has seed {}, the scenario {}", world.seed.value, seed));
  if (world.clock.tick_us != tick_us)
    reader.fail(fmt::format("has steps of {} us, the scenario of {} us", world.clock.tick_us, tick_us));
  if (world.clock.tick < 0 || world.clock.tick > std::numeric_limits<std::uint32_t>::max())
    reader.fail(fmt::format("says that it is of step {}", world.clock.tick));
  const auto expect = [&](const std::string& what, std::size_t count, std::size_t wanted) {
    if (count != wanted) reader.fail(fmt::format("{} has {} elements, {} are expected", what, count, wanted));
  };
  for (Site& site : world.sites) {
    const std::size_t rows = site.cells.id.size();
    for_each_column(site.cells, [&](const ColumnInfo& info, auto& column) {
      if (info.kind == ColumnInfo::Kind::Derived) column.assign(rows, {});
      expect(fmt::format("column {} of the cells", info.name), column.size(), rows);
    });
    const std::size_t voxels = site.matrix.grid.size();
    for_each_state_of_matrix("matrix ", site.matrix, [&]<class T>(const StateInfo& info, T& value) {
      if constexpr (requires { value.size(); }) expect(info.name, value.size(), voxels);
    });
    site.matrix.survey();
    for (Field& field : site.fields) expect("field " + field.name, field.value.size(), site.factor_grid.size());
  }
}

}  // namespace invado
