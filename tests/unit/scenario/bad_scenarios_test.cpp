// The corpus of bad scenarios: tests/scenarios/bad/*.yaml, each with its exit code, number of problems and first line.
//   # exit 64, problems 1
//   # first: name.yaml:7:21: matrix.alignment: is out of range ...      (the beginning of the line is enough)
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "base/error.h"
#include "scenario/scenario.h"

using namespace invado;

TEST_CASE("every bad scenario is refused as it says") {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(INVADO_SOURCE_DIR "/tests/scenarios/bad");
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator("."))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().filename().string());
  std::sort(files.begin(), files.end());
  CHECK(files.size() >= 140);
  for (const std::string& file : files) {
    INFO(file);
    std::ifstream in(file);
    std::string codes, first;
    std::getline(in, codes);
    std::getline(in, first);
    std::smatch match;
    REQUIRE(std::regex_match(codes, match, std::regex("# exit (\\d+), problems (\\d+)")));
    REQUIRE(first.starts_with("# first: "));
    first = first.substr(9);
    std::string lines = "accepted";
    int code = 0;
    const auto begin = std::chrono::steady_clock::now();
    try {
      (void)load_scenario(file);
    } catch (const Error& error) {
      lines = error.what();
      code = static_cast<int>(error.code());
    }
    CHECK(code == std::stoi(match[1]));
    CHECK(std::count(lines.begin(), lines.end(), '\n') + 1 == std::stoi(match[2]));
    CHECK_MESSAGE(lines.starts_with(first), lines << "\n  expected " << first);
    CHECK(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() < 2);
  }
  std::filesystem::current_path(before);
}
