#include "reports/html_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "reports/text.h"

namespace coresweep {
namespace {

constexpr size_t kRowsThatScroll = 12;
/// Longer tables are laid out when they come into view or get the focus.
constexpr size_t kRowsLaidOut = 200;

unsigned HexDigit(char digit) {
  return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

void AppendEscaped(std::string& to, char c) {
  switch (c) {
    case '&':
      to += "&amp;";
      break;
    case '<':
      to += "&lt;";
      break;
    case '>':
      to += "&gt;";
      break;
    case '"':
      to += "&quot;";
      break;
    case '\'':
      to += "&#39;";
      break;
    default:
      to += c;
  }
}

}  // namespace

std::string Html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : Printable(text))
    AppendEscaped(escaped, c);
  return escaped;
}

std::string ScriptJson(const nlohmann::ordered_json& json) {
  const std::string text =
      json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (c == '<' || c == '>' || c == '&') {
      escaped += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string CspSource(std::string_view hex) {
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string source = "sha256-";
  // Six hexadecimal digits are three bytes, four characters.
  for (size_t at = 0; at < hex.size(); at += 6) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 6; ++i)
      bits = bits << 4 | (at + i < hex.size() ? HexDigit(hex[at + i]) : 0U);
    const size_t bytes = std::min<size_t>(3, (hex.size() - at) / 2);
    for (size_t i = 0; i < 4; ++i)
      source += i <= bytes ? kBase64[bits >> (18 - 6 * i) & 63U] : '=';
  }
  return source;
}

nlohmann::ordered_json ChartNumber(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return std::strtod(fmt::format("{:.5g}", *value).c_str(), nullptr);
}

HtmlField FigureField(const std::optional<double>& value, std::string (*shown)(double)) {
  if (!value) return {"–", std::nullopt};
  return {Html(shown(*value)), value};
}

HtmlField TextField(std::string_view text) {
  return {text.empty() ? "–" : Html(text), std::nullopt};
}

HtmlTable::HtmlTable(std::string id, std::string caption, std::vector<Heading> headings)
    : id_(std::move(id)), caption_(std::move(caption)), headings_(std::move(headings)) {}

void HtmlTable::Add(const std::vector<HtmlField>& fields, bool marked) {
  body_ += marked ? "<tr class=best>" : "<tr>";
  for (size_t i = 0; i < headings_.size(); ++i) {
    const HtmlField& field = fields.at(i);
    const std::string key =
        field.number ? fmt::format(" data-v=\"{:.6g}\"", *field.number) : std::string();
    if (i == 0) {
      body_ += fmt::format("<th scope=row{}>{}</th>", key, field.html);
    } else {
      body_ +=
          fmt::format("<td{}{}>{}</td>", headings_[i].number ? " class=n" : "", key, field.html);
    }
  }
  body_ += "</tr>\n";
  ++rows_;
}

std::string HtmlTable::Text() const {
  std::string head;
  for (const Heading& heading : headings_) {
    const std::string unit =
        heading.unit.empty() ? "" : fmt::format(" <small>{}</small>", Html(heading.unit));
    head += fmt::format("<th scope=col{}>{}{}</th>", heading.number ? " class=n" : "",
                        Html(heading.text), unit);
  }
  return fmt::format(
      "<div class=\"table{}{}\" role=region aria-label=\"{}\" tabindex=0>"
      "<table id=\"{}\" class=sortable><caption>{}</caption>"
      "<thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>\n",
      rows_ > kRowsThatScroll ? " tall" : "", rows_ > kRowsLaidOut ? " long" : "", caption_, id_,
      caption_, head, body_);
}

}  // namespace coresweep
