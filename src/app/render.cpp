#include "app/render.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

#include "app/film.h"
#include "app/off_screen.h"
#include "app/snapshot_time.h"
#include "io/provenance.h"
#include "io/run_folder.h"
#include "io/snapshot_read.h"
#include "model/headline_signals.h"
#include "model/signals.h"
#include "render/framing.h"
#include "render/job.h"
#include "render/tubes.h"
#include "report/figures.h"
#include "report/markup.h"
#include "report/parameters.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace fs = std::filesystem;
namespace {

const std::vector<std::string> preset_names{"front", "signals", "matrix", "lineage", "cascade"};
const std::vector<std::string> axis_names{"x", "y", "z"};
constexpr std::size_t most_looked_through = 13;            // snapshots of a long series
constexpr double cell_surface_level = 0.6065306597126334;  // exp(-1/2): analysis/cell_surface.h

[[noreturn]] void refuse(const std::string& option, const std::string& why) {
  throw Error(Exit::Usage, "--" + option + ": " + why);
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::size_t choice(const std::string& option, const std::string& text, const std::vector<std::string>& words) {
  const auto at = std::ranges::find(words, text);
  if (at == words.end()) refuse(option, explain("no such choice", text, comma_list(words), nearest_word(text, words)));
  return static_cast<std::size_t>(at - words.begin());
}

double number_in(const std::string& option, const std::string& text, Unit unit, Range range) {
  const Parsed<double> number = parse_quantity(text, unit, range);
  if (!number.value) refuse(option, number.problem);
  return *number.value;
}

// Evenly from all of them, the first and the last among them.
std::vector<std::string> some_of(const std::vector<fs::path>& files) {
  std::vector<std::string> some;
  const std::size_t wanted = std::min(files.size(), most_looked_through);
  for (std::size_t i = 0; i < wanted; ++i)
    some.push_back(files[wanted == 1 ? 0 : i * (files.size() - 1) / (wanted - 1)].string());
  return some;
}

// What tells the cells of a tumour that metastasises apart: RUNX2, or AKT where RUNX2 sleeps in all of them.
std::string telling_signal(const fs::path& file, const SnapshotInfo& info, std::size_t place) {
  const HeadlineSignal& runx2 = *find_headline("runx2");
  const std::vector<std::string> wanted{std::string(runx2.column)};
  const CellsAt cells = read_cells(file, info, place, wanted);
  const CellsAt::Column* const level = cells.find(runx2.column);
  const double awake = (runx2.low + runx2.high) / 2;
  const bool asleep = level != nullptr && !level->values.empty() &&
                      std::ranges::none_of(level->values, [&](double value) { return value > awake; });
  return asleep ? "akt" : "runx2";
}

bool is_signal(std::string_view name) {
  const auto named = [&](const NamedQuantity& quantity) { return quantity.name == name; };
  return find_headline(name) != nullptr || std::ranges::any_of(states, named) || std::ranges::any_of(derived_signals, named);
}

// `fixed`: the signals have the ranges that they have in all runs.
Colouring colouring_of(const std::string& name, bool fixed, const fs::path& file, const SnapshotInfo& info,
                       std::size_t place) {
  std::vector<std::string> columns, known;
  for (const HeadlineSignal& headline : headline_signals) known.emplace_back(headline.alias);
  for (const SnapshotInfo::Array& array : info.places[place].columns)
    if (array.shape.size() == 1) columns.push_back(array.name);
  known.insert(known.end(), columns.begin(), columns.end());
  const HeadlineSignal* const headline = find_headline(name);
  const std::string column = headline != nullptr ? std::string(headline->column) : name;
  if (std::ranges::find(columns, column) == columns.end())
    refuse("colour-by",
           explain("the cells of this run have no such column", name, comma_list(known), nearest_word(name, known)));
  Colouring colouring;
  colouring.column = column;
  colouring.founders = column == "founder";
  colouring.types = column == "type";
  if (headline != nullptr) {
    colouring.title = headline->title;
    if (fixed) colouring.range = {headline->low, headline->high};
    colouring.least_width = least_shown * (headline->high - headline->low);
  } else {
    const std::vector<std::string> wanted{column};
    const CellsAt cells = read_cells(file, info, place, wanted);
    colouring.title = column;
    std::ranges::replace(colouring.title, '_', ' ');
    if (const CellsAt::Column* found = cells.find(column); found != nullptr)
      if (const std::string unit = unit_text(found->unit); !unit.empty()) colouring.title += " (" + unit + ")";
    colouring.types_named = cells.type_names;
  }
  return colouring;
}

std::array<double, 2> parse_range(const std::string& text) {
  const std::size_t colon = text.find(':');
  const Parsed<double> low = parse_quantity(text.substr(0, colon), Unit::One, {});
  const Parsed<double> high = parse_quantity(colon == std::string::npos ? "" : text.substr(colon + 1), Unit::One, {});
  if (!low.value || !high.value || !(*low.value < *high.value))
    refuse("range", explain("is no range", text, "fixed, or LOW:HIGH with LOW < HIGH, for example 0.1:0.5"));
  return {*low.value, *high.value};
}

// "y", "y=400 um"; of a cut also "none".
std::pair<std::optional<int>, std::optional<double>> parse_plane(const std::string& option, const std::string& text) {
  const std::size_t equals = text.find('=');
  std::vector<std::string> words = axis_names;
  if (option == "cut") words.emplace_back("none");
  const auto axis = static_cast<int>(choice(option, text.substr(0, equals), words));
  if (words[static_cast<std::size_t>(axis)] == "none") {
    if (equals != std::string::npos) refuse(option, explain("has no place", text, "none"));
    return {};
  }
  if (equals == std::string::npos) return {axis, {}};
  return {axis, number_in(option, text.substr(equals + 1), Unit::Um, {})};
}

void parse_front(const std::string& text, Look& look) {
  const std::size_t equals = text.find('=');
  look.front = static_cast<ShownFront>(choice("front", text.substr(0, equals), {"none", "cells", "density"}));
  look.front_level = look.front == ShownFront::Cells ? cell_surface_level : 0.5;
  if (equals == std::string::npos) return;
  if (look.front == ShownFront::None) refuse("front", explain("has no level", text, "none"));
  look.front_level = number_in("front", text.substr(equals + 1), Unit::One, {0, look.front == ShownFront::Cells ? 1e6 : 1});
  if (!(look.front_level > 0)) refuse("front", explain("the level must be above 0", text));
}

// The axis across which a section shows the most of a site.
std::size_t widest_plane(const SnapshotInfo::Place& place) {
  Vec3 extent{1, 1, 1};
  for (std::size_t k = 0; k < place.lattice.shape.size(); ++k)
    extent[static_cast<int>(k)] = place.lattice.spacing[k] * static_cast<double>(place.lattice.shape[k]);
  return static_cast<std::size_t>(section_axis(extent));
}

// All cells in a layer: looked at from above.
bool lies_flat(const CellsAt& cells) {
  if (cells.size() == 0) return false;
  std::array<double, 3> extent{};
  for (int axis = 0; axis < 3; ++axis) {
    const auto [low, high] = std::ranges::minmax(cells.position, {}, [&](const Vec3& x) { return x[axis]; });
    extent[static_cast<std::size_t>(axis)] = high[axis] - low[axis];
  }
  return extent[2] < 2 * cells.radius[0] && std::max(extent[0], extent[1]) > 8 * cells.radius[0];
}

// What is the same in all snapshots, from the run's own copy of its scenario: the box of each site, and, for surfaces of the
// density, what no protease removes there.
void describe_sites(Job& job, const std::vector<ResolvedValue>& values, const SnapshotInfo& info) {
  for (std::size_t place = 0; place < info.places.size(); ++place) {
    const std::string site = place == 0 ? "" : "secondary_sites." + info.places[place].name + ".";
    const auto quantity = [](std::string_view text, Unit unit) { return parse_quantity(text, unit, {}).value.value_or(0); };
    std::array<double, 3>& edges = job.domain.emplace_back();
    std::string size = value_of(values, site + "domain.size");  // [x um, y um, z um]
    std::erase_if(size, [](char letter) { return letter == '[' || letter == ']' || letter == ' '; });
    if (const std::vector<std::string> each = parts_of(size); each.size() == edges.size())
      std::ranges::transform(each, edges.begin(), [&](const std::string& edge) { return quantity(edge, Unit::Um); });
    if (job.look.front == ShownFront::Density)
      job.density_floor.push_back(quantity(value_of(values, site + "matrix.law.density_floor"), Unit::MgPerMl));
  }
}

// Whether the tumour hides vessels in the last of the pictures, so that one would look into it.
bool has_grown_around_vessels(const Job& job) {
  const std::string& snapshot = job.framed.back();
  const SnapshotInfo info = read_snapshot_info(snapshot);
  const CellsAt cells = read_cells(snapshot, info, job.place, {});
  std::vector<Sphere> balls;
  for (std::size_t i = 0; i < cells.size(); ++i) balls.push_back({cells.position[i], cells.radius[i]});
  return lie_inside(read_tubes(snapshot, info, job.place), balls, axes_of(job.look.azimuth, job.look.elevation).back);
}

// Where the renderer lies: beside us.
std::string renderer_path() {
  std::error_code none;
  const fs::path beside = fs::read_symlink("/proc/self/exe", none).parent_path() / "invado-render";
  if (!fs::exists(beside))
    throw Error(
        Exit::NotFound,
        "invado render: this program was built without VTK, so it cannot draw. To have it: apt-get install --no-remove "
        "--no-install-recommends libvtk9-dev (conda, Spack: vtk), then build again; the scripts in paraview/ draw with "
        "ParaView instead");
  return beside.string();
}

}  // namespace

void RenderCommand::add_to(CLI::App& app) {
  command = &*app.add_subcommand("render", "pictures and films of a run: cells, invasion front, matrix");
  CLI::App& c = *command;
  c.add_option("folder", folder_, "results folder; the run may be going on")->required();
  c.add_option("-o,--output", output_, "picture, .png or .jpg (default: picture.png in the folder; a film: movie.mp4)")
      ->type_name("FILE");
  c.add_option("--preset", preset_,
               "front: cells and their surface; signals: the three headline signals; matrix: the middle plane with "
               "fibres; lineage: a colour per founder; cascade: the tumour and all organs side by side, with the numbers of "
               "the blood")
      ->type_name("NAME");
  c.add_option("--time,--times", times_,
               "when, or several times side by side: 24h or 0h,24h,72h (default: the last snapshot)")
      ->type_name("T,...");
  c.add_option("--colour-by", colour_by_,
               "akt (default; type where cells have no signals), vimentin, runx2, founder, type or any column of the cells; "
               "several: side by side")
      ->type_name("COLUMN,...");
  c.add_option("--range", range_,
               "of the colours: LOW:HIGH, or fixed: the same in every run, for the three signals (default: from the whole "
               "series, the same in all its pictures)")
      ->type_name("LOW:HIGH");
  c.add_option("--front", front_,
               "a surface: cells[=LEVEL] of smoothed density of cells that touch, density[=SHARE] where so much of the "
               "digestible collagen is left, none")
      ->type_name("WHAT");
  c.add_option("--cut", cut_,
               "take away what lies before a plane: x, y or z, or y=400um (default: the middle); none. --preset front cuts "
               "at y; cascade, where cells have grown around vessels, the tumour without its vessels")
      ->type_name("AXIS");
  c.add_option("--section", section_, "one plane from straight ahead: collagen, and the cells that it meets")
      ->type_name("AXIS");
  c.add_option("--site", site_, "of several sites, which one (default: the first)")->type_name("NAME");
  azimuth_given_ =
      c.add_option("--azimuth", azimuth_, "where one looks from: turn about z (default 30)")->type_name("DEGREES");
  elevation_given_ =
      c.add_option("--elevation", elevation_, "and height above the horizon (default 20)")->type_name("DEGREES");
  c.add_option("--size", size_, "of the picture, for example 1600x1200")->type_name("WxH");
  title_given_ = c.add_option("--title", title_, "above the picture (default: name of the scenario)")->type_name("TEXT");
  fps_given_ = c.add_option("--fps", fps_, "frames of a film per second (default 12)")->type_name("N");
  c.add_flag("--movie", movie_, "a frame per snapshot, as PNG, and a film of them when ffmpeg is there");
  c.add_flag("--fibres", fibres_, "fibres in a section");
  c.add_flag("--whole", whole_, "the whole box and its edges, not only where cells are");
  c.add_flag("--true-spheres", true_spheres_, "cells of triangles, slower");
  c.add_flag("--dark", dark_, "dark background, for talks");
}

// What has no meaning, or nothing to show, is refused: else a caption would speak of it.
void RenderCommand::refuse_what_is_not_there(const Look& look, const SnapshotInfo::Place& place,
                                             const std::string& preset) const {
  const bool plane = look.view == View::Plane;
  const auto has = [&](const char* name) {
    return std::ranges::find(place.lattice.arrays, name, &SnapshotInfo::Array::name) != place.lattice.arrays.end();
  };
  if (plane && !cut_.empty()) refuse("cut", "has no meaning in a section, which is cut already");
  if (plane && look.front != ShownFront::None)
    refuse(front_.empty() ? "preset" : "front", "has no meaning in a section: it shows the plane alone");
  if (fibres_ && !plane) refuse("fibres", "are shown in a section (--section y, or --preset matrix)");
  if (preset == "cascade") {
    for (const auto& [option, given] : {std::pair{"site", !site_.empty()}, std::pair{"section", !section_.empty()}})
      if (given) refuse(option, "has no meaning with --preset cascade, which shows all sites");
    if (parts_of(colour_by_).size() > 1)
      refuse("colour-by", explain("one column colours the tumour in --preset cascade", colour_by_, "one column"));
  }
  if (fps_given_->count() > 0 && !movie_) refuse("fps", "belongs to --movie");
  if (look.front == ShownFront::Density && !has("density")) refuse("front", "this run has no matrix in its snapshots");
  if (preset == "matrix" && !has("density")) refuse("preset", "matrix: this run has no matrix in its snapshots");
  if (fibres_ && !has("fibre")) refuse("fibres", "this run has no fibres in its snapshots");
}

Exit RenderCommand::dispatch() const {
  const RunFolder folder = RunFolder::open(folder_);
  const SnapshotSeries series = snapshot_series(folder);
  const SnapshotInfo info = read_snapshot_info(series.files.back());
  Job job;
  std::vector<std::size_t> tissues;  // cells of the blood have no place
  for (std::size_t place = 0; place < info.places.size(); ++place)
    if (info.places[place].space)
      tissues.push_back(place);
    else
      job.blood = place;
  if (!site_.empty()) {
    std::vector<std::string> sites;
    for (const std::size_t tissue : tissues) sites.push_back(info.places[tissue].name);
    if (sites.size() == 1 && sites.front().empty()) refuse("site", explain("this run has one site, without a name", site_));
    job.place = tissues[choice("site", site_, sites)];
  }

  // What is seen.
  const std::string preset = preset_.empty() ? "" : preset_names[choice("preset", preset_, preset_names)];
  const CellsAt last = read_cells(series.files.back(), info, job.place, {});
  if (last.size() > 1 && std::ranges::all_of(last.position, [&](const Vec3& x) { return x == last.position[0]; }))
    throw IoError(fmt::format("{}: its cells have no place (signalling only): nothing to draw; `invado report` shows them",
                              folder.path().string()),
                  Exit::BadData);
  const bool flat = preset != "cascade" && lies_flat(last);
  Look& look = job.look;
  if (preset == "cascade") {
    if (tissues.size() < 2)
      refuse("preset", "cascade: this run has one site; the cascade is the way of cells to others (secondary_sites)");
    job.beside = tissues;
    look.whole = true;
  } else {
    job.blood.reset();
  }
  if (preset == "front") {
    parse_front("cells=0.5", look);  // a little outside the cells, so that it shows them only where it is cut
    if (cut_.empty() && !flat) look.cut = 1;
  }
  if (preset.empty() && section_.empty() && !flat && info.places[job.place].lattice.arrays.size() > 1)
    parse_front("density", look);
  if (!front_.empty()) parse_front(front_, look);
  if (!cut_.empty()) std::tie(look.cut, look.cut_at) = parse_plane("cut", cut_);
  if (!section_.empty() || preset == "matrix") {
    std::tie(look.cut, look.cut_at) = parse_plane("section", !section_.empty() ? section_
                                                             : flat            ? "z"
                                                                    : axis_names[widest_plane(info.places[job.place])]);
    look.view = View::Plane;
    look.azimuth = *look.cut == 0 ? 90 : 0;
    look.elevation = *look.cut == 2 ? 90 : 0;
  } else if (flat) {
    look.azimuth = 0;
    look.elevation = 90;
  }
  if (azimuth_given_->count() > 0) look.azimuth = azimuth_;
  if (elevation_given_->count() > 0) look.elevation = elevation_;
  if (!(std::abs(look.azimuth) <= 360)) refuse("azimuth", explain("is out of range", shortest(look.azimuth), "[-360, 360]"));
  if (!(std::abs(look.elevation) <= 90))
    refuse("elevation", explain("is out of range", shortest(look.elevation), "[-90, 90]"));
  look.fibres = fibres_ || preset == "matrix";
  refuse_what_is_not_there(look, info.places[job.place], preset);
  look.whole = look.whole || whole_;
  look.true_spheres = true_spheres_;
  look.dark = dark_;

  // In which colours.
  const std::vector<ResolvedValue> resolved =
      read_resolved(read_text(folder.resolved_scenario()), folder.resolved_scenario().string());
  const bool signals = has_signals(resolved);
  if (preset == "signals" && !signals) refuse("preset", "signals: no cell of this run has any (signalling: off)");
  const std::string colours = !colour_by_.empty()              ? colour_by_
                              : preset == "signals"            ? "akt,vimentin,runx2"
                              : preset == "lineage"            ? "founder"
                              : preset == "cascade" && signals ? telling_signal(series.files.back(), info, job.place)
                                                               : default_colour(resolved);
  for (const std::string& name : parts_of(colours)) {
    if (!signals && is_signal(name)) refuse("colour-by", name + ": no cell of this run has signals (signalling: off)");
    job.colourings.push_back(colouring_of(name, range_ == "fixed", series.files.back(), info, job.place));
    if (preset == "cascade" && !job.colourings.back().of_names())
      job.colourings.back().title = "Tumour: " + job.colourings.back().title;
    if (!range_.empty() && job.colourings.back().of_names())
      refuse("range", explain("has no meaning where colours are names", name, "with columns of numbers"));
    if (range_ == "fixed" && find_headline(name) == nullptr)
      refuse("range", explain("only the three signals have a fixed range", name, "akt, vimentin, runx2"));
    if (!range_.empty() && range_ != "fixed") job.colourings.back().range = parse_range(range_);
  }
  job.series = some_of(series.files);

  // When.
  std::vector<std::size_t> when;
  if (!times_.empty()) {
    if (movie_) refuse("movie", explain("shows every snapshot", "--time " + times_, "one of the two"));
    for (const std::string& text : parts_of(times_)) when.push_back(snapshot_at(series, text));
  } else if (!movie_) {
    when.push_back(series.files.size() - 1);
  }
  const bool many_times = when.size() > 1, many_colours = job.colourings.size() > 1;
  job.columns = preset == "cascade" ? 1 : many_times ? when.size() : job.colourings.size();
  job.bars_by_row = many_times || !many_colours;
  const auto frame_of = [&](const std::vector<std::size_t>& moments, const std::string& output) {
    Frame frame{output, {}};
    for (std::size_t c = 0; c < job.colourings.size(); ++c)
      for (const std::size_t index : moments)  // the time stands over the first row, or over the first panel
        frame.panels.push_back({series.files[index].string(), c == 0 ? time_text(series.times_h[index]) : "", c});
    return frame;
  };
  const fs::path output = !output_.empty() ? output_ : folder.path() / (movie_ ? "movie.mp4" : "picture.png");
  const std::string ending = output.extension().string();
  if (movie_) {
    if (!ending.empty() && ending != ".mp4")
      refuse("output", explain("is no film", output.string(), "a name that ends with .mp4"));
    const fs::path stem = output.parent_path() / output.stem();
    for (std::size_t i = 0; i < series.files.size(); ++i)
      job.frames.push_back(frame_of({i}, fmt::format("{}_{:04}.png", stem.string(), i)));
    for (const fs::path& file : series.files) job.framed.push_back(file.string());
  } else {
    if (ending != ".png" && ending != ".jpg" && ending != ".jpeg")
      refuse("output", explain("is no picture that can be written", output.string(), "names that end with .png or .jpg"));
    job.frames.push_back(frame_of(when, output.string()));
    for (const std::size_t index : when) job.framed.push_back(series.files[index].string());
  }
  if (preset == "cascade" && cut_.empty() && has_grown_around_vessels(job)) look.cut = 1;
  if (!size_.empty()) {
    const std::size_t cross = size_.find('x');
    const Parsed<std::int64_t> width = parse_integer(size_.substr(0, cross), 100, 8000);
    const Parsed<std::int64_t> height = parse_integer(cross == std::string::npos ? "" : size_.substr(cross + 1), 100, 8000);
    if (!width.value || !height.value)
      refuse("size", explain("is no size", size_, "WIDTHxHEIGHT, each 100 to 8000, for example 1600x1200"));
    job.width = static_cast<int>(*width.value);
    job.height = static_cast<int>(*height.value);
  }
  if (!(fps_ >= 0.1 && fps_ <= 120)) refuse("fps", explain("is out of range", shortest(fps_), "[0.1, 120]"));
  job.title = title_given_->count() > 0 ? title_ : read_run_json(folder.run_json()).scenario;
  if (title_given_->count() == 0 && tissues.size() > 1 && preset != "cascade")
    job.title += ": " + info.places[job.place].name;
  describe_sites(job, resolved, info);

  const std::string renderer = renderer_path();
  make_directories(output.parent_path());
  {
    const OffScreen screen;
    const int code = run_program({renderer}, job_text(job));
    if (code != 0) {
      if (code >= 128)
        throw Error(
            Exit::IoError,
            fmt::format("invado render: drawing ended with signal {} (a broken display, or too little memory)", code - 128));
      return static_cast<Exit>(code);
    }
  }
  if (movie_) make_film(job.frames, output.parent_path() / output.stem(), fps_);
  return Exit::Done;
}

}  // namespace invado
