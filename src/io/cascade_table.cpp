#include "io/cascade_table.h"

#include <fmt/format.h>

#include <iterator>
#include <string>

namespace invado {

CascadeWriter::CascadeWriter(const std::filesystem::path& path) : file_(AppendFile::create(path)) {
  file_.append(
      "time_h,stage,site,cell_id,group,founder,parent_id,weight,pakt,vimentin_stability,runx2_activity,ecadherin,"
      "mmp_expression,bone_programme\n");
}

CascadeWriter::CascadeWriter(const std::filesystem::path& path, const FinishedFile& so_far)
    : file_(AppendFile::reopen(path, so_far)) {}

void CascadeWriter::write(const World& world) {
  if (world.stage_records.empty()) return;
  std::string text;
  for (const StageRecord& r : world.stage_records)
    // Four digits of a signal: finer than any of them means something.
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{},{},{:.4g},{:.4g},{:.4g},{:.4g},{:.4g},{:.4g}\n",
                   r.time_min / 60, stage_words[static_cast<std::size_t>(r.stage)],
                   world.sites[static_cast<std::size_t>(r.site)].name, r.id, r.group, r.founder, r.parent, r.weight, r.pakt,
                   r.vimentin_stability, r.runx2_activity, r.ecadherin, r.mmp_expression, r.bone_programme);
  file_.append(text);
}

}  // namespace invado
