// Whether what lies in a results folder belongs to one run: its scenario, its record and its checkpoints.
#pragma once

#include <filesystem>
#include <string>

#include "io/checkpoint.h"
#include "io/run_folder.h"
#include "scenario/scenario.h"

namespace invado {

// Refuses (65), with the lines that differ, a resolved scenario that says something else than the run's. The duration may
// differ: a run can be extended.
void refuse_other_scenario(const std::string& of_run, const std::string& other, const std::string& what);

// The scenario of the folder with another duration; empty: with its own.
[[nodiscard]] Scenario load_lasting(const RunFolder& folder, const std::string& duration, const LoadOptions& wishes);

// The run_id that a checkpoint of this run has when it was written under the folder's scenario (`own`, resolved as `text`),
// or under the same with another duration. 65 when it was written under another scenario.
[[nodiscard]] std::string run_id_of_checkpoint(const RunFolder& folder, const std::string& own, const std::string& text,
                                               CheckpointReader& checkpoint, const LoadOptions& wishes);

}  // namespace invado
