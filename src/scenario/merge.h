// The documents behind one scenario, merged: ready-made assay < extends (later wins) < own keys < --set. A secondary site
// may extend files too: they hold the keys of a site.
#pragma once

#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include "scenario/yaml_tree.h"

namespace invado {

struct Documents {
  std::deque<Source> sources;
  std::string text;      // of the main file
  Node root;             // the merged map
  bool complete = true;  // false: a file is missing or cannot be parsed; what remains would only raise false alarms
};

// Merge `over` into `base`: maps by key, everything else replaces. Origins of `over` win; keys keep their first place.
void merge_into(Node& base, Node over);

// Read `file` and everything it extends, and apply the `--set` values. Problems of all of them are collected; a missing or
// unreadable main file throws.
[[nodiscard]] Documents read_documents(const std::filesystem::path& file, const std::vector<std::string>& set,
                                       const std::vector<std::filesystem::path>& allowed, Problems& problems);

// Number of the layer that is written after all others of `root`.
void mark_layer(Node& root, int layer);

}  // namespace invado
