// Sets parameters of a process in a test by dotted path, through the same describe() that scenarios use.
//   describe_with(*process, {{"delay", 2.0}, {"without_matrix", "detached"}});
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <string>
#include <variant>

#include "model/process.h"

namespace invado {

using SettingValue = std::variant<double, std::string>;
using SettingMap = std::map<std::string, SettingValue>;

class Settings final : public ParamVisitor {
 public:
  explicit Settings(SettingMap values) : values_(std::move(values)) {}

  // Every path was a parameter.
  [[nodiscard]] bool all_used() const { return used_.size() == values_.size(); }

  void number(std::string_view key, double& value, Unit, Range range, std::string_view, std::string_view source) override {
    CHECK_FALSE(source.empty());
    if (const SettingValue* found = find(key)) value = std::get<double>(*found);
    CHECK(range.holds(value));
  }
  void integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high, std::string_view,
               std::string_view source) override {
    CHECK_FALSE(source.empty());
    if (const SettingValue* found = find(key)) value = static_cast<std::int64_t>(std::get<double>(*found));
    CHECK((low <= value && value <= high));
  }
  void boolean(std::string_view key, bool& value, std::string_view, std::string_view) override {
    if (const SettingValue* found = find(key)) value = std::get<double>(*found) != 0;
  }
  void text(std::string_view key, std::string& value, std::string_view) override {
    if (const SettingValue* found = find(key)) value = std::get<std::string>(*found);
  }
  void vector(std::string_view, Vec3&, Unit, Range, std::string_view, std::string_view) override {}
  void choice(std::string_view key, int& value, std::span<const std::string_view> words, std::string_view,
              std::string_view source) override {
    CHECK_FALSE(source.empty());
    const SettingValue* found = find(key);
    if (found == nullptr) return;
    for (std::size_t w = 0; w < words.size(); ++w)
      if (words[w] == std::get<std::string>(*found)) value = static_cast<int>(w);
    CHECK(words[static_cast<std::size_t>(value)] == std::get<std::string>(*found));
  }
  void words(std::string_view, std::vector<std::string>&, std::span<const std::string>, std::string_view) override {}
  void forms(std::string_view key, std::span<const Form> forms, std::string_view, std::string_view source) override {
    CHECK_FALSE(source.empty());
    int chosen = 0;
    for (const Form& form : forms) chosen += form.chosen ? 1 : 0;
    CHECK(chosen == 1);
    const SettingValue* found = find(key);
    for (const Form& form : forms) {
      const bool word = form.kind == Form::Kind::Word && found != nullptr && std::holds_alternative<std::string>(*found) &&
                        std::get<std::string>(*found) == form.word;
      const bool quantity = form.kind == Form::Kind::Quantity && found != nullptr && std::holds_alternative<double>(*found);
      const bool keys = form.kind == Form::Kind::Keys && found == nullptr && any_below(key);
      if (!word && !quantity && !keys) continue;
      if (form.choose) form.choose();
      if (quantity) {
        *form.value = std::get<double>(*found);
        CHECK(form.range.holds(*form.value));
      }
      if (keys) section(key, "", form.body);
      return;
    }
    CHECK(found == nullptr);
  }
  void section(std::string_view key, std::string_view, const Body& body) override {
    const std::string outer = prefix_;
    prefix_ += std::string(key) + ".";
    body(*this);
    prefix_ = outer;
  }
  // The names are those that a path mentions: `exchange.oxygen.uptake`, `chemotaxis.egf`.
  void named(std::string_view key, std::string_view, std::span<const std::string>,
             const std::function<void(const std::string&, ParamVisitor&)>& item) override {
    const std::string outer = prefix_, path = prefix_ + std::string(key) + ".";
    std::set<std::string> names;
    for (const auto& entry : values_)
      if (entry.first.starts_with(path))
        names.insert(entry.first.substr(path.size(), entry.first.find('.', path.size()) - path.size()));
    for (const std::string& name : names) {
      prefix_ = path + name + ".";
      item(name, *this);
    }
    prefix_ = outer;
  }
  void complain(std::string_view key, const std::string& problem) override { FAIL(std::string(key), ": ", problem); }

 private:
  const SettingValue* find(std::string_view key) {
    // The empty key is the value of the name itself.
    const auto at = values_.find(key.empty() ? prefix_.substr(0, prefix_.size() - 1) : prefix_ + std::string(key));
    if (at == values_.end()) return nullptr;
    used_.insert(at->first);
    return &at->second;
  }
  [[nodiscard]] bool any_below(std::string_view key) const {
    const std::string path = prefix_ + std::string(key) + ".";
    for (const auto& entry : values_)
      if (entry.first.starts_with(path)) return true;
    return false;
  }

  SettingMap values_;
  std::set<std::string> used_;
  std::string prefix_;
};

inline void describe_with(Process& process, SettingMap values) {
  Settings settings(std::move(values));
  process.describe(settings);
  CHECK(settings.all_used());
}

inline void describe_type_with(Process& process, std::size_t type, SettingMap values) {
  Settings settings(std::move(values));
  process.describe_type(settings, type);
  CHECK(settings.all_used());
}

}  // namespace invado
