// Everything that is written while a run goes on: series, tracks, snapshots. Looks at the World, never changes it.
#pragma once

#include <functional>
#include <limits>
#include <optional>

#include "analysis/msd.h"
#include "analysis/observables.h"
#include "io/cascade_table.h"
#include "io/checkpoint.h"
#include "io/run_folder.h"
#include "io/snapshot.h"
#include "io/table.h"
#include "io/tracks.h"
#include "scenario/scenario.h"

namespace invado {

// What a checkpoint says of the files of its run.
struct Recorded {
  std::uint64_t snapshots = 0;
  std::vector<FinishedFile> files;  // snapshots and their wrappers
  FinishedFile series, tracks, cascade;
  std::int64_t frames = 0;  // of tracks.csv
};
// The last records of a checkpoint: no other may be left. 65 when they do not fit together, or the beginnings of the tables
// are not as they were (66: not there). Only reads.
[[nodiscard]] Recorded read_recorded(CheckpointReader& checkpoint, const OutputPlan& plan, const World& world,
                                     const RunFolder& folder, std::optional<Observables>& observables,
                                     FounderTracks& founders);

class Recorder {
 public:
  // Begins new files.
  Recorder(const Scenario& scenario, const World& world, const RunFolder& folder, const std::string& schedule);
  // Goes on with the files of a checkpoint: what was written after it is cut off or deleted. 65 when what was written
  // before it has changed; all of it is compared before `before_first_change` is called.
  Recorder(const Scenario& scenario, const World& world, const RunFolder& folder, const std::string& schedule,
           CheckpointReader& checkpoint, const SnapshotWriter::BeforeFirstChange& before_first_change);

  // What is due at this tick, and who came to a stage of the way to other sites (which may then be forgotten). Returns true
  // when nobody needs the events so far any more: they are in a snapshot, or no snapshots are wanted.
  bool record(const World& world);
  // At the end: what was not due at the last tick, mean square displacements, complete lists.
  void finish(const World& world);

  // What was written is on the disk, and `checkpoint` holds what is needed to go on.
  void save(CheckpointWriter& checkpoint);

  // The 90 % front as series.csv has it last; NaN when it has none. [um]
  [[nodiscard]] double front_um() const { return front_um_; }

  // Files that will not change any more, and after finish() all of them; names relative to the run folder.
  [[nodiscard]] std::vector<FinishedFile> finished_files() const;

 private:
  [[nodiscard]] bool due(std::int64_t every_us, std::int64_t tick) const {
    return every_us > 0 && tick % (every_us / tick_us_) == 0;
  }
  void sample(const World& world);
  void track(const World& world);

  OutputPlan plan_;
  std::int64_t tick_us_;
  RunFolder folder_;
  SnapshotWriter snapshots_;
  std::optional<Observables> observables_;  // where there is a series
  std::optional<SeriesWriter> series_;
  std::optional<TracksWriter> tracks_;
  std::optional<CascadeWriter> cascade_;  // where there is blood
  FounderTracks founders_;
  std::vector<FinishedFile> at_the_end_;
  double front_um_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace invado
