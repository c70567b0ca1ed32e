// A ParamVisitor that reads the merged document: each problem is reported where the value was written.
#pragma once

#include <string>

#include "base/param.h"
#include "scenario/yaml_tree.h"

namespace invado {

class YamlBlock final : public ParamVisitor {
 public:
  // `node`: the value that is visited, or nullptr when the document does not have it. `near`: where to point when it is
  // missing.
  YamlBlock(Node* node, std::string path, Origin near, Problems& problems);

  void number(std::string_view key, double& value, Unit unit, Range range, std::string_view meaning,
              std::string_view source) override;
  void integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high, std::string_view meaning,
               std::string_view source) override;
  void boolean(std::string_view key, bool& value, std::string_view meaning, std::string_view source) override;
  void text(std::string_view key, std::string& value, std::string_view meaning) override;
  void vector(std::string_view key, Vec3& value, Unit unit, Range range, std::string_view meaning,
              std::string_view source) override;
  void points(std::string_view key, std::vector<Vec3>& value, Unit unit, Range range, std::string_view meaning,
              std::string_view source) override;
  void choice(std::string_view key, int& value, std::span<const std::string_view> words, std::string_view meaning,
              std::string_view source) override;
  void words(std::string_view key, std::vector<std::string>& value, std::span<const std::string> allowed,
             std::string_view meaning) override;
  void forms(std::string_view key, std::span<const Form> forms, std::string_view meaning, std::string_view source) override;
  void section(std::string_view key, std::string_view meaning, const Body& body) override;
  void named(std::string_view key, std::string_view meaning, std::span<const std::string> present,
             const std::function<void(const std::string& name, ParamVisitor&)>& item) override;
  void complain(std::string_view key, const std::string& problem) override;

 private:
  [[nodiscard]] std::string path_of(std::string_view key) const;
  // The value under `key` (the visited value itself for the empty key); the key counts as known from now on.
  [[nodiscard]] Node* take(std::string_view key);
  // The text of a scalar, or nullptr after complaining that `wanted` is needed.
  [[nodiscard]] const std::string* scalar(const Node& node, std::string_view key, const std::string& wanted);
  // Three numbers into `value`; false after complaining that a list of them is needed.
  bool three(const Node& node, std::string_view key, Vec3& value, Unit unit, Range range);
  void wrong(const Origin& origin, std::string_view key, std::string what);
  [[nodiscard]] YamlBlock inner(Node* node, const std::string& path) const;
  void form_of_scalar(Node& node, std::string_view key, std::span<const Form> forms);
  void form_of_map(Node& node, std::string_view key, std::span<const Form> forms);

  Node* node_;
  std::string path_;
  Origin near_;
  Problems& problems_;
};

// Report every key below `node` that no reader has asked for.
void report_unknown_keys(const Node& node, const std::string& path, Problems& problems);

}  // namespace invado
