// cascade.csv: what happened to cells on their way to other sites, one line per cell and stage, as it happens.
//
//   time_h,stage,site,cell_id,group,founder,parent_id,weight,pakt,vimentin_stability,runx2_activity,ecadherin,
//   mmp_expression,bone_programme
//
// `stage`: intravasated, lodged, extravasated, initiated, dormant, woken. `site`: the tissue that the cell left, or the
// organ. `group`: clump in the blood, colony in an organ: id of its first cell. `founder` and `parent_id` tell the lineage:
// parent_id is the mother, or the cell that it was split from. `weight`: what the cell stands for. Signals: as they were.
#pragma once

#include <filesystem>

#include "io/atomic_file.h"
#include "model/world.h"

namespace invado {

class CascadeWriter {
 public:
  explicit CascadeWriter(const std::filesystem::path& path);
  // Continue an existing file after what a checkpoint counts on.
  CascadeWriter(const std::filesystem::path& path, const FinishedFile& so_far);

  // The records of `world`, which may then be forgotten.
  void write(const World& world);
  void sync() { file_.sync(); }
  [[nodiscard]] FinishedFile state() const { return file_.state(); }

 private:
  AppendFile file_;
};

}  // namespace invado
