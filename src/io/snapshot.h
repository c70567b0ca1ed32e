// Snapshots: the data of one moment in one HDF5 file, and what opens it in ParaView and other viewers.
//
//   snapshots/snap_000123.h5                            the data (layout: design.md, section 6)
//   snapshots/{cells,lattice,fields}_000123.hdf         VTKHDF 1.0 made of relative external links, a few kB
//   {cells,lattice,fields}.hdf.series, run.xdmf         lists of the finished files, times in hours
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "io/atomic_file.h"
#include "io/hdf5.h"
#include "model/world.h"

namespace invado {

struct SnapshotOptions {
  std::string run_id{};
  std::string schedule{};  // the printed list of processes, stored in every file
  bool all_arrays = true;  // all lattice and field arrays, or only those named in `arrays`
  std::vector<std::string> arrays{};
  std::uint64_t in_memory_limit = std::uint64_t{1} << 28;  // larger files are built on disk under a temporary name [bytes]
};

// What a snapshot file holds, as far as wrappers and viewers need it.
struct SnapshotInfo {
  struct Array {
    std::string name;
    hdf5::Type type;
    hdf5::Shape shape;
  };
  struct Image {  // arrays on a grid; no arrays: not there
    std::vector<Array> arrays;
    std::vector<double> origin, spacing;  // x, y, z [um]; origin: centre of voxel 0
    std::vector<std::int64_t> shape;      // voxels along x, y, z
  };
  struct Place {
    std::string name;                // of the site; empty when there is only one
    std::string group;               // "" or "/sites/<name>"
    bool space = true;               // false: the blood, whose cells have no place
    std::array<double, 3> offset{};  // where it is shown among the others [um]
    std::uint64_t cells = 0;
    std::vector<Array> columns;  // of the cells, without position
    Image lattice, fields;
    std::uint64_t vessels = 0;          // segments
    std::vector<Array> vessel_columns;  // of their ends, without position
  };
  std::int64_t format_version = 0;
  double time_h = 0;
  std::int64_t step = 0;
  std::uint64_t seed = 0;
  std::string digest, run_id;
  std::vector<Place> places;
};

inline constexpr std::int64_t snapshot_format_version = 1;

// The last line of a snapshot file is the checksum of all before it (HDF5 does not mind what follows its data). It is
// checked before HDF5 sees the file, because HDF5 1.10 does not survive every damage. Throws IoError 65 when the file is no
// snapshot of this format or is damaged, 66 when it is not there.
[[nodiscard]] SnapshotInfo read_snapshot_info(const std::filesystem::path& file);

// The finished snapshots in a run's folder of snapshots, by time; none when there is no such folder.
[[nodiscard]] std::vector<std::filesystem::path> snapshot_files(const std::filesystem::path& directory);

// Deletes from a run's folder of snapshots what a run writes there (and what interrupted writes leave), but for the named
// ones. What somebody else put there stays.
void remove_snapshots(const std::filesystem::path& directory, const std::set<std::string>& but);

// Writes numbered snapshots into a run folder.
class SnapshotWriter {
 public:
  SnapshotWriter(std::filesystem::path folder, SnapshotOptions options);

  // Take over the first `count` snapshots of the folder, which consist of these files: the run goes on after them. Lists
  // are renewed, later snapshots deleted. 65 when one of the files is not as it was; all of them are compared before
  // `before_first_change` is called, with the files that will stay.
  using BeforeFirstChange = std::function<void(const std::vector<FinishedFile>& staying)>;
  void continue_after(std::size_t count, std::vector<FinishedFile> files, const BeforeFirstChange& before_first_change = {});

  // The next snapshot, its wrappers and the lists. Equal worlds give equal bytes, in any order of rows. Events in the
  // file are those of Site::events; whoever calls this clears them afterwards. Returns the file's path.
  std::filesystem::path write(const World& world, const std::string& digest);

  // At the end: run.xdmf lists every snapshot (during a long run it is renewed less and less often).
  void close();

  [[nodiscard]] std::size_t count() const { return frames_.size(); }
  // The snapshots and their wrappers, names relative to the run folder.
  [[nodiscard]] const std::vector<FinishedFile>& files() const { return files_; }

 private:
  std::filesystem::path folder_;
  SnapshotOptions options_;
  std::vector<SnapshotInfo> frames_;
  std::vector<FinishedFile> files_;
  std::size_t xdmf_frames_ = 0;
};

}  // namespace invado
