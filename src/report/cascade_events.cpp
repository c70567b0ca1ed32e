#include "report/cascade_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>

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

}  // namespace

CascadeEvents read_cascade(const std::filesystem::path& path) {
  examine_file(path, 0);  // it is there, a regular file, and can be read
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CascadeEvents events;
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
    if (stage == word_of(Stage::Intravasated)) {
      double weight = 0;
      line.number("weight", weight);
      const std::string site(line.text("site"));
      const auto known = std::ranges::find(events.out_of, site, &std::pair<std::string, double>::first);
      if (known == events.out_of.end())
        events.out_of.emplace_back(site, weight);
      else
        known->second += weight;
    } else if (stage == word_of(Stage::Initiated) || stage == word_of(Stage::Woken)) {
      ColonyFounder& f = events.founders.emplace_back();
      f.organ = line.text("site");
      f.woken = stage == word_of(Stage::Woken);
      line.number("time_h", f.time_h);
      line.number("cell_id", f.cell);
      line.number("founder", f.founder);
      line.number("weight", f.weight);
      line.number("pakt", f.pakt);
      line.number("vimentin_stability", f.vimentin_stability);
      line.number("runx2_activity", f.runx2_activity);
    }
  }
  return events;
}

}  // namespace invado
