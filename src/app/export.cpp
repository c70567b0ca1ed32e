#include "app/export.h"

#include <fmt/core.h>
#include <fnmatch.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <optional>

#include "app/commands.h"
#include "app/run_state.h"
#include "app/snapshot_time.h"
#include "export/cells.h"
#include "export/earlier.h"
#include "export/grids.h"
#include "export/pack.h"
#include "export/source.h"
#include "export/tracks.h"
#include "export/vtkhdf.h"
#include "io/provenance.h"
#include "scenario/memory.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

// What can be exported, and in which forms; the first one is the usual one. Each form has its file name extension.
struct FileForm {
  std::string_view name, extension;
};
struct Exportable {
  std::string_view name;
  std::vector<FileForm> forms;
  std::string_view options;  // beyond -o, --format and --overwrite
};
const std::vector<Exportable>& exports() {
  static const std::vector<Exportable> all{
      {"tracks", {{"celltrackr", ".csv"}, {"trackmate", ".xml"}, {"trackpy", ".csv"}, {"vtp", ".vtp"}}, "--site"},
      {"cells", {{"csv", ".csv"}}, "--time --site"},
      {"series", {{"csv", ".csv"}, {"long", ".csv"}}, "--columns --site"},
      {"lattice", {{"vti", ".vti"}, {"nrrd", ".nrrd"}}, "--time --site --array"},
      {"fields", {{"vti", ".vti"}, {"nrrd", ".nrrd"}}, "--time --site --array"},
      {"vtk", {{"vtkhdf", ".vtkhdf"}}, "--site --part"},
      {"pack", {{"tar", ".tar"}}, "--checkpoints"}};
  return all;
}

template <class List>
std::vector<std::string> names_of(const List& list) {
  std::vector<std::string> names;
  for (const auto& entry : list) names.emplace_back(entry.name);
  return names;
}

// The one of a list that has this name; else an error that names all.
template <class List>
const auto& one_of(const List& list, const std::string& name, const std::string& where, std::string_view problem,
                   Exit code = Exit::Usage) {
  const auto at = std::ranges::find(list, name, [](const auto& entry) { return std::string_view(entry.name); });
  if (at == list.end()) {
    const std::vector<std::string> names = names_of(list);
    throw Error(code, where + ": " + explain(problem, name, comma_list(names), nearest_word(name, names)));
  }
  return *at;
}

const FileForm& form_of(const Exportable& what, const std::string& wanted, const fs::path& output) {
  if (!wanted.empty()) return one_of(what.forms, wanted, "--format", fmt::format("{} has no such form", what.name));
  const auto fits = std::ranges::find(what.forms, output.extension().string(), &FileForm::extension);
  return fits == what.forms.end() ? what.forms.front() : *fits;
}

// Files that exports begin or end with a mark, tables with their head. Nothing else is ever written over by itself.
void refuse_other_files(const fs::path& target, bool ours, bool overwrite) {
  if (!fs::exists(fs::symlink_status(target))) return;
  if (fs::is_directory(target))
    throw IoError(fmt::format("{}: is a folder (-o names the file)", target.string()), Exit::CannotCreate);
  if (!ours && !overwrite)
    throw IoError(fmt::format("{}: is there and no such export of invado: not written over (another name with -o, or "
                              "--overwrite)",
                              target.string()),
                  Exit::CannotCreate);
}

// What a run itself writes is never the place of an export.
void refuse_files_of_runs(const fs::path& target) {
  const fs::path folder = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const std::string name = target.filename().string();
  const RunFolder run(folder);
  const std::vector<fs::path> own{run.run_json(),  run.scenario(),     run.resolved_scenario(), run.series(),
                                  run.msd(),       run.tracks(),       run.cascade(),           run.log(),
                                  run.checksums(), folder / "run.xdmf"};
  const bool of_run = std::ranges::find(own, folder / name) != own.end() || name.ends_with(".hdf.series");
  const fs::path whole = fs::absolute(folder).lexically_normal();
  const RunFolder above(whole.parent_path());
  const bool inside = whole == above.snapshots() || whole == above.checkpoints();
  if ((of_run && fs::exists(run.run_json())) || (inside && fs::exists(above.run_json())))
    throw IoError(fmt::format("{}: belongs to the run: not written over (another name with -o)", target.string()),
                  Exit::CannotCreate);
}

const SnapshotInfo::Place& place_named(const SnapshotFile& snapshot, const std::string& site) {
  const auto& places = snapshot.info.places;
  if (site.empty()) return places.front();
  return one_of(places, site, "--site", "the run has no such site", Exit::BadData);
}

// Names, or patterns of the shell: "lung.*" is all of a site.
std::vector<std::string> chosen_columns(const std::string& list, const Table& series) {
  std::vector<std::string> columns;
  for (std::size_t begin = 0; begin < list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string wanted = list.substr(begin, end - begin);
    const std::size_t before = columns.size();
    for (const std::string& name : series.names)
      if (fnmatch(wanted.c_str(), name.c_str(), 0) == 0) columns.push_back(name);
    if (columns.size() == before) {
      std::string meant = nearest_word(wanted, series.names);
      const auto of_a_site = [&](const std::string& name) { return name.ends_with("." + wanted); };
      if (const auto at = std::ranges::find_if(series.names, of_a_site); meant.empty() && at != series.names.end())
        meant = *at;
      throw Error(Exit::Usage,
                  "--columns: " + explain("series.csv has no such column", wanted, comma_list(series.names), meant));
    }
    begin = end + 1;
  }
  return columns;
}

std::string hours(double time_h) { return fmt::format("{:.6g}h", time_h); }

// "2026-01-31T12:00:00Z" -> seconds since 1970; 0 for anything else.
std::int64_t seconds_of(const std::string& utc) {
  std::tm parts{};
  return ::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts) == nullptr ? 0 : static_cast<std::int64_t>(::timegm(&parts));
}

}  // namespace

void ExportCommand::add_to(CLI::App& app) {
  command = app.add_subcommand("export", "results in the forms that other programs read, or in one file to take away");
  command->add_option("folder", options_.folder, "results folder; the run may be going on")->required();
  command->add_option("what", options_.what, comma_list(names_of(exports())))->required();
  command->add_option("-o,--output", options_.output, "the file (default: in the results folder; a pack lies beside it)")
      ->type_name("FILE");
  command
      ->add_option("--format", options_.form,
                   "tracks: celltrackr, trackmate, trackpy, vtp; series: csv, long; lattice and fields: vti, nrrd (default: "
                   "what the name of the file says, else the first)")
      ->type_name("FORM");
  command
      ->add_option("--time", options_.time,
                   "cells, lattice, fields: the snapshot nearest to it, for example \"24 h\" (default: the last)")
      ->type_name("TIME");
  command
      ->add_option("--site", options_.site,
                   "which site, where there are several (default: the first; series: all, their columns as lung.cells)")
      ->type_name("NAME");
  command->add_option("--array", options_.array, "NRRD holds one array: which one (default: density, or the first factor)")
      ->type_name("NAME");
  command->add_option("--part", options_.part, "vtk: cells (default), lattice or fields")->type_name("PART");
  command
      ->add_option("--columns", options_.columns,
                   "series: only these, separated by commas; * stands for any letters ('cells,front_*,*_mean')")
      ->type_name("NAMES");
  command->add_flag("--checkpoints", options_.checkpoints, "pack: with the states to go on from");
  command->add_flag("--overwrite", options_.overwrite, "replace the file even when it is no earlier export");
}

namespace {

// One export: what, in which form, from where to where.
struct Job {
  const ExportOptions& options;
  const RunFolder& folder;
  std::string_view what, form, extension;

  // The file that will be written; `usual` is its name in the folder when the user gives none.
  [[nodiscard]] fs::path place(const std::string& usual) const {
    return options.output.empty() ? folder.path() / usual : fs::path(options.output);
  }
  // The same, ready to be written; `ours`: what is there is an earlier export.
  [[nodiscard]] fs::path ready(const fs::path& file, bool ours) const {
    refuse_files_of_runs(file);
    refuse_other_files(file, ours, options.overwrite);
    make_directories(file.parent_path());
    return file;
  }
  [[nodiscard]] fs::path target(const std::string& usual, std::string_view head = {}) const {
    return ready(place(usual), is_export(place(usual), head));
  }
  [[nodiscard]] SnapshotFile snapshot() const {
    const SnapshotSeries series = snapshot_series(folder);
    const fs::path& file = options.time.empty() ? series.files.back() : series.files[snapshot_at(series, options.time)];
    return {file, read_snapshot_info(file)};
  }
  // "lung." where there are several sites.
  [[nodiscard]] std::string prefix(const SnapshotInfo::Place& place) const {
    return place.name.empty() ? "" : place.name + ".";
  }
};

fs::path export_tracks_of(const Job& job) {
  if (!fs::exists(job.folder.tracks()))
    throw IoError(
        fmt::format("{}: the run kept no tracks (output.tracks: 10 min in its scenario does)", job.folder.path().string()),
        Exit::NotFound);
  const std::string& site = job.options.site;
  const std::string prefix = site.empty() ? "" : site + ".";
  if (job.form == "vtp") {
    const fs::path target = job.target(prefix + "tracks.vtp");
    atomic_write(target, track_polylines(job.folder.tracks(), site));
    return target;
  }
  const TrackForm form = job.form == "celltrackr"  ? TrackForm::CellTrackR
                         : job.form == "trackmate" ? TrackForm::TrackMate
                                                   : TrackForm::TrackPy;
  const std::string_view head = form == TrackForm::CellTrackR ? celltrackr_head
                                : form == TrackForm::TrackPy  ? trackpy_head
                                                              : std::string_view();
  const fs::path target = job.target(fmt::format("{}tracks.{}{}", prefix, job.form, job.extension), head);
  const ExportedTracks done =
      export_tracks(job.folder.tracks(), site, form, read_run_json(job.folder.run_json()).start, target);
  if (done.left_out > 0)
    fmt::print(stderr, "left out: {} frame(s) at another interval than the first two (this form knows only equal ones)\n",
               done.left_out);
  fmt::print(stderr, "{} tracks, {} places\n", done.tracks, done.places);
  return target;
}

fs::path export_cells_of(const Job& job) {
  const SnapshotFile snapshot = job.snapshot();
  const SnapshotInfo::Place& place = place_named(snapshot, job.options.site);
  const fs::path target =
      job.target(fmt::format("{}cells_{}.csv", job.prefix(place), hours(snapshot.info.time_h)), cells_head);
  atomic_write(target, cells_table(snapshot, place));
  return target;
}

fs::path export_series_of(const Job& job) {
  if (!fs::exists(job.folder.series()))
    throw IoError(fmt::format("{}: the run has no series.csv", job.folder.path().string()), Exit::NotFound);
  Table series = read_table(job.folder.series());
  const std::string& site = job.options.site;
  if (!site.empty()) {
    const std::vector<std::string> sites = sites_of_series(series);
    if (std::ranges::find(sites, site) == sites.end())
      throw Error(Exit::BadData,
                  "--site: " + explain("the run has no such site", site, comma_list(sites), nearest_word(site, sites)));
    series = series_of_site(series, site);
  }
  const bool is_long = job.form == "long";
  const std::string text = series_table(series, chosen_columns(job.options.columns, series), is_long);
  const fs::path place =
      job.place((site.empty() ? "" : site + ".") + (is_long ? "series.long.csv" : std::string(series_export_name)));
  const fs::path target =
      job.ready(place, is_long ? is_export(place, long_series_head) : is_series_export(place, series.names));
  atomic_write(target, text);
  return target;
}

fs::path export_grid_of(const Job& job) {
  const SnapshotFile snapshot = job.snapshot();
  const SnapshotInfo::Place& place = place_named(snapshot, job.options.site);
  const std::string kind(job.what);
  const auto& arrays = kind == "lattice" ? place.lattice.arrays : place.fields.arrays;
  if (arrays.empty())
    throw IoError(
        fmt::format("{}: the run has no {}", job.folder.path().string(), kind == "lattice" ? "matrix" : "soluble factors"),
        Exit::NotFound);
  std::string name = fmt::format("{}{}_{}", job.prefix(place), kind, hours(snapshot.info.time_h));
  if (job.form == "vti") {
    if (!job.options.array.empty()) throw Error(Exit::Usage, "--array: VTI holds all arrays (NRRD holds one)");
    const fs::path target = job.target(name + ".vti");
    atomic_write(target, vti_image(snapshot, place, kind));
    return target;
  }
  const std::string array =
      job.options.array.empty()
          ? arrays.front().name
          : one_of(arrays, job.options.array, "--array", fmt::format("the {} has no such array", kind)).name;
  const fs::path target = job.target(fmt::format("{}_{}.nrrd", name, array));
  atomic_write(target, nrrd_image(snapshot, place, kind, array));
  return target;
}

fs::path export_vtkhdf_of(const Job& job) {
  const std::vector<FileForm> parts{{"cells", ""}, {"lattice", ""}, {"fields", ""}};
  const std::string part(
      one_of(parts, job.options.part.empty() ? "cells" : job.options.part, "--part", "no such part").name);
  const std::string site = job.options.site.empty() ? "" : job.options.site + ".";
  const fs::path target = job.target(site + part + ".vtkhdf");
  const std::size_t moments = export_vtkhdf(job.folder, part, job.options.site, target);
  fmt::print(stderr, "{} moments; for ParaView 5.12 and newer (5.11 opens {}.hdf.series)\n", moments, site + part);
  return target;
}

fs::path export_pack_of(const Job& job) {
  const fs::path folder = fs::canonical(job.folder.path());
  const fs::path beside = job.target(folder.string() + ".tar");
  PackOptions options{
      .checkpoints = job.options.checkpoints, .date = seconds_of(read_run_json(job.folder.run_json()).start), .made = {}};
  // What a computer without invado could not make. A damaged file is no reason to take nothing home.
  const auto make = [&](const char* name, const auto& text) {
    try {
      options.made.emplace_back(name, text());
    } catch (const Error& error) {
      fmt::print(stderr, "without {}: {}\n", name, error.what());
    }
  };
  make("report.html", [&] { return report_text(job.folder, ""); });
  if (fs::exists(job.folder.tracks())) make("tracks.vtp", [&] { return track_polylines(job.folder.tracks(), {}); });
  const Packed packed = pack_folder(folder, options, beside);
  for (const std::string& name : packed.left_out) fmt::print(stderr, "left out: {} (a link, or no file)\n", name);
  for (const std::string& name : packed.earlier) fmt::print(stderr, "left out: {} (an earlier export)\n", name);
  fmt::print(
      stderr, "{} files, {}{}; unpack it with: tar xf {}\n", packed.files, size_text(static_cast<double>(packed.bytes)),
      options.checkpoints ? "" : ", without checkpoints (--checkpoints takes them along)", beside.filename().string());
  return beside;
}

}  // namespace

Exit ExportCommand::dispatch() const {
  const Exportable& what = one_of(exports(), options_.what, "invado export", "no such thing to export");
  for (const auto& [option, used] : {std::pair{"--time", !options_.time.empty()},
                                     {"--site", !options_.site.empty()},
                                     {"--array", !options_.array.empty()},
                                     {"--part", !options_.part.empty()},
                                     {"--columns", !options_.columns.empty()},
                                     {"--checkpoints", options_.checkpoints}})
    if (used && what.options.find(option) == std::string_view::npos)
      throw Error(Exit::Usage, fmt::format("{}: has no meaning for {} (which takes {})", option, what.name, what.options));
  const RunFolder folder = RunFolder::open(options_.folder);
  const FileForm& form = form_of(what, options_.form, options_.output);
  const Job job{options_, folder, what.name, form.name, form.extension};
  const fs::path file = what.name == "tracks"   ? export_tracks_of(job)
                        : what.name == "cells"  ? export_cells_of(job)
                        : what.name == "series" ? export_series_of(job)
                        : what.name == "vtk"    ? export_vtkhdf_of(job)
                        : what.name == "pack"   ? export_pack_of(job)
                                                : export_grid_of(job);
  fmt::print("{}\n", file.string());
  return Exit::Done;
}

}  // namespace invado
