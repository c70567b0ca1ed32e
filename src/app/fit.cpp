// sweep fit: generations of runs, each a sweep of its own, until the particles that are kept follow what was measured.
//
//   fit.yaml, fit.json          the file as read; what must not change while the fit goes on
//   generation_000/ ...         the runs of a generation: the folder of a sweep, and population.json when it is finished
//   posterior.csv, quantiles.csv, analysis.html       after every generation
//
// All chance is addressed, and a generation follows from the population before it alone: killed at any moment, `sweep fit`
// typed again ends with the same bytes.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/observables.h"
#include "app/commands.h"
#include "app/sweep_outcomes.h"
#include "app/version.h"
#include "base/checksum.h"
#include "io/atomic_file.h"
#include "io/run_lock.h"
#include "report/fit_page.h"
#include "scenario/files.h"
#include "scenario/text.h"
#include "sweep/fit.h"

namespace invado {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t longest_json = std::size_t{1} << 30;

// A finished generation.
struct Generation {
  FitPage::Generation figures;
  std::vector<Particle> population;            // kept
  std::vector<std::vector<double>> simulated;  // [particle][measured value]
};

Json json_of(const Generation& g) {
  Json particles = Json::array();
  for (std::size_t i = 0; i < g.population.size(); ++i) {
    const Particle& p = g.population[i];
    particles.push_back({{"values", p.values},
                         {"distance", p.distance},
                         {"weight", p.weight},
                         {"generation", p.generation},
                         {"number", p.number},
                         {"simulated", g.simulated[i]}});
  }
  return {{"tolerance", g.figures.tolerance},
          {"acceptance", g.figures.acceptance},
          {"runs", g.figures.runs},
          {"particles", std::move(particles)}};
}

Generation read_generation(const fs::path& file) {
  try {
    const Json json = Json::parse(read_text_file(file, longest_json));
    Generation g;
    json.at("tolerance").get_to(g.figures.tolerance);
    json.at("acceptance").get_to(g.figures.acceptance);
    json.at("runs").get_to(g.figures.runs);
    for (const Json& p : json.at("particles")) {
      g.population.push_back(
          {p.at("values").get<std::vector<double>>(), p.at("distance"), p.at("weight"), p.at("generation"), p.at("number")});
      g.simulated.push_back(p.at("simulated").get<std::vector<double>>());
    }
    g.figures.effective_size = effective_size(g.population);
    return g;
  } catch (const Json::exception& error) {
    throw IoError(fmt::format("{}: {}; without this file the generation is put together anew from its runs", file.string(),
                              printable(error.what())),
                  Exit::BadData);
  }
}

// Everything but when to stop: a fit may be made to go on for longer, but not to become another.
std::string identity_of(const FitSpecification& fit, const std::string& base_digest) {
  Json data = Json::array(), priors = Json::array();
  for (const FitData& d : fit.data)
    data.push_back(
        {d.name, d.column, d.time_h, d.value, d.error, std::isnan(d.if_empty) ? Json(nullptr) : Json(d.if_empty)});
  for (std::size_t i = 0; i < fit.priors.size(); ++i) {
    const Prior& p = fit.priors[i];
    priors.push_back(
        {fit.runs.axes[i].name, fit.runs.axes[i].paths, fit.units[i], static_cast<int>(p.law), p.from, p.to, p.mean, p.sd});
  }
  Checksum checksum;
  checksum.add(Json{
      {"release", INVADO_VERSION},
      {"base", base_digest},
      {"seed", fit.runs.seed},
      {"data", std::move(data)},
      {"priors", std::move(priors)},
      {"population", fit.population},
      {"keep",
       fit.keep}}.dump());
  return checksum.hex();
}

// A fit in its folder.
class Fit {
 public:
  Fit(FitSpecification specification, std::string base_digest, fs::path folder)
      : fit_(std::move(specification)), base_digest_(std::move(base_digest)), folder_(std::move(folder)) {}

  [[nodiscard]] fs::path of(std::size_t generation) const { return folder_ / fmt::format("generation_{:03}", generation); }
  [[nodiscard]] std::size_t kept() const {
    return std::max<std::size_t>(2, static_cast<std::size_t>(fit_.keep * static_cast<double>(fit_.population)));
  }

  // What the generation proposes: a pure function of the one before.
  [[nodiscard]] Proposals proposals(std::size_t generation, const Generation* before) const {
    const Seed seed{static_cast<std::uint64_t>(fit_.runs.seed)};
    const auto size = static_cast<std::size_t>(fit_.population);
    if (before != nullptr)
      return propose(fit_.priors, before->population, size - kept(), static_cast<std::uint32_t>(generation), seed);
    return {draw_from_priors(fit_.priors, size, seed), std::vector<double>(size, 1)};
  }

  // Runs what is missing of a generation; Done, or why not.
  [[nodiscard]] Exit run(std::size_t generation, const Proposals& proposals, const SweepOptions& options) {
    SweepSpecification s = fit_.runs;
    s.name = fmt::format("{}, generation {}", s.name, generation);
    for (const std::vector<double>& values : proposals.values) {
      SweepPoint& point = s.points.emplace_back();
      for (std::size_t k = 0; k < values.size(); ++k) point.values.push_back(fit_value(fit_, k, values[k]));
    }
    const SweepFolder folder(of(generation));
    make_directories(folder.path());
    atomic_write(folder.plan_file(), to_text(make_plan(s, base_digest_, INVADO_VERSION)));
    SweepOptions inner = options;
    inner.sweep = folder.path();
    inner.verbosity = 0;
    const Exit exit = sweep_run(inner);
    return exit == Exit::PartlyFailed ? Exit::Done : exit;
  }

  // Joins the runs of a generation with the population before.
  [[nodiscard]] Generation finish(std::size_t generation, const Proposals& proposals, const Generation* before) const {
    const SweepFolder folder(of(generation));
    const SweepPlan plan = folder.plan();
    const std::vector<RunOutcome> outcomes = outcomes_of(folder, plan);
    if (const auto missing = std::ranges::count(outcomes, std::string("missing"), &RunOutcome::state); missing > 0)
      throw Error(Exit::PartlyFailed,
                  fmt::format("{}: {} runs have no results yet; `invado sweep fit`, typed again, goes on",
                              folder.path().string(), missing));
    // What failed for want of memory or disk says nothing about its parameters.
    if (const auto failed = std::ranges::count_if(plan.runs,
                                                  [&](const SweepRun& run) {
                                                    const auto record =
                                                        folder.is_done(run) ? std::nullopt : folder.failed(run);
                                                    return record && record->passing;
                                                  });
        failed > 0)
      throw Error(Exit::PartlyFailed,
                  fmt::format("{}: {} runs failed for a reason that passes (memory, disk, their job); `invado sweep fit`, "
                              "typed again, tries them once more",
                              folder.path().string(), failed));
    std::vector<Particle> all;
    std::vector<std::vector<double>> simulated;  // in the order of `all`
    if (before != nullptr) {
      all = before->population;
      simulated = before->simulated;
    }
    std::size_t nearer = 0;
    for (std::size_t i = 0; i < proposals.values.size(); ++i) {
      std::vector<double> values = outcomes[i].values;
      const double distance = fit_distance(fit_, values);
      if (before == nullptr || distance < before->figures.tolerance) ++nearer;
      all.push_back({proposals.values[i], distance, proposals.weights[i], generation, i});
      simulated.push_back(std::move(values));
    }
    Generation g;
    g.population = nearest(all, kept());
    if (g.population.size() < 2)
      throw Error(Exit::PartlyFailed,
                  fmt::format("{}: fewer than two runs have a distance to what was measured", folder.path().string()));
    for (const Particle& p : g.population) {
      const auto at =
          std::ranges::find_if(all, [&](const Particle& q) { return q.generation == p.generation && q.number == p.number; });
      g.simulated.push_back(simulated[static_cast<std::size_t>(at - all.begin())]);
    }
    g.figures = {g.population.back().distance, static_cast<double>(nearer) / static_cast<double>(proposals.values.size()),
                 effective_size(g.population), proposals.values.size()};
    atomic_write(folder.path() / "population.json", json_of(g).dump() + "\n");
    return g;
  }

  // Why it is enough; empty: it is not.
  [[nodiscard]] std::string reason_to_stop(const std::vector<Generation>& done) const {
    const FitPage::Generation& last = done.back().figures;
    if (last.tolerance < fit_.tolerance)
      return fmt::format("all kept particles are nearer than {}", shortest(fit_.tolerance));
    if (done.size() > 1 && last.acceptance < fit_.acceptance)
      return fmt::format("only {:.3g} % of the new particles were nearer than the tolerance before", 100 * last.acceptance);
    if (done.size() >= static_cast<std::size_t>(fit_.generations))
      return fmt::format("{} generations are done", done.size());
    return {};
  }

  void write_results(const std::vector<Generation>& done, const std::string& reason) const {
    const Generation& last = done.back();
    std::vector<TableColumn> posterior, quantiles(8);
    double total = 0;
    for (const Particle& p : last.population) total += p.weight;
    const auto column = [&](std::string name, const auto& of) {
      TableColumn& c = posterior.emplace_back();
      c.name = std::move(name);
      for (const Particle& p : last.population) c.numbers.push_back(of(p));
    };
    const char* const names[] = {"parameter", "unit", "mean", "q025", "q25", "q50", "q75", "q975"};
    for (std::size_t c = 0; c < 8; ++c) quantiles[c].name = names[c];
    FitPage page;
    for (std::size_t k = 0; k < fit_.priors.size(); ++k) {
      const std::string& name = fit_.runs.axes[k].name;
      column(name + unit_suffix(fit_.units[k]), [&](const Particle& p) { return p.values[k]; });
      quantiles[0].words.push_back(name);
      quantiles[1].words.push_back(fit_.units[k].empty() ? "1" : fit_.units[k]);
      double mean = 0;
      std::vector<std::pair<double, double>> values;
      for (const Particle& p : last.population) {
        mean += p.weight / total * p.values[k];
        values.emplace_back(p.values[k], p.weight);
      }
      quantiles[2].numbers.push_back(mean);
      for (const auto& [c, q] :
           {std::pair(3, 0.025), std::pair(4, 0.25), std::pair(5, 0.5), std::pair(6, 0.75), std::pair(7, 0.975)})
        quantiles[static_cast<std::size_t>(c)].numbers.push_back(weighted_quantile(values, q));
      page.parameters.push_back({name, fit_.units[k], fit_.priors[k]});
    }
    column("weight", [&](const Particle& p) { return p.weight / total; });
    column("distance", [](const Particle& p) { return p.distance; });
    column("generation", [](const Particle& p) { return static_cast<double>(p.generation); });
    column("point", [](const Particle& p) { return static_cast<double>(p.number); });
    atomic_write(folder_ / "posterior.csv", to_csv(posterior));
    atomic_write(folder_ / "quantiles.csv", to_csv(quantiles));

    page.name = fit_.runs.name;
    page.about = fit_.runs.about;
    page.reason = reason;
    page.state = reason.empty() ? "goes on" : "ended: " + reason;
    page.population = last.population;
    std::size_t at = 0;
    for (const FitData& d : fit_.data) {
      FitPage::Curve& curve = page.curves.emplace_back(FitPage::Curve{d.name, d.column, d.time_h, d.value, d.error, {}});
      for (const std::vector<double>& s : last.simulated)
        curve.simulated.emplace_back(s.begin() + static_cast<std::ptrdiff_t>(at),
                                     s.begin() + static_cast<std::ptrdiff_t>(at + d.value.size()));
      at += d.value.size();
    }
    for (const Generation& g : done) page.generations.push_back(g.figures);
    if (effective_size(last.population) < 50)
      page.warnings.push_back(
          "Fewer than 50 effective particles: quantiles in the tails are rough (population: makes them more).");
    if (last.figures.tolerance > 2)
      page.warnings.push_back(
          "The kept runs are farther from the data than two errors: the model, the priors or the errors do not fit.");
    page.facts = {{"scenario", shown_path(fit_.runs.base)},
                  {"its content (hash of all values in force)", base_digest_},
                  {"seed", fmt::format("{}", fit_.runs.seed)},
                  {"method", "adaptive population Monte Carlo (Lenormand, Jabot & Deffuant 2013)"},
                  {"page written by", fmt::format("invado {} ({})", INVADO_VERSION, INVADO_COMMIT)}};
    refuse_other_files(folder_ / "analysis.html");
    atomic_write(folder_ / "analysis.html", fit_page(page));
  }

 private:
  FitSpecification fit_;
  std::string base_digest_;
  fs::path folder_;
};

}  // namespace

Exit sweep_fit(const SweepOptions& options) {
  FitSpecification specification = read_fit(options.sweep, options.allow_dirs);
  const CheckedBase base = check_against_scenario(specification.runs);
  const Scenario& scenario = base.scenario;
  check_columns(specification.runs,
                scenario.output.series_us > 0 ? Observables(scenario.world).names() : std::vector<std::string>(),
                static_cast<double>(scenario.duration_us) / 3600e6);
  const fs::path folder = options.output.empty() ? fs::path("fits") / options.sweep.stem() : options.output;
  make_directories(folder);
  const RunLock lock = RunLock::take(folder);
  const std::string identity = identity_of(specification, scenario.run_id);
  const fs::path record = folder / "fit.json";
  if (fs::exists(record)) {
    const Json json = Json::parse(read_text_file(record, longest_json), nullptr, false);
    if (!json.is_object() || json.value("identity", "") != identity)
      throw IoError(
          fmt::format("{}: holds another fit (or another version's, or the file has changed in more than `stop`): choose "
                      "another folder with -o",
                      folder.string()),
          Exit::CannotCreate);
  }
  atomic_write(folder / "fit.yaml", specification.runs.text);
  atomic_write(record, Json{{"format", "invado fit"}, {"identity", identity}, {"release", INVADO_VERSION}}.dump() + "\n");

  Fit fit(std::move(specification), scenario.run_id, folder);
  std::vector<Generation> done;
  std::string reason;
  while (reason.empty()) {
    const std::size_t number = done.size();
    const Generation* const before = done.empty() ? nullptr : &done.back();
    if (const fs::path finished = fit.of(number) / "population.json"; fs::exists(finished)) {
      done.push_back(read_generation(finished));
    } else {
      const Proposals proposals = fit.proposals(number, before);
      if (const Exit exit = fit.run(number, proposals, options); exit != Exit::Done) return exit;
      done.push_back(fit.finish(number, proposals, before));
    }
    reason = fit.reason_to_stop(done);
    // Generations that are only read again change nothing of what was written.
    if (!reason.empty() || !fs::exists(fit.of(number + 1) / "population.json")) fit.write_results(done, reason);
    const FitPage::Generation& g = done.back().figures;
    if (options.verbosity > 0)
      fmt::print(stderr, "generation {}: {} runs, tolerance {:.4g}, {:.3g} % accepted, {:.0f} effective particles\n", number,
                 g.runs, g.tolerance, 100 * g.acceptance, g.effective_size);
  }
  fmt::print("ended        {}\nposterior    {}\nquantiles    {}\npage         {}\n", reason,
             (folder / "posterior.csv").string(), (folder / "quantiles.csv").string(), (folder / "analysis.html").string());
  return Exit::Done;
}

}  // namespace invado
