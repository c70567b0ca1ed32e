// Everything that is wrong with a scenario, collected, so that the user sees all of it at once.
#pragma once

#include <deque>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace invado {

// Something that values come from: a file, one `--set`, a ready-made assay.
struct Source {
  enum class Kind { File, CommandLine, Assay };
  Kind kind = Kind::File;
  std::string label;             // file as shown to the user; `--set key.path`; `assay spheroid`
  std::filesystem::path path{};  // File: to look for what it names
};

// Where a value was written. Sources live as long as the load (a deque: addresses stay).
struct Origin {
  const Source* source = nullptr;  // nullptr: nowhere, the value is a default
  int line = 0, column = 0;        // from 1; 0: the source as a whole

  // "file:line:column" or "--set key.path".
  [[nodiscard]] std::string text() const;
};

struct Problem {
  Origin origin;
  std::string path;  // dotted path of the key; may be empty
  std::string what;
  Exit code;
  bool complaint = false;  // about the meaning of a value; void when the value, or a part of it, could not be read
  std::string meant{};     // unknown key: path of the key that was probably meant
};

class Problems {
 public:
  // `json`: raise() gives one JSON object per line.
  explicit Problems(bool json = false) : json_(json) {}
  void add(const Origin& origin, std::string_view path, std::string what, Exit code = Exit::BadScenario);
  // About a value's meaning. Left out of the report when the value, something in it or around it could not even be read: one
  // cause, one line.
  void complain(const Origin& origin, std::string_view path, std::string what);
  // The cause of whatever was said about this value before, which is left out.
  void explain_all(const Origin& origin, std::string_view path, std::string what);
  void unknown_key(const Origin& origin, std::string_view path, std::string what, std::string meant);
  [[nodiscard]] bool empty() const { return problems_.empty(); }
  [[nodiscard]] std::size_t count() const { return problems_.size(); }
  // The problems from the n-th on.
  [[nodiscard]] std::span<const Problem> since(std::size_t n) const { return std::span(problems_).subspan(n); }
  // More than anybody reads: no suggestions any more, tables are read no further.
  [[nodiscard]] bool many() const { return problems_.size() > 100; }
  // Throws one ConfigError with all problems in the order of the files (the first 20, then a count). Its exit code is the
  // one that all problems share, else 64.
  [[noreturn]] void raise() const;

 private:
  // The thousandth problem raises: a file of errors must not take time and memory without end.
  void keep(Problem problem);

  std::vector<Problem> problems_;
  bool json_;
};

}  // namespace invado
