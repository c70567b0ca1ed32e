// What a report is made of, read from a results folder: of a finished run, of one that was stopped, or while it runs.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/vec3.h"
#include "io/provenance.h"
#include "io/run_folder.h"
#include "io/snapshot_read.h"
#include "io/snapshot_section.h"
#include "io/table.h"
#include "report/cascade_events.h"
#include "report/foci.h"
#include "report/motion.h"
#include "report/parameters.h"

namespace invado {

// Signals whose distributions are shown: the three headline signals.
inline constexpr std::array<std::string_view, 3> shown_signals{"pakt", "vimentin_stability", "runx2_activity"};

struct RunData {
  Provenance provenance;
  bool running = false;
  std::string state;       // what became of the run, in words
  std::string go_on;       // what to type to go on with it; empty: nothing to go on with
  std::string written_by;  // version of the program that makes the page
  std::vector<ResolvedValue> resolved;
  std::string colour_by;  // the column of the cells that pictures show
  std::vector<ParameterRow> parameter_table;
  std::vector<std::string> warnings;  // as the run said them
  Table series;
  std::optional<CellsAt> first, last;  // snapshots
  LatticeSection first_matrix,
      last_matrix;  // the collagen in them, in a plane across z through the middle of the first cells
  struct Organ {
    CellsAt cells;
    Vec3 from, to;  // its box [um]
    std::vector<Focus> foci{};
  };
  std::vector<Organ> organs;  // in the last snapshot
  std::size_t snapshots = 0;
  Table msd;
  TrackTable tracks;
  CascadeEvents cascade;

  // Of the first site in names of columns: "primary." where there are several.
  [[nodiscard]] std::string site_prefix() const;
  // A column of series.csv, of the first site where there are several; empty when there is none.
  [[nodiscard]] std::vector<double> column(std::string_view name) const;
  // Whether there ever was a cell in the first site: not where all are injected into the blood.
  [[nodiscard]] bool inhabited() const;
  // From when on the front is near a face of the box, and no longer free.
  [[nodiscard]] std::optional<double> near_face_from_h() const;
};

// `colour_by`: a column of the cells that pictures shall show, empty: default_colour; 65 with the names that exist when
// there is none of this name. Throws IoError 66 when a file that every run has is not there, 65 when one is damaged.
[[nodiscard]] RunData read_run(const RunFolder& folder, const std::string& colour_by);

}  // namespace invado
