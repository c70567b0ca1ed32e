// The options of `invado render`, and what it does.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/snapshot_read.h"

namespace invado {

struct Look;  // render/job.h

class RenderCommand {
 public:
  CLI::App* command = nullptr;
  void add_to(CLI::App& app);
  [[nodiscard]] Exit dispatch() const;

 private:
  void refuse_what_is_not_there(const Look& look, const SnapshotInfo::Place& place, const std::string& preset) const;

  std::filesystem::path folder_, output_;
  std::string preset_, times_, colour_by_, range_, front_, cut_, section_, site_, size_, title_;
  double azimuth_ = 0, elevation_ = 0, fps_ = 12;
  CLI::Option *azimuth_given_ = nullptr, *elevation_given_ = nullptr, *title_given_ = nullptr, *fps_given_ = nullptr;
  bool movie_ = false, fibres_ = false, whole_ = false, true_spheres_ = false, dark_ = false;
};

}  // namespace invado
