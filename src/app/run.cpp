// A run from the beginning: read, check, place, step, write.
#include <fmt/core.h>

#include <cstdlib>
#include <optional>

#include "app/commands.h"
#include "app/session.h"
#include "app/signals.h"
#include "app/this_machine.h"
#include "app/version.h"
#include "io/hdf5.h"

namespace invado {
namespace {

Provenance begin_provenance(const RunOptions& options, const Scenario& scenario, const std::string& schedule, int threads,
                            std::int64_t end_tick) {
  Provenance p;
  p.argv = options.session.argv;
  p.version = INVADO_VERSION;
  p.commit = INVADO_COMMIT;
  p.compiler = INVADO_COMPILER;
  p.flags = INVADO_BUILD_FLAGS;
  p.libraries = "HDF5 " + hdf5::library_version();
  p.host = host_name();
  p.cpu = processor_name();
  p.threads = threads;
  p.scenario = scenario.name;
  p.seed = scenario.world.seed.value;
  p.run_id = scenario.run_id;
  p.start = utc_now();
  p.schedule = schedule;
  p.duration_h = static_cast<double>(scenario.duration_us) / 3600e6;
  p.end_h = static_cast<double>(end_tick * scenario.tick_us) / 3600e6;
  return p;
}

// From these alone a run can be begun again, whatever happens to the files that it was made of.
void write_scenario(const RunFolder& folder, const Scenario& scenario) {
  atomic_write(folder.scenario(), scenario.text);
  for (const ScenarioInput& input : scenario.inputs) {
    make_directory(folder.inputs());
    atomic_write(folder.path() / input.name, input.text);
  }
  atomic_write(folder.resolved_scenario(), scenario.resolved_yaml);
}

}  // namespace

Exit run(const RunOptions& options) {
  int threads = choose_threads(options.session.threads);
  Scenario scenario = load_scenario(options.scenario, options.load);
  if (threads > 1 && is_long(scenario))
    spin_briefly();
  else if (options.session.threads == 0 && std::getenv("OMP_NUM_THREADS") == nullptr)
    threads = choose_threads(1);  // over before other threads are of use
  for (const std::string& warning : scenario.warnings) fmt::print(stderr, "warning: {}\n", warning);
  const std::int64_t end_tick = last_tick(options.session.until, scenario);
  const std::string schedule = to_text(scenario.schedule, scenario.tick_us);
  const std::filesystem::path output =
      options.output.empty() ? std::filesystem::path("runs") / options.scenario.stem() : options.output;
  if (options.dry_run) {
    fmt::print("{}\n\n{}\nresults would be in {}\nrun_id: {}\nend_h: {}\n", scenario.name, schedule, output.string(),
               scenario.run_id, static_cast<double>(end_tick * scenario.tick_us) / 3600e6);
    return Exit::Done;
  }

  install_signals();
  NewRunFolder made =
      create_run_folder(output, options.overwrite ? RunFolder::Existing::MoveAside : RunFolder::Existing::Refuse);
  if (!made.moved_to.empty()) fmt::print(stderr, "earlier results are now in {}\n", made.moved_to.string());
  write_scenario(made.folder, scenario);
  Provenance provenance = begin_provenance(options, scenario, schedule, threads, end_tick);
  if (options.session.verbosity > 0)
    fmt::print(stderr, "{}\n{} thread{}, seed {}, run {}\n{}", scenario.name, threads, threads == 1 ? "" : "s",
               provenance.seed, scenario.run_id.substr(0, 8), options.session.verbosity > 1 ? schedule : "");

  Session session(scenario, made.folder, std::move(provenance), options.session, -1);
  made.lock.settle();
  std::optional<Simulation> simulation;
  std::optional<Recorder> recorder;
  session.prepare([&] {
    simulation.emplace(start_simulation(scenario));
    recorder.emplace(scenario, simulation->world, made.folder, schedule);
  });
  return session.compute(*simulation, *recorder, end_tick);
}

}  // namespace invado
