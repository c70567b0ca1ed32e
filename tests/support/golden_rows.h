// Reads tests/reference/signalling_rows.csv and signalling_contexts.csv.
#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace invado::test {

// "a=1;b=2" in order.
using Changes = std::vector<std::pair<std::string, double>>;

struct GoldenRow {
  std::string row, arm, context, branch;
  Changes start, perturbation;
  double hours = 0, dt = 0, then_hours = 0, then_dt = 0;
  std::map<std::string, double> value;  // by the reference's symbol

  [[nodiscard]] std::string name() const { return row + " " + arm + " (" + context + ")"; }
};

struct GoldenContext {
  std::string branch;
  Changes constants;  // by symbol
};

inline std::vector<std::string> split(const std::string& line, char separator) {
  std::vector<std::string> parts;
  std::stringstream in(line);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  if (!line.empty() && line.back() == separator) parts.emplace_back();
  return parts;
}

inline Changes changes(const std::string& text) {
  Changes out;
  for (const std::string& part : split(text, ';'))
    if (const auto equals = part.find('='); equals != std::string::npos)
      out.emplace_back(part.substr(0, equals), std::stod(part.substr(equals + 1)));
  return out;
}

inline std::ifstream open_reference(const std::string& name) {
  std::ifstream in(std::string(INVADO_SOURCE_DIR) + "/tests/reference/" + name);
  if (!in) throw std::runtime_error("cannot open tests/reference/" + name);
  return in;
}

inline std::vector<GoldenRow> golden_rows() {
  std::ifstream in = open_reference("signalling_rows.csv");
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> header = split(line, ',');
  std::vector<GoldenRow> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = split(line, ',');
    if (fields.size() != header.size()) throw std::runtime_error("signalling_rows.csv: wrong number of fields: " + line);
    GoldenRow row{.row = fields[0],
                  .arm = fields[1],
                  .context = fields[2],
                  .branch = fields[3].substr(0, fields[3].find(';')),
                  .start = changes(fields[3]),
                  .perturbation = changes(fields[4]),
                  .hours = std::stod(fields[5]),
                  .dt = std::stod(fields[6]),
                  .then_hours = std::stod(fields[7]),
                  .then_dt = std::stod(fields[8]),
                  .value = {}};
    for (std::size_t f = 9; f < fields.size(); ++f) row.value[header[f]] = std::stod(fields[f]);
    rows.push_back(std::move(row));
  }
  return rows;
}

inline std::map<std::string, GoldenContext> golden_contexts() {
  std::ifstream in = open_reference("signalling_contexts.csv");
  std::string line;
  std::getline(in, line);
  std::map<std::string, GoldenContext> contexts;
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = split(line, ',');
    if (fields[1] == "branch")
      contexts[fields[0]].branch = fields[2];
    else
      contexts[fields[0]].constants.emplace_back(fields[1], std::stod(fields[2]));
  }
  return contexts;
}

}  // namespace invado::test
