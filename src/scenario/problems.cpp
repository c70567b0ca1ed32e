#include "scenario/problems.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "scenario/text.h"

namespace invado {

std::string Origin::text() const {
  if (source == nullptr) return "default";
  if (source->kind != Source::Kind::File || line == 0) return source->label;
  return fmt::format("{}:{}:{}", source->label, line, column);
}

namespace {

constexpr std::size_t most_shown = 20;
constexpr std::size_t most_kept = 1000;

// Whether `inner` is `outer` or a key below it.
bool within(std::string_view inner, std::string_view outer) {
  return !outer.empty() && inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '.');
}

}  // namespace

void Problems::keep(Problem problem) {
  problems_.push_back(std::move(problem));
  if (problems_.size() >= most_kept) raise();
}

void Problems::add(const Origin& origin, std::string_view path, std::string what, Exit code) {
  keep({origin, std::string(path), std::move(what), code, false, {}});
}

void Problems::complain(const Origin& origin, std::string_view path, std::string what) {
  keep({origin, std::string(path), std::move(what), Exit::BadScenario, true, {}});
}

void Problems::explain_all(const Origin& origin, std::string_view path, std::string what) {
  std::erase_if(problems_, [&](const Problem& problem) { return problem.path == path; });
  add(origin, path, std::move(what));
}

void Problems::unknown_key(const Origin& origin, std::string_view path, std::string what, std::string meant) {
  keep({origin, std::string(path), std::move(what), Exit::BadScenario, false, std::move(meant)});
}

void Problems::raise() const {
  std::vector<const Source*> order;  // sources as they were first complained about
  std::vector<Problem> sorted;
  for (const Problem& p : problems_) {
    const bool consequence =
        p.complaint && std::ranges::any_of(problems_, [&](const Problem& cause) {
          return !cause.complaint && (within(p.path, cause.path) || within(cause.path, p.path) || cause.meant == p.path);
        });
    if (!consequence) sorted.push_back(p);
  }
  for (const Problem& problem : sorted)
    if (std::ranges::find(order, problem.origin.source) == order.end()) order.push_back(problem.origin.source);
  const auto rank = [&](const Problem& p) { return std::ranges::find(order, p.origin.source) - order.begin(); };
  std::ranges::stable_sort(sorted, [&](const Problem& a, const Problem& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return a.origin.line != b.origin.line ? a.origin.line < b.origin.line : a.origin.column < b.origin.column;
  });

  // A key that two processes read is complained about twice.
  const auto same = [](const Problem& a, const Problem& b) {
    return a.origin.source == b.origin.source && a.origin.line == b.origin.line && a.origin.column == b.origin.column &&
           a.path == b.path && a.what == b.what;
  };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());

  std::string lines;
  for (std::size_t i = 0; i < sorted.size() && i < most_shown; ++i) {
    const Problem& p = sorted[i];
    if (i > 0) lines += '\n';
    if (json_) {
      nlohmann::ordered_json object;
      object["source"] = p.origin.source == nullptr ? "" : p.origin.source->label;
      object["line"] = p.origin.line;
      object["column"] = p.origin.column;
      object["key"] = printable(p.path);
      object["message"] = p.what;
      lines += object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    } else {
      // `--set a.b: a.b: wrong` says the key once.
      const bool repeats = p.origin.source != nullptr && p.origin.source->label == "--set " + p.path;
      lines += p.origin.text() + ": ";
      if (!p.path.empty() && !repeats) lines += printable(p.path) + ": ";
      lines += p.what;
    }
  }
  if (sorted.size() > most_shown && !json_)
    lines += fmt::format("\nand {}{} more problems", problems_.size() >= most_kept ? "at least " : "",
                         sorted.size() - most_shown);
  Exit code = sorted.empty() ? Exit::BadScenario : sorted.front().code;
  for (const Problem& p : sorted)
    if (p.code != code) code = Exit::BadScenario;
  throw ConfigError(lines, code);
}

}  // namespace invado
