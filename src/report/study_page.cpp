#include "report/study_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/document.h"
#include "report/figures.h"
#include "report/markup.h"
#include "report/plot.h"
#include "report/study_plots.h"

namespace invado {
namespace {

constexpr std::size_t most_lines = 7;      // of one plot: as many as there are colours
constexpr std::size_t most_maps = 10;      // of one output
constexpr std::size_t most_rows = 40;      // of a table or a chart of points
constexpr std::size_t most_scatters = 12;  // of one output

std::string label_of(const StudyAxis& axis) {
  return axis.unit.empty() ? axis.name : fmt::format("{} ({})", axis.name, unit_text(axis.unit));
}

std::string level_text(const StudyAxis& axis, std::size_t level) {
  return axis.numbers.empty() ? axis.levels[level] : number_text(axis.numbers[level], 3);
}

std::string interval_text(const Estimate& e) {
  if (std::isnan(e.low)) return number_text(e.value, 3);
  return fmt::format("{} ({} to {})", number_text(e.value, 3), number_text(e.low, 3), number_text(e.high, 3));
}

// --- Grids ---------------------------------------------------------------------------------------------------------------

// The mean over the levels of one axis, or with two axes one line per level of the other.
std::string response_curves(const Study& study, const OutputAnalysis& a, std::size_t axis) {
  const StudyAxis& x = study.axes[axis];
  if (x.numbers.empty()) {
    IntervalChart chart{fmt::format("{} by {}", a.name, x.name), a.name, {a.name}, {}, false};
    for (const LevelMean& level : a.levels[axis]) chart.rows.push_back({x.levels[level.level], a.name, level.mean});
    return svg(chart);
  }
  Plot plot{.title = fmt::format("{} against {}", a.name, x.name), .x_label = label_of(x), .y_label = a.name};
  plot.log_x = x.logarithmic;
  plot.y_from_zero = false;
  const auto add = [&](PlotLine& line, double at, const Estimate& e) {
    line.x.push_back(at);
    line.y.push_back(e.value);
    line.low.push_back(std::isnan(e.low) ? e.value : e.low);
    line.high.push_back(std::isnan(e.high) ? e.value : e.high);
  };
  const std::size_t other = 1 - axis;  // of two
  const std::map<std::vector<std::size_t>, std::size_t> point_at = study.by_levels();
  if (study.axes.size() == 2 && study.axes[other].levels.size() <= most_lines) {
    for (std::size_t level = 0; level < study.axes[other].levels.size(); ++level) {
      PlotLine& line = plot.lines.emplace_back();
      line.label = fmt::format("{} {}", study.axes[other].name, level_text(study.axes[other], level));
      line.style = level;
      for (std::size_t i = 0; i < x.levels.size(); ++i) {
        std::vector<std::size_t> at(2);
        at[axis] = i;
        at[other] = level;
        add(line, x.numbers[i], a.points[point_at.at(at)]);
      }
    }
    return svg(plot);
  }
  PlotLine& line = plot.lines.emplace_back();
  line.label = study.axes.size() > 1 ? "mean over the others" : "mean";
  for (const LevelMean& level : a.levels[axis]) add(line, x.numbers[level.level], level.mean);
  return svg(plot);
}

// The mean of an output for every pair of levels; with more than two axes over all points that share them.
HeatMap pair_map(const Study& study, const OutputAnalysis& a, std::size_t i, std::size_t j) {
  HeatMap map;
  map.title = study.axes.size() == 2 ? a.name : a.name + ", mean over the other axes";
  map.x_label = label_of(study.axes[i]);
  map.y_label = label_of(study.axes[j]);
  map.divided = true;
  for (std::size_t level = 0; level < study.axes[i].levels.size(); ++level)
    map.x.push_back(level_text(study.axes[i], level));
  for (std::size_t level = 0; level < study.axes[j].levels.size(); ++level)
    map.y.push_back(level_text(study.axes[j], level));
  std::vector<std::vector<std::vector<double>>> cells(map.y.size(), std::vector<std::vector<double>>(map.x.size()));
  for (std::size_t p = 0; p < study.points.size(); ++p)
    cells[study.points[p][j]][study.points[p][i]].push_back(a.points[p].value);
  for (const auto& row : cells) {
    std::vector<double>& values = map.values.emplace_back();
    for (const std::vector<double>& cell : row) values.push_back(mean_of(cell).value);
  }
  return map;
}

std::string grid_figures(const Study& study, const OutputAnalysis& a) {
  const std::size_t k = study.axes.size();
  std::string text, maps;
  std::size_t drawn = 0, left_out = 0;
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = i + 1; j < k; ++j) {
      if (study.axes[i].levels.size() < 2 || study.axes[j].levels.size() < 2) continue;
      if (drawn++ < most_maps)
        maps += svg(pair_map(study, a, i, j));
      else
        ++left_out;
    }
  if (!maps.empty())
    text += figure(maps,
                   fmt::format("Mean of {} over the replicates for each pair of levels. The black line runs where it "
                               "passes the middle between the least and the greatest value of the map.{}",
                               escaped(a.name), left_out > 0 ? fmt::format(" {} more pairs are not shown.", left_out) : ""));
  std::string curves;
  for (std::size_t axis = 0; axis < k; ++axis)
    if (study.axes[axis].levels.size() > 1) curves += response_curves(study, a, axis);
  text += figure(curves,
                 "Bands and whiskers: 95 % intervals of the mean, from the replicates (Student’s t); without "
                 "replicates there are none.");
  const GridShares& s = *a.shares;
  if (k > 1 && !std::isnan(s.rest)) {
    IntervalChart chart{"Shares of the variance of " + a.name, "share", {"share"}, {}, true};
    for (std::size_t i = 0; i < k; ++i) chart.rows.push_back({study.axes[i].name, "share", {s.axes[i], unknown, unknown}});
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = i + 1; j < k; ++j)
        chart.rows.push_back({study.axes[i].name + " × " + study.axes[j].name, "share", {s.pairs[i][j], unknown, unknown}});
    if (k > 2) chart.rows.push_back({"three and more", "share", {s.rest, unknown, unknown}});
    text +=
        figure(svg(chart),
               fmt::format("How much of the variance between the points of the grid each axis explains alone, and each pair "
                           "beyond its two axes. Chance in the mean of a point has a variance of {} of that between points.",
                           std::isnan(s.noise) ? "an unknown share" : number_text(100 * s.noise, 2) + " %"));
  }
  return text;
}

// Excess of a pair at each of its doses.
std::string excess_maps(const Study& study, const OutputAnalysis& a) {
  std::string maps;
  for (std::size_t i = 0; i < study.axes.size(); ++i)
    for (std::size_t j = i + 1; j < study.axes.size(); ++j) {
      HeatMap map;
      map.title = fmt::format("{}: excess of {} and {}", a.name, study.axes[i].name, study.axes[j].name);
      map.x_label = label_of(study.axes[i]);
      map.y_label = label_of(study.axes[j]);
      map.about_zero = true;
      std::vector<std::size_t> xs, ys;
      for (const Excess& e : a.excess) {
        if (e.axes != std::vector<std::size_t>{i, j}) continue;
        if (std::ranges::find(xs, e.levels[0]) == xs.end()) xs.push_back(e.levels[0]);
        if (std::ranges::find(ys, e.levels[1]) == ys.end()) ys.push_back(e.levels[1]);
      }
      for (const std::size_t level : xs) map.x.push_back(level_text(study.axes[i], level));
      for (const std::size_t level : ys) map.y.push_back(level_text(study.axes[j], level));
      map.values.assign(ys.size(), std::vector<double>(xs.size(), unknown));
      for (const Excess& e : a.excess)
        if (e.axes == std::vector<std::size_t>{i, j})
          map.values[static_cast<std::size_t>(std::ranges::find(ys, e.levels[1]) - ys.begin())]
                    [static_cast<std::size_t>(std::ranges::find(xs, e.levels[0]) - xs.begin())] = e.excess.value;
      maps += svg(map);
    }
  return maps;
}

std::string doses_text(const Study& study, const Excess& e) {
  std::string text;
  for (std::size_t i = 0; i < e.axes.size(); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", study.axes[e.axes[i]].name,
                        level_text(study.axes[e.axes[i]], e.levels[i]));
  return text;
}

std::string excess_figures(const Study& study, const OutputAnalysis& a) {
  if (a.excess.empty()) return {};
  std::string text =
      figure(excess_maps(study, a),
             fmt::format("Excess over independence (Bliss): what two doses take away from {} beyond what "
                         "independent ones would, as a fraction of the value without any dose. Above zero they "
                         "strengthen, below they hinder each other. All other doses are zero.",
                         escaped(a.name)));
  std::vector<const Excess*> triples, all;
  for (const Excess& e : a.excess) (e.axes.size() == 3 ? triples : all).push_back(&e);
  const auto by_size = [](const Excess* e) { return -std::fabs(std::isnan(e->excess.value) ? 0 : e->excess.value); };
  if (!triples.empty()) {
    std::ranges::stable_sort(triples, {}, by_size);
    IntervalChart chart{a.name + ": three doses", "excess", {"over three independent doses", "beyond all pairs"}, {}, false};
    for (std::size_t i = 0; i < std::min(triples.size(), most_rows / 2); ++i) {
      const std::string label = doses_text(study, *triples[i]).size() > 26
                                    ? [&] {
                                        std::string short_text;
                                        for (std::size_t d = 0; d < 3; ++d)
                                          short_text += (d == 0 ? "" : " / ") +
                                                        level_text(study.axes[triples[i]->axes[d]], triples[i]->levels[d]);
                                        return short_text;
                                      }()
                                    : doses_text(study, *triples[i]);
      chart.rows.push_back({label, chart.series[0], triples[i]->excess});
      chart.rows.push_back({label, chart.series[1], triples[i]->beyond_pairs});
    }
    std::string names;
    for (const StudyAxis& axis : study.axes) names += (names.empty() ? "" : " / ") + axis.name;
    text +=
        figure(svg(chart),
               fmt::format("Doses as {}, the largest first{}. Whiskers: 95 % intervals from the replicates.", escaped(names),
                           triples.size() > most_rows / 2
                               ? fmt::format(" ({} of {}; all in interactions.csv)", most_rows / 2, triples.size())
                               : ""));
  }
  all.insert(all.end(), triples.begin(), triples.end());
  std::ranges::stable_sort(all, {}, by_size);
  text +=
      "<div class=\"scroll\"><table><thead><tr><th>doses</th><th class=\"number\">fraction left</th><th class=\"number\">if "
      "independent</th><th>excess (95 %)</th><th>beyond pairs (95 %)</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 12); ++i) {
    const Excess& e = *all[i];
    text +=
        fmt::format("<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td>{}</td><td>{}</td></tr>\n",
                    escaped(doses_text(study, e)), number_text(e.fraction, 3), number_text(e.expected, 3),
                    interval_text(e.excess), e.axes.size() == 3 ? interval_text(e.beyond_pairs) : "");
  }
  return text + "</tbody></table></div>\n" +
         paragraph(fmt::format("<span class=\"note\">The {} largest of {}; all are in interactions.csv.</span>",
                               std::min<std::size_t>(all.size(), 12), all.size()));
}

// --- Other designs
// ---------------------------------------------------------------------------------------------------------

std::string morris_figures(const Study& study, const OutputAnalysis& a) {
  IntervalChart chart{"Elementary effects on " + a.name,
                      "change of " + a.name + " over the whole axis",
                      {"mean size μ*", "mean μ"},
                      {},
                      false};
  Plot plot{.title = "Nonlinearity and interactions: " + a.name, .x_label = "μ*", .y_label = "σ"};
  for (std::size_t i = 0; i < study.axes.size(); ++i) {
    chart.rows.push_back({study.axes[i].name, chart.series[0], a.morris[i].mu_star});
    chart.rows.push_back({study.axes[i].name, chart.series[1], a.morris[i].mu});
    PlotLine& line = plot.lines.emplace_back();
    line.label = study.axes[i].name;
    line.style = i;
    line.points = true;
    line.x = {a.morris[i].mu_star.value};
    line.y = {a.morris[i].sigma};
  }
  return figure(
      svg(chart) + svg(plot),
      fmt::format("{} trajectories. Whiskers: 95 % by bootstrap over trajectories. σ is the standard deviation of the "
                  "effects: small beside μ* when the axis acts by itself and in a straight line; chance adds to it.",
                  a.morris.front().effects));
}

std::string sobol_figures(const Study& study, const OutputAnalysis& a) {
  IntervalChart chart{"Shares of the variance of " + a.name, "share", {"first order", "total"}, {}, true};
  for (std::size_t i = 0; i < study.axes.size(); ++i) {
    chart.rows.push_back({study.axes[i].name, "first order", a.sobol->first[i]});
    chart.rows.push_back({study.axes[i].name, "total", a.sobol->total[i]});
  }
  std::string drawings = svg(chart);
  if (!a.sobol->pairs.empty()) {
    IntervalChart pairs{"Shares of pairs beyond both axes", "share", {"second order"}, {}, true};
    for (std::size_t i = 0; i < study.axes.size(); ++i)
      for (std::size_t j = i + 1; j < study.axes.size(); ++j)
        pairs.rows.push_back({study.axes[i].name + " × " + study.axes[j].name, "second order", a.sobol->pairs[i][j]});
    drawings += svg(pairs);
  }
  return figure(
      drawings,
      fmt::format("{} blocks. First order: the share of the variance that an axis decides alone; total: together with all "
                  "others. Whiskers: 95 % by bootstrap over blocks. Chance between runs counts in every total, unless "
                  "replicates average it out.",
                  a.sobol->blocks));
}

std::string scattered_figures(const Study& study, const OutputAnalysis& a) {
  std::string drawings;
  if (!study.names.empty()) {
    IntervalChart chart{a.name + " by point", a.name, {a.name}, {}, false};
    for (std::size_t p = 0; p < std::min(study.points.size(), most_rows); ++p)
      chart.rows.push_back({study.names[p], a.name, a.points[p]});
    return figure(svg(chart), "Means of the named points; whiskers: 95 % intervals from the replicates.");
  }
  std::string caption;
  if (a.regression && !a.regression->coefficients.empty()) {
    IntervalChart chart{
        "Standardized regression of " + a.name, "standard deviations per standard deviation", {"coefficient"}, {}, true};
    for (std::size_t i = 0; i < study.axes.size(); ++i)
      chart.rows.push_back({study.axes[i].name, "coefficient", a.regression->coefficients[i]});
    drawings += svg(chart);
    caption =
        fmt::format("A plane through all points explains {} % of the variance; whiskers: 95 % by bootstrap over points. ",
                    number_text(100 * a.regression->explained, 3));
  }
  for (std::size_t i = 0; i < std::min(study.axes.size(), most_scatters); ++i) {
    const StudyAxis& axis = study.axes[i];
    if (axis.numbers.empty()) continue;
    Plot plot{.title = fmt::format("{} against {}", a.name, axis.name), .x_label = label_of(axis), .y_label = a.name};
    plot.width = 420;
    plot.log_x = axis.logarithmic;
    plot.y_from_zero = false;
    PlotLine& line = plot.lines.emplace_back();
    line.label = "points";
    line.points = true;
    for (std::size_t p = 0; p < study.points.size(); ++p) {
      line.x.push_back(axis.numbers[study.points[p][i]]);
      line.y.push_back(a.points[p].value);
    }
    drawings += svg(plot);
  }
  return figure(drawings, caption + "Circles: the mean of each point over its replicates.");
}

std::string axes_table(const Study& study) {
  std::string text =
      "<div class=\"scroll\"><table><thead><tr><th>axis</th><th>unit</th><th class=\"number\">values</th><th>which</th></tr>"
      "</thead><tbody>\n";
  for (const StudyAxis& axis : study.axes) {
    std::string which;
    if (axis.levels.size() > 12)
      which = fmt::format("{} … {}", level_text(axis, 0), level_text(axis, axis.levels.size() - 1));
    else
      for (std::size_t i = 0; i < axis.levels.size(); ++i) which += (i == 0 ? "" : ", ") + level_text(axis, i);
    text += fmt::format("<tr><td class=\"path\">{}</td><td>{}</td><td class=\"number\">{}</td><td>{}</td></tr>\n",
                        escaped(axis.name), escaped(unit_text(axis.unit)), axis.levels.size(), escaped(which));
  }
  return text + "</tbody></table></div>\n";
}

}  // namespace

std::string study_page(const StudyPage& page, const Study& study, const StudyAnalysis& analysis) {
  std::vector<Section> sections;
  std::string what = page.about.empty() ? std::string() : paragraph(escaped(page.about));
  what += paragraph(fmt::format("{} points; design: {}.", study.points.size(), words(analysis.design)));
  sections.push_back({"words", "What was varied", what + axes_table(study)});
  std::string warnings = page.warnings.empty() ? paragraph("None.") : "<ul class=\"warnings\">\n";
  for (const std::string& warning : page.warnings) warnings += "<li>" + escaped(warning) + "</li>\n";
  sections.push_back({"warnings", "Warnings", warnings + (page.warnings.empty() ? "" : "</ul>\n")});
  for (std::size_t i = 0; i < analysis.outputs.size(); ++i) {
    const OutputAnalysis& a = analysis.outputs[i];
    std::string body;
    switch (analysis.design) {
      case StudyDesign::Grid: body = grid_figures(study, a) + excess_figures(study, a); break;
      case StudyDesign::Trajectories: body = morris_figures(study, a); break;
      case StudyDesign::Saltelli:
      case StudyDesign::SaltelliPairs: body = sobol_figures(study, a); break;
      case StudyDesign::Scattered: body = scattered_figures(study, a); break;
    }
    sections.push_back({fmt::format("output{}", i + 1), escaped(a.name), std::move(body)});
  }
  std::string facts = "<div class=\"scroll\"><table><tbody>\n";
  for (const auto& [key, value] : page.facts)
    facts += fmt::format("<tr><th>{}</th><td class=\"path\">{}</td></tr>\n", escaped(key), escaped(value));
  sections.push_back({"provenance", "Provenance", facts + "</tbody></table></div>\n"});
  return document(page.name,
                  fmt::format("<p><span class=\"state{}\">{}</span></p>\n", page.whole ? "" : " open", escaped(page.state)),
                  sections, false);
}

}  // namespace invado
