#include "io/tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

namespace invado {

TracksWriter::TracksWriter(const std::filesystem::path& path) : file_(AppendFile::create(path)) {
  file_.append(
      "track_id,frame,time_h,x_um,y_um,z_um,parent_id,type,site,radius_um,speed_um_h,pakt,vimentin_stability,runx2_"
      "activity\n");
}

TracksWriter::TracksWriter(const std::filesystem::path& path, const FinishedFile& so_far, std::int64_t frames)
    : file_(AppendFile::reopen(path, so_far)), frame_(frames) {}

void TracksWriter::write_frame(const World& world) {
  std::string text;
  const std::string time = fmt::format("{}", world.clock.time_h());
  for (const Site& site : world.sites) {
    const Population& cells = site.cells;
    std::vector<std::size_t> order(cells.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t row) { return cells.id[row]; });
    for (const std::size_t row : order)
      // A nanometre, 0.01 um/h and four digits of a signal: finer than any of them means something.
      fmt::format_to(std::back_inserter(text), "{},{},{},{:.3f},{:.3f},{:.3f},{},{},{},{:.3f},{:.2f},{:.4g},{:.4g},{:.4g}\n",
                     cells.id[row], frame_, time, cells.x[row] + cells.wrap_x[row] * site.domain.size.x,
                     cells.y[row] + cells.wrap_y[row] * site.domain.size.y,
                     cells.z[row] + cells.wrap_z[row] * site.domain.size.z, cells.parent[row],
                     world.types[cells.type[row]].name, site.name, cells.radius[row], cells.speed_in_place[row],
                     cells.state[+State::Pakt][row], cells.derived[+Derived::VimentinStability][row],
                     cells.derived[+Derived::Runx2Activity][row]);
  }
  file_.append(text);
  ++frame_;
}

}  // namespace invado
