#include "report/fit_page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "report/document.h"
#include "report/figures.h"
#include "report/markup.h"
#include "report/plot.h"

namespace invado {
namespace {

constexpr std::size_t bins = 32;
constexpr std::size_t most_pairs = 10;

std::string label_of(const FitPage::Parameter& p) {
  return p.unit.empty() ? p.name : fmt::format("{} ({})", p.name, unit_text(p.unit));
}

double quantile_at(const FitPage& page, std::size_t parameter, double p) {
  std::vector<std::pair<double, double>> values;
  for (const Particle& particle : page.population) values.emplace_back(particle.values[parameter], particle.weight);
  return weighted_quantile(std::move(values), p);
}

// Weighted population over the range of the prior, which is shown beside it.
std::string marginal(const FitPage& page, std::size_t i) {
  const FitPage::Parameter& parameter = page.parameters[i];
  const Prior& prior = parameter.prior;
  const bool logarithmic = prior.law == Prior::Law::LogUniform;
  const Axis axis{prior.from, prior.to, logarithmic};
  Histogram posterior{axis, std::vector<double>(bins), 0}, before{axis, std::vector<double>(bins), 0};
  double total = 0;
  for (const Particle& p : page.population) total += p.weight;
  for (const Particle& p : page.population) {
    const auto bin = static_cast<std::size_t>(axis.fraction(p.values[i]) * static_cast<double>(bins));
    posterior.share[std::min(bin, bins - 1)] += p.weight / total;
  }
  for (std::size_t b = 0; b < bins; ++b) {
    const double low = prior.coordinate(before.edge(b)), high = prior.coordinate(before.edge(b + 1));
    before.share[b] = prior.density((low + high) / 2) * (high - low);
  }
  Plot plot{.title = parameter.name, .x_label = label_of(parameter), .y_label = "share (%)"};
  plot.width = 420;
  plot.log_x = logarithmic;
  plot.histograms = {{"after", posterior, false}, {"before", before, true}};
  return svg(plot);
}

std::string pair_plot(const FitPage& page, std::size_t i, std::size_t j) {
  Plot plot{.title = fmt::format("{} and {}", page.parameters[i].name, page.parameters[j].name),
            .x_label = label_of(page.parameters[i]),
            .y_label = label_of(page.parameters[j])};
  plot.width = 420;
  plot.y_from_zero = false;
  plot.log_x = page.parameters[i].prior.law == Prior::Law::LogUniform;
  plot.log_y = page.parameters[j].prior.law == Prior::Law::LogUniform;
  PlotLine& line = plot.lines.emplace_back();
  line.label = "particles";
  line.points = true;
  for (const Particle& p : page.population) {
    line.x.push_back(p.values[i]);
    line.y.push_back(p.values[j]);
  }
  return svg(plot);
}

std::string predictive(const FitPage& page, const FitPage::Curve& curve) {
  Plot plot{.title = curve.name, .x_label = "time (h)", .y_label = curve.column};
  PlotLine kept, measured;
  kept.label = "kept runs";
  measured.label = "measured";
  measured.style = 1;
  measured.points = true;
  for (std::size_t t = 0; t < curve.time_h.size(); ++t) {
    std::vector<std::pair<double, double>> values;
    for (std::size_t p = 0; p < page.population.size(); ++p)
      values.emplace_back(curve.simulated[p][t], page.population[p].weight);
    kept.x.push_back(curve.time_h[t]);
    kept.y.push_back(weighted_quantile(values, 0.5));
    kept.low.push_back(weighted_quantile(values, 0.05));
    kept.high.push_back(weighted_quantile(values, 0.95));
  }
  measured.x = curve.time_h;
  measured.y = curve.value;
  measured.error = curve.error;
  plot.lines = {std::move(kept), std::move(measured)};
  return svg(plot);
}

std::string quantile_table(const FitPage& page) {
  std::string text =
      "<div class=\"scroll\"><table><thead><tr><th>parameter</th><th>unit</th><th class=\"number\">2.5 %</th><th "
      "class=\"number\">25 %</th><th class=\"number\">median</th><th class=\"number\">75 %</th><th class=\"number\">97.5 "
      "%</th>"
      "<th class=\"number\">prior from</th><th class=\"number\">to</th></tr></thead><tbody>\n";
  for (std::size_t i = 0; i < page.parameters.size(); ++i) {
    text += fmt::format("<tr><td class=\"path\">{}</td><td>{}</td>", escaped(page.parameters[i].name),
                        escaped(unit_text(page.parameters[i].unit)));
    for (const double p : {0.025, 0.25, 0.5, 0.75, 0.975})
      text += fmt::format("<td class=\"number\">{}</td>", number_text(quantile_at(page, i, p)));
    text += fmt::format("<td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
                        number_text(page.parameters[i].prior.from), number_text(page.parameters[i].prior.to));
  }
  return text + "</tbody></table></div>\n";
}

std::string generation_figure(const FitPage& page) {
  Plot tolerance{.title = "Tolerance", .x_label = "generation", .y_label = "distance of the farthest that is kept"};
  Plot share{.title = "New particles nearer than the tolerance before", .x_label = "generation", .y_label = "share"};
  PlotLine t, a;
  t.label = "tolerance";
  a.label = "accepted";
  for (std::size_t g = 0; g < page.generations.size(); ++g) {
    t.x.push_back(static_cast<double>(g));
    t.y.push_back(page.generations[g].tolerance);
    if (g == 0) continue;
    a.x.push_back(static_cast<double>(g));
    a.y.push_back(page.generations[g].acceptance);
  }
  tolerance.lines = {t};
  share.lines = {a};
  share.y_reaches = 1;
  return figure(
      svg(tolerance) + (page.generations.size() > 1 ? svg(share) : ""),
      "A distance of 1 is a root mean square difference of one error (or scale). When new particles are hardly ever nearer "
      "than the old ones, more generations tell no more.");
}

}  // namespace

std::string fit_page(const FitPage& page) {
  std::vector<Section> sections;
  const auto add = [&](const char* id, const char* title, std::string body) {
    sections.push_back({id, title, std::move(body)});
  };
  std::size_t runs = 0;
  for (const FitPage::Generation& g : page.generations) runs += g.runs;
  add("words", "What was asked",
      (page.about.empty() ? std::string() : paragraph(escaped(page.about))) +
          paragraph(fmt::format(
              "{} runs in {} generations; {} particles are kept, which tell as much as {} independent draws.", runs,
              page.generations.size(), page.population.size(), number_text(std::floor(effective_size(page.population))))));
  std::string warnings = page.warnings.empty() ? paragraph("None.") : "<ul class=\"warnings\">\n";
  for (const std::string& warning : page.warnings) warnings += "<li>" + escaped(warning) + "</li>\n";
  add("warnings", "Warnings", warnings + (page.warnings.empty() ? "" : "</ul>\n"));
  std::string drawings;
  for (std::size_t i = 0; i < page.parameters.size(); ++i) drawings += marginal(page, i);
  add("parameters", "What is known of the parameters",
      quantile_table(page) +
          figure(drawings, "Filled: the weighted particles that are kept. Dashed: what was believed before."));
  std::string pairs;
  std::size_t drawn = 0;
  for (std::size_t i = 0; i < page.parameters.size(); ++i)
    for (std::size_t j = i + 1; j < page.parameters.size(); ++j)
      if (drawn++ < most_pairs) pairs += pair_plot(page, i, j);
  if (!pairs.empty())
    add("pairs", "Pairs of parameters", figure(pairs, "The particles that are kept, whatever their weight."));
  std::string curves;
  for (const FitPage::Curve& curve : page.curves) curves += predictive(page, curve);
  add("curves", "What the kept runs do",
      figure(
          curves,
          "Line and band: median and 5 to 95 % of the kept runs, weighted. Circles: what was measured, with its errors."));
  add("generations", "Generations", generation_figure(page));
  std::string facts = "<div class=\"scroll\"><table><tbody>\n";
  for (const auto& [key, value] : page.facts)
    facts += fmt::format("<tr><th>{}</th><td class=\"path\">{}</td></tr>\n", escaped(key), escaped(value));
  add("provenance", "Provenance", facts + "</tbody></table></div>\n");
  return document(
      page.name,
      fmt::format("<p><span class=\"state{}\">{}</span></p>\n", page.reason.empty() ? " open" : "", escaped(page.state)),
      sections, false);
}

}  // namespace invado
