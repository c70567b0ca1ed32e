#include "report/figures.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>

#include "analysis/statistics.h"
#include "base/maths.h"
#include "model/headline_signals.h"
#include "report/document.h"
#include "report/markup.h"
#include "report/plot.h"

namespace invado {
namespace {

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();
constexpr double typical_low = 0.01, typical_high = 1;  // of the branches: an axis of runx2_activity shows both places
constexpr std::size_t most_panels = 12;                 // cell types with panels of their own

// When interventions begin and end, for the axis of time.
std::vector<PlotMark> interventions(const RunData& run) {
  std::vector<PlotMark> marks;
  for (const ResolvedValue& value : run.resolved) {
    if (!value.path.starts_with("perturbations.")) continue;
    const bool begins = value.path.ends_with(".from"), ends = value.path.ends_with(".until");
    if ((!begins && !ends) || !value.value.ends_with(" h")) continue;
    const std::size_t name = std::string_view("perturbations.").size();
    const std::string who = value.path.substr(name, value.path.rfind('.') - name);
    const double time = std::strtod(value.value.c_str(), nullptr);
    if (std::isfinite(time) && marks.size() < 4) marks.push_back({time, who + (begins ? " begins" : " ends")});
  }
  return marks;
}

bool any(const std::vector<double>& values) {
  return std::ranges::any_of(values, [](double v) { return !std::isnan(v); });
}
bool any_other_than_zero(const std::vector<double>& values) {
  return std::ranges::any_of(values, [](double v) { return !std::isnan(v) && v != 0; });
}

std::vector<double> of_type(const CellsAt& cells, const std::vector<double>& values, std::size_t type) {
  std::vector<double> picked;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (static_cast<std::size_t>(cells.type[i]) == type) picked.push_back(values[i]);
  return picked;
}

}  // namespace

std::string signal_title(std::string_view signal) {
  const HeadlineSignal* const headline = find_headline(signal);
  return std::string(headline != nullptr ? headline->title : signal);
}

const CellsAt* end_of(const RunData& run) { return run.last ? &*run.last : run.first ? &*run.first : nullptr; }

Plot over_time(const RunData& run, std::string title, std::string y_label) {
  Plot plot{.title = std::move(title), .x_label = "time (h)", .y_label = std::move(y_label)};
  plot.marks = interventions(run);
  return plot;
}

std::string unit_text(std::string_view unit) {
  if (unit == "1") return {};
  std::string text;
  for (std::size_t i = 0; i < unit.size(); ++i) {
    if (unit.substr(i).starts_with("um") && (i == 0 || unit[i - 1] == '/' || unit[i - 1] == ' ')) {
      text += "µm";
      ++i;
    } else if (unit.substr(i).starts_with("^2")) {
      text += "²";
      ++i;
    } else if (unit.substr(i).starts_with("^3")) {
      text += "³";
      ++i;
    } else {
      text += unit[i];
    }
  }
  return text;
}

std::string front_figure(const RunData& run) {
  const std::vector<double> time = run.column("time_h"), q50 = run.column("front_um_q50"), q90 = run.column("front_um_q90"),
                            q99 = run.column("front_um_q99"), deepest = run.column("front_um_max");
  if (time.empty() || q90.empty() || !any_other_than_zero(deepest)) return {};
  Plot depth = over_time(run, "Depth of invasion", "outside the start region (µm)");
  depth.lines.push_back({.label = "deepest cell", .x = time, .y = deepest, .style = 2});
  depth.lines.push_back({.label = "90 %", .x = time, .y = q90, .low = q50, .high = q99, .style = 0});
  depth.lines.push_back({.label = "50 %", .x = time, .y = q50, .style = 1});
  std::string drawings = svg(depth);
  Plot cells = over_time(run, "Cells that have left the start region", "cells");
  std::size_t style = 0;
  for (const auto& [column, label] : {std::pair("front_cells", "outside"), std::pair("invaded", "deeper than 2 radii"),
                                      std::pair("detached_cells", "detached")}) {
    const std::vector<double> values = run.column(column);
    if (!values.empty()) cells.lines.push_back({.label = label, .x = time, .y = values, .style = style});
    ++style;
  }
  if (!cells.lines.empty()) drawings += svg(cells);
  // Each row has the speed over all samples up to it: the last row of the free front has that of the free front.
  const auto near = run.near_face_from_h();
  const std::size_t free_rows = near ? static_cast<std::size_t>(std::ranges::find(time, *near) - time.begin()) : time.size();
  const auto while_free = [&](const char* name) {
    const std::vector<double> values = run.column(name);
    return free_rows > 0 && values.size() >= free_rows ? values[free_rows - 1] : no_value;
  };
  const double speed = while_free("front_speed_um_h"), error = while_free("front_speed_se");
  std::string caption =
      "Depth outside the region where the cells were placed, over the cells outside it: 90 % of them are less deep than the "
      "90 % line; the band reaches from the median to the 99 % quantile (spread over cells, not an error). Detached: "
      "without "
      "contact, direct or through others, to the mass (groups that reach into the start region, and the largest group).";
  if (!std::isnan(speed))
    caption += fmt::format(
        " Speed of the 90 % front {}: <strong>{} µm/h</strong> (slope of a straight line ± its standard "
        "error, which "
        "knows that successive samples are alike; runs with other seeds tell how much fronts differ from run to run).",
        near ? "until it came near a face of the box" : "over all samples", with_error(speed, error));
  if (near)
    caption += fmt::format(
        " From {} on the front is near a face of the box: what is measured later, as in the last rows of series.csv, is "
        "slower "
        "than a free front.",
        time_text(*near));
  return figure(drawings, caption);
}

std::string counts_figure(const RunData& run) {
  const std::vector<double> time = run.column("time_h"), cells = run.column("cells");
  if (time.empty() || cells.empty()) return {};
  Plot counts = over_time(run, "Cells", "cells");
  counts.lines.push_back({.label = "all", .x = time, .y = cells, .style = 0});
  const CellsAt* const end = end_of(run);
  std::size_t style = 1;
  if (end != nullptr && end->type_names.size() > 1)
    for (const std::string& type : end->type_names)
      if (const auto values = run.column(type + ".cells"); !values.empty() && style < 7)
        counts.lines.push_back({.label = type, .x = time, .y = values, .style = style++});
  std::string drawings = svg(counts);
  Plot events = over_time(run, "Births and departures since the start", "events");
  style = 0;
  if (const auto births = run.column("births"); any_other_than_zero(births))
    events.lines.push_back({.label = "births", .x = time, .y = births, .style = 0});
  const auto departure = [](const std::string& name) {
    return name == "left"                ? "left the box"
           : name == "passed"            ? "into the blood"
           : name.starts_with("deaths_") ? "dead, " + name.substr(7)
                                         : std::string();
  };
  const std::string prefix = run.site_prefix();
  for (const std::string& full : run.series.names) {
    if (!full.starts_with(prefix)) continue;
    const std::string name = full.substr(prefix.size()), label = departure(name);
    if (const auto values = run.column(name); !label.empty() && any_other_than_zero(values))
      events.lines.push_back({.label = label, .x = time, .y = values, .style = ++style});
  }
  std::string caption =
      "Counts are exact: every cell of the simulation is counted. How much they would differ between runs is told by "
      "other seeds, not by this one run.";
  if (!events.lines.empty())
    drawings += svg(events);
  else
    caption += " No cell was born, died or left.";
  Plot matrix = over_time(run, "Matrix taken away", "volume (10⁶ µm³)");
  if (std::vector<double> degraded = run.column("degraded_um3"); any_other_than_zero(degraded)) {
    for (double& volume : degraded) volume /= 1e6;
    matrix.lines.push_back({.label = "degraded", .x = time, .y = degraded, .style = 2});
    drawings += svg(matrix);
  }
  return figure(drawings, caption);
}

std::string signals_figure(const RunData& run) {
  if (!has_signals(run.resolved)) return {};
  const std::vector<double> time = run.column("time_h");
  std::string drawings;
  for (const std::string_view signal : shown_signals) {
    const std::string name(signal);
    const std::vector<double> mean = run.column(name + "_mean");
    if (!any(mean)) continue;
    Plot plot = over_time(run, signal_title(signal), signal_title(signal));
    plot.lines.push_back({.label = "mean",
                          .x = time,
                          .y = mean,
                          .low = run.column(name + "_q05"),
                          .high = run.column(name + "_q95"),
                          .style = 0});
    if (const auto median = run.column(name + "_q50"); !median.empty())
      plot.lines.push_back({.label = "median", .x = time, .y = median, .style = 1});
    if (plot.lines[0].low.empty() || plot.lines[0].high.empty()) plot.lines[0].low.clear(), plot.lines[0].high.clear();
    drawings += svg(plot);
  }
  if (std::vector<double> high = run.column("high_branch_fraction"); any(high)) {
    for (double& share : high) share *= 100;
    Plot plot = over_time(run, "Cells on the high branch of the AKT–RUNX2 loop", "share of cells (%)");
    plot.y_reaches = 100;
    plot.lines.push_back({.label = "high branch", .x = time, .y = high, .style = 3});
    drawings += svg(plot);
  }
  if (drawings.empty()) return {};
  return figure(drawings,
                "Mean and median over all cells; the band reaches from the 5 % to the 95 % quantile (spread over cells).");
}

std::string distributions_figure(const RunData& run) {
  const CellsAt* const end = end_of(run);
  if (end == nullptr) return {};
  std::string drawings, branches;
  for (const std::string_view signal : shown_signals) {
    const CellsAt::Column* const now = end->find(signal);
    const CellsAt::Column* const before = run.last && run.first ? run.first->find(signal) : nullptr;
    if (now == nullptr || !any_other_than_zero(now->values)) continue;
    std::vector<double> both = now->values;
    if (before != nullptr) both.insert(both.end(), before->values.begin(), before->values.end());
    std::erase(both, 0.0);  // of types without signals
    // The branches of RUNX2 lie two orders of magnitude apart: only a logarithmic axis shows the shape of both.
    const bool is_runx2 = signal == "runx2_activity";
    const bool logarithmic = is_runx2 && std::ranges::all_of(both, [](double v) { return v > 0; });
    if (is_runx2) both.insert(both.end(), {typical_low, high_branch, typical_high});
    const Axis axis = axis_for(both, false, !logarithmic, logarithmic);
    std::size_t panels = 0;
    for (std::size_t type = 0; type < end->type_names.size(); ++type) {
      const std::vector<double> values = of_type(*end, now->values, type);
      if (!any_other_than_zero(values) || ++panels > most_panels) continue;  // all 0: a type without signals
      const std::size_t bins = bins_for(values.size());
      Plot plot{.title = fmt::format("{}: {}", signal_title(signal), end->type_names[type]),
                .x_label = signal_title(signal),
                .y_label = "share of cells (%)",
                .log_x = logarithmic,
                .width = 400,
                .height = 270};
      plot.histograms.push_back(
          {fmt::format("{}, {} cells", time_text(end->time_h), number_text(static_cast<double>(values.size()))),
           make_histogram(values, axis, bins)});
      if (before != nullptr) {
        const std::vector<double> earlier = of_type(*run.first, before->values, type);
        if (!earlier.empty())
          plot.histograms.push_back(
              {fmt::format("{}, {} cells", time_text(run.first->time_h), number_text(static_cast<double>(earlier.size()))),
               make_histogram(earlier, axis, bins), true});
      }
      if (is_runx2) {
        plot.marks = {{high_branch, "high branch above 0.25"}};
        const auto high = static_cast<double>(std::ranges::count_if(values, [](double v) { return v > high_branch; }));
        const auto all = static_cast<double>(values.size());
        branches +=
            fmt::format(" {} at {}: <strong>{} cells ({} %) on the low branch, {} ({} %) on the high branch</strong>.",
                        escaped(end->type_names[type]), time_text(end->time_h), number_text(all - high),
                        number_text(100 * (all - high) / all, 3), number_text(high), number_text(100 * high / all, 3));
      }
      drawings += svg(plot);
    }
  }
  if (drawings.empty()) return {};
  return figure(
      drawings,
      fmt::format("Share of cells per bin, for each cell type; filled: the last snapshot, dashed: the first one.{}{}",
                  branches.empty() ? "" : " RUNX2 activity on a logarithmic axis.", branches));
}

std::string walk_figure(const RunData& run) {
  std::vector<double> lag, msd, error;
  double cells = no_value;
  for (const auto& row : run.msd.rows) {
    if (row.size() < 4) continue;
    lag.push_back(row[0]), msd.push_back(row[1]), error.push_back(row[2]);
    if (std::isnan(cells)) cells = row[3];
  }
  if (lag.empty() && !run.tracks.places.empty()) {  // a run that has not ended has no msd.csv yet
    for (const MsdPoint& p : msd_of(run.tracks, 0, run.tracks.places.size())) {
      lag.push_back(p.lag_h), msd.push_back(p.msd_um2), error.push_back(p.error_um2);
      if (std::isnan(cells)) cells = p.cells;
    }
  }
  if (!any(msd)) return {};
  const WalkFitWithError fit = fit_with_error(lag, msd, run.tracks);
  Plot plot{.title = "Mean square displacement", .x_label = "lag (h)", .y_label = "MSD (µm²)", .log_x = true, .log_y = true};
  plot.lines.push_back({.label = "measured", .x = lag, .y = msd, .error = error, .style = 0, .points = true});
  std::string caption =
      fmt::format("Of {} founders, averaged over all windows of a length and over cells; bars: standard error over cells.",
                  number_text(cells));
  if (std::isnan(fit.fit.persistence_h)) {
    caption += " Fewer than four lags: no fit.";
  } else {
    PlotLine law{.label = "Fürth’s law", .x = {}, .y = {}, .style = 1};
    constexpr int points = 80;
    for (int i = 0; i <= points; ++i) {
      const double t = lag.front() * invado::pow(lag.back() / lag.front(), static_cast<double>(i) / points);
      law.x.push_back(t), law.y.push_back(persistent_walk_msd(t, fit.fit));
    }
    plot.lines.push_back(law);
    caption += fmt::format(
        " Line: MSD(t) = 2 S² P (t − P (1 − e<sup>−t/P</sup>)) (Fürth 1920) with root-mean-square speed <strong "
        "data-fit=\"speed_um_h\" data-value=\"{}\">S = {} µm/h</strong> and persistence <strong data-fit=\"persistence_h\" "
        "data-value=\"{}\">P = {} h</strong>",
        fit.fit.speed_um_h, with_error(fit.fit.speed_um_h, fit.speed_error), fit.fit.persistence_h,
        with_error(fit.fit.persistence_h, fit.persistence_error));
    caption += !std::isnan(fit.persistence_error) ? " (standard errors by leaving out each tenth of the cells in turn)."
               : fit.at_the_limit                 ? "."
                                                  : "; too few cells in tracks.csv, or none, for errors.";
    caption +=
        " The law is of free, unbiased walkers: for cells that crowd or squeeze, S and P are what such a walker would need.";
    if (fit.at_the_limit)
      caption += " <strong>P is at the limit of what these lags can tell: take it as a bound, and S with it.</strong>";
  }
  return figure(svg(plot), caption);
}

std::string speed_figure(const RunData& run) {
  const CellsAt* const end = end_of(run);
  std::string drawings;
  const auto panel = [](std::string title, std::string x_label) {
    return Plot{.title = std::move(title),
                .x_label = std::move(x_label),
                .y_label = "share of cells (%)",
                .width = 400,
                .height = 270};
  };
  if (const CellsAt::Column* now = end != nullptr ? end->find("speed_um_h") : nullptr;
      now != nullptr && any_other_than_zero(now->values)) {
    const CellsAt::Column* const before = run.last && run.first ? run.first->find("speed_um_h") : nullptr;
    std::vector<double> both = now->values;
    if (before != nullptr) both.insert(both.end(), before->values.begin(), before->values.end());
    const Axis axis = axis_for(both, true);
    std::size_t panels = 0;
    for (std::size_t type = 0; type < end->type_names.size(); ++type) {
      const std::vector<double> values = of_type(*end, now->values, type);
      if (values.empty() || ++panels > most_panels) continue;
      Plot plot = panel(fmt::format("Speed in force: {}", end->type_names[type]), "root-mean-square speed (µm/h)");
      plot.histograms.push_back({time_text(end->time_h), make_histogram(values, axis, bins_for(values.size()))});
      if (before != nullptr)
        if (const auto earlier = of_type(*run.first, before->values, type); !earlier.empty())
          plot.histograms.push_back(
              {time_text(run.first->time_h), make_histogram(earlier, axis, bins_for(values.size())), true});
      drawings += svg(plot);
    }
  }
  std::string caption;
  if (!drawings.empty())
    caption = "Speed in force: what signals and matrix let a cell do at its place (filled: last snapshot, dashed: first).";
  if (std::vector<double> speeds = path_speeds(run.tracks); any_other_than_zero(speeds)) {
    Plot plot = panel("Measured along the tracks", "path speed (µm/h)");
    plot.histograms.push_back({fmt::format("{} founders", number_text(static_cast<double>(speeds.size()))),
                               make_histogram(speeds, axis_for(speeds, true), bins_for(speeds.size()))});
    drawings += svg(plot);
    const MeanWithError mean = mean_with_error(speeds);
    caption += fmt::format(
        " Measured: length of the path between frames {} apart over time, mean <strong>{} µm/h</strong> over founders "
        "(± standard error); a coarser frame measures a shorter path.",
        time_text(run.tracks.interval_h), with_error(mean.mean, mean.error));
  }
  return drawings.empty() ? std::string() : figure(drawings, caption);
}

}  // namespace invado
