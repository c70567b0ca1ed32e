// Schema and table come from the same description as the reader; the shipped schema is the program's.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "engine/catalogue.h"
#include "made_up_processes.h"
#include "scenario/schema.h"

using namespace made_up;

TEST_CASE("the schema of made-up processes") {
  Values values;
  const auto schema = nlohmann::json::parse(schema_json(processes(values)));
  CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
  CHECK(schema["additionalProperties"] == false);
  const auto& type = schema["properties"]["cell_types"]["additionalProperties"];
  CHECK(type["additionalProperties"] == false);
  CHECK(type["properties"]["signalling"]["anyOf"].size() == 2);
  CHECK(type["properties"]["weights"]["additionalProperties"]["maximum"] == 1);  // plain values
  CHECK(type["properties"]["body"]["properties"].size() == 3);                   // of two processes
  CHECK(type["properties"]["body"]["properties"]["radius"]["pattern"] == "^[0-9.][0-9.eE+-]* *(um|nm|mm)$");
  CHECK(type["properties"]["body"]["properties"]["radius"]["default"] == "8.4 um");
  const auto& fields = schema["properties"]["fields"];
  CHECK(fields["properties"]["oxygen"]["properties"]["initial"]["type"] == "string");  // a pressure
  CHECK(fields["additionalProperties"]["properties"]["initial"]["type"] == "number");
  const auto& motility = schema["properties"]["processes"]["properties"]["motility"]["anyOf"];
  CHECK(motility[2]["properties"]["drag"]["pattern"] == "^[0-9.][0-9.eE+-]* *(1/s|1/min|1/h|1/d)$");
}

TEST_CASE("no parameter without meaning, range and source, and no path twice") {
  std::istringstream table(parameter_table());
  std::string line;
  std::getline(table, line);
  CHECK(line == "path\tunit\trange\tdefault\tmeaning\tsource");
  std::set<std::string> paths;
  int rows = 0;
  while (std::getline(table, line)) {
    std::vector<std::string> cells;
    std::istringstream row(line);
    for (std::string cell; std::getline(row, cell, '\t');) cells.push_back(cell);
    INFO(line);
    REQUIRE(cells.size() == 6);
    CHECK_FALSE(cells[2].empty());
    CHECK_FALSE(cells[4].empty());
    CHECK_FALSE(cells[5].empty());
    CHECK(paths.insert(cells[0]).second);
    ++rows;
  }
  CHECK(rows > 300);
}

// After a change of parameters: INVADO_UPDATE=1 build/tests/unit_scenario
TEST_CASE("configs/scenario.schema.json is what the program writes") {
  const std::string path = INVADO_SOURCE_DIR "/configs/scenario.schema.json";
  const std::string now = scenario_schema_json();
  if (const char* update = std::getenv("INVADO_UPDATE"); update != nullptr && *update == '1') std::ofstream(path) << now;
  std::ifstream file(path);
  const std::string shipped((std::istreambuf_iterator<char>(file)), {});
  CHECK_MESSAGE(shipped == now, "run unit_scenario with INVADO_UPDATE=1 and look at the difference");
}

TEST_CASE("the shipped scenarios and parameter sets are valid by the schema, mistakes are not") {
  bool ran = false;
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    const std::string probe = std::string(python) + " -c 'import jsonschema, yaml' 2>/dev/null";
    if (std::system(probe.c_str()) != 0) continue;
    const std::string command =
        std::string(python) + " " INVADO_SOURCE_DIR "/tests/scenarios/check_schema.py " INVADO_SOURCE_DIR;
    CHECK(std::system(command.c_str()) == 0);
    ran = true;
    break;
  }
  if (!ran) MESSAGE("not checked: no python3 with jsonschema and yaml (packages python3-jsonschema, python3-yaml)");
}
