#include "io/tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string>
#include <vector>

#include "model/storage_order.h"

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
    for (const std::size_t row : rows_by_id(cells))
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

namespace {

constexpr std::string_view first_columns = "track_id,frame,time_h,x_um,y_um,z_um,parent_id";

template <class Number>
bool take(std::string_view& line, Number& value) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  const auto length = static_cast<std::size_t>(end - line.data());
  if (error != std::errc{} || (length < line.size() && line[length] != ',')) return false;
  line.remove_prefix(std::min(length + 1, line.size()));
  return true;
}

void split(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (std::size_t comma = 0; !line.empty() && comma != std::string_view::npos;) {
    comma = line.find(',');
    fields.push_back(line.substr(0, comma));
    line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
  }
}

}  // namespace

TracksReader::TracksReader(const std::filesystem::path& path) : path_(path), stream_(path, std::ios::binary) {
  if (!stream_) throw IoError(fmt::format("{}: cannot open the file", path.string()), Exit::NotFound);
  if (!std::getline(stream_, line_) || !line_.starts_with(first_columns) ||
      (line_.size() > first_columns.size() && line_[first_columns.size()] != ','))
    throw IoError(fmt::format("{}:1: is not the head of a table of tracks", path.string()), Exit::BadData);
  std::vector<std::string_view> names;
  split(std::string_view(line_).substr(std::min(first_columns.size() + 1, line_.size())), names);
  more_names_.assign(names.begin(), names.end());
}

bool TracksReader::next(TrackRow& row, std::int64_t largest_id) {
  while (std::getline(stream_, line_) && !stream_.eof()) {
    ++number_;
    std::string_view line = line_;
    bool good = take(line, row.id);
    if (good && row.id > largest_id) continue;
    good = good && take(line, row.frame) && take(line, row.time_h) && take(line, row.place.x) && take(line, row.place.y) &&
           take(line, row.place.z) && take(line, row.parent) && row.id >= 0 && row.frame >= 0 && std::isfinite(row.time_h) &&
           std::isfinite(dot(row.place, row.place));
    if (good) split(line, row.more);
    if (!good || row.more.size() != more_names_.size())
      throw IoError(fmt::format("{}:{}: is not a row of a table of tracks", path_.string(), number_), Exit::BadData);
    return true;
  }
  return false;
}

}  // namespace invado
