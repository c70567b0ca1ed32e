#include "app/recorder.h"

#include <fmt/core.h>

#include <algorithm>
#include <sstream>

#include "model/digest.h"
#include "scenario/memory.h"

namespace invado {
namespace {

SnapshotOptions snapshot_options(const Scenario& scenario, const std::string& schedule) {
  return {scenario.run_id, schedule, scenario.output.all_arrays, scenario.output.arrays, snapshot_in_memory_limit};
}

void save_file(CheckpointWriter& checkpoint, const std::string& at, const FinishedFile& file) {
  checkpoint.add(at + ".bytes", file.bytes);
  checkpoint.text(at + ".checksum", file.checksum);
}

// What is said of a table; its beginning must still be as it was.
FinishedFile load_file(CheckpointReader& checkpoint, const std::string& at, const std::filesystem::path& path) {
  FinishedFile file;
  checkpoint.read(at + ".bytes", file.bytes);
  file.checksum = checkpoint.text(at + ".checksum");
  if (examine_file(path, file.bytes).checksum != file.checksum)
    throw IoError(
        fmt::format("{}: has changed since the checkpoint (checksum of its first {} bytes)", path.string(), file.bytes),
        Exit::BadData);
  return file;
}

bool has_blood(const World& world) { return blood_of(world) < world.sites.size(); }

// "<checksum> <bytes> <name>" per line.
std::vector<FinishedFile> files_of(const CheckpointReader& checkpoint, const std::string& list) {
  std::istringstream lines(list);
  std::vector<FinishedFile> files;
  for (FinishedFile file; lines >> file.checksum >> file.bytes >> file.name;) files.push_back(file);
  const bool plain = std::ranges::all_of(list, [](char c) { return (c >= ' ' && c <= '~') || c == '\n'; });
  if (!plain || files.size() != static_cast<std::size_t>(std::ranges::count(list, '\n')) ||
      (!list.empty() && list.back() != '\n'))
    checkpoint.fail("has a broken list of snapshots");
  return files;
}

}  // namespace

Recorded read_recorded(CheckpointReader& checkpoint, const OutputPlan& plan, const World& world, const RunFolder& folder,
                       std::optional<Observables>& observables, FounderTracks& founders) {
  const auto read = [&](const std::string& at) {
    return [&checkpoint, at](const std::string& name, auto& value) { checkpoint.read(at + name, value); };
  };
  Recorded saved;
  checkpoint.read("snapshots.count", saved.snapshots);
  saved.files = files_of(checkpoint, checkpoint.text("snapshots.files"));
  if (saved.snapshots > saved.files.size())
    checkpoint.fail(fmt::format("counts {} snapshots and names {} files", saved.snapshots, saved.files.size()));
  if (plan.series_us > 0) {
    saved.series = load_file(checkpoint, "series", folder.series());
    observables.emplace(world);
    Observables::for_each_memory(*observables, read("series."));
    if (!observables->consistent()) checkpoint.fail("the samples in it do not fit the columns of series.csv");
  }
  if (plan.tracks_us > 0) {
    checkpoint.read("tracks.frames", saved.frames);
    if (saved.frames < 0) checkpoint.fail(fmt::format("counts {} frames of tracks.csv", saved.frames));
    saved.tracks = load_file(checkpoint, "tracks", folder.tracks());
    FounderTracks::for_each_memory(founders, read("founders."));
    if (!founders.consistent()) checkpoint.fail("the tracks of the founders in it do not fit together");
  }
  if (has_blood(world)) saved.cascade = load_file(checkpoint, "cascade", folder.cascade());
  checkpoint.expect_all_read();
  return saved;
}

Recorder::Recorder(const Scenario& scenario, const World& world, const RunFolder& folder, const std::string& schedule)
    : plan_(scenario.output),
      tick_us_(scenario.tick_us),
      folder_(folder),
      snapshots_(folder.path(), snapshot_options(scenario, schedule)) {
  if (plan_.series_us > 0) series_.emplace(folder.series(), observables_.emplace(world).names());
  if (plan_.tracks_us > 0) tracks_.emplace(folder.tracks());
  if (has_blood(world)) cascade_.emplace(folder.cascade());
}

Recorder::Recorder(const Scenario& scenario, const World& world, const RunFolder& folder, const std::string& schedule,
                   CheckpointReader& checkpoint, const SnapshotWriter::BeforeFirstChange& before_first_change)
    : plan_(scenario.output),
      tick_us_(scenario.tick_us),
      folder_(folder),
      snapshots_(folder.path(), snapshot_options(scenario, schedule)) {
  Recorded saved = read_recorded(checkpoint, plan_, world, folder, observables_, founders_);
  // Snapshots are compared first; from then on nothing can be refused any more, and the rest is cut off and deleted.
  snapshots_.continue_after(saved.snapshots, std::move(saved.files), before_first_change);
  if (plan_.series_us > 0) series_.emplace(folder.series(), observables_->names().size(), saved.series);
  if (plan_.tracks_us > 0) tracks_.emplace(folder.tracks(), saved.tracks, saved.frames);
  if (has_blood(world)) cascade_.emplace(folder.cascade(), saved.cascade);
}

void Recorder::sample(const World& world) {
  const std::vector<double> row = observables_->sample(world);
  series_->write_row(row);
  const std::vector<std::string> names = observables_->names();
  // Of the first site.
  const auto front = static_cast<std::size_t>(
      std::ranges::find_if(names, [](const std::string& name) { return name.ends_with("front_um_q90"); }) - names.begin());
  if (front < row.size()) front_um_ = row[front];
}

void Recorder::track(const World& world) {
  tracks_->write_frame(world);
  founders_.add_frame(world);
}

bool Recorder::record(const World& world) {
  const std::int64_t tick = world.clock.tick;
  if (cascade_) cascade_->write(world);
  if (due(plan_.series_us, tick)) sample(world);
  if (due(plan_.tracks_us, tick)) track(world);
  if (due(plan_.snapshots_us, tick)) {
    snapshots_.write(world, digest(world));
    return true;
  }
  return plan_.snapshots_us == 0;
}

void Recorder::finish(const World& world) {
  const std::int64_t tick = world.clock.tick;
  const auto missing = [&](std::int64_t every_us) { return every_us > 0 && !due(every_us, tick); };
  if (missing(plan_.series_us)) sample(world);
  if (missing(plan_.tracks_us)) track(world);
  if (missing(plan_.snapshots_us)) snapshots_.write(world, digest(world));
  if (series_) {
    series_->sync();
    at_the_end_.push_back(series_->state());
  }
  if (cascade_) {
    cascade_->sync();
    at_the_end_.push_back(cascade_->state());
  }
  if (tracks_) {
    tracks_->sync();
    at_the_end_.push_back(tracks_->state());
    std::vector<std::vector<double>> rows;
    for (const MsdPoint& p : founders_.msd()) rows.push_back({p.lag_h, p.msd_um2, p.error_um2, p.cells, p.windows});
    write_table(folder_.msd(), msd_columns, rows);
  }
  snapshots_.close();
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
    const std::string name = entry.path().filename().string();
    if (name == "msd.csv" || name == "run.xdmf" || name.ends_with(".hdf.series")) {
      at_the_end_.push_back(examine_file(entry.path()));
      at_the_end_.back().name = name;
    }
  }
}

void Recorder::save(CheckpointWriter& checkpoint) {
  const auto add = [&](const std::string& at) {
    return [&checkpoint, at](const std::string& name, const auto& value) { checkpoint.add(at + name, value); };
  };
  checkpoint.add("snapshots.count", static_cast<std::uint64_t>(snapshots_.count()));
  std::string files;
  for (const FinishedFile& file : snapshots_.files())
    files += fmt::format("{} {} {}\n", file.checksum, file.bytes, file.name);
  checkpoint.text("snapshots.files", files);
  if (series_) {
    series_->sync();
    save_file(checkpoint, "series", series_->state());
    Observables::for_each_memory(*observables_, add("series."));
  }
  if (tracks_) {
    tracks_->sync();
    checkpoint.add("tracks.frames", tracks_->frames());
    save_file(checkpoint, "tracks", tracks_->state());
    FounderTracks::for_each_memory(founders_, add("founders."));
  }
  if (cascade_) {
    cascade_->sync();
    save_file(checkpoint, "cascade", cascade_->state());
  }
}

std::vector<FinishedFile> Recorder::finished_files() const {
  std::vector<FinishedFile> files = snapshots_.files();
  files.insert(files.end(), at_the_end_.begin(), at_the_end_.end());
  std::vector<std::filesystem::path> from_the_start{folder_.scenario(), folder_.resolved_scenario()};
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.inputs(), none))
    from_the_start.push_back(entry.path());
  for (const auto& path : from_the_start) {
    files.push_back(examine_file(path));
    files.back().name = path.lexically_relative(folder_.path()).string();
  }
  std::ranges::sort(files, {}, &FinishedFile::name);
  return files;
}

}  // namespace invado
