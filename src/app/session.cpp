#include "app/session.h"

#include <fmt/core.h>
#include <omp.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/signals.h"
#include "app/version.h"
#include "model/digest.h"
#include "scenario/quantity.h"

namespace invado {
namespace {

// Of all sites, the blood included.
std::size_t cells_everywhere(const World& world) {
  std::size_t n = 0;
  for (const Site& site : world.sites) n += site.cells.size();
  return n;
}

// Cheap checks see a sixteenth of the World each time.
constexpr std::int64_t check_every_ticks = 20;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::uint64_t folder_bytes(const std::filesystem::path& folder) {
  std::uint64_t sum = 0;
  std::error_code ignored;
  // Files and folders may go while we count, and a disk may fail: then the figure is too small, no more.
  for (std::filesystem::recursive_directory_iterator entry(folder, ignored), end; !ignored && entry != end;
       entry.increment(ignored)) {
    std::error_code gone;
    const std::uint64_t bytes = entry->is_regular_file(gone) ? entry->file_size(gone) : 0;
    if (!gone) sum += bytes;
  }
  return sum;
}

double peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024;
}

double figure(const Provenance& provenance, std::string_view name) {
  for (const auto& [key, value] : provenance.figures)
    if (key == name) return value;
  return 0;
}

// Processor time of the program and all its threads so far. [s]
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void print_where_the_results_are(const RunFolder& folder, const Provenance& p, const OutputPlan& output,
                                 const World& world) {
  const std::string at = folder.path().string();
  fmt::print("results      {}\ndigest       {}\n", at, p.digest);
  if (output.series_us > 0) fmt::print("curves       {}/series.csv\n", at);
  if (output.tracks_us > 0) fmt::print("tracks       {}/tracks.csv, {}/msd.csv\n", at, at);
  if (blood_of(world) < world.sites.size()) fmt::print("the way out  {}/cascade.csv\n", at);
  if (output.snapshots_us > 0 && !world.wells) {
    const std::string site = world.sites.size() > 1 ? world.sites[0].name + "." : "";
    fmt::print(
        "look at it   paraview {}/{}cells.hdf.series{}\n", at, site,
        world.sites[0].matrix.none() ? "" : fmt::format("      (then open {}lattice.hdf.series too, and Apply)", site));
  }
}

}  // namespace

void Session::print_timing(const Stepper& stepper) const {
  const double wall = seconds_since(begin_);
  const auto& entries = stepper.schedule().entries;
  const auto line = [&](std::string_view name, double seconds) {
    fmt::print(stderr, "  {:<14} {:8.2f} s  {:5.1f} %\n", name, seconds, 100 * seconds / wall);
  };
  fmt::print(stderr, "\nwhere the time went\n");
  line("start", start_seconds_);
  for (std::size_t e = 0; e < entries.size(); ++e)
    if (entries[e].on) line(entries[e].process->name(), stepper.seconds()[e]);
  line("commit", stepper.seconds().back());
  line("checks", stepper.check_seconds());
  line("output", output_seconds_);
  line("checkpoints", checkpoint_seconds_);
  // Of the time that the threads had: for disks, for other programs on the machine, for each other. A thread that waits for
  // another keeps its core busy for a moment (OMP_WAIT_POLICY) and counts as working then.
  const int threads = omp_get_max_threads();
  const double had = wall * threads, waited = std::max(0.0, had - (processor_seconds() - begin_processor_seconds_));
  fmt::print(stderr, "{} had {:.2f} s of work and waiting together; waiting was {:.2f} s, {:.1f} %\n",
             threads == 1 ? "1 thread" : fmt::format("{} threads", threads), had, waited, 100 * waited / had);
}

std::string resume_command(const std::filesystem::path& folder) {
  const auto quoted = [](const std::string& word) {
    const bool plain = !word.empty() && std::ranges::all_of(word, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             std::string_view("/._-+=:,@%").find(c) != std::string_view::npos;
    });
    if (plain) return word;
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
  };
  return quoted(program_invocation_name) + " resume " + quoted(folder.string());
}

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

Session::Session(const Scenario& scenario, RunFolder folder, Provenance provenance, const SessionOptions& options,
                 std::int64_t saved_tick)
    : scenario_(scenario),
      folder_(std::move(folder)),
      provenance_(std::move(provenance)),
      options_(options),
      log_(folder_.log()),
      begin_(std::chrono::steady_clock::now()),
      begin_processor_seconds_(processor_seconds()),
      last_checkpoint_(begin_),
      earlier_wall_s_(figure(provenance_, "wall_s")),
      saved_tick_(saved_tick) {
  provenance_.exit.reset();
  provenance_.end.clear();
  write_run_json(folder_.run_json(), provenance_);
  log_.write(provenance_.resumed.empty() ? "start" : "resume", {{"scenario", scenario.name},
                                                                {"run_id", scenario.run_id},
                                                                {"step", provenance_.step},
                                                                {"threads", omp_get_max_threads()},
                                                                {"warnings", scenario.warnings}});
  log_.sync();
}

void Session::save(const std::filesystem::path& target, const World& world, Recorder& recorder,
                   const std::string& digest) const {
  CheckpointWriter checkpoint;
  checkpoint.text("version", INVADO_VERSION);
  checkpoint.text("commit", INVADO_COMMIT);
  checkpoint.text("run_id", scenario_.run_id);
  checkpoint.text("scenario", scenario_.resolved_yaml);
  checkpoint.text("digest", digest);
  add_state(checkpoint, world);
  recorder.save(checkpoint);
  checkpoint.write(target);
}

void Session::note_state(const World& world, const std::string& digest) {
  const double wall = seconds_since(begin_);
  provenance_.time_h = world.clock.time_h();
  provenance_.step = world.clock.tick;
  provenance_.digest = digest;
  provenance_.figures = {{"cells", static_cast<double>(cells_everywhere(world))},
                         {"wall_s", earlier_wall_s_ + wall},
                         {"cell_steps_per_s", wall > 0 ? cell_steps_ / wall : 0},
                         {"output_s", output_seconds_},
                         {"checkpoint_s", checkpoint_seconds_},
                         {"peak_memory_bytes", peak_memory_bytes()},
                         {"disk_bytes", static_cast<double>(folder_bytes(folder_.path()))},
                         {"mechanics_substeps", static_cast<double>(world.diagnostics.mechanics_substeps)}};
}

void Session::checkpoint(Simulation& simulation, Recorder& recorder) {
  const World& world = simulation.world;
  const auto started = std::chrono::steady_clock::now();
  if (options_.checks != Checks::Off) simulation.stepper.check_all(world);  // a broken state is never saved
  make_directory(folder_.checkpoints());
  const std::string now = digest(world);
  const std::filesystem::path target = folder_.checkpoint(world.clock.tick);
  save(target, world, recorder, now);
  // It is on the disk; from here on it counts. The one before stays as a reserve, all others go; one that cannot be
  // deleted does no harm, and is tried again after the next.
  const std::filesystem::path reserve = folder_.checkpoint(std::exchange(saved_tick_, world.clock.tick));
  std::error_code ignored;
  for (const std::filesystem::path& old : folder_.checkpoints_newest_first())
    if (old != target && old != reserve) std::filesystem::remove(old, ignored);
  last_checkpoint_ = std::chrono::steady_clock::now();
  costs_.checkpoint = seconds_since(started);
  checkpoint_seconds_ += costs_.checkpoint;
  write_checksums(folder_.checksums(), recorder.finished_files());
  note_state(world, now);
  write_run_json(folder_.run_json(), provenance_);
  log_.write("checkpoint", {{"step", world.clock.tick}, {"time_h", world.clock.time_h()}, {"digest", now}});
  log_.sync();
}

void Session::end(const World& world, Exit code) {
  note_state(world, digest(world));
  provenance_.end = utc_now();
  provenance_.exit = static_cast<int>(code);
  write_run_json(folder_.run_json(), provenance_);
  log_.write("end", {{"exit", static_cast<int>(code)}, {"time_h", provenance_.time_h}, {"digest", provenance_.digest}});
  log_.sync();
}

bool Session::out_of_walltime() const {
  if (options_.max_walltime_s <= 0) return false;
  // One more step and a checkpoint must still fit; what was never measured is guessed at a second.
  const double reserve = 2 * costs_.step + 2 * (costs_.checkpoint > 0 ? costs_.checkpoint : 1.0);
  return seconds_since(begin_) + reserve > options_.max_walltime_s;
}

ProgressState Session::progress_state(const World& world, const Recorder& recorder, std::int64_t end_tick) const {
  return {world.clock.time_h(),
          static_cast<double>(end_tick * scenario_.tick_us) / 3600e6,
          cells_everywhere(world),
          recorder.front_um(),
          cell_steps_,
          folder_bytes(folder_.path())};
}

void Session::record(World& world, Recorder& recorder) {
  const auto started = std::chrono::steady_clock::now();
  if (recorder.record(world))
    for (Site& site : world.sites) site.events.clear();
  world.stage_records.clear();
  output_seconds_ += seconds_since(started);
}

Exit Session::stop(Simulation& simulation, Recorder& recorder, const std::string& why) {
  const World& world = simulation.world;
  const std::string at = fmt::format("{:.2f} h", world.clock.time_h());
  try {
    if (saved_tick_ != world.clock.tick) checkpoint(simulation, recorder);
    end(world, Exit::Stopped);
  } catch (const IoError& error) {
    fmt::print(stderr, "{}\n", error.what());
    try {
      log_.write("failure", {{"exit", static_cast<int>(Exit::StoppedNoCheckpoint)}, {"reason", error.what()}});
      end(world, Exit::StoppedNoCheckpoint);
    } catch (const IoError&) {
      // The record of the run stays as it was; the message below and the exit code say what happened.
    }
    fmt::print(stderr, "stopped {} at {}, and the checkpoint could not be written: {}\n", why, at,
               saved_tick_ >= 0 ? fmt::format("a resumed run will go on from step {}", saved_tick_)
                                : "a resumed run will begin again");
    return Exit::StoppedNoCheckpoint;
  }
  fmt::print(stderr, "stopped {} at {}; go on with:\n  {}\n", why, at, resume_command(folder_.path()));
  return Exit::Stopped;
}

Exit Session::advance(Simulation& simulation, Recorder& recorder, std::int64_t end_tick, Progress& progress) {
  World& world = simulation.world;
  const OutputPlan& plan = scenario_.output;
  const bool checkpoints = plan.checkpoints_us > 0 || plan.checkpoint_wall_s > 0;
  while (world.clock.tick < end_tick) {
    const auto started = std::chrono::steady_clock::now();
    simulation.stepper.step(world);
    cell_steps_ += static_cast<double>(cells_everywhere(world));
    const std::int64_t tick = world.clock.tick;
    if (options_.digest_every > 0 && (tick % options_.digest_every == 0 || tick == end_tick))
      fmt::print("digest {} {}\n", tick, digest(world));
    record(world, recorder);
    costs_.step = std::max(seconds_since(started), 0.9 * costs_.step);
    const bool last = tick == end_tick;
    if (!last && stop_requested()) return stop(simulation, recorder, "by a signal");
    if (!last && out_of_walltime()) return stop(simulation, recorder, "by --max-walltime");
    const bool due = plan.checkpoints_us > 0 && tick % (plan.checkpoints_us / scenario_.tick_us) == 0;
    const bool long_ago = plan.checkpoint_wall_s > 0 && seconds_since(last_checkpoint_) >= plan.checkpoint_wall_s;
    if (checkpoint_requested() || due || long_ago || (last && checkpoints)) checkpoint(simulation, recorder);
    if (progress.due(world.clock.time_h())) progress.print(progress_state(world, recorder, end_tick));
  }
  return Exit::Done;
}

void Session::prepare(const std::function<void()>& body) {
  const auto failed = [&](Exit code) {
    provenance_.end = utc_now();
    provenance_.exit = static_cast<int>(code);
    try {
      write_run_json(folder_.run_json(), provenance_);
    } catch (const Error&) {
      // What happened first is what the user must hear.
    }
  };
  try {
    body();
  } catch (const Error& error) {
    failed(error.code());
    throw;
  } catch (const std::bad_alloc&) {
    failed(Exit::NoMemory);
    throw;
  }
}

Exit Session::compute(Simulation& simulation, Recorder& recorder, std::int64_t end_tick) {
  World& world = simulation.world;
  simulation.stepper.set_checks(options_.checks, check_every_ticks);
  Progress progress(options_.verbosity > 0 ? options_.progress : ProgressMode::None, world.clock.time_h());
  const auto failed = [&](Exit code, const std::string& reason) {
    try {
      log_.write("failure", {{"exit", static_cast<int>(code)}, {"reason", reason}});
      end(world, code);
    } catch (const std::exception&) {
      // What happened first is what the user must hear.
    }
  };
  start_seconds_ = seconds_since(begin_);
  try {
    if (world.clock.tick == 0 && saved_tick_ < 0) record(world, recorder);
    if (const Exit code = advance(simulation, recorder, end_tick, progress); code != Exit::Done) return code;
    const auto started = std::chrono::steady_clock::now();
    recorder.finish(world);
    output_seconds_ += seconds_since(started);
    write_checksums(folder_.checksums(), recorder.finished_files());
  } catch (const ModelFault& fault) {
    // The broken state under a name of its own, for whoever looks for the reason; checkpoints stay as they are.
    try {
      for (Site& site : world.sites) site.queues = {};
      make_directory(folder_.checkpoints());
      save(folder_.failed_checkpoint(world.clock.tick), world, recorder, digest(world));
    } catch (const std::exception&) {
      // What happened first is what the user must hear.
    }
    failed(fault.code(), fault.what());
    throw;
  } catch (const Error& error) {
    failed(error.code(), error.what());
    throw;
  } catch (const std::bad_alloc&) {
    failed(Exit::NoMemory, "out of memory");
    throw;
  }
  progress.finish(progress_state(world, recorder, end_tick));
  end(world, Exit::Done);
  if (options_.timing) print_timing(simulation.stepper);
  if (options_.verbosity > 0) print_where_the_results_are(folder_, provenance_, scenario_.output, world);
  return Exit::Done;
}

}  // namespace invado
