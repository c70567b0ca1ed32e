// What a report says of cascade.csv.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace invado {

// A cell that began to grow in an organ.
struct ColonyFounder {
  double time_h = 0;
  std::string organ;
  bool woken = false;  // after dormancy
  std::int64_t cell = 0, founder = 0;
  double weight = 1, pakt = 0, vimentin_stability = 0, runx2_activity = 0;
};

struct CascadeEvents {
  std::vector<ColonyFounder> founders;                   // by time
  std::vector<std::pair<std::string, double>> out_of{};  // sites that cells entered the blood from, and their weight
};

// A last line without end is left out: it may be in the middle of being written. 65 when a line is none of cascade.csv.
[[nodiscard]] CascadeEvents read_cascade(const std::filesystem::path& path);

}  // namespace invado
