// Sets parameters by dotted path, as a scenario would, without a scenario: what a process describes, a test can fill.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/param.h"

namespace invado::test {

class PathSetter final : public ParamVisitor {
 public:
  explicit PathSetter(std::map<std::string, std::string> values) : values_(std::move(values)) {}

  void number(std::string_view key, double& value, Unit, Range range, std::string_view, std::string_view source) override {
    if (source.empty()) complaints.push_back(at(key) + ": empty source");
    if (!range.holds(value)) complaints.push_back(at(key) + ": default outside its range");
    seen.insert(at(key));
    if (const std::string* text = find(key)) {
      value = std::stod(*text);
      if (!range.holds(value)) complaints.push_back(at(key) + ": outside its range");
    }
  }
  void integer(std::string_view key, std::int64_t& value, std::int64_t, std::int64_t, std::string_view,
               std::string_view) override {
    if (const std::string* text = find(key)) value = std::stoll(*text);
  }
  void boolean(std::string_view key, bool& value, std::string_view, std::string_view) override {
    if (const std::string* text = find(key)) value = *text == "true";
  }
  void text(std::string_view key, std::string& value, std::string_view) override {
    if (const std::string* text = find(key)) value = *text;
  }
  void vector(std::string_view, Vec3&, Unit, Range, std::string_view, std::string_view) override {}
  void choice(std::string_view key, int& value, std::span<const std::string_view> words, std::string_view,
              std::string_view) override {
    if (const std::string* text = find(key))
      for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == *text) value = static_cast<int>(i);
  }
  void words(std::string_view, std::vector<std::string>&, std::span<const std::string>, std::string_view) override {}
  void forms(std::string_view key, std::span<const Form> forms, std::string_view, std::string_view) override {
    const std::string* text = find(key);
    for (const Form& form : forms) {
      const bool word = text != nullptr && form.kind == Form::Kind::Word && form.word == *text;
      const bool quantity = text != nullptr && form.kind == Form::Kind::Quantity && !is_word(forms, *text);
      const bool keys = form.kind == Form::Kind::Keys && text == nullptr && has_below(key);
      if (!word && !quantity && !keys) continue;
      if (form.choose) form.choose();
      if (quantity) *form.value = std::stod(*text);
      if (keys) section(key, "", form.body);
    }
  }
  void section(std::string_view key, std::string_view, const Body& body) override {
    const std::string before = prefix_;
    prefix_ = at(key) + ".";
    body(*this);
    prefix_ = before;
  }
  void named(std::string_view key, std::string_view, std::span<const std::string>,
             const std::function<void(const std::string&, ParamVisitor&)>& item) override {
    const std::string before = prefix_;
    prefix_ = at(key) + ".";
    std::set<std::string> names;
    for (const auto& [path, value] : values_)
      if (path.starts_with(prefix_))
        names.insert(path.substr(prefix_.size(), path.find('.', prefix_.size()) - prefix_.size()));
    const std::string inside = prefix_;
    for (const std::string& name : names) {
      prefix_ = inside + name + ".";
      item(name, *this);
    }
    prefix_ = before;
  }
  void complain(std::string_view key, const std::string& problem) override {
    complaints.push_back(at(key) + ": " + problem);
  }

  // Paths that were given but that nobody asked for.
  [[nodiscard]] std::vector<std::string> unused() const {
    std::vector<std::string> left;
    for (const auto& [path, value] : values_)
      if (!used_.contains(path)) left.push_back(path);
    return left;
  }

  std::vector<std::string> complaints;
  std::set<std::string> seen;  // paths of all numbers visited

 private:
  std::string at(std::string_view key) const { return prefix_ + std::string(key); }
  const std::string* find(std::string_view key) {
    const auto found = values_.find(at(key));
    if (found == values_.end()) return nullptr;
    used_.insert(found->first);
    return &found->second;
  }
  bool has_below(std::string_view key) const {
    const std::string start = at(key) + ".";
    const auto first = values_.lower_bound(start);
    return first != values_.end() && first->first.starts_with(start);
  }
  static bool is_word(std::span<const Form> forms, const std::string& text) {
    for (const Form& form : forms)
      if (form.kind == Form::Kind::Word && form.word == text) return true;
    return false;
  }

  std::map<std::string, std::string> values_;
  std::set<std::string> used_;
  std::string prefix_;
};

}  // namespace invado::test
