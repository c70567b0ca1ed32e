// Bands from the tumour to the organs: what died where, and heights that are numbers of cells.
//
// Seen to fail with: those that circulate counted as dead; heights not to scale; what is zero drawn; a name not escaped;
// titles of steps that nobody has come to; the injected said to have entered.
#include <doctest/doctest.h>

#include <regex>

#include "report/cascade_flow.h"

using namespace invado;

namespace {

// Heights of the bars, in the order of the drawing.
std::vector<double> heights(const std::string& svg) {
  std::vector<double> found;
  const std::regex bar("<rect[^>]* height=\"([0-9.]+)\"");
  for (auto at = std::sregex_iterator(svg.begin(), svg.end(), bar); at != std::sregex_iterator(); ++at)
    found.push_back(std::stod((*at)[1]));
  return found;
}

CascadeNumbers some() {
  CascadeNumbers numbers{100, 20, {}, 0};
  numbers.organs.push_back({"lung", 40, 10, 0, 4, 2, 1});
  numbers.organs.push_back({"bone", 0, 0, 0, 0, 0, 0});
  return numbers;
}

}  // namespace

TEST_CASE("who died in the blood entered it and is neither there nor lodged") {
  CHECK(some().died() == 40);
  CascadeNumbers all = some();
  all.organs[0].lodged = 80 + 1e-12;  // round-off of sums of weights
  CHECK(all.died() == 0);
}

TEST_CASE("bars are as high as they count, and what is zero is not drawn") {
  const std::string svg = cascade_flow(some());
  // entered, lodged, extravasated, begun, colonies, dormant, died or left, held or died there, circulating, died there.
  const std::vector<double> wanted{100, 40, 10, 2, 1, 4, 4, 30, 20, 40}, seen = heights(svg);
  REQUIRE(seen.size() == wanted.size());
  // To a tenth of a pixel; what is less than two pixels high is drawn so high.
  for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(std::abs(seen[i] - std::max(1.9 * wanted[i], 2.0)) < 0.051);
  CHECK(svg.find("bone") == std::string::npos);
  CHECK(svg.find("dormant") != std::string::npos);
  CHECK(svg.find("waiting") == std::string::npos);
}

TEST_CASE("a step that nobody has come to has no title") {
  CascadeNumbers numbers = some();
  CHECK(cascade_flow(numbers).find(">growth<") != std::string::npos);
  numbers.organs[0].colonies = 0;
  CHECK(cascade_flow(numbers).find(">growth<") == std::string::npos);
  CHECK(cascade_flow(numbers).find(">tissue of organs<") != std::string::npos);
}

TEST_CASE("who was injected did not enter from a tumour") {
  CascadeNumbers numbers = some();
  CHECK(cascade_flow(numbers).find(">entered the blood <") != std::string::npos);
  numbers.injected = 30;
  CHECK(cascade_flow(numbers).find(">injected, or entered the blood <") != std::string::npos);
  numbers.injected = 100;
  CHECK(cascade_flow(numbers).find(">injected <") != std::string::npos);
}

TEST_CASE("names are escaped, and nothing that entered is a drawing too") {
  CascadeNumbers numbers = some();
  numbers.organs[0].name = "<b>";
  CHECK(cascade_flow(numbers).find("<b>") == std::string::npos);
  const std::string none = cascade_flow({});
  CHECK(none.find("nan") == std::string::npos);
  CHECK(heights(none) == std::vector<double>{0});
}
