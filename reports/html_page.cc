#include "reports/html_page.h"

#include <fmt/format.h>

#include "reports/html_text.h"

namespace coresweep {

std::string HtmlHead(const std::string& title, HtmlPageKind kind) {
  const std::string policy = fmt::format(
      "default-src 'none'; base-uri 'none'; form-action 'none'; script-src '{}' '{}'; "
      "style-src '{}'",
      CspSource(ChartLibrary().sha256), CspSource(PageScript(kind).sha256),
      CspSource(PageStyle().sha256));
  return fmt::format(
      "<!doctype html>\n<html lang=en><head><meta charset=utf-8>\n"
      "<meta http-equiv=Content-Security-Policy content=\"{}\">\n"
      "<meta name=viewport content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=color-scheme content=\"light dark\">\n<title>{}</title>\n<style>{}</style>"
      "</head>\n",
      policy, Html(title), PageStyle().text);
}

std::string HtmlBanner(const char* kind, const std::string& heading,
                       const std::vector<std::string>& facts, const std::vector<HtmlPart>& parts) {
  std::string line;
  for (const std::string& fact : facts)
    if (!fact.empty()) line += fmt::format("<li>{}</li>", Html(fact));
  std::string links;
  for (const HtmlPart& part : parts)
    links += fmt::format("<a href=\"#{}\">{}</a>", part.id, part.name);
  return fmt::format(
      "<body><a class=skip href=\"#answer\">Skip to the answer</a>\n<header><p class=kind>"
      "{}</p><h1>{}</h1><ul class=facts-line>{}</ul>"
      "<nav aria-label=\"Parts of this page\">{}</nav></header>\n<main>\n",
      kind, Html(heading), line, links);
}

std::string HtmlSection(const char* id, const char* title, const std::string& inside) {
  return fmt::format(
      "<section id={0} aria-labelledby={0}-title><h2 id={0}-title>{1}</h2>\n{2}"
      "</section>\n",
      id, title, inside);
}

std::string HtmlFigureText(const HtmlFigure& figure, bool there, const std::string& note) {
  const std::string head = fmt::format(
      "<figure id=\"fig-{0}\" class=\"card{2}\" aria-labelledby=\"name-{0}\"><figcaption>"
      "<h3 id=\"name-{0}\">{1}</h3>",
      figure.id, figure.title, figure.wide ? " wide" : "");
  if (!there)
    return head + fmt::format("<p class=missing>Not drawn. {}</p></figcaption></figure>\n",
                              figure.missing);
  return head +
         fmt::format(
             "<p>{1}{2}</p></figcaption><div class=controls hidden></div>"
             "<div class=plot><canvas id=\"plot-{0}\" role=img "
             "aria-label=\"Chart. Its figures are in the table after it.\">"
             "</canvas></div><div class=figures><a href=\"#{3}\">Figures in the table</a></div>"
             "</figure>\n",
             figure.id, figure.how, note, figure.table);
}

std::string_view HtmlNoScript() {
  return "<noscript><p class=noscript>The charts need scripts, which are off here. Their figures "
         "are in the tables below.</p></noscript>";
}

std::string HtmlScripts(HtmlPageKind kind, const std::string& data) {
  return fmt::format(
      "<script type=\"application/json\" id=data>{}</script>\n<script>{}</script>\n"
      "<script>{}</script>\n",
      data, ChartLibrary().text, PageScript(kind).text);
}

std::string HtmlEnd(const std::string& meanings, const std::string& version) {
  return fmt::format(
      "</main><footer><p>{} This page was made {}; charts by Chart.js (MIT licence).</p></footer>\n"
      "</body></html>\n",
      Html(meanings),
      version.empty() ? "by coresweep" : "from a report by coresweep " + Html(version));
}

std::string HtmlTile(std::string_view name, const std::string& value, const std::string& below) {
  return fmt::format("<div class=tile><dt>{}</dt><dd><b>{}</b><span>{}</span></dd></div>",
                     Html(name), Html(value), Html(below));
}

std::string HtmlFact(const std::string& name, const std::string& value) {
  if (value.empty()) return "";
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", Html(name), Html(value));
}

void HtmlWarningList::Add(std::string_view where, const std::string& text) {
  items_ += fmt::format("<li><span class=sign aria-hidden=true>!</span> <b>{}:</b> {}</li>\n",
                        Html(where), Html(text));
}

std::string HtmlWarningList::Text() const {
  return items_.empty() ? "<p>None.</p>" : "<ul class=warnings>" + items_ + "</ul>";
}

}  // namespace coresweep
