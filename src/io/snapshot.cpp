#include "io/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>
#include <utility>

#include "io/atomic_file.h"
#include "io/snapshot_data.h"
#include "io/snapshot_views.h"

namespace invado {
namespace fs = std::filesystem;
namespace {

// --- seal -------------------------------------------------------------------------------------------------------------

constexpr std::string_view seal_words = "\ninvado snapshot xxh3-128 ";
constexpr std::size_t seal_bytes = seal_words.size() + 32 + 1;

std::string seal_of(const Checksum& checksum) { return std::string(seal_words) + checksum.hex() + "\n"; }

void expect_seal(const fs::path& path) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  const std::uint64_t size = fs::file_size(path);
  std::ifstream file(path, std::ios::binary);
  std::string seal(seal_bytes, '\0');
  if (size >= seal_bytes) {
    file.seekg(static_cast<std::streamoff>(size - seal_bytes));
    file.read(seal.data(), static_cast<std::streamsize>(seal.size()));
  }
  if (!file || size < seal_bytes || !seal.starts_with(seal_words))
    throw IoError(fmt::format("{}: is no snapshot of invado, or its end is missing", path.string()), Exit::BadData);
  if (examine_file(path, size - seal_bytes).checksum != seal.substr(seal_words.size(), 32))
    throw IoError(fmt::format("{}: is damaged: its checksum is wrong", path.string()), Exit::BadData);
}

void seal_file(const fs::path& path) {
  Checksum checksum;
  std::ifstream file(path, std::ios::binary);
  std::vector<char> buffer(std::size_t{1} << 17);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), file.gcount() > 0)
    checksum.add(std::string_view(buffer.data(), static_cast<std::size_t>(file.gcount())));
  const bool complete = file.eof();
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out << seal_of(checksum);
  out.close();
  if (!complete || !out) throw IoError(fmt::format("{}: cannot write the file", path.string()));
}

// --- reading back -----------------------------------------------------------------------------------------------------

SnapshotInfo::Array read_array(const hdf5::Reader& file, const std::string& group, const std::string& name) {
  auto [type, shape] = file.layout(group + "/" + name);
  return {name, type, std::move(shape)};
}

SnapshotInfo::Image read_image(const hdf5::Reader& file, const fs::path& path, const std::string& group) {
  SnapshotInfo::Image image;
  if (!file.has(group)) return image;
  image.origin = file.numbers(group, "origin");
  image.spacing = file.numbers(group, "spacing");
  for (const double n : file.numbers(group, "shape")) {
    if (!(n >= 1 && n <= 1e9))
      throw IoError(fmt::format("{}: {} has an impossible shape", path.string(), group), Exit::BadData);
    image.shape.push_back(static_cast<std::int64_t>(n));
  }
  for (const std::size_t numbers : {image.origin.size(), image.spacing.size(), image.shape.size()})
    if (numbers != 3) throw IoError(fmt::format("{}: {} is no grid of three axes", path.string(), group), Exit::BadData);
  for (const std::string& name : file.members(group)) image.arrays.push_back(read_array(file, group, name));
  return image;
}

// Of a file whose checksum was found right.
SnapshotInfo read_checked(const fs::path& path) {
  const hdf5::Reader file(path);
  if (!file.has_attribute("/", "format") || file.text("/", "format") != snapshot_format)
    throw IoError(fmt::format("{}: not a snapshot", path.string()), Exit::BadData);
  SnapshotInfo info;
  info.format_version = file.integer("/", "format_version");
  if (info.format_version != snapshot_format_version)
    throw IoError(fmt::format("{}: snapshot format {}, this release reads {}", path.string(), info.format_version,
                              snapshot_format_version),
                  Exit::BadData);
  info.time_h = file.number("/", "time_h");
  info.step = file.integer("/", "step");
  info.seed = file.natural("/", "seed");
  info.digest = file.text("/", "digest");
  info.run_id = file.text("/", "run_id");
  std::vector<std::string> names{""};
  if (file.has("/sites")) names = file.texts("/sites", "names");
  for (const std::string& name : names) {
    SnapshotInfo::Place place;
    place.name = name;
    place.group = name.empty() ? "" : "/sites/" + name;
    const hdf5::Shape positions = file.shape(place.group + "/cells/position");
    if (positions.size() != 2 || positions[1] != 3)
      throw IoError(fmt::format("{}: {}/cells/position is no list of positions", path.string(), place.group), Exit::BadData);
    place.cells = positions[0];
    if (!name.empty()) {
      const std::vector<double> offset = file.numbers(place.group, "offset");
      if (offset.size() != 3)
        throw IoError(fmt::format("{}: {} has no offset of three numbers", path.string(), place.group), Exit::BadData);
      std::ranges::copy(offset, place.offset.begin());
      place.space = file.text(place.group, "compartment") != "blood";
    }
    for (const std::string& column : file.members(place.group + "/cells"))
      if (column != "position") place.columns.push_back(read_array(file, place.group + "/cells", column));
    place.lattice = read_image(file, path, place.group + "/lattice");
    place.fields = read_image(file, path, place.group + "/fields");
    if (const std::string vessels = place.group + "/vessels"; file.has(vessels)) {
      const hdf5::Shape ends = file.shape(vessels + "/position");
      if (ends.size() != 2 || ends[1] != 3 || ends[0] % 2 != 0)
        throw IoError(fmt::format("{}: {}/position is no list of pairs of positions", path.string(), vessels),
                      Exit::BadData);
      place.vessels = ends[0] / 2;
      for (const std::string& column : file.members(vessels))
        if (column != "position") place.vessel_columns.push_back(read_array(file, vessels, column));
    }
    info.places.push_back(std::move(place));
  }
  return info;
}

}  // namespace

SnapshotInfo read_snapshot_info(const fs::path& path) {
  expect_seal(path);
  return read_checked(path);
}

namespace {

// snap_000123.h5, cells_000123.hdf, lung.lattice_000123.hdf
bool is_snapshot_name(std::string_view name) {
  const bool data = name.starts_with("snap_") && name.ends_with(".h5");
  if (!data && !name.ends_with(".hdf")) return false;
  name.remove_suffix(data ? 3 : 4);
  const std::size_t number = name.rfind('_') + 1;  // 0: there is none
  if (number == 0 || name.size() - number < 6 || name.find_first_not_of("0123456789", number) != std::string_view::npos)
    return false;
  const std::string_view kind = name.substr(0, number - 1);
  return data
             ? kind == "snap"
             : kind.ends_with("cells") || kind.ends_with("lattice") || kind.ends_with("fields") || kind.ends_with("vessels");
}

}  // namespace

std::vector<fs::path> snapshot_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(directory, none)) {
    const std::string name = entry.path().filename().string();
    if (is_snapshot_name(name) && name.ends_with(".h5")) files.push_back(entry.path());
  }
  // Numbers are filled up with zeros: longer is later, else by digits.
  std::ranges::sort(files, {}, [](const fs::path& file) { return std::pair(file.native().size(), file.native()); });
  return files;
}

void remove_snapshots(const fs::path& directory, const std::set<std::string>& but) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if ((is_snapshot_name(name) || is_temporary_name(name)) && !but.contains(name)) fs::remove(entry.path(), ignored);
  }
}

// --- writer -----------------------------------------------------------------------------------------------------------

SnapshotWriter::SnapshotWriter(fs::path folder, SnapshotOptions options)
    : folder_(std::move(folder)), options_(std::move(options)) {
  make_directory(folder_ / "snapshots");
}

void SnapshotWriter::continue_after(std::size_t count, std::vector<FinishedFile> files,
                                    const BeforeFirstChange& before_first_change) {
  // Each file is read once: what has the checksum of then needs no look at its seal.
  std::set<std::string> known;
  for (const FinishedFile& file : files) {
    const fs::path path = folder_ / file.name, relative = file.name;
    if (relative.parent_path() != "snapshots" || !relative.has_filename() || relative.filename() == "..")
      throw IoError(fmt::format("{}: is no file of this run", path.string()), Exit::BadData);
    std::error_code error;
    if (fs::file_size(path, error) != file.bytes || error || examine_file(path).checksum != file.checksum)
      throw IoError(fmt::format("{}: is missing or has changed since the checkpoint", path.string()), Exit::BadData);
    known.insert(path.filename().string());
  }
  std::vector<SnapshotInfo> frames;
  std::size_t expected = count;
  for (std::size_t index = 0; index < count; ++index) {
    if (!known.contains(snapshot_name(index)))
      throw IoError(fmt::format("{}: the checkpoint counts {} snapshots and does not name {}", folder_.string(), count,
                                snapshot_name(index)),
                    Exit::BadData);
    frames.push_back(read_checked(folder_ / "snapshots" / snapshot_name(index)));
    for (const auto& [place, kind] : wrappers_of(frames.back())) {
      const std::string name = wrapper_name(*place, kind, index);
      if (!known.contains(name))
        throw IoError(fmt::format("{}: the checkpoint does not name {}", folder_.string(), name), Exit::BadData);
      ++expected;
    }
  }
  if (known.size() != expected)
    throw IoError(fmt::format("{}: the checkpoint names {} files of its snapshots, there must be {}", folder_.string(),
                              known.size(), expected),
                  Exit::BadData);
  frames_ = std::move(frames);
  files_ = std::move(files);
  if (before_first_change) before_first_change(files_);
  if (count > 0) {
    write_lists(folder_, frames_);
    write_xdmf(folder_, frames_);
  }
  xdmf_frames_ = count;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (count == 0 && (name.ends_with(".hdf.series") || name == "run.xdmf")) fs::remove(entry.path(), ignored);
  }
  remove_snapshots(folder_ / "snapshots", known);
}

fs::path SnapshotWriter::write(const World& world, const std::string& digest) {
  const std::size_t index = frames_.size();
  const fs::path target = folder_ / "snapshots" / snapshot_name(index);
  if (predicted_snapshot_bytes(world) <= options_.in_memory_limit) {
    auto file = hdf5::Writer::in_memory();
    write_snapshot_data(file, world, options_, digest);
    std::vector<std::byte> image = file.image(seal_bytes);
    Checksum checksum;
    checksum.add(image);
    const std::string seal = seal_of(checksum);
    std::ranges::copy(std::as_bytes(std::span(seal)), std::back_inserter(image));
    files_.push_back(atomic_write(target, image));
    frames_.push_back(read_snapshot_info(target));
  } else {
    TemporaryFile temporary(target);
    {
      auto file = hdf5::Writer::on_disk(temporary.path());
      write_snapshot_data(file, world, options_, digest);
      file.close();
    }
    seal_file(temporary.path());
    // Opened once more before it gets its name: HDF5 does not report every failed write.
    SnapshotInfo frame = read_snapshot_info(temporary.path());
    temporary.publish();
    files_.push_back(examine_file(target));
    frames_.push_back(std::move(frame));
  }
  files_.back().name = "snapshots/" + snapshot_name(index);
  std::ranges::move(write_wrappers(folder_, index, frames_.back()), std::back_inserter(files_));
  write_lists(folder_, frames_);
  // An XDMF file repeats everything for every snapshot: renewed at each one up to 64, then after each 1/16 more, so that
  // the work stays in proportion to the run.
  if (frames_.size() <= 64 || frames_.size() >= xdmf_frames_ + xdmf_frames_ / 16) {
    write_xdmf(folder_, frames_);
    xdmf_frames_ = frames_.size();
  }
  return target;
}

void SnapshotWriter::close() {
  if (xdmf_frames_ == frames_.size()) return;
  write_xdmf(folder_, frames_);
  xdmf_frames_ = frames_.size();
}

}  // namespace invado
