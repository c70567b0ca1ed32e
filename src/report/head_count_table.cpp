// Where all cells are: what came to each site, what went, what is there, and whether that adds up.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "report/document.h"
#include "report/figures.h"
#include "report/head_count.h"
#include "report/markup.h"

namespace invado {
namespace {

struct HeadColumn {
  std::string label;
  std::function<double(const HeadCount&)> value;
};

// Ways to go that nobody has gone are left out.
std::vector<HeadColumn> ways_to_go(const HeadCount& all) {
  std::vector<HeadColumn> ways;
  for (std::size_t way = 0; way < leaving_count; ++way) {
    if (all.gone[way] == 0) continue;
    const std::string label = way == static_cast<std::size_t>(Leaving::Passed) ? "to another site"
                              : way == static_cast<std::size_t>(Leaving::Left) ? "out of the box"
                                                                               : "dead: " + std::string(leaving_words[way]);
    ways.push_back({label, [way](const HeadCount& count) { return count.gone[way]; }});
  }
  return ways;
}

}  // namespace

std::string head_count_table(const RunData& run) {
  const std::vector<HeadCount> counts = head_counts(run.series);
  if (counts.empty()) return {};
  const std::vector<HeadColumn> came{{"founders, injected", &HeadCount::founders},
                                     {"born", &HeadCount::births},
                                     {"arrived", &HeadCount::arrivals},
                                     {"copies made", &HeadCount::copies}};
  const std::vector<HeadColumn> went = ways_to_go(counts.back());
  std::string table = paragraph(
      "Where all cells are, by heads: a cell that was split counts as many times as it was made, in the row of the blood, "
      "where that happens.");
  table += fmt::format(
      "<div class=\"scroll\"><table class=\"heads\"><thead><tr><th></th><th class=\"number\" colspan=\"{}\">came</th>{}<th "
      "class=\"number\" colspan=\"2\">now</th></tr><tr><th>site</th>",
      came.size(), went.empty() ? std::string() : fmt::format("<th class=\"number\" colspan=\"{}\">went</th>", went.size()));
  for (const auto* side : {&came, &went})
    for (const HeadColumn& column : *side) table += fmt::format("<th class=\"number\">{}</th>", column.label);
  table += "<th class=\"number\">there</th><th>came − went</th></tr></thead><tbody>\n";
  for (const HeadCount& count : counts) {
    table += fmt::format("<tr><td>{}</td>", escaped(count.site));
    for (const auto* side : {&came, &went})
      for (const HeadColumn& column : *side)
        table += fmt::format("<td class=\"number\">{}</td>", number_text(column.value(count)));
    table += fmt::format("<td class=\"number\">{}</td><td>{}</td></tr>\n", number_text(count.there),
                         count.remainder() == 0 ? "the same" : number_text(count.there - count.remainder()));
  }
  return table + "</tbody></table></div>\n";
}

}  // namespace invado
