// The command line: subcommands and their options, and the exit code of every way in which they can end.
#include <fcntl.h>
#include <fmt/core.h>
#include <malloc.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/completion.h"
#include "app/export.h"
#include "app/machine_options.h"
#include "app/render.h"
#include "app/walltime.h"
#include "base/arithmetic.h"
#include "io/atomic_file.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace {

using namespace invado;

ProgressMode parse_progress(const std::string& text) {
  const std::vector<std::string> words{"auto", "plain", "none", "json"};  // in the order of ProgressMode
  const auto at = std::ranges::find(words, text);
  if (at == words.end())
    throw Error(Exit::Usage, "--progress: " + explain("no such form", text, comma_list(words), nearest_word(text, words)));
  return static_cast<ProgressMode>(at - words.begin());
}

std::uint64_t parse_seed(const std::string& text) {
  const Parsed<std::int64_t> seed = parse_integer(text, 0, std::numeric_limits<std::int64_t>::max());
  if (!seed.value) throw Error(Exit::Usage, "--seed: " + seed.problem);
  return static_cast<std::uint64_t>(*seed.value);
}

// "16G" -> bytes.
std::uint64_t parse_amount(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const double factor = unit == "G" ? 1e9 : unit == "M" ? 1e6 : unit == "k" ? 1e3 : 0;
  if (error != std::errc{} || factor == 0 || !(value > 0 && value < 1e9))
    throw Error(Exit::Usage, "--memory: " + explain("is not an amount", text, "a number and k, M or G, for example 16G"));
  return static_cast<std::uint64_t>(value * factor);
}

void add_load_options(CLI::App& command, LoadOptions& load) {
  command.add_option("--set", load.set, "change one value: --set cell_types.sts.motility.heterogeneity=0.43 (repeatable)")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
  command
      .add_option_function<std::string>(
          "--seed", [&load](const std::string& text) { load.seed = parse_seed(text); },
          "seed of all chance (default: the scenario's)")
      ->type_name("N");
  command.add_option("--allow-dir", load.allow_dirs, "folder that the scenario's files may also come from (repeatable)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  command
      .add_option_function<std::string>(
          "--memory", [&load](const std::string& text) { load.memory_bytes = parse_amount(text); },
          "most memory that it may take, for example 16G (default: 80 % of what is there)")
      ->type_name("AMOUNT");
  command.add_flag("--json-errors", load.json_errors, "errors as JSON lines, for tools");
}

template <class Number>
Number parse_whole(const char* option, const std::string& text, Number low, Number high) {
  const Parsed<std::int64_t> number = parse_integer(text, low, high);
  if (!number.value) throw Error(Exit::Usage, fmt::format("{}: {}", option, number.problem));
  return static_cast<Number>(*number.value);
}

Checks parse_checks(const std::string& text) {
  const std::vector<std::string> words{"off", "cheap", "full"};  // in the order of Checks
  const auto at = std::ranges::find(words, text);
  if (at == words.end())
    throw Error(Exit::Usage, "--checks: " + explain("no such level", text, comma_list(words), nearest_word(text, words)));
  return static_cast<Checks>(at - words.begin());
}

// How to compute: the same for a new run and for one that goes on.
void add_session_options(CLI::App& command, SessionOptions& session, bool& quiet, bool& talkative) {
  command
      .add_option_function<std::string>(
          "--threads", [&](const std::string& text) { session.threads = parse_whole("--threads", text, 1, 1024); },
          "threads (default: OMP_NUM_THREADS, SLURM_CPUS_PER_TASK, else all cores)")
      ->type_name("N");
  command
      .add_option_function<std::string>(
          "--max-walltime",
          [&](const std::string& text) { session.max_walltime_s = parse_walltime("--max-walltime", text); },
          "end with a checkpoint (exit code 85) before this much time has passed, for example 3h55m or 3:55:00")
      ->type_name("TIME");
  command
      .add_option_function<std::string>(
          "--checks", [&](const std::string& text) { session.checks = parse_checks(text); },
          "off, cheap (default) or full: invariants checked while it runs")
      ->type_name("LEVEL");
  command
      .add_option_function<std::string>(
          "--digest-every",
          [&](const std::string& text) {
            session.digest_every = parse_whole("--digest-every", text, std::int64_t{1}, std::int64_t{1} << 32);
          },
          "print the state digest every N base steps")
      ->type_name("N");
  command
      .add_option_function<std::string>(
          "--progress", [&](const std::string& text) { session.progress = parse_progress(text); },
          "auto (default), plain, none or json")
      ->type_name("FORM");
  command.add_flag("--timing", session.timing, "print the share of each process at the end");
  command.add_flag("-q,--quiet", quiet, "errors only");
  command.add_flag("-v,--verbose", talkative, "more detail");
}

// What was typed and is no option of the command, nor anything else that it takes.
std::string unexpected(const CLI::App& command, const std::string& word) {
  const std::string option = word.substr(0, word.find('='));
  std::vector<std::string> options;
  for (const CLI::Option* known : command.get_options())
    for (const std::string& name : known->get_lnames()) options.push_back("--" + name);
  const bool is_option = word.starts_with('-') && word.size() > 1;
  return fmt::format("invado {}: {}; `invado {} --help` lists what it takes", command.get_name(),
                     explain(is_option ? "no such option" : "one word too many", word, {},
                             is_option ? nearest_word(option, options) : std::string()),
                     command.get_name());
}

// One line per problem, or one JSON object per line.
void print_error(const Error& error, bool json) {
  if (!json) {
    std::fputs((std::string(error.what()) + "\n").c_str(), stderr);
    return;
  }
  std::string lines = error.what();
  std::size_t begin = 0;
  while (begin < lines.size()) {
    const std::size_t end = std::min(lines.find('\n', begin), lines.size());
    const std::string text = lines.substr(begin, end - begin);
    nlohmann::ordered_json line{{"exit", static_cast<int>(error.code())}, {"message", text}};
    // Problems of a scenario are objects already, with source, line, column and key.
    if (const auto problem = nlohmann::ordered_json::parse(text, nullptr, false); problem.is_object()) line.update(problem);
    std::fputs((line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n").c_str(), stderr);
    begin = end + 1;
  }
}

// `invado sweep ...`.
struct SweepCommands {
  CLI::App* command = nullptr;
  SweepOptions options;
  AnalyseOptions analyse;
  MachineOptions machine;
  std::filesystem::path folder;
  std::size_t index = 0, submission = 0;

  void add_to(CLI::App& app, bool& quiet) {
    command = app.add_subcommand("sweep", "many runs from one file, and their table");
    command->require_subcommand(1);
    const auto add = [&](const char* name, const char* meaning, const char* what) -> CLI::App& {
      CLI::App& sub = *command->add_subcommand(name, meaning);
      sub.add_option("sweep", options.sweep, what)->required();
      sub.add_option("-o,--output", options.output,
                     std::string_view(name) == "fit" ? "folder of the fit (default: fits/<name of the file>)"
                                                     : "folder of the sweep (default: sweeps/<name of the file>)");
      return sub;
    };
    const auto add_jobs = [&](CLI::App& sub) {
      sub.add_option_function<std::string>(
             "--jobs", [this](const std::string& text) { options.jobs = parse_whole("--jobs", text, 1, 4096); },
             "runs at once (default: the cores over the threads of one run)")
          ->type_name("N");
    };
    constexpr const char* file_or_folder = "file of the sweep (YAML), or its folder";
    CLI::App& plan_command = add("plan", "check a sweep and list its runs", file_or_folder);
    CLI::App& run_command = add("run", "run what is missing", file_or_folder);
    CLI::App& fit_command = add("fit", "values that agree with what was measured", "file of the fit (YAML)");
    CLI::App& status_command = add("status", "how far it is", file_or_folder);
    add("collect", "one table of all runs: sweep.csv and sweep.h5", file_or_folder);
    CLI::App& analyse_command =
        add("analyse", "what each axis does: tables and a page", "file of the sweep (YAML), its folder, or a table (CSV)");
    analyse_command.add_option("--axes", analyse.axes, "of a table: the columns that were varied")
        ->type_name("COLUMN,...")
        ->delimiter(',');
    analyse_command
        .add_option("--observables", analyse.observables, "of a table: the columns that were measured (default: all others)")
        ->type_name("COLUMN,...")
        ->delimiter(',');
    add("cancel", "stop the runs of a sweep; they can go on later", file_or_folder);
    for (CLI::App* sub : {&plan_command, &run_command, &fit_command}) {
      sub->add_option("--allow-dir", options.allow_dirs, "folder that files may also come from (repeatable)")
          ->type_name("DIR")
          ->allow_extra_args(false);
    }
    for (CLI::App* sub : {&plan_command, &run_command, &fit_command, &status_command}) add_jobs(*sub);
    run_command.add_flag("--retry-failed", options.retry_failed, "also what failed for good");
    for (CLI::App* sub : {&run_command, &fit_command}) {
      sub->add_option_function<std::string>(
             "--progress", [this](const std::string& text) { options.progress = parse_progress(text); },
             "auto (default), plain or none")
          ->type_name("FORM");
      sub->add_flag("-q,--quiet", quiet, "errors only");
    }
    machine.add_to(run_command);
    CLI::App& point = *command->add_subcommand("point", "one run, as an executor starts it")->group("");
    point.add_option("folder", folder, "folder of the sweep")->required();
    point.add_option("index", index, "number of the run")->required();
    for (const char* name : {"task", "check"}) {
      CLI::App& job = *command->add_subcommand(name, "what a job of Slurm does")->group("");
      job.add_option("folder", folder, "folder of the sweep")->required();
      job.add_option("submission", submission, "number of the submission")->required();
      if (std::string_view(name) == "task") job.add_option("first", index, "task of the array's task 0")->required();
    }
  }

  Exit dispatch(bool quiet) {
    options.verbosity = quiet ? 0 : 1;
    const std::string name = command->get_subcommands().front()->get_name();
    if (name == "plan") return sweep_plan(options);
    if (name == "run") {
      options.machine = machine.read();
      return sweep_run(options);
    }
    if (name == "task") return sweep_task(folder, submission, index);
    if (name == "check") return sweep_check(folder, submission);
    if (name == "status") return sweep_status(options);
    if (name == "collect") return sweep_collect(options);
    if (name == "analyse") return sweep_analyse(options, analyse);
    if (name == "fit") return sweep_fit(options);
    if (name == "cancel") return sweep_cancel(options);
    return sweep_point(folder, index);
  }
};

Exit dispatch(int argc, char** argv, bool& json_errors) {
  CLI::App app{"invado: how cells get out of a tumour. A stochastic simulator of single-cell invasion in 3D matrix."};
  app.require_subcommand(1);
  app.set_version_flag("--version", version_text());
  app.footer("A scenario is one YAML file; `invado schema --table` lists everything that it may say.");

  RunOptions run_options;
  run_options.session.argv.assign(argv, argv + argc);
  bool quiet = false, talkative = false;
  CLI::App& run_command = *app.add_subcommand("run", "run a scenario and write its results into a folder");
  run_command.add_option("scenario", run_options.scenario, "scenario file (YAML)")->required();
  run_command.add_option("-o,--output", run_options.output,
                         "folder of the results (default: runs/<name of the scenario file>)");
  add_load_options(run_command, run_options.load);
  run_command.add_option("--until", run_options.session.until, "stop earlier than the scenario says, for example \"24 h\"");
  run_command.add_flag("--overwrite", run_options.overwrite, "move an existing results folder aside instead of refusing");
  run_command.add_flag("--dry-run", run_options.dry_run, "read, check and say what would be done; write nothing");
  add_session_options(run_command, run_options.session, quiet, talkative);

  ResumeOptions resume_options;
  CLI::App& resume_command = *app.add_subcommand("resume", "go on with an interrupted run, exactly as if it had not been");
  resume_command.add_option("folder", resume_options.folder, "results folder")->required();
  resume_command.add_option("--until", resume_options.session.until,
                            "end at this time instead; beyond the end of the scenario it makes the run longer");
  resume_command.add_option("--scenario", resume_options.scenario,
                            "refuse, and show the difference, unless the run is of this scenario file");
  add_load_options(resume_command, resume_options.load);
  add_session_options(resume_command, resume_options.session, quiet, talkative);

  std::filesystem::path verified;
  CLI::App& verify_command = *app.add_subcommand("verify", "check every file of a results folder, and the newest state");
  verify_command.add_option("folder", verified, "results folder")->required();

  std::vector<std::filesystem::path> scenarios;
  LoadOptions validate_load;
  CLI::App& validate_command = *app.add_subcommand("validate", "report every error of scenario files");
  validate_command.add_option("scenario", scenarios, "scenario files (YAML)")->required();
  add_load_options(validate_command, validate_load);

  PlanOptions plan_options;
  CLI::App& plan_command = *app.add_subcommand("plan", "predict memory, disk and time of a run");
  plan_command.add_option("scenario", plan_options.scenario, "scenario file (YAML)")->required();
  add_load_options(plan_command, plan_options.load);

  bool table = false;
  CLI::App& schema_command =
      *app.add_subcommand("schema", "print the JSON schema of scenarios, or the table of all parameters");
  schema_command.add_flag("--table", table, "every parameter with unit, range, default, meaning and source");

  std::filesystem::path looked_at;
  CLI::App& info_command = *app.add_subcommand("info", "say what is in a results folder or snapshot");
  info_command.add_option("path", looked_at, "results folder or snapshot file")->required();

  std::filesystem::path watched;
  bool once = false;
  CLI::App& watch_command = *app.add_subcommand("watch", "show front, counts and ETA of a running simulation");
  watch_command.add_option("folder", watched, "results folder")->required();
  watch_command.add_flag("--once", once, "print the present state once and return");

  ReportOptions report_options;
  CLI::App& report_command =
      *app.add_subcommand("report", "one page of HTML about a run: pictures, curves, parameters, provenance");
  report_command.add_option("folder", report_options.folder, "results folder; the run may be going on")->required();
  report_command.add_option("-o,--output", report_options.output, "the page (default: report.html in the folder)")
      ->type_name("FILE");
  report_command
      .add_option(
          "--colour-by", report_options.colour_by,
          "what colours the pictures: akt (default; type where cells have no signals), vimentin, runx2 or any column of the "
          "cells")
      ->type_name("COLUMN");
  RenderCommand render;
  render.add_to(app);
  SweepCommands sweep;
  sweep.add_to(app, quiet);
  ExportCommand exporting;
  exporting.add_to(app);

  std::string shell;
  CLI::App& completion_command = *app.add_subcommand("completion", "a script by which a shell completes the command line");
  completion_command.add_option("shell", shell, "bash, zsh or fish")->required();

  if (argc > 1 && argv[1][0] != '-') {
    std::vector<std::string> commands;
    for (const CLI::App* command : app.get_subcommands(nullptr)) commands.push_back(command->get_name());
    if (std::ranges::find(commands, argv[1]) == commands.end())
      throw Error(Exit::Usage,
                  "invado: " + explain("no such command", argv[1], comma_list(commands), nearest_word(argv[1], commands)));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    for (const CLI::App* command : app.get_subcommands())
      if (const std::vector<std::string> extras = command->remaining(true); !extras.empty()) {
        const std::vector<CLI::App*> inner = command->get_subcommands();
        throw Error(Exit::Usage, unexpected(inner.empty() ? *command : *inner.front(), extras.front()));
      }
    throw;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? Exit::Done : Exit::Usage;
  }
  json_errors = run_options.load.json_errors || resume_options.load.json_errors || validate_load.json_errors ||
                plan_options.load.json_errors;
  run_options.session.verbosity = resume_options.session.verbosity = quiet ? 0 : talkative ? 2 : 1;
  if (run_command.parsed()) return run(run_options);
  if (resume_command.parsed()) return resume(resume_options);
  if (verify_command.parsed()) return verify(verified);
  if (validate_command.parsed()) return validate(scenarios, validate_load);
  if (plan_command.parsed()) return plan(plan_options);
  if (schema_command.parsed()) return schema(table);
  if (info_command.parsed()) return info(looked_at);
  if (report_command.parsed()) return report(report_options);
  if (render.command->parsed()) return render.dispatch();
  if (sweep.command->parsed()) return sweep.dispatch(quiet);
  if (exporting.command->parsed()) return exporting.dispatch();
  if (completion_command.parsed()) {
    fmt::print("{}", completion_script(app, shell));
    return Exit::Done;
  }
  return watch(watched, once);
}

}  // namespace

// A closed standard stream would be the next file that is opened, and what we say would go into it.
void open_standard_streams() {
  for (const int stream : {0, 1, 2})
    if (::fcntl(stream, F_GETFD) < 0 && ::open("/dev/null", O_RDWR) != stream) std::abort();
}

// Arrays of 2 MiB and more go back to the system when they are freed. glibc would keep them from the second one on, and a
// million cells would leave 160 MB of what only their start needed.
static void give_large_arrays_back() {
#ifdef M_MMAP_THRESHOLD
  (void)mallopt(M_MMAP_THRESHOLD, 2 << 20);
#endif
}

int main(int argc, char** argv) {
  open_standard_streams();
  give_large_arrays_back();
  bool json_errors = false;
  try {
    invado::require_exact_arithmetic();
    return static_cast<int>(dispatch(argc, argv, json_errors));
  } catch (const invado::Error& error) {
    print_error(error, json_errors);
    return static_cast<int>(error.code());
  } catch (const std::bad_alloc&) {
    print_error(invado::Error(invado::Exit::NoMemory, "out of memory (invado plan says what a run needs)"), json_errors);
    return static_cast<int>(invado::Exit::NoMemory);
  } catch (const std::filesystem::filesystem_error& error) {
    const invado::Exit code = invado::io_error(error.path1(), error.what(), error.code().value()).code();
    print_error(invado::Error(code, error.what()), json_errors);
    return static_cast<int>(code);
  } catch (const std::exception& error) {
    print_error(invado::Error(invado::Exit::ModelFault, std::string("invado: bug: ") + error.what()), json_errors);
    return static_cast<int>(invado::Exit::ModelFault);
  }
}
