#include "report/page.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/document.h"
#include "report/figures.h"
#include "report/markup.h"

namespace invado {
namespace {

std::string list_in_words(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

// The names directly under a path: fields.oxygen.diffusion, fields.mmp.decay -> oxygen, mmp.
std::vector<std::string> names_under(const RunData& run, std::string_view path) {
  std::vector<std::string> names;
  for (const ResolvedValue& value : run.resolved) {
    if (!value.path.starts_with(path)) continue;
    std::string name = value.path.substr(path.size());
    name = name.substr(0, name.find('.'));
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  }
  return names;
}

// "akt_inhibitor 0.9 from 24 h"
std::string intervention_in_words(const RunData& run, const std::string& name) {
  const std::string path = "perturbations." + name + ".";
  std::vector<std::string> knobs;
  for (const std::string& knob : names_under(run, path + "knobs."))
    knobs.push_back(knob + " " + value_of(run.resolved, path + "knobs." + knob));
  std::string text = name + ": " + list_in_words(knobs);
  const std::string from = value_of(run.resolved, path + "from"), until = value_of(run.resolved, path + "until"),
                    fraction = value_of(run.resolved, path + "fraction");
  text += from.empty() ? " from the beginning" : " from " + from;
  if (!until.empty()) text += " until " + until;
  if (!fraction.empty() && fraction != "1") text += " in a fraction " + fraction + " of the cells";
  return text;
}

std::string in_words(const RunData& run) {
  const Provenance& p = run.provenance;
  std::string text;
  if (const std::string about = value_of(run.resolved, "about"); !about.empty()) text += paragraph(escaped(about));

  std::vector<std::string> populations;
  for (const std::string& name : names_under(run, "population.")) {
    const auto value = [&](const char* key) { return value_of(run.resolved, "population." + name + "." + key); };
    const std::string count = value("count"), site = value("site"), from = value("from"), every = value("every");
    populations.push_back(fmt::format("{} cells of type {} (population {}){}{}{}{}", count.empty() ? "the" : count,
                                      value("type"), name, value("place") == "circulation" ? " injected into the blood" : "",
                                      site.empty() ? "" : " in " + site, from.empty() ? "" : " coming at " + from,
                                      every.empty() ? "" : ", again every " + every + " until " + value("until")));
  }
  std::string what = populations.empty() ? "A simulation" : "A simulation of " + list_in_words(populations);
  if (const std::string assay = value_of(run.resolved, "assay.kind"); !assay.empty()) what += ", assay " + assay;
  if (std::string size = value_of(run.resolved, "domain.size"); size.starts_with('[') && size.ends_with(']')) {
    size = unit_text(size.substr(1, size.size() - 2));
    for (std::size_t comma; (comma = size.find(", ")) != std::string::npos;) size.replace(comma, 2, " × ");
    what += ", in a box of " + size;
  }
  what += ".";
  if (const std::string density = value_of(run.resolved, "matrix.density"); !density.empty())
    what += fmt::format(" Matrix of {}.", density);
  if (const auto fields = names_under(run, "fields."); !fields.empty())
    what += fmt::format(" Soluble factors: {}.", list_in_words(fields));
  text += paragraph(escaped(what));
  const auto interventions = names_under(run, "perturbations.");
  if (interventions.empty()) {
    text += paragraph("No interventions.");
  } else {
    std::vector<std::string> all;
    for (const std::string& name : interventions) all.push_back(intervention_in_words(run, name));
    std::string joined;
    for (const std::string& one : all) joined += (joined.empty() ? "" : "; ") + one;
    text += paragraph("Interventions: " + escaped(joined) + ".");
  }
  const std::vector<double> time = run.column("time_h");
  const double reached = time.empty() ? p.time_h : std::max(p.time_h, time.back());
  text += paragraph(fmt::format("Simulated time: {} of {}{}; {} rows of series.csv, {} snapshots.", time_text(reached),
                                time_text(p.duration_h),
                                p.end_h < p.duration_h ? fmt::format(" (to end at {})", time_text(p.end_h)) : "",
                                run.series.rows.size(), run.snapshots));
  return text;
}

std::string warnings(const RunData& run) {
  std::vector<std::string> lines;
  for (const std::string& warning : run.warnings) lines.push_back(escaped(warning));
  if (run.running)
    lines.push_back("The run was still going on when this page was made: its last row and snapshot are not the end.");
  else if (!run.provenance.exit || *run.provenance.exit != 0)
    lines.push_back("The run has not ended as planned: " + escaped(run.state) + ".");
  if (const auto near = run.near_face_from_h())
    lines.push_back(
        fmt::format("From {} on the deepest tenth of the cells is near a face of the box (front_near_boundary): the "
                    "front is no longer free.",
                    time_text(*near)));
  for (const std::string& name : run.series.names)
    if (name.ends_with("head_count_balance") && std::ranges::any_of(run.column(name), [](double b) { return b != 0; }))
      lines.push_back(
          fmt::format("Cells do not add up ({} is not 0): a bug of the program, please report it.", escaped(name)));
  // 1e-9 of the matrix: a thousand times the round-off that long runs have.
  for (const double balance : run.column("matrix_balance"))
    if (std::abs(balance) > 1e-9) {
      lines.push_back("The matrix does not add up (matrix_balance above 1e-9): a bug of the program, please report it.");
      break;
    }
  if (run.column("time_h").empty()) lines.push_back("There is no series.csv, or no row in it yet: no curves.");
  if (run.snapshots == 0) lines.push_back("There are no snapshots: no pictures and no distributions.");
  if (run.last && !run.last->site.empty())
    lines.push_back("Several sites: apart from the metastatic cascade this page is about the first one, " +
                    escaped(run.last->site) +
                    (run.inhabited() ? "." : ", in which there never was a cell: nothing more is said of it."));
  if (lines.empty()) return paragraph("None.");
  std::string text = "<ul class=\"warnings\">\n";
  for (const std::string& line : lines) text += "<li>" + line + "</li>\n";
  return text + "</ul>\n";
}

std::string key_figures(const RunData& run) {
  struct Row {
    std::string_view column, label, unit;
    bool of_signals = false;
  };
  constexpr Row rows[] = {{"time_h", "time", "h"},
                          {"cells", "cells", ""},
                          {"births", "births", ""},
                          {"alive_fraction", "alive, of all founders and daughters", ""},
                          {"front_um_q50", "front, median", "µm"},
                          {"front_um_q90", "front, 90 %", "µm"},
                          {"front_um_max", "deepest cell", "µm"},
                          {"front_speed_um_h", "speed of the 90 % front", "µm/h"},
                          {"front_speed_se", "its standard error", "µm/h"},
                          {"front_roughness_um", "roughness of the front", "µm"},
                          {"front_area_um2", "area around the cells", "µm²"},
                          {"front_volume_um3", "volume that it encloses", "µm³"},
                          {"strands", "strands", ""},
                          {"strand_length_um_mean", "length of strands, mean", "µm"},
                          {"strand_length_um_max", "longest strand", "µm"},
                          {"islands", "islands (detached groups)", ""},
                          {"island_cells", "cells in islands", ""},
                          {"invaded", "cells deeper than two radii", ""},
                          {"detached_cells", "detached cells", ""},
                          {"clusters", "groups of cells in contact", ""},
                          {"intravasated", "cells that entered the blood, by weight", ""},
                          {"extravasated", "cells that came into organs, by weight", ""},
                          {"colonies", "colonies in organs, by weight", ""},
                          {"degraded_um3", "matrix taken away", "µm³"},
                          {"pakt_mean", "AKT level, mean", "", true},
                          {"vimentin_stability_mean", "vimentin stability, mean", "", true},
                          {"runx2_activity_mean", "RUNX2 activity, mean", "", true},
                          {"high_branch_fraction", "cells on the high branch", "", true},
                          {"net_displacement_um_mean", "distance from the start, mean of founders", "µm"},
                          {"path_speed_um_h_mean", "path speed, mean of founders", "µm/h"}};
  std::string table =
      "<div class=\"scroll\"><table><thead><tr><th>quantity</th><th>column of series.csv</th><th class=\"number\">start</th>"
      "<th class=\"number\">end</th><th>unit</th></tr></thead><tbody>\n";
  bool some = false;
  const bool signals = has_signals(run.resolved);
  for (const Row& row : rows) {
    if (row.of_signals && !signals) continue;
    const std::vector<double> values = run.column(row.column);
    if (values.empty() || (std::isnan(values.front()) && std::isnan(values.back()))) continue;
    if (!run.inhabited() && std::ranges::all_of(values, [](double v) { return v == 0 || std::isnan(v); })) continue;
    some = true;
    table += fmt::format("<tr><td>{}</td><td class=\"path\">{}</td>{}{}<td>{}</td></tr>\n", row.label, row.column,
                         series_cell(row.column, "first", values.front()), series_cell(row.column, "last", values.back()),
                         row.unit);
  }
  return some ? table + "</tbody></table></div>\n" : std::string();
}

std::string population_by_type(const RunData& run) {
  const CellsAt* const end = run.last ? &*run.last : run.first ? &*run.first : nullptr;
  if (end == nullptr) return {};
  const auto count = [](const CellsAt& cells, std::size_t type) {
    return std::ranges::count_if(cells.type, [&](int t) { return static_cast<std::size_t>(t) == type; });
  };
  std::string table = fmt::format(
      "<div class=\"scroll\"><table><thead><tr><th>cell type</th><th class=\"number\">cells at {}</th>"
      "<th class=\"number\">cells at {}</th><th class=\"number\">share at the end</th></tr></thead><tbody>\n",
      time_text(run.first->time_h), time_text(end->time_h));
  for (std::size_t type = 0; type < end->type_names.size(); ++type) {
    const auto now = static_cast<double>(count(*end, type));
    const double share = end->size() > 0 ? 100 * now / static_cast<double>(end->size()) : std::nan("");
    table += fmt::format(
        "<tr><td>{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{} %</td></tr>\n",
        escaped(end->type_names[type]), number_text(static_cast<double>(count(*run.first, type))), number_text(now),
        number_text(share, 3));
  }
  return table + "</tbody></table></div>\n";
}

std::string parameters(const RunData& run) {
  const std::vector<ChangedParameter> changed = changed_parameters(run.resolved, run.parameter_table);
  std::string text =
      paragraph(fmt::format("{} of {} values are set by the scenario, its parameter sets or the command line and differ "
                            "from the program’s defaults. All values in force: <code>scenario.resolved.yaml</code>.",
                            changed.size(), run.resolved.size()));
  if (changed.empty()) return text;
  text +=
      "<div class=\"scroll\"><table class=\"parameters\"><thead><tr><th>parameter</th><th>value</th><th>default</th>"
      "<th>meaning</th><th>set in</th><th>source of the default</th></tr></thead><tbody>\n";
  for (const ChangedParameter& c : changed) {
    const bool number = !c.row.fallback.empty() && !c.row.unit.empty() && c.row.unit != "1";
    text += fmt::format(
        "<tr><td class=\"path\">{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"path\">{}</td><td>{}</td></tr>\n",
        escaped(c.value.path), escaped(unit_text(c.value.value)),
        c.row.fallback.empty() ? "–"
                               : escaped(fmt::format("{}{}{}", c.row.fallback, number ? " " : "",
                                                     number ? unit_text(c.row.unit) : std::string())),
        escaped(c.row.meaning), escaped(c.value.origin), escaped(c.row.fallback.empty() ? "" : c.row.source));
  }
  return text + "</tbody></table></div>\n";
}

std::string provenance(const RunData& run) {
  const Provenance& p = run.provenance;
  std::string table = "<div class=\"scroll\"><table><tbody>\n";
  const auto row = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) table += fmt::format("<tr><th>{}</th><td class=\"path\">{}</td></tr>\n", key, escaped(value));
  };
  row("scenario", p.scenario);
  row("run_id (hash of all values in force)", p.run_id);
  row("seed", fmt::format("{}", p.seed));
  row("digest of the state", p.digest.empty() ? "" : fmt::format("{} at step {}, {} h", p.digest, p.step, p.time_h));
  row("invado", fmt::format("{} ({})", p.version, p.commit));
  row("built with", p.compiler + ", " + p.flags);
  row("libraries", p.libraries);
  row("precision", p.precision);
  row("threads", fmt::format("{} (do not matter for results)", p.threads));
  row("started, ended", p.start + ", " + (p.end.empty() ? "–" : p.end));
  row("exit code", p.exit ? fmt::format("{}", *p.exit) : "–");
  std::string command = "invado";
  for (std::size_t i = 1; i < p.argv.size(); ++i) {
    const bool quotes = p.argv[i].empty() || p.argv[i].find_first_of(" \t\n'\"\\$&;|<>(){}*?#") != std::string::npos;
    command += " ";
    if (quotes) {
      command += '\'';
      for (const char c : p.argv[i]) command += c == '\'' ? std::string("'\\''") : std::string(1, c);
      command += '\'';
    } else {
      command += p.argv[i];
    }
  }
  row("command", command);
  for (const Provenance::Resumption& r : p.resumed)
    row("resumed", fmt::format("{} from step {} by invado {} with {} threads", r.time, r.step, r.version, r.threads));
  table += "</tbody></table></div>\n";
  return table + paragraph(
                     "Equal scenarios and seeds give equal digests on any machine and any number of threads. This page was "
                     "written by "
                     "invado " +
                     escaped(run.written_by) + "; made again from the same folder it has the same bytes.");
}

}  // namespace

std::string report_page(const RunData& run) {
  const Provenance& p = run.provenance;
  std::vector<Section> sections;
  const auto add = [&](std::string id, std::string title, std::string body, const std::string& otherwise = {}) {
    if (body.empty()) body = paragraph("<span class=\"note\">" + otherwise + "</span>");
    sections.push_back({std::move(id), std::move(title), std::move(body)});
  };
  add("words", "What was run", in_words(run));
  add("warnings", "Warnings", warnings(run));
  add("figures", "Key figures", key_figures(run), "No rows in series.csv.");
  if (run.inhabited()) {
    add("pictures", "Start and end", pictures_figure(run), "No pictures: the run has no snapshots of cells in space.");
    add("matrix", "Matrix", matrix_figure(run), "No matrix, or no snapshots of it.");
    add("front", "Invasion front", front_figure(run),
        "No front: no cell has left the region where the cells were placed, or there is no space.");
    add("shape", "Shape of the front", shape_figure(run), "No cells in space.");
    add("counts", "Cells over time", counts_figure(run), "No rows in series.csv.");
  }
  if (has_cascade(run)) add("cascade", "Metastatic cascade", cascade_figure(run), "No rows in series.csv.");
  if (run.inhabited()) {
    add("types", "Population by type", population_by_type(run), "No snapshots.");
    add("signals", "Signals over time", signals_figure(run),
        "No signals: in series.csv are none, or signalling is off for all cells.");
    add("distributions", "Distributions of signals", distributions_figure(run),
        "No snapshots, or signalling is off: no distributions.");
    add("walk", "Displacement and persistence", walk_figure(run),
        "No tracks of cells (output: {tracks: 30 min} makes them).");
    add("speeds", "Speeds", speed_figure(run), "No speeds: no snapshots of moving cells.");
  }
  add("parameters", "Parameters that differ from the defaults", parameters(run));
  add("schedule", "Schedule", "<pre>" + escaped(p.schedule) + "</pre>\n", "Not recorded.");
  add("provenance", "Provenance", provenance(run));

  std::string header = fmt::format("<p><span class=\"state{}\">{}</span></p>\n",
                                   run.running || !p.exit || *p.exit != 0 ? " open" : "", escaped(run.state));
  if (!run.go_on.empty())
    header += paragraph("<span class=\"note\">To go on: <code>" + escaped(run.go_on) + "</code></span>");
  // A page of a running simulation loads itself again, so that it shows what a repeated `invado report` has written.
  return document(p.scenario, header, sections, run.running);
}

}  // namespace invado
