// The section of the page about the way to other sites: bands, a table of organs, curves, and who founded what.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>

#include "base/colours.h"
#include "report/cascade_flow.h"
#include "report/document.h"
#include "report/efficiency.h"
#include "report/figures.h"
#include "report/markup.h"

namespace invado {
namespace {

constexpr std::size_t most_founders = 20;  // rows of the table
constexpr std::size_t most_organs = 8;     // with curves of their own

// Sites that count who lodges in them.
std::vector<std::string> organs_of(const RunData& run) {
  std::vector<std::string> organs;
  constexpr std::string_view ending = ".lodged";
  for (const std::string& name : run.series.names)
    if (name.ends_with(ending)) organs.push_back(name.substr(0, name.size() - ending.size()));
  return organs;
}

double last_of(const RunData& run, const std::string& column) {
  const std::vector<double> values = run.column(column);
  return values.empty() || !std::isfinite(values.back()) ? 0 : values.back();
}

struct Curve {
  std::string column, label;
};

std::string curves(const RunData& run, std::string title, const std::string& prefix, const std::vector<Curve>& wanted) {
  Plot plot = over_time(run, std::move(title), "cells, by weight");
  std::size_t style = 0;
  for (const Curve& curve : wanted) {
    if (const std::vector<double> values = run.column(prefix + curve.column); !values.empty())
      plot.lines.push_back({.label = curve.label, .x = run.column("time_h"), .y = values, .style = style});
    ++style;
  }
  return plot.lines.empty() ? std::string() : svg(plot);
}

CascadeNumbers numbers_of(const RunData& run, const std::vector<std::string>& organs) {
  CascadeNumbers numbers;
  numbers.injected = injected(run.series);
  numbers.entered = numbers.injected + last_of(run, "intravasated");
  numbers.circulating = last_of(run, "circulating");
  for (const std::string& organ : organs) {
    const auto of = [&](const char* column) { return last_of(run, organ + "." + column); };
    numbers.organs.push_back({.name = organ,
                              .lodged = of("lodged"),
                              .extravasated = of("extravasated"),
                              .waiting = of("waiting"),
                              .dormant = of("dormant"),
                              .begun = of("initiated"),
                              .colonies = of("colonies"),
                              .box_is_open = of("left") > 0});
  }
  return numbers;
}

std::string organ_table(const RunData& run, const std::vector<std::string>& organs) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> columns{
      {{"lodged", "lodged"},
       {"extravasated", "extravasated"},
       {"waiting", "waiting"},
       {"dormant", "dormant"},
       {"initiated", "begun"},
       {"colonies", "colonies"},
       {"burden", "living, in tissue and capillaries"},
       {"colony_cells_max", "largest colony"},
       {"cells", "living, in the tissue"}}};
  std::string table =
      "<div class=\"scroll\"><table class=\"organs\"><thead><tr><th></th><th class=\"number\" colspan=\"7\">cells, by "
      "weight</th>"
      "<th class=\"number\" colspan=\"2\">cells, by heads</th></tr><tr><th>organ</th>";
  for (const auto& [column, label] : columns) table += fmt::format("<th class=\"number\">{}</th>", label);
  table += "</tr></thead><tbody>\n";
  for (const std::string& organ : organs) {
    table += fmt::format("<tr><td>{}</td>", escaped(organ));
    for (const auto& [column, label] : columns) {
      const std::string name = fmt::format("{}.{}", organ, column);
      const std::vector<double> values = run.column(name);
      const auto count = run.cascade.counts.find({organ, std::string(label)});
      table += series_cell(name, "last", values.empty() ? std::nan("") : values.back(),
                           count == run.cascade.counts.end() ? std::nan("") : count->second.error);
    }
    table += "</tr>\n";
  }
  table += "</tbody></table></div>\n";
  return table +
         paragraph(
             "<span class=\"note\">± is the standard error over entries into the blood: copies of a cell and the cells of a "
             "clump count as one. What all cells of this run have in common is not in it; replicates (<code>invado "
             "sweep</code>) show that.</span>");
}

std::string efficiency_table(const RunData& run, const std::vector<std::string>& organs, double cells) {
  if (!(cells > 0)) return {};
  constexpr std::size_t few = 10;  // entries, of which the error of an error is a quarter
  bool rests_on_few = false;
  std::string rows;
  for (const std::string& organ : organs) {
    const StageCount begun = begun_in(run.cascade, organ);
    rests_on_few |= begun.entries > 0 && begun.entries < few;
    // The share that progresses is a constant: the error is that of what has begun.
    const double progression = begun.weight > 0 ? last_of(run, organ + ".macrometastases") / begun.weight : 0;
    rows += fmt::format("<tr><td>{}</td>", escaped(organ));
    for (const double of_one : {1 / cells, progression / cells})
      rows += fmt::format("<td class=\"number\">{}</td>", efficiency_text(begun, of_one));
    rows += fmt::format("<td class=\"number\">{}</td></tr>\n", begun.entries);
  }
  return paragraph(fmt::format("Efficiency: what one cell that was shed comes to, out of the tumour or injected, of {}.",
                               number_text(cells, 3))) +
         "<div class=\"scroll\"><table class=\"efficiency\"><thead><tr><th>organ</th><th class=\"number\">has begun to "
         "grow</th><th class=\"number\">macrometastases expected</th><th class=\"number\">entries it rests "
         "on</th></tr></thead>"
         "<tbody>\n" +
         rows + "</tbody></table></div>\n" +
         paragraph(
             std::string("<span class=\"note\">") +
             (rests_on_few ? "Where it rests on few entries the error is uncertain itself: run more cells. " : "") +
             "Below: with 95 %, by the rule of three. A macrometastasis is expected of a share of what has begun "
             "(<code>progression</code>). Published: 1.7e-8 of one cell shed in patients (Coumans 2013, to which "
             "configs/blood/patients.yaml is calibrated), 2e-4 of one injected into mice (Luzzi 1998, unverified).</span>");
}

std::string founder_table(const RunData& run) {
  if (run.cascade.founders.empty()) return paragraph("<span class=\"note\">No cell has begun to grow in an organ.</span>");
  // The largest colonies first; of equal ones, and where nobody counted, who began first.
  std::vector<ColonyOrigin> origins = origins_of(run.cascade.founders);
  const auto size = [](const ColonyOrigin& o) { return std::isnan(o.first.colony_cells) ? -1 : o.first.colony_cells; };
  std::ranges::stable_sort(origins, std::ranges::greater{}, size);
  const bool counted = std::ranges::any_of(origins, [&](const ColonyOrigin& o) { return size(o) >= 0; });
  std::string table = paragraph(fmt::format(
      "What has begun to grow in an organ, at once or after dormancy: a cell, or several of a clump, of which the "
      "first that began is described, with its signals then; {}:",
      counted ? "the largest colonies first"
              : "in the order of time (the run has no snapshot of its end, which "
                "would tell the size of their colonies)"));
  table +=
      "<div class=\"scroll\"><table class=\"founders\"><thead><tr><th>organ</th><th class=\"number\">time "
      "(h)</th><th>how</th>"
      "<th class=\"number\">cells of its colony now</th><th class=\"number\">cells that began it</th><th "
      "class=\"number\">cell</th><th class=\"number\">founder of its "
      "clone</th><th class=\"number\">weight</th>"
      "<th class=\"number\">pAKT</th><th class=\"number\">vimentin stability</th><th class=\"number\">RUNX2 "
      "activity</th></tr>"
      "</thead><tbody>\n";
  for (std::size_t i = 0; i < std::min(origins.size(), most_founders); ++i) {
    const auto& [f, founders] = origins[i];
    table += fmt::format(
        "<tr><td>{}</td><td class=\"number\">{}</td><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>"
        "<td class=\"number\">{}</td><td class=\"number\">{}</td>",
        escaped(f.organ), number_text(f.time_h), f.woken ? "woken" : "at once", number_text(f.colony_cells), founders,
        f.cell, f.founder);
    for (const double value : {f.weight, f.pakt, f.vimentin_stability, f.runx2_activity})
      table += fmt::format("<td class=\"number\">{}</td>", number_text(value));
    table += "</tr>\n";
  }
  table += "</tbody></table></div>\n";
  if (origins.size() > most_founders)
    table += paragraph(fmt::format("<span class=\"note\">The first {} of {}; {} more in cascade.csv.</span>", most_founders,
                                   origins.size(), origins.size() - most_founders));
  return table;
}

}  // namespace

std::string cascade_figure(const RunData& run) {
  const std::vector<double> time = run.column("time_h");
  if (time.empty() || !has_cascade(run)) return {};
  const std::vector<std::string> organs = organs_of(run);
  const CascadeNumbers numbers = numbers_of(run, organs);
  std::string caption = fmt::format(
      "From the tumour to the organs, until {}. Heights are in proportion to cells, but for what is too little to be seen "
      "otherwise. Died in the blood: entered it, and neither circulates nor has lodged. Died, of those in a "
      "tissue: before they had begun to grow. Numbers are weights: a cell that was split counts its share.",
      time_text(time.back()));
  if (run.cascade.out_of.size() > 1) {
    caption += " Into the blood came";
    for (const auto& [site, weight] : run.cascade.out_of)
      caption += fmt::format("{} {} out of {}", site == run.cascade.out_of.front().first ? "" : ",", number_text(weight, 3),
                             escaped(site));
    caption += ".";
  }
  std::string text = figure(cascade_flow(numbers), caption);
  text += organ_table(run, organs) + efficiency_table(run, organs, shed(run.cascade, numbers.injected));
  std::string drawings =
      curves(run, "On the way, since the start", "",
             {{"intravasated", "into the blood"}, {"lodged", "lodged"}, {"extravasated", "extravasated"}});
  drawings +=
      curves(run, "In the blood, at each time", "", {{"circulating", "circulating"}, {"in_capillaries", "in capillaries"}});
  drawings += curves(run, "In all organs, at each time", "", {{"dormant", "dormant"}, {"colonies", "colonies"}});
  for (std::size_t i = 0; i < std::min(organs.size(), most_organs); ++i)
    drawings += curves(run, organs[i], organs[i] + ".",
                       {{"lodged", "lodged"},
                        {"extravasated", "extravasated"},
                        {"initiated", "begun"},
                        {"dormant", "dormant"},
                        {"colonies", "colonies"}});
  text +=
      figure(drawings,
             "Into the blood, lodged, extravasated and begun count since the start; the others are those of each time. A "
             "colony has eight or more cells.");
  return text + foci_figure(run) + head_count_table(run) + organs_figure(run) + founder_table(run);
}

bool has_cascade(const RunData& run) {
  return std::ranges::find(run.series.names, "intravasated") != run.series.names.end();
}

}  // namespace invado
