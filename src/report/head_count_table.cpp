// Where all cells are: what came to each site, what went, what is there, and whether that adds up.
#include <fmt/core.h>

#include <algorithm>
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
struct HeadColumns {
  std::string label;  // above them
  std::vector<HeadColumn> columns;
};

// Causes of death and ways out that nobody has met are left out.
std::vector<HeadColumns> groups_of(const HeadCount& all) {
  HeadColumns dead{"dead of", {}}, went{"gone", {}};
  for (std::size_t way = 0; way < leaving_count; ++way) {
    if (all.gone[way] == 0) continue;
    const bool passed = way == static_cast<std::size_t>(Leaving::Passed),
               left = way == static_cast<std::size_t>(Leaving::Left);
    HeadColumns& group = passed || left ? went : dead;
    group.columns.push_back({passed ? "to other sites"
                             : left ? "out of the box"
                                    : std::string(leaving_words[way]),
                             [way](const HeadCount& count) { return count.gone[way]; }});
  }
  std::vector<HeadColumns> groups{{"came",
                                   {{"founders, injected", &HeadCount::founders},
                                    {"born", &HeadCount::births},
                                    {"arrived", &HeadCount::arrivals},
                                    {"copies made", &HeadCount::copies}}},
                                  dead,
                                  went,
                                  {"now", {{"there", &HeadCount::there}}}};
  std::erase_if(groups, [](const HeadColumns& group) { return group.columns.empty(); });
  return groups;
}

}  // namespace

std::string head_count_table(const RunData& run) {
  const std::vector<HeadCount> counts = head_counts(run.series);
  if (counts.empty()) return {};
  const std::vector<HeadColumns> groups = groups_of(counts.back());
  std::string above, names, rows;
  for (const HeadColumns& group : groups) {
    above += fmt::format("<th class=\"number\" colspan=\"{}\">{}</th>", group.columns.size(), group.label);
    for (const HeadColumn& column : group.columns) names += fmt::format("<th class=\"number\">{}</th>", column.label);
  }
  for (const HeadCount& count : counts) {
    rows += fmt::format("<tr><td>{}</td>", escaped(count.site));
    for (const HeadColumns& group : groups)
      for (const HeadColumn& column : group.columns)
        rows += fmt::format("<td class=\"number\">{}</td>", number_text(column.value(count)));
    rows +=
        fmt::format("<td>{}</td></tr>\n", count.remainder() == 0 ? "balanced" : "off by " + number_text(count.remainder()));
  }
  return paragraph(
             "Where all cells are, by heads. Copies of a cell that is split are cells of their own here; they are made "
             "where "
             "cells enter the blood and where they leave it, and stand in its row. Founders are what the run's own balance "
             "(<code>head_count_balance</code>) and the rest leave: what was not put into an organ must be 0 there.") +
         fmt::format(
             "<div class=\"scroll\"><table class=\"heads\"><thead><tr><th></th>{}<th></th></tr><tr><th>site</th>{}"
             "<th>sum</th></tr></thead><tbody>\n{}</tbody></table></div>\n",
             above, names, rows);
}

}  // namespace invado
