// `--time` of the commands that look at one moment of a run.
#pragma once

#include <string>

#include "io/snapshot_series.h"

namespace invado {

// Number of the snapshot nearest to a time such as "24 h"; says on stderr when that is another time. 2 when it is no time,
// or beyond the run.
[[nodiscard]] std::size_t snapshot_at(const SnapshotSeries& series, const std::string& text);

}  // namespace invado
