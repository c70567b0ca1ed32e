#include "report/document.h"

#include <fmt/format.h>

#include "report/markup.h"

namespace invado {
namespace {

// Black on white, one column of figures on paper; no '<' and no '&', so that the page is XML too.
constexpr std::string_view style = R"css(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 1180px; margin: 0 auto; padding: 1.2rem 1.4rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem; border-bottom: 2px solid #0072B2; }
p { max-width: 75ch; margin: .5rem 0; overflow-wrap: anywhere; }
nav { margin: 1rem 0; font-size: .92rem; }
nav a { color: #00507d; margin-right: .9rem; white-space: nowrap; }
.state { display: inline-block; padding: .15rem .7rem; border: 2px solid #009E73; border-radius: .4rem; font-weight: 600; }
.state.open { border-color: #D55E00; border-style: dashed; }
.note { color: #444; font-size: .92rem; }
figure { margin: .6rem 0 1rem; }
figcaption { font-size: .9rem; color: #333; max-width: 95ch; margin-top: .4rem; }
.panels { display: flex; flex-wrap: wrap; gap: .8rem 1.2rem; align-items: flex-start; }
svg { font-family: inherit; max-width: 100%; height: auto; }
svg.plot { width: 545px; }
svg.plot.small { width: 400px; }
.pair { display: flex; flex-wrap: wrap; gap: .8rem 1.2rem; width: 100%; }
svg.picture { width: 440px; }
svg.legend { width: 340px; display: block; }
svg .title { font-size: 14px; font-weight: 600; }
svg .tick { font-size: 12px; fill: #333; }
svg .name { font-size: 13px; }
svg .label { font-size: 12px; paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-linejoin: round; }
svg .grid { stroke: #e2e2e2; }
svg .axis { stroke: #444; }
svg .mark { stroke: #444; stroke-dasharray: 2 3; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .88rem; margin: .5rem 0; }
th, td { text-align: left; padding: .22rem .7rem .22rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.path { min-width: 9em; }
td.path, td code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .84rem; overflow-wrap: anywhere; }
ul.warnings li { border-left: 4px solid #D55E00; padding-left: .6rem; margin: .35rem 0; list-style: none; }
ul.warnings { padding: 0; }
pre { font-size: .84rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; }
@media print {
  @page { margin: 14mm; }
  body { font-size: 10pt; padding: 0; max-width: none; }
  nav { display: none; }
  h2 { break-after: avoid; }
  figure, svg, tr { break-inside: avoid; }
  svg.plot { width: 48%; } svg.plot.small { width: 31%; } svg.picture { width: 48%; }
  .panels, .pair { gap: .3rem .5rem; }
  table { font-size: 8pt; } td.path, td code { font-size: 7pt; } td { padding-right: .4rem; }
  .scroll { overflow: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace

std::string paragraph(const std::string& markup) { return "<p>" + markup + "</p>\n"; }

std::string figure(const std::string& drawings, const std::string& caption) {
  return fmt::format("<figure><div class=\"panels\">{}</div><figcaption>{}</figcaption></figure>\n", drawings, caption);
}

std::string document(std::string_view name, const std::string& header, const std::vector<Section>& sections, bool reloads) {
  std::string page(report_beginning);
  page += fmt::format(
      "<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"/>\n{}<title>{} – invado</title>\n<style>{}</style></head>\n<body>\n<header><h1>{}</h1>\n{}<nav>",
      reloads ? "<meta http-equiv=\"refresh\" content=\"60\"/>\n" : "", escaped(name), style, escaped(name), header);
  for (const Section& s : sections) page += fmt::format("<a href=\"#{}\">{}</a> ", s.id, s.title);
  page += "</nav></header>\n<main>\n";
  for (const Section& s : sections)
    page += fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", s.id, s.title, s.body);
  return page + "</main>\n</body></html>\n";
}

}  // namespace invado
