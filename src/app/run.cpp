// A run from beginning to end: read, check, place, step, write.
#include <fmt/format.h>
#include <omp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "analysis/msd.h"
#include "analysis/observables.h"
#include "app/commands.h"
#include "app/simulation.h"
#include "app/version.h"
#include "io/hdf5.h"
#include "io/provenance.h"
#include "io/run_folder.h"
#include "io/snapshot.h"
#include "io/table.h"
#include "io/tracks.h"
#include "model/digest.h"
#include "scenario/quantity.h"

namespace invado {
namespace {

volatile std::sig_atomic_t stop_requests = 0;

extern "C" void request_stop(int signal) {
  stop_requests = stop_requests + 1;
  if (stop_requests > 1) _exit(128 + signal);
}

// TERM, INT and USR1 end the run after the present step; a second one ends it at once. A full disk or a reader that
// went away is told by the write's result, not by a signal.
void install_signals() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaction(signal, &action, nullptr);
  for (int signal : {SIGPIPE, SIGXFSZ, SIGHUP}) std::signal(signal, SIG_IGN);
}

// --threads, else OMP_NUM_THREADS, else what Slurm gave, else all cores.
int choose_threads(int wanted) {
  if (wanted > 0) {
    omp_set_num_threads(wanted);
  } else if (std::getenv("OMP_NUM_THREADS") == nullptr) {
    int slurm = 0;
    if (const char* text = std::getenv("SLURM_CPUS_PER_TASK"))
      std::from_chars(text, text + std::char_traits<char>::length(text), slurm);
    omp_set_num_threads(slurm > 0 ? slurm : omp_get_num_procs());
  }
  return omp_get_max_threads();
}

// The tick at which the run ends: the scenario's last one, or earlier when --until says so.
std::int64_t last_tick(const std::string& until, const Scenario& scenario) {
  const std::int64_t whole_run = scenario.duration_us / scenario.tick_us;
  if (until.empty()) return whole_run;
  const Parsed<double> hours = parse_quantity(until, Unit::Hour, positive);
  if (!hours.value) throw Error(Exit::Usage, "--until: " + hours.problem);
  const double ticks = *hours.value * 3600e6 / static_cast<double>(scenario.tick_us);
  const double whole = std::nearbyint(ticks);
  if (std::fabs(ticks - whole) > 1e-6 * whole || whole < 1)
    throw Error(Exit::Usage,
                fmt::format("--until: {} is not a whole number of steps of {}", until, duration_text(scenario.tick_us)));
  if (whole <= static_cast<double>(whole_run)) return static_cast<std::int64_t>(whole);
  fmt::print(stderr, "warning: --until {}: the scenario ends at {} (--set duration=\"{}\" makes it longer)\n", until,
             duration_text(scenario.duration_us), until);
  return whole_run;
}

// Everything that is written while the run goes on. Looks at the world, never changes it.
class Recorder {
 public:
  Recorder(const Scenario& scenario, const World& world, const RunFolder& folder, const std::string& schedule)
      : plan_(scenario.output),
        tick_us_(scenario.tick_us),
        snapshots_(folder.path(), {scenario.run_id, schedule, plan_.all_arrays, plan_.arrays}),
        observables_(world) {
    if (plan_.series_us > 0) series_.emplace(folder.series(), observables_.names());
    if (plan_.tracks_us > 0) {
      tracks_.emplace(folder.tracks());
      msd_path_ = folder.msd();
    }
  }

  // Whatever is due at this tick; everything at the start and at the end. Returns true when nobody needs the events so
  // far any more: they are in a snapshot, or no snapshots are wanted.
  bool record(const World& world, bool last) {
    const std::int64_t tick = world.clock.tick;
    const auto due = [&](std::int64_t every_us) { return every_us > 0 && (last || tick % (every_us / tick_us_) == 0); };
    if (series_ && due(plan_.series_us)) series_->write_row(observables_.sample(world));
    if (tracks_ && due(plan_.tracks_us)) {
      tracks_->write_frame(world);
      founders_.add_frame(world);
    }
    const bool snapshot = due(plan_.snapshots_us);
    if (snapshot) snapshots_.write(world, digest(world));
    if (last) finish();
    return snapshot || plan_.snapshots_us == 0;
  }

 private:
  void finish() {
    if (series_) series_->sync();
    if (tracks_) {
      tracks_->sync();
      write_msd();
    }
    snapshots_.close();
  }

  void write_msd() const {
    std::vector<std::vector<double>> rows;
    for (const MsdPoint& p : founders_.msd()) rows.push_back({p.lag_h, p.msd_um2, p.error_um2, p.cells, p.windows});
    write_table(msd_path_, msd_columns, rows);
  }

  OutputPlan plan_;
  std::int64_t tick_us_;
  SnapshotWriter snapshots_;
  Observables observables_;
  std::optional<SeriesWriter> series_;
  std::optional<TracksWriter> tracks_;
  FounderTracks founders_;
  std::filesystem::path msd_path_;
};

std::uint64_t folder_bytes(const std::filesystem::path& folder) {
  std::uint64_t sum = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, ignored))
    if (entry.is_regular_file(ignored)) sum += entry.file_size(ignored);
  return sum;
}

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

// Name of the processor; empty where the system does not tell.
std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);)
    if (const std::size_t colon = line.find(": "); line.starts_with("model name") && colon != std::string::npos)
      return line.substr(colon + 2);
  return {};
}

Provenance begin_provenance(const RunOptions& options, const Scenario& scenario, const std::string& schedule, int threads) {
  Provenance p;
  p.argv = options.argv;
  p.version = INVADO_VERSION;
  p.commit = INVADO_COMMIT;
  p.compiler = INVADO_COMPILER;
  p.flags = INVADO_BUILD_FLAGS;
  p.libraries = "HDF5 " + hdf5::library_version();
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  p.host = host;
  p.cpu = processor_name();
  p.threads = threads;
  p.scenario = scenario.name;
  p.seed = scenario.world.seed.value;
  p.run_id = scenario.run_id;
  p.start = utc_now();
  p.schedule = schedule;
  p.duration_h = static_cast<double>(scenario.duration_us) / 3600e6;
  return p;
}

void print_timing(const Stepper& stepper, double output_seconds, double wall) {
  const auto& entries = stepper.schedule().entries;
  fmt::print(stderr, "\nwhere the time went\n");
  for (std::size_t e = 0; e < entries.size(); ++e)
    if (entries[e].on)
      fmt::print(stderr, "  {:<14} {:8.2f} s  {:5.1f} %\n", entries[e].process->name(), stepper.seconds()[e],
                 100 * stepper.seconds()[e] / wall);
  fmt::print(stderr, "  {:<14} {:8.2f} s  {:5.1f} %\n", "commit", stepper.seconds().back(),
             100 * stepper.seconds().back() / wall);
  fmt::print(stderr, "  {:<14} {:8.2f} s  {:5.1f} %\n", "output", output_seconds, 100 * output_seconds / wall);
}

void print_where_the_results_are(const RunFolder& folder, const Provenance& p, const OutputPlan& output,
                                 const World& world) {
  const std::string at = folder.path().string();
  fmt::print("results      {}\ndigest       {}\n", at, p.digest);
  if (output.series_us > 0) fmt::print("curves       {}/series.csv\n", at);
  if (output.tracks_us > 0) fmt::print("tracks       {}/tracks.csv, {}/msd.csv\n", at, at);
  if (output.snapshots_us > 0 && !world.wells)
    fmt::print("look at it   paraview {}/cells.hdf.series{}\n", at,
               world.sites[0].matrix.none() ? "" : "      (then open lattice.hdf.series too, and Apply)");
}

}  // namespace

Exit run(const RunOptions& options) {
  const int threads = choose_threads(options.threads);
  Scenario scenario = load_scenario(options.scenario, options.load);
  for (const std::string& warning : scenario.warnings) fmt::print(stderr, "warning: {}\n", warning);
  const std::int64_t end_tick = last_tick(options.until, scenario);
  const std::string schedule = to_text(scenario.schedule, scenario.tick_us);
  const std::filesystem::path output =
      options.output.empty() ? std::filesystem::path("runs") / options.scenario.stem() : options.output;
  if (options.dry_run) {
    fmt::print("{}\n\n{}\nresults would be in {}\nrun_id: {}\n", scenario.name, schedule, output.string(), scenario.run_id);
    return Exit::Done;
  }

  install_signals();
  const RunFolder folder =
      RunFolder::create(output, options.overwrite ? RunFolder::Existing::MoveAside : RunFolder::Existing::Refuse);
  if (!folder.moved_to().empty()) fmt::print(stderr, "earlier results are now in {}\n", folder.moved_to().string());
  folder.write_scenario(scenario.text, scenario.resolved_yaml);
  RunLog log(folder.log());
  Provenance provenance = begin_provenance(options, scenario, schedule, threads);
  write_run_json(folder.run_json(), provenance);
  log.write(
      "start",
      {{"scenario", scenario.name}, {"run_id", scenario.run_id}, {"threads", threads}, {"warnings", scenario.warnings}});
  if (options.verbosity > 0)
    fmt::print(stderr, "{}\n{} thread{}, seed {}, run {}\n{}", scenario.name, threads, threads == 1 ? "" : "s",
               provenance.seed, scenario.run_id.substr(0, 8), options.verbosity > 1 ? schedule : "");

  const auto begin = std::chrono::steady_clock::now();
  const auto seconds_since = [](auto t) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
  };
  double output_seconds = 0, cell_steps = 0;
  const auto say_how_it_ended = [&](const World& world, Exit code) {
    const double wall = seconds_since(begin);
    provenance.end = utc_now();
    provenance.exit = static_cast<int>(code);
    provenance.time_h = world.clock.time_h();
    provenance.step = world.clock.tick;
    provenance.digest = digest(world);
    provenance.figures = {{"cells", static_cast<double>(world.sites[0].cells.size())},
                          {"wall_s", wall},
                          {"cell_steps_per_s", wall > 0 ? cell_steps / wall : 0},
                          {"output_s", output_seconds},
                          {"peak_memory_bytes", peak_memory_bytes()},
                          {"disk_bytes", static_cast<double>(folder_bytes(folder.path()))},
                          {"mechanics_substeps", static_cast<double>(world.diagnostics.mechanics_substeps)}};
    write_run_json(folder.run_json(), provenance);
    log.write("end", {{"exit", static_cast<int>(code)}, {"time_h", provenance.time_h}, {"digest", provenance.digest}});
    log.sync();
  };

  Simulation simulation = start_simulation(scenario);
  World& world = simulation.world;
  Progress progress(options.verbosity > 0 ? options.progress : ProgressMode::None, 0);
  const auto progress_state = [&] {
    return ProgressState{world.clock.time_h(), static_cast<double>(end_tick * scenario.tick_us) / 3600e6,
                         world.sites[0].cells.size(), cell_steps, folder_bytes(folder.path())};
  };
  try {
    Recorder recorder(scenario, world, folder, schedule);
    const auto record = [&](bool last) {
      const auto started = std::chrono::steady_clock::now();
      if (recorder.record(world, last))
        for (Site& site : world.sites) site.events.clear();
      output_seconds += seconds_since(started);
    };
    record(end_tick == 0);
    while (world.clock.tick < end_tick) {
      simulation.stepper.step(world);
      cell_steps += static_cast<double>(world.sites[0].cells.size());
      const bool last = world.clock.tick == end_tick || stop_requests > 0;
      if (options.digest_every > 0 && (world.clock.tick % options.digest_every == 0 || last))
        fmt::print("digest {} {}\n", world.clock.tick, digest(world));
      record(last);
      if (progress.due()) progress.print(progress_state());
      if (stop_requests > 0 && world.clock.tick < end_tick) {
        say_how_it_ended(world, Exit::StoppedNoCheckpoint);
        fmt::print(stderr, "\nstopped by a signal at {:.2f} h; what was computed is in {}\n", world.clock.time_h(),
                   folder.path().string());
        return Exit::StoppedNoCheckpoint;
      }
    }
  } catch (const Error& error) {
    say_how_it_ended(world, error.code());
    throw;
  }
  progress.finish(progress_state());
  say_how_it_ended(world, Exit::Done);
  if (options.timing) print_timing(simulation.stepper, output_seconds, seconds_since(begin));
  if (options.verbosity > 0) print_where_the_results_are(folder, provenance, scenario.output, world);
  return Exit::Done;
}

}  // namespace invado
