#include "export/tracks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <span>
#include <vector>

#include "export/vtk_xml.h"
#include "io/atomic_file.h"
#include "io/tracks.h"

namespace invado {
namespace {

// Numbers that go with every place, by their names in tracks.csv.
constexpr std::array<std::string_view, 5> place_columns{"radius_um", "speed_um_h", "pakt", "vimentin_stability",
                                                        "runx2_activity"};

struct Place {
  std::int64_t id = 0, parent = 0, frame = 0;
  double time_h = 0;
  Vec3 at;
  std::array<float, place_columns.size()> values{};
};

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

// Minutes without the rounding error of hours that are decimals.
std::string minutes(double hours) { return fmt::format("{:.10g}", hours * 60); }

// Rows of one site (of that of the first row, when none is named), in the order of the file: by frames, then by ids.
class SiteRows {
 public:
  SiteRows(const std::filesystem::path& file, std::string site) : reader_(file), site_(std::move(site)) {
    const auto& names = reader_.more_names();
    const auto column = [&](std::string_view name) {
      return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    };
    site_column_ = column("site");
    for (std::size_t c = 0; c < place_columns.size(); ++c) columns_[c] = column(place_columns[c]);
  }
  bool next(Place& place) {
    while (reader_.next(row_)) {
      if (site_column_ < row_.more.size()) {
        const std::string_view site = row_.more[site_column_];
        if (site_.empty()) site_ = site;
        if (sites_.empty() || sites_.back() != site) sites_.emplace_back(site);
        if (site != site_) continue;
      }
      place = {row_.id, row_.parent, row_.frame, row_.time_h, row_.place, {}};
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        place.values[c] = std::numeric_limits<float>::quiet_NaN();
        if (columns_[c] >= row_.more.size()) continue;
        const std::string_view field = row_.more[columns_[c]];
        std::from_chars(field.data(), field.data() + field.size(), place.values[c]);
      }
      return true;
    }
    if (!sites_.empty() && std::ranges::find(sites_, site_) == sites_.end()) {
      std::string names;
      for (const std::string& name : std::set(sites_.begin(), sites_.end())) names += (names.empty() ? "" : ", ") + name;
      throw IoError(fmt::format("--site {}: no track is in such a site (there are {})", site_, names), Exit::BadData);
    }
    return false;
  }

 private:
  TracksReader reader_;
  std::string site_;
  std::vector<std::string> sites_;  // as they follow one another
  TrackRow row_;
  std::size_t site_column_ = 0;
  std::array<std::size_t, place_columns.size()> columns_{};
};

// Frame numbers mean times only at equal intervals: whether a frame keeps to that of the first two frames.
class EqualFrames {
 public:
  bool keeps(const Place& place) {
    if (place.frame == 0) first_h_ = place.time_h;
    if (place.frame == 1) interval_h_ = place.time_h - first_h_;
    const double expected = first_h_ + static_cast<double>(place.frame) * interval_h_;
    const bool equal = std::abs(place.time_h - expected) <= 1e-6 * (1 + place.time_h);
    if (!equal) left_out_.insert(place.frame);
    return equal;
  }
  [[nodiscard]] double interval_h() const { return interval_h_; }
  [[nodiscard]] std::size_t left_out() const { return left_out_.size(); }

 private:
  double first_h_ = 0, interval_h_ = 0;
  std::set<std::int64_t> left_out_;
};

// Tables are written as they are read, whatever their length.
ExportedTracks write_table(SiteRows& rows, TrackForm form, const std::filesystem::path& target) {
  AtomicFile file(target, 0);
  file.write(bytes_of(form == TrackForm::CellTrackR ? celltrackr_head : trackpy_head));
  ExportedTracks done;
  EqualFrames frames;
  std::set<std::int64_t> ids;
  std::string line;
  for (Place p; rows.next(p);) {
    line.clear();
    if (form == TrackForm::CellTrackR)
      fmt::format_to(std::back_inserter(line), "{},{},{},{},{}\n", p.id, minutes(p.time_h), p.at.x, p.at.y, p.at.z);
    else if (frames.keeps(p))
      fmt::format_to(std::back_inserter(line), "{},{},{},{},{},{}\n", p.frame, p.id, p.at.x, p.at.y, p.at.z, p.time_h);
    else
      continue;
    file.write(bytes_of(line));
    ids.insert(p.id);
    ++done.places;
  }
  file.commit();
  done.tracks = ids.size();
  done.left_out = frames.left_out();
  return done;
}

std::string trackmate(const std::vector<Place>& places, const ExportedTracks& done, double interval_h,
                      const std::string& made) {
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {} -->\n<Tracks nTracks=\"{}\" spaceUnits=\"µm\" "
      "frameInterval=\"{}\" "
      "timeUnits=\"min\" generationDateTime=\"{}\" from=\"invado\">\n",
      export_mark, done.tracks, minutes(interval_h), xml_escaped(made));
  for (std::size_t begin = 0, end = 0; begin < places.size(); begin = end) {
    while (end < places.size() && places[end].id == places[begin].id) ++end;
    text += fmt::format("  <particle nSpots=\"{}\">\n", end - begin);
    for (std::size_t i = begin; i < end; ++i)
      fmt::format_to(std::back_inserter(text), "    <detection t=\"{}\" x=\"{}\" y=\"{}\" z=\"{}\" />\n", places[i].frame,
                     places[i].at.x, places[i].at.y, places[i].at.z);
    text += "  </particle>\n";
  }
  return text + "</Tracks>\n";
}

std::string polylines(const std::vector<Place>& places) {
  std::vector<double> points, time;
  std::vector<std::int64_t> connectivity, offsets, track, parent;
  const auto same_track = [&](std::size_t i, std::size_t j) { return j < places.size() && places[i].id == places[j].id; };
  for (std::size_t i = 0; i < places.size(); ++i) {
    points.insert(points.end(), {places[i].at.x, places[i].at.y, places[i].at.z});
    time.push_back(places[i].time_h);
    const bool first = i == 0 || !same_track(i, i - 1), last = !same_track(i, i + 1);
    if (first && last) continue;  // of a cell that was seen only once there is a point, and no line
    connectivity.push_back(static_cast<std::int64_t>(i));
    if (!last) continue;
    offsets.push_back(static_cast<std::int64_t>(connectivity.size()));
    track.push_back(places[i].id);
    parent.push_back(places[i].parent);
  }
  VtkXml xml;
  std::string of_points = xml.array<double>("time_h", 1, time);
  for (std::size_t c = 0; c < place_columns.size(); ++c) {
    std::vector<float> values;
    for (const Place& p : places) values.push_back(p.values[c]);
    of_points += xml.array<float>(place_columns[c], 1, values);
  }
  const std::string of_lines =
      xml.array<std::int64_t>("track_id", 1, track) + xml.array<std::int64_t>("parent_id", 1, parent);
  const std::string where = xml.array<double>("Points", 3, points);
  const std::string lines =
      xml.array<std::int64_t>("connectivity", 1, connectivity) + xml.array<std::int64_t>("offsets", 1, offsets);
  return xml.file("PolyData",
                  fmt::format("<PolyData><Piece NumberOfPoints=\"{}\" NumberOfVerts=\"0\" NumberOfLines=\"{}\" "
                              "NumberOfStrips=\"0\" NumberOfPolys=\"0\">\n<PointData>{}</PointData>\n<CellData>{}"
                              "</CellData>\n<Points>{}</Points>\n<Lines>{}</Lines>\n</Piece></PolyData>\n",
                              places.size(), offsets.size(), of_points, of_lines, where, lines));
}

}  // namespace

std::string track_polylines(const std::filesystem::path& tracks_csv, const std::string& site) {
  SiteRows rows(tracks_csv, site);
  std::vector<Place> places;
  for (Place p; rows.next(p);) places.push_back(p);
  std::ranges::stable_sort(places, {}, &Place::id);
  return polylines(places);
}

ExportedTracks export_tracks(const std::filesystem::path& tracks_csv, const std::string& site, TrackForm form,
                             const std::string& made, const std::filesystem::path& target) {
  SiteRows rows(tracks_csv, site);
  if (form != TrackForm::TrackMate) return write_table(rows, form, target);
  std::vector<Place> places;
  EqualFrames frames;
  for (Place p; rows.next(p);)
    if (frames.keeps(p)) places.push_back(p);
  std::ranges::stable_sort(places, {}, &Place::id);
  ExportedTracks done{0, places.size(), frames.left_out()};
  for (std::size_t i = 0; i < places.size(); ++i)
    if (i == 0 || places[i].id != places[i - 1].id) ++done.tracks;
  atomic_write(target, trackmate(places, done, frames.interval_h(), made));
  return done;
}

}  // namespace invado
