#include "app/run_identity.h"

#include <fmt/core.h>

#include <map>
#include <vector>

#include "scenario/text.h"

namespace invado {
namespace fs = std::filesystem;
namespace {

// The values of a resolved scenario under their dotted paths, without the comments.
std::map<std::string, std::string> values_of(const std::string& resolved) {
  std::map<std::string, std::string> values;
  std::vector<std::string> path;
  for (std::size_t begin = 0; begin < resolved.size();) {
    const std::size_t end = std::min(resolved.find('\n', begin), resolved.size());
    std::string line = resolved.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == std::string::npos || line[indent] == '#') continue;
    const std::size_t comment = line.rfind("  # ");
    if (comment != std::string::npos) line.resize(comment);
    const std::size_t colon = line.find(':', indent);
    if (colon == std::string::npos) continue;
    path.resize(indent / 2);
    path.push_back(line.substr(indent, colon - indent));
    std::string key;
    for (const std::string& part : path) key += (key.empty() ? "" : ".") + part;
    const std::size_t value = line.find_first_not_of(' ', colon + 1);
    if (value != std::string::npos) values[key] = line.substr(value);
  }
  return values;
}

// What differs between two resolved scenarios, a line each; empty: nothing. The duration may: a run can be extended.
std::string differences(const std::string& of_run, const std::string& other) {
  const auto ours = values_of(of_run), theirs = values_of(other);
  std::vector<std::string> lines;
  const auto compare = [&](const std::string& key, const std::string* mine, const std::string* yours) {
    const std::string nothing = "absent";
    if (key != "duration")
      lines.push_back(fmt::format("  {}: {} in the run, {} here", printable(key), mine ? printable(*mine) : nothing,
                                  yours ? printable(*yours) : nothing));
  };
  for (const auto& [key, value] : ours) {
    const auto found = theirs.find(key);
    if (found == theirs.end())
      compare(key, &value, nullptr);
    else if (found->second != value)
      compare(key, &value, &found->second);
  }
  for (const auto& [key, value] : theirs)
    if (!ours.contains(key)) compare(key, nullptr, &value);
  constexpr std::size_t most = 20;
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), most); ++i) text += "\n" + lines[i];
  if (lines.size() > most) text += fmt::format("\n  and {} more", lines.size() - most);
  return text;
}

}  // namespace

void refuse_other_scenario(const std::string& of_run, const std::string& other, const std::string& what) {
  if (const std::string lines = differences(of_run, other); !lines.empty())
    throw IoError(fmt::format("{}: is not the scenario of this run:{}", what, lines), Exit::BadData);
}

Scenario load_lasting(const RunFolder& folder, const std::string& duration, const LoadOptions& wishes) {
  LoadOptions load;
  load.memory_bytes = wishes.memory_bytes;
  if (!duration.empty()) load.set = {"duration=" + duration};
  return load_scenario(folder.resolved_scenario(), load);
}

std::string run_id_of_checkpoint(const RunFolder& folder, const std::string& own, const std::string& text,
                                 CheckpointReader& checkpoint, const LoadOptions& wishes) {
  const std::string scenario = checkpoint.text("scenario");
  if (scenario == text) return own;
  refuse_other_scenario(text, scenario, checkpoint.path().string());
  // What is longer has an id of its own; with the checkpoint's duration it must have the checkpoint's.
  const auto values = values_of(scenario);
  const auto duration = values.find("duration");
  if (duration == values.end()) checkpoint.fail("holds a scenario without duration");
  return load_lasting(folder, duration->second, wishes).run_id;
}

}  // namespace invado
