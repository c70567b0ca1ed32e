#include "app/machine_options.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <array>
#include <utility>

#include "app/walltime.h"
#include "base/error.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {

void MachineOptions::add_to(CLI::App& command) {
  command.add_option("--machine", machine_, "machine file, or a shipped one: laptop, slurm (what follows changes it)");
  command.add_option("--executor", executor_, "local (default) or slurm")->type_name("WORD");
  constexpr const char* group = "With --executor slurm";
  command.add_option("--chunk", chunk_, "runs per job (default: 15 minutes of them)")->type_name("N")->group(group);
  command.add_option("--cpus", cpus_, "cores of one job (default: threads of one run)")->type_name("N")->group(group);
  command.add_option("--time", time_, "of one job, for example 4h; longer runs go on in the next")
      ->type_name("T")
      ->group(group);
  command.add_option("--mem", memory_, "of one job, for example 8G")->type_name("AMOUNT")->group(group);
  command.add_option("--partition", partition_, "as sinfo lists them")->type_name("NAME")->group(group);
  command.add_option("--account", account_, "who pays")->type_name("NAME")->group(group);
  command.add_option("--qos", qos_, "quality of service")->type_name("NAME")->group(group);
}

Machine MachineOptions::read() const {
  Machine machine = machine_.empty() ? Machine{} : read_machine(find_machine(machine_));
  const auto bad = [](std::string_view option, const std::string& what) {
    return Error(Exit::Usage, fmt::format("{}: {}", option, what));
  };
  if (!executor_.empty()) {
    machine.executor = executor_of(executor_);
    if (machine.executor < 0) throw bad("--executor", explain("no such executor", executor_, "local, slurm"));
  }
  // Or a sweep that was meant for the cluster would run here, on its login node.
  if (machine.executor != static_cast<int>(Machine::Executor::Slurm))
    for (const auto& [option, text] : {std::pair{"--chunk", &chunk_},
                                       {"--cpus", &cpus_},
                                       {"--time", &time_},
                                       {"--mem", &memory_},
                                       {"--partition", &partition_},
                                       {"--account", &account_},
                                       {"--qos", &qos_}})
      if (!text->empty()) throw bad(option, "belongs to jobs of a batch system: add --executor slurm, or --machine FILE");
  for (const auto& [option, text, target] :
       {std::tuple{"--chunk", &chunk_, &machine.chunk}, {"--cpus", &cpus_, &machine.cpus}}) {
    if (text->empty()) continue;
    const Parsed<std::int64_t> number = parse_integer(*text, 1, 1000000);
    if (!number.value) throw bad(option, number.problem);
    *target = *number.value;
  }
  for (const auto& [option, text, target] : {std::tuple{"--partition", &partition_, &machine.partition},
                                             {"--account", &account_, &machine.account},
                                             {"--qos", &qos_, &machine.qos},
                                             {"--mem", &memory_, &machine.memory}}) {
    if (text->empty()) continue;
    if (!is_batch_word(*text)) throw bad(option, explain("may not be handed to a batch system", *text, batch_word_rule));
    *target = *text;
  }
  if (!time_.empty()) machine.time_min = parse_walltime("--time", time_) / 60;
  if (machine.time_min > 0 && machine.save_time_min >= machine.time_min)
    throw bad("--time", explain("a job would have no time left to compute in before it saves",
                                fmt::format("{} min", shortest(machine.time_min)),
                                fmt::format("more than the {} min for saving (save_time of a machine file)",
                                            shortest(machine.save_time_min))));
  return machine;
}

}  // namespace invado
