// Comma-separated text with quotes (RFC 4180): what users' tables of points and our tables of results are written in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace invado {

// One record at a time; empty lines and lines that begin with # are left out. Spaces around a field without quotes are not
// part of it. Lines end with LF or CR LF; a field in quotes may not hold a line end.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);
  // The next record; false at the end.
  bool next();
  [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
  [[nodiscard]] int line() const { return line_; }
  // What is wrong with the record; empty: nothing.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::string_view rest_;
  std::vector<std::string> fields_;
  std::string problem_;
  int line_ = 0;
};

// A field as a reader gets it back; in quotes where it needs them, and where a spreadsheet would take it for a formula.
[[nodiscard]] std::string csv_field(std::string_view text);

}  // namespace invado
