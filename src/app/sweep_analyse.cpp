// sweep analyse: from a table to what it says.
#include <fmt/format.h>

#include <algorithm>

#include "app/commands.h"
#include "app/sweep_outcomes.h"
#include "app/sweep_study.h"
#include "app/version.h"
#include "io/atomic_file.h"
#include "report/study_page.h"
#include "scenario/files.h"
#include "statistics/analysis.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

constexpr Seed analysis_seed{1};  // of the bootstrap: the same table, the same intervals
constexpr std::size_t longest_table = std::size_t{256} << 20;

// A table that grows by rows; text columns and numbers in the order of the header.
class Tidy {
 public:
  Tidy(std::vector<std::string> words, std::vector<std::string> numbers) {
    for (std::string& name : words) words_.push_back({std::move(name), "", {}, {}});
    for (std::string& name : numbers) numbers_.push_back({std::move(name), "", {}, {}});
  }
  void row(std::vector<std::string> words, const std::vector<double>& numbers) {
    for (std::size_t c = 0; c < words_.size(); ++c) words_[c].words.push_back(std::move(words[c]));
    for (std::size_t c = 0; c < numbers_.size(); ++c) numbers_[c].numbers.push_back(numbers[c]);
  }
  [[nodiscard]] std::string text() const {
    std::vector<TableColumn> all = words_;
    all.insert(all.end(), numbers_.begin(), numbers_.end());
    return to_csv(all);
  }

 private:
  std::vector<TableColumn> words_, numbers_;
};

std::string effects_csv(const Study& study, const StudyAnalysis& analysis) {
  Tidy table({"observable", "axis", "level"}, {"mean", "low", "high", "points", "runs"});
  for (std::size_t o = 0; o < analysis.outputs.size(); ++o) {
    const OutputAnalysis& a = analysis.outputs[o];
    for (std::size_t axis = 0; axis < a.levels.size(); ++axis)
      for (const LevelMean& l : a.levels[axis])
        table.row({a.name, study.axes[axis].name, study.axes[axis].levels[l.level]},
                  {l.mean.value, l.mean.low, l.mean.high, static_cast<double>(l.points), static_cast<double>(l.runs)});
    for (std::size_t p = 0; p < study.names.size(); ++p)
      table.row({a.name, "name", study.names[p]}, {a.points[p].value, a.points[p].low, a.points[p].high, 1,
                                                   static_cast<double>(mean_of(study.outputs[o].values[p]).count)});
  }
  return table.text();
}

std::string indices_csv(const Study& study, const StudyAnalysis& analysis) {
  Tidy table({"observable", "axis", "with", "measure"}, {"estimate", "low", "high"});
  const std::size_t k = study.axes.size();
  for (const OutputAnalysis& a : analysis.outputs) {
    const auto row = [&](std::size_t axis, const std::string& with, const char* measure, const Estimate& e) {
      table.row({a.name, study.axes[axis].name, with, measure}, {e.value, e.low, e.high});
    };
    for (std::size_t i = 0; i < k; ++i) {
      const auto each_pair = [&](const auto& values, const char* measure) {
        for (std::size_t j = i + 1; j < k; ++j) row(i, study.axes[j].name, measure, values(i, j));
      };
      if (a.shares) {
        row(i, "", "share", {a.shares->axes[i], unknown, unknown});
        each_pair([&](auto x, auto y) { return Estimate{a.shares->pairs[x][y], unknown, unknown}; }, "share");
      }
      if (!a.morris.empty()) {
        row(i, "", "mu", a.morris[i].mu);
        row(i, "", "mu_star", a.morris[i].mu_star);
        row(i, "", "sigma", {a.morris[i].sigma, unknown, unknown});
      }
      if (a.sobol) {
        row(i, "", "first_order", a.sobol->first[i]);
        row(i, "", "total", a.sobol->total[i]);
        if (!a.sobol->pairs.empty()) each_pair([&](auto x, auto y) { return a.sobol->pairs[x][y]; }, "second_order");
      }
      if (a.regression && !a.regression->coefficients.empty()) row(i, "", "regression", a.regression->coefficients[i]);
    }
  }
  return table.text();
}

std::string interactions_csv(const Study& study, const StudyAnalysis& analysis) {
  Tidy table({"observable", "axis_1", "dose_1", "axis_2", "dose_2", "axis_3", "dose_3"},
             {"fraction", "independent", "excess", "excess_low", "excess_high", "beyond_pairs", "beyond_pairs_low",
              "beyond_pairs_high"});
  for (const OutputAnalysis& a : analysis.outputs)
    for (const Excess& e : a.excess) {
      std::vector<std::string> words{a.name};
      for (std::size_t i = 0; i < 3; ++i) {
        const bool there = i < e.axes.size();
        words.push_back(there ? study.axes[e.axes[i]].name : "");
        words.push_back(there ? study.axes[e.axes[i]].levels[e.levels[i]] : "");
      }
      table.row(std::move(words), {e.fraction, e.expected, e.excess.value, e.excess.low, e.excess.high, e.beyond_pairs.value,
                                   e.beyond_pairs.low, e.beyond_pairs.high});
    }
  return table.text();
}

// What is analysed, and where the results go.
struct Subject {
  Study study;
  StudyPage page;
  fs::path folder;
};

Subject subject_of_table(const SweepOptions& options, const AnalyseOptions& analyse) {
  Subject subject;
  subject.study = study_of_table(read_text_file(options.sweep, longest_table), shown_path(options.sweep), analyse.axes,
                                 analyse.observables);
  subject.folder = options.output.empty() ? fs::path(options.sweep.stem().string() + "_analysis") : options.output;
  subject.page.name = options.sweep.filename().string();
  subject.page.state = fmt::format("{} rows", subject.study.rows.size());
  subject.page.facts = {{"table", shown_path(options.sweep)}};
  make_directories(subject.folder);
  return subject;
}

Subject subject_of_sweep(const SweepOptions& options, const AnalyseOptions& analyse) {
  for (const auto& [given, option] : {std::pair(&analyse.axes, "--axes"), std::pair(&analyse.observables, "--observables")})
    if (!given->empty())
      throw Error(Exit::Usage, fmt::format("{}: belongs to a table (CSV); a sweep says it itself", option));
  Subject subject;
  const SweepFolder folder = SweepFolder::open(sweep_folder_of(options.sweep, options.output));
  if (const std::string changed = changed_since_planned(options.sweep, folder); !changed.empty())
    throw Error(Exit::Usage, changed);
  const SweepPlan plan = folder.plan();
  const std::vector<RunOutcome> outcomes = outcomes_of(folder, plan);
  subject.study = study_of_sweep(plan, outcomes);
  subject.folder = folder.path();
  const auto count = [&](const char* state) {
    return static_cast<std::size_t>(std::ranges::count(outcomes, std::string(state), &RunOutcome::state));
  };
  const std::size_t done = count("done"), failed = count("failed"), missing = count("missing");
  StudyPage& page = subject.page;
  page.name = plan.name;
  page.about = plan.about;
  page.whole = done == outcomes.size();
  page.state = fmt::format("{} of {} runs done", done, outcomes.size());
  if (failed > 0) page.warnings.push_back(fmt::format("{} runs have failed and have no values.", failed));
  if (missing > 0) page.warnings.push_back(fmt::format("{} runs are still missing.", missing));
  if (plan.runs.size() == subject.study.points.size())
    page.warnings.push_back("One run per point: nothing tells chance from effect (replicates: 2 or more would).");
  if (subject.study.outputs.empty())
    page.warnings.push_back("The sweep has no observable that is a number: nothing to analyse.");
  std::string set;
  for (const std::string& one : plan.set) set += (set.empty() ? "" : ", ") + one;
  page.facts = {{"scenario", shown_path(plan.base)},
                {"its content (hash of all values in force)", plan.base_digest},
                {"the same in all points", set},
                {"made by", "invado " + plan.release}};
  for (const SweepAxis& axis : plan.axes)
    page.facts.emplace_back("axis " + axis.name, fmt::format("{}", fmt::join(axis.paths, ", ")) +
                                                     (axis.with.empty() ? "" : " (moves with " + axis.with + ")"));
  for (const SweepObservable& o : plan.observables) page.facts.emplace_back("observable " + o.name, in_words(o));
  return subject;
}

}  // namespace

Exit sweep_analyse(const SweepOptions& options, const AnalyseOptions& analyse) {
  Subject subject = options.sweep.extension() == ".csv" && !fs::is_directory(options.sweep)
                        ? subject_of_table(options, analyse)
                        : subject_of_sweep(options, analyse);
  const fs::path page = subject.folder / "analysis.html";
  refuse_other_files(page);
  subject.page.facts.emplace_back("page written by", fmt::format("invado {} ({})", INVADO_VERSION, INVADO_COMMIT));
  const StudyAnalysis analysis = invado::analyse(subject.study, analysis_seed);
  for (std::string& caution : cautions(subject.study, analysis)) subject.page.warnings.push_back(std::move(caution));
  const auto write = [&](const char* name, const std::string& text) {
    atomic_write(subject.folder / name, text);
    fmt::print("{}\n", (subject.folder / name).string());
  };
  fmt::print("{}: {}\n", subject.page.name, words(analysis.design));
  write("effects.csv", effects_csv(subject.study, analysis));
  write("indices.csv", indices_csv(subject.study, analysis));
  write("interactions.csv", interactions_csv(subject.study, analysis));
  write("analysis.html", study_page(subject.page, subject.study, analysis));
  return subject.page.whole ? Exit::Done : Exit::PartlyFailed;
}

}  // namespace invado
