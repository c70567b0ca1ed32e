// Slurm, through its programs. Every word is handed over by itself; no shell ever reads one.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace invado {

// What another program said. code: 127 when there is no such program, 128 + number for a signal.
struct ProgramAnswer {
  int code = 0;
  std::string output, errors;
};
[[nodiscard]] ProgramAnswer ask_program(const std::vector<std::string>& words);

// Whether `program` is on the PATH.
[[nodiscard]] bool is_on_path(const std::string& program);

// A task of an array (or a job that is none, with task 0).
struct SlurmTask {
  std::string job;  // of the array
  int task = 0;
  std::string state;   // PENDING, RUNNING, COMPLETED, TIMEOUT ...
  std::string reason;  // why it waits
  [[nodiscard]] bool has_ended() const;
  [[nodiscard]] bool is_waiting() const { return state == "PENDING" || state == "REQUEUED"; }
};

// Jobs of this name that have not ended. Throws IoError 75 when Slurm does not answer.
[[nodiscard]] std::vector<SlurmTask> jobs_in_queue(const std::string& name);

// How the tasks of some arrays ended, as far as Slurm still knows: by "job_task". Asks sacct, and squeue, which remembers
// some minutes, where a site keeps no accounts.
[[nodiscard]] std::map<std::string, std::string> final_states(const std::vector<std::string>& jobs);

// Most tasks that an array may have.
[[nodiscard]] int longest_array();

// What a final state means for runs that the job has not finished (reliability.md, section 5).
enum class JobEnd { GoOn, OutOfMemory, Cancelled };
[[nodiscard]] JobEnd meaning_of(const std::string& state);

}  // namespace invado
