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

}  // namespace invado
