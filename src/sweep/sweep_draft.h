// A sweep file that has been read, before its points are made: what specification.cpp hands to points.cpp.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "scenario/yaml_tree.h"
#include "sweep/specification.h"

namespace invado {

enum class SweepDesign { Grid, List, Csv, LatinHypercube, Sobol, Morris, Saltelli };

// What the file says beside the specification.
struct SweepDraft {
  std::int64_t version = 0;
  std::string base, memory;
  double time_limit_min = 0;
  SweepDesign design = SweepDesign::Grid;
  std::int64_t points = 0, skip = -1, trajectories = 0, levels = 4;
  bool second_order = false;
  std::string csv;
};

// Where a key is written; the map around it when it is not.
class WrittenKeys {
 public:
  explicit WrittenKeys(const Node& root) : root_(root) {}
  // Keys may hold points (`set`), so they are given one by one.
  [[nodiscard]] Origin operator()(std::initializer_list<std::string_view> keys) const {
    const Node* node = &root_;
    for (const std::string_view key : keys) {
      const Node* next = node->kind == Node::Kind::Map ? node->find(key) : nullptr;
      if (next == nullptr) break;
      node = next;
    }
    return node->origin;
  }
  [[nodiscard]] const Node* node(std::initializer_list<std::string_view> keys) const {
    const Node* node = &root_;
    for (const std::string_view key : keys) {
      if (node == nullptr || node->kind != Node::Kind::Map) return nullptr;
      node = node->find(key);
    }
    return node;
  }

 private:
  const Node& root_;
};

// The map that the file holds, which begins with the word `kind`. Fills in file, text and sources; raises what is no map.
[[nodiscard]] Node read_sweep_file(const std::filesystem::path& file, const std::vector<std::filesystem::path>& allow_dirs,
                                   std::string_view kind, SweepSpecification& s, Problems& problems);

// That nothing is set twice.
void judge_paths(const SweepSpecification& s, const WrittenKeys& where, Problems& problems);

// What sweeps and fits say alike: the scenario, what all runs set, what one run may take.
void describe_common(ParamVisitor& v, SweepSpecification& s, SweepDraft& d);
void judge_common(SweepSpecification& s, const SweepDraft& d, const WrittenKeys& where, Problems& problems);

// Whether the design can be made of these axes, as far as it counts its points itself.
void judge_counts(const SweepSpecification& s, const SweepDraft& d, const WrittenKeys& where, Problems& problems);

// The points of the design (a list has read its own), none twice.
void make_points(SweepSpecification& s, const SweepDraft& d, const WrittenKeys& where, Problems& problems);

}  // namespace invado
