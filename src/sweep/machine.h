// Where the runs of a sweep are computed: a machine file of configs/machines/ says it once for a site. Read as strictly as a
// scenario, by the same reader.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace invado {

struct Machine {
  enum class Executor : int { Local, Slurm };

  std::string name, about;
  int executor = 0;       // Executor
  std::int64_t jobs = 0;  // Local: runs at once; 0: as the cores hold
  // Slurm. Empty or 0: what the site does when nothing is said.
  std::string partition, account, qos, constraint, memory;
  double time_min = 0;       // of one job
  double save_time_min = 2;  // before its end, when runs begin to save what they have
  std::int64_t cpus = 0;     // of one job; 0: the threads of one run
  std::int64_t chunk = 0;    // runs of one job; 0: a quarter of an hour of them, once it is known how long one takes
};

// Executor by its word: local, slurm; -1: no such word.
[[nodiscard]] int executor_of(std::string_view word);

// May be handed to a batch system: letters, digits and _ . @ : + , - (not first), at most 64.
[[nodiscard]] bool is_batch_word(std::string_view word);
inline constexpr std::string_view batch_word_rule = "letters, digits and _ . @ : + , - (not first), at most 64";

// Throws ConfigError 64 with all problems of the file.
[[nodiscard]] Machine read_machine(const std::filesystem::path& file);

// A machine file as the command line names it: a path, or the name of a shipped one. Throws IoError 66.
[[nodiscard]] std::filesystem::path find_machine(const std::string& name);

}  // namespace invado
