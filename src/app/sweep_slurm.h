// The Slurm executor: the runs of a sweep as job arrays, and a last job that looks at what became of them.
#pragma once

#include <string>
#include <vector>

#include "app/slurm.h"
#include "app/sweep_folder.h"
#include "sweep/machine.h"

namespace invado {

// Throws IoError 66 when there is no Slurm on this machine.
void require_slurm();

// Jobs that work, or wait to work, on the sweep of this folder. None where there is no Slurm, or it never had any.
[[nodiscard]] std::vector<SlurmTask> jobs_of(const SweepFolder& folder);
// "jobs 12, 13 of Slurm: 2 running, 40 waiting (Priority)"; empty when there are none.
[[nodiscard]] std::string jobs_text(const std::vector<SlurmTask>& tasks);

// Hands the runs over. Says what was submitted; throws Error 2 when Slurm accepts nothing of it.
void submit_runs(const SweepFolder& folder, const SweepPlan& plan, const std::vector<std::size_t>& due,
                 const Machine& machine);

// Takes the jobs out of the queue and waits until those that run have saved what they have.
void cancel_jobs(const SweepFolder& folder);

}  // namespace invado
