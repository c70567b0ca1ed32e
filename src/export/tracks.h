// tracks.csv in the forms that programs for cell tracking read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace invado {

enum class TrackForm { CellTrackR, TrackMate, TrackPy };

// The heads of the forms that are tables.
inline constexpr std::string_view celltrackr_head = "id,time_min,x_um,y_um,z_um\n";
inline constexpr std::string_view trackpy_head = "frame,particle,x,y,z,time_h\n";

struct ExportedTracks {
  std::size_t tracks = 0, places = 0;
  std::size_t left_out = 0;  // frames at unequal intervals, where the form knows only equal ones
};

// CellTrackR: read.tracks.csv(file, sep = ","). TrackMate: the file of its action "Export tracks to XML file". TrackPy: what
// its link() returns, lengths in um. `site`: only what is in this site; empty: in the first one. `made`: a date that the
// form wants to hear.
[[nodiscard]] ExportedTracks export_tracks(const std::filesystem::path& tracks_csv, const std::string& site, TrackForm form,
                                           const std::string& made, const std::filesystem::path& target);

// VTP: one polyline per track for ParaView and VTK, with time and signals at its points.
[[nodiscard]] std::string track_polylines(const std::filesystem::path& tracks_csv, const std::string& site);

}  // namespace invado
