// The page about a study: what was varied, what each axis does, what they do together. Like the report of a run it needs
// nothing else, is well-formed XML, and has the same bytes when made again.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "statistics/analysis.h"

namespace invado {

struct StudyPage {
  std::string name, about;
  std::vector<std::pair<std::string, std::string>> facts;  // of the table at the end
  std::vector<std::string> warnings;
  std::string state;  // "18 of 18 runs done"
  bool whole = true;
};

[[nodiscard]] std::string study_page(const StudyPage& page, const Study& study, const StudyAnalysis& analysis);

}  // namespace invado
