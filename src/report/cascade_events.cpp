#include "report/cascade_events.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "io/atomic_file.h"
#include "model/cascade.h"

namespace invado {
namespace {

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t comma = std::min(line.find(',', at), line.size());
    fields.push_back(line.substr(at, comma - at));
    at = comma + 1;
  }
  return fields;
}

std::string_view word_of(Stage stage) { return stage_words[static_cast<std::size_t>(stage)]; }

// One line, by the names of its columns.
struct Line {
  const std::vector<std::string_view>& names;
  std::vector<std::string_view> fields;
  std::string where;

  [[nodiscard]] std::string_view text(std::string_view name) const {
    const auto at = std::ranges::find(names, name);
    if (at == names.end() || fields.size() != names.size())
      throw IoError(fmt::format("{}: has no {}", where, name), Exit::BadData);
    return fields[static_cast<std::size_t>(at - names.begin())];
  }
  template <class T>
  void number(std::string_view name, T& into) const {
    const std::string_view word = text(name);
    const auto [last, error] = std::from_chars(word.data(), word.data() + word.size(), into);
    if (error != std::errc() || last != word.data() + word.size())
      throw IoError(fmt::format("{}: '{}' is no {}", where, word, name), Exit::BadData);
  }
};

// Which cells stem from one entry into the blood: copies of a cell, the cells of a clump, and what came of them.
class Entries {
 public:
  void join(std::int64_t a, std::int64_t b) {
    const std::int64_t root = entry_of(b);
    above_[entry_of(a)] = root;
  }
  [[nodiscard]] bool knows(std::int64_t cell) const { return above_.contains(cell); }
  std::int64_t entry_of(std::int64_t cell) {
    std::int64_t root = cell;
    for (auto at = above_.try_emplace(root, root).first; at->second != root; at = above_.find(root)) root = at->second;
    for (std::int64_t next; cell != root; cell = next) next = std::exchange(above_[cell], root);
    return root;
  }

 private:
  std::unordered_map<std::int64_t, std::int64_t> above_;
};

struct Came {
  std::pair<std::string, std::string> where;  // organ, stage
  std::int64_t cell;
  double weight;
};

std::map<std::pair<std::string, std::string>, StageCount> counted(const std::vector<Came>& all, Entries& entries) {
  std::map<std::pair<std::string, std::string>, std::vector<WeightOfEntry>> by_stage;
  for (const Came& came : all) by_stage[came.where].push_back({entries.entry_of(came.cell), came.weight});
  std::map<std::pair<std::string, std::string>, StageCount> counts;
  for (const auto& [where, weights] : by_stage) counts[where] = count_over_entries(weights);
  return counts;
}

}  // namespace

std::vector<ColonyOrigin> origins_of(std::span<const ColonyFounder> founders) {
  std::vector<ColonyOrigin> origins;
  std::map<std::pair<std::string, std::int64_t>, std::size_t> known;
  for (const ColonyFounder& founder : founders)
    if (const auto [at, is_new] = known.try_emplace({founder.organ, founder.colony}, origins.size()); is_new)
      origins.push_back({founder});
    else
      ++origins[at->second].founders;
  return origins;
}

StageCount count_over_entries(std::span<const WeightOfEntry> all) {
  std::map<std::int64_t, double> by_entry;
  for (const WeightOfEntry& one : all) by_entry[one.entry] += one.weight;
  StageCount count;
  double squares = 0;
  for (const auto& [entry, weight] : by_entry) count.weight += weight, squares += weight * weight;
  count.error = std::sqrt(squares);
  count.entries = by_entry.size();
  return count;
}

CascadeEvents read_cascade(const std::filesystem::path& path, double until_h) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CascadeEvents events;
  Entries entries;
  std::unordered_map<std::int64_t, double> entered;  // when each cell did last [h]
  std::vector<Came> came;
  std::unordered_set<std::int64_t> groups;
  std::vector<std::string_view> names;
  std::size_t number = 0;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    std::vector<std::string_view> fields = split(std::string_view(text).substr(begin, end - begin));
    if (++number == 1) {
      names = std::move(fields);
      continue;
    }
    const Line line{names, std::move(fields), fmt::format("{}:{}", path.string(), number)};
    const std::string_view stage = line.text("stage");
    std::int64_t cell = 0, parent = 0, group = 0;
    double time_h = 0, weight = 0;
    line.number("cell_id", cell);
    line.number("parent_id", parent);
    line.number("group", group);
    line.number("time_h", time_h);
    line.number("weight", weight);
    if (time_h > until_h) continue;
    groups.insert(group);
    const bool enters = stage == word_of(Stage::Intravasated);
    // A mother that went earlier on her own is another entry; one that goes now is what this one is a copy of.
    const auto went = entered.find(parent);
    const bool copied = went != entered.end() && went->second == time_h;
    if (enters ? copied : !entries.knows(cell) && entries.knows(parent)) entries.join(cell, parent);
    entries.join(cell, group);
    if (enters) entered[cell] = time_h;
    const bool begins = stage == word_of(Stage::Initiated) || stage == word_of(Stage::Woken);
    if (begins || stage == word_of(Stage::Lodged) || stage == word_of(Stage::Extravasated))
      came.push_back({{std::string(line.text("site")), begins ? "begun" : std::string(stage)}, cell, weight});
    if (enters) {
      const std::string site(line.text("site"));
      const auto known = std::ranges::find(events.out_of, site, &std::pair<std::string, double>::first);
      if (known == events.out_of.end())
        events.out_of.emplace_back(site, weight);
      else
        known->second += weight;
    } else if (begins) {
      ColonyFounder& f = events.founders.emplace_back();
      f.organ = line.text("site");
      f.woken = stage == word_of(Stage::Woken);
      f.time_h = time_h;
      f.cell = cell;
      f.colony = group;
      f.weight = weight;
      line.number("founder", f.founder);
      line.number("pakt", f.pakt);
      line.number("vimentin_stability", f.vimentin_stability);
      line.number("runx2_activity", f.runx2_activity);
    }
  }
  events.counts = counted(came, entries);
  for (const std::int64_t group : groups) events.entries[group] = entries.entry_of(group);
  return events;
}

}  // namespace invado
