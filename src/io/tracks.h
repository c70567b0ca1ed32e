// tracks.csv: where every cell was, one line per cell and frame (celltrackR, TrackMate and trackpy read it).
//
//   track_id,frame,time_h,x_um,y_um,z_um,parent_id,type,site,radius_um,speed_um_h,pakt,vimentin_stability,runx2_activity
//
// Positions are unwrapped: on a periodic axis they go on beyond the box, so that displacements along a track are true.
// `parent_id` is the track of the mother, -1 for founders; the mother keeps her own track at division. Cells are in the
// order of their ids within a frame. `type` and `site` are names.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/vec3.h"
#include "io/atomic_file.h"
#include "model/world.h"

namespace invado {

class TracksWriter {
 public:
  explicit TracksWriter(const std::filesystem::path& path);
  // Continue an existing file after what a checkpoint counts on; it holds `frames` frames.
  TracksWriter(const std::filesystem::path& path, const FinishedFile& so_far, std::int64_t frames);

  void write_frame(const World& world);
  void sync() { file_.sync(); }
  [[nodiscard]] FinishedFile state() const { return file_.state(); }
  [[nodiscard]] std::int64_t frames() const { return frame_; }

 private:
  AppendFile file_;
  std::int64_t frame_ = 0;
};

// A row of it. `more`: what follows parent_id, field by field, valid until the next row is read.
struct TrackRow {
  std::int64_t id = 0, frame = 0, parent = 0;
  double time_h = 0;
  Vec3 place;  // [um]
  std::vector<std::string_view> more;
};

// Reads a table of any length row by row. A last line without end is left out: it is being written.
class TracksReader {
 public:
  // 66 when it is not there, 65 when it is no such table.
  explicit TracksReader(const std::filesystem::path& path);
  // The next row whose id is not above `largest_id`; false at the end. 65 for a row of another form.
  bool next(TrackRow& row, std::int64_t largest_id = std::numeric_limits<std::int64_t>::max());
  // Names of the fields in `more`.
  [[nodiscard]] const std::vector<std::string>& more_names() const { return more_names_; }

 private:
  std::filesystem::path path_;
  std::ifstream stream_;
  std::string line_;
  std::size_t number_ = 1;
  std::vector<std::string> more_names_;
};

}  // namespace invado
