#include "report/document.h"

#include <fmt/core.h>

#include "report/markup.h"
#include "report/page_style.h"

namespace invado {

std::string paragraph(const std::string& markup) { return "<p>" + markup + "</p>\n"; }

std::string figure(const std::string& drawings, const std::string& caption) {
  return fmt::format("<figure><div class=\"panels\">{}</div><figcaption>{}</figcaption></figure>\n", drawings, caption);
}

std::string document(std::string_view name, const std::string& header, const std::vector<Section>& sections, bool reloads) {
  std::string page(report_beginning);
  page += fmt::format(
      "<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\"/>\n{}<title>{} – invado</title>\n<style>{}</style></head>\n<body>\n<header><h1>{}</h1>\n{}<nav>",
      reloads ? "<meta http-equiv=\"refresh\" content=\"60\"/>\n" : "", escaped(name), page_style, escaped(name), header);
  for (const Section& s : sections) page += fmt::format("<a href=\"#{}\">{}</a> ", s.id, s.title);
  page += "</nav></header>\n<main>\n";
  for (const Section& s : sections)
    page += fmt::format("<section id=\"{}\"><h2>{}</h2>\n{}</section>\n", s.id, s.title, s.body);
  return page + "</main>\n</body></html>\n";
}

}  // namespace invado
