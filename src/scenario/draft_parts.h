// What the descriptions of a scenario's sections are put together from: values that may be left out, names, maps of items.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/param.h"
#include "scenario/text.h"

namespace invado {

// A number that may be left out.
inline void optional_number(ParamVisitor& v, std::string_view key, std::optional<double>& value, Unit unit, Range range,
                            std::string_view meaning, std::string_view source) {
  double number = value.value_or(0);
  bool read = false;
  const Form form{.kind = Form::Kind::Quantity,
                  .value = &number,
                  .unit = unit,
                  .range = range,
                  .choose = [&] { read = true; },
                  .chosen = value.has_value()};
  v.forms(key, {&form, 1}, meaning, source);
  if (read) value = number;
}

// One of some words, or left out.
inline void optional_choice(ParamVisitor& v, std::string_view key, std::optional<int>& value,
                            std::span<const std::string_view> words, std::string_view meaning, std::string_view source) {
  std::vector<Form> forms;
  for (std::size_t w = 0; w < words.size(); ++w) {
    Form form{.kind = Form::Kind::Word, .word = words[w]};
    form.choose = [&value, w] { value = static_cast<int>(w); };
    form.chosen = value == static_cast<int>(w);
    forms.push_back(std::move(form));
  }
  v.forms(key, forms, meaning, source);
}

// Names become parts of key paths, of columns and of file names.
inline void require_plain_name(ParamVisitor& v, const std::string& name) {
  if (name != "*" && !is_plain_name(name))  // the schema's scratch object
    v.complain("", explain("is no name", name, "up to 64 letters, digits, _ and -, beginning with a letter"));
}

inline void require(ParamVisitor& v, std::string_view key, bool given, std::string_view how) {
  if (!given) v.complain(key, fmt::format("is missing ({})", how));
}

[[nodiscard]] inline bool complete(Vec3 x) { return !std::isnan(x.x) && !std::isnan(x.y) && !std::isnan(x.z); }

// A named map over a vector of drafts: known names are visited, new ones appended, "*" is a scratch object.
template <class Item, class Describe>
void named_items(ParamVisitor& v, std::string_view key, std::string_view meaning, std::vector<Item>& items, std::size_t most,
                 Describe&& describe) {
  std::vector<std::string> names;
  for (const Item& item : items) names.push_back(item.name);
  v.named(key, meaning, names, [&](const std::string& name, ParamVisitor& in) {
    Item scratch;
    scratch.name = name;
    auto at = std::ranges::find(items, name, &Item::name);
    if (at == items.end() && name != "*") {
      require_plain_name(in, name);
      if (items.size() == most) {
        in.complain("", fmt::format("is one too many (allowed {})", most));
        return;
      }
      items.push_back(scratch);
      at = items.end() - 1;
    }
    describe(in, at == items.end() ? scratch : *at);
  });
}

// The same where having none is the default, and the block is left out of the resolved copy then.
template <class Item, class Describe>
void named_items_if_any(ParamVisitor& v, std::string_view key, std::string_view meaning, std::string_view names,
                        std::vector<Item>& items, std::size_t most, Describe&& describe) {
  const Form form{.kind = Form::Kind::Keys,
                  .body = [&](ParamVisitor& in) { named_items(in, "", names, items, most, describe); },
                  .chosen = !items.empty()};
  v.forms(key, {&form, 1}, meaning, "none unless given");
}

}  // namespace invado
