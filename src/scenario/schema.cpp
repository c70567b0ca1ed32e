#include "scenario/schema.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

using Json = nlohmann::ordered_json;

// A pattern for a number followed by one of the units of the same dimension.
std::string quantity_pattern(Unit unit, Range range) {
  std::string units;
  for (const NamedUnit& other : named_units)
    if (other.dimension == named(unit).dimension) {
      std::string escaped;
      for (char c : other.symbol) escaped += c == '^' ? "\\^" : std::string(1, c);
      units += (units.empty() ? "" : "|") + escaped;
    }
  return fmt::format("^{}[0-9.][0-9.eE+-]* *({})$", range.low >= 0 ? "" : "-?", units);
}

Json quantity_schema(Unit unit, Range range) {
  Json json;
  if (unit == Unit::One) {
    json["type"] = "number";
    if (std::isfinite(range.low)) json[range.low_open ? "exclusiveMinimum" : "minimum"] = range.low;
    if (std::isfinite(range.high)) json[range.high_open ? "exclusiveMaximum" : "maximum"] = range.high;
  } else {
    json["type"] = "string";
    json["pattern"] = quantity_pattern(unit, range);
  }
  return json;
}

Json three_schema(Unit unit, Range range) {
  Json json;
  json["type"] = "array";
  json["items"] = quantity_schema(unit, range);
  json["minItems"] = 3;
  json["maxItems"] = 3;
  return json;
}

Json object_schema() {
  Json json;
  json["type"] = "object";
  json["properties"] = Json::object();
  json["additionalProperties"] = false;
  return json;
}

std::string describe(std::string_view meaning, std::string_view limits, std::string_view source) {
  std::string text(meaning);
  if (!limits.empty()) text += fmt::format("; {}", limits);
  if (!source.empty()) text += fmt::format(" (source: {})", source);
  return text;
}

class SchemaWriter final : public ParamVisitor {
 public:
  explicit SchemaWriter(Json& object) : object_(object) {}

  void number(std::string_view key, double& value, Unit unit, Range range, std::string_view meaning,
              std::string_view source) override {
    Json json = quantity_schema(unit, range);
    json["description"] = describe(meaning, to_text(range, unit), source);
    if (range.holds(value)) {
      if (unit == Unit::One)
        json["default"] = value;
      else
        json["default"] = to_text(value, unit);
    }
    put(key, std::move(json));
  }
  void integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high, std::string_view meaning,
               std::string_view source) override {
    Json json;
    json["type"] = "integer";
    json["minimum"] = low;
    json["maximum"] = high;
    json["description"] = describe(meaning, {}, source);
    if (value >= low && value <= high) json["default"] = value;
    put(key, std::move(json));
  }
  void boolean(std::string_view key, bool& value, std::string_view meaning, std::string_view source) override {
    put(key, {{"type", "boolean"}, {"description", describe(meaning, {}, source)}, {"default", value}});
  }
  void text(std::string_view key, std::string&, std::string_view meaning) override {
    put(key, {{"type", "string"}, {"description", std::string(meaning)}});
  }
  void vector(std::string_view key, Vec3& value, Unit unit, Range range, std::string_view meaning,
              std::string_view source) override {
    Json json = three_schema(unit, range);
    json["description"] = describe(meaning, to_text(range, unit), source);
    if (range.holds(value.x) && range.holds(value.y) && range.holds(value.z)) {
      Json list = Json::array();
      for (int axis = 0; axis < 3; ++axis) {
        if (unit == Unit::One)
          list.push_back(value[axis]);
        else
          list.push_back(to_text(value[axis], unit));
      }
      json["default"] = std::move(list);
    }
    put(key, std::move(json));
  }
  void points(std::string_view key, std::vector<Vec3>&, Unit unit, Range range, std::string_view meaning,
              std::string_view source) override {
    Json json;
    json["type"] = "array";
    json["items"] = three_schema(unit, range);
    json["description"] = describe(meaning, to_text(range, unit), source);
    put(key, std::move(json));
  }
  void choice(std::string_view key, int& value, std::span<const std::string_view> words, std::string_view meaning,
              std::string_view source) override {
    Json json;
    json["enum"] = Json::array();
    for (std::string_view word : words) json["enum"].push_back(std::string(word));
    json["description"] = describe(meaning, {}, source);
    if (value >= 0 && static_cast<std::size_t>(value) < words.size())
      json["default"] = std::string(words[static_cast<std::size_t>(value)]);
    put(key, std::move(json));
  }
  void words(std::string_view key, std::vector<std::string>&, std::span<const std::string> allowed,
             std::string_view meaning) override {
    Json word;
    word["type"] = "string";
    if (!allowed.empty()) word["enum"] = std::vector<std::string>(allowed.begin(), allowed.end());
    Json json;
    json["anyOf"] = Json::array({word, Json{{"type", "array"}, {"items", word}, {"uniqueItems", true}}});
    json["description"] = std::string(meaning);
    put(key, std::move(json));
  }
  void forms(std::string_view key, std::span<const Form> forms, std::string_view meaning, std::string_view source) override {
    Json ways = Json::array();
    for (const Form& form : forms) {
      switch (form.kind) {
        case Form::Kind::Word: ways.push_back({{"const", std::string(form.word)}}); break;
        case Form::Kind::Quantity: ways.push_back(quantity_schema(form.unit, form.range)); break;
        case Form::Kind::Factor: ways.push_back({{"type", "string"}, {"pattern", "^x[0-9.][0-9.eE+-]*$"}}); break;
        case Form::Kind::Tagged: {
          Json outer = object_schema(), inner = object_schema();
          SchemaWriter writer(inner);
          if (form.body) form.body(writer);
          outer["properties"][std::string(form.word)] = std::move(inner);
          outer["required"] = Json::array({std::string(form.word)});
          ways.push_back(std::move(outer));
          break;
        }
        case Form::Kind::Keys: {
          Json inner = object_schema();
          SchemaWriter writer(inner);
          if (form.body) form.body(writer);
          ways.push_back(std::move(inner));
          break;
        }
      }
    }
    Json json;
    if (ways.size() == 1)
      json = std::move(ways[0]);
    else
      json["anyOf"] = std::move(ways);
    json["description"] = describe(meaning, {}, source);
    put(key, std::move(json));
  }
  void section(std::string_view key, std::string_view meaning, const Body& body) override {
    Json& json = nested(key, meaning);
    SchemaWriter writer(json);
    body(writer);
  }
  void named(std::string_view key, std::string_view meaning, std::span<const std::string> present,
             const std::function<void(const std::string& name, ParamVisitor&)>& item) override {
    Json& json = key.empty() ? object_ : nested(key, meaning);
    // A name that the description treats apart (oxygen) has a schema of its own.
    for (const std::string& name : present) visit_item(json["properties"][name], name, item);
    Json other;
    visit_item(other, "*", item);
    json["additionalProperties"] = std::move(other);
  }
  void complain(std::string_view, const std::string&) override {}

  // Where an item visits the empty key, it is a plain value: its schema replaces the map's.
  [[nodiscard]] const Json* plain_value() const { return plain_.is_null() ? nullptr : &plain_; }

 private:
  static void visit_item(Json& json, const std::string& name,
                         const std::function<void(const std::string&, ParamVisitor&)>& item) {
    json = object_schema();
    SchemaWriter writer(json);
    item(name, writer);
    if (writer.plain_value() != nullptr) json = *writer.plain_value();
  }
  Json& nested(std::string_view key, std::string_view meaning) {
    Json& json = object_["properties"][std::string(key)];
    if (json.is_null()) {
      json = object_schema();
      json["description"] = std::string(meaning);
    }
    return json;
  }
  void put(std::string_view key, Json json) {
    if (key.empty())
      plain_ = std::move(json);
    else
      object_["properties"][std::string(key)] = std::move(json);
  }

  Json& object_;
  Json plain_;
};

class TableWriter final : public ParamVisitor {
 public:
  TableWriter(std::string& table, std::string path) : table_(table), path_(std::move(path)) {}

  void number(std::string_view key, double& value, Unit unit, Range range, std::string_view meaning,
              std::string_view source) override {
    row(key, symbol(unit), to_text(range, Unit::One), range.holds(value) ? shortest(value) : "", meaning, source);
  }
  void integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high, std::string_view meaning,
               std::string_view source) override {
    row(key, "", fmt::format("[{}, {}]", low, high), value >= low && value <= high ? fmt::format("{}", value) : "", meaning,
        source);
  }
  void boolean(std::string_view key, bool& value, std::string_view meaning, std::string_view source) override {
    row(key, "", "true, false", value ? "true" : "false", meaning, source);
  }
  void text(std::string_view key, std::string&, std::string_view meaning) override {
    row(key, "", "text", "", meaning, "no default");
  }
  void vector(std::string_view key, Vec3& value, Unit unit, Range range, std::string_view meaning,
              std::string_view source) override {
    const bool set = range.holds(value.x) && range.holds(value.y) && range.holds(value.z);
    row(key, symbol(unit), "[x, y, z]",
        set ? fmt::format("[{}, {}, {}]", shortest(value.x), shortest(value.y), shortest(value.z)) : "", meaning, source);
  }
  void points(std::string_view key, std::vector<Vec3>&, Unit unit, Range, std::string_view meaning,
              std::string_view source) override {
    row(key, symbol(unit), "[[x, y, z], ...]", "", meaning, source);
  }
  void choice(std::string_view key, int& value, std::span<const std::string_view> words, std::string_view meaning,
              std::string_view source) override {
    const bool set = value >= 0 && static_cast<std::size_t>(value) < words.size();
    row(key, "", comma_list(std::vector<std::string>(words.begin(), words.end())),
        set ? std::string(words[static_cast<std::size_t>(value)]) : "", meaning, source);
  }
  void words(std::string_view key, std::vector<std::string>& value, std::span<const std::string> allowed,
             std::string_view meaning) override {
    row(key, "", allowed.empty() ? "list of words" : comma_list(allowed), comma_list(value), meaning, "no default");
  }
  void forms(std::string_view key, std::span<const Form> forms, std::string_view meaning, std::string_view source) override {
    std::string unit, range, value;
    for (const Form& form : forms) {
      std::string way;
      switch (form.kind) {
        case Form::Kind::Word: way = form.word; break;
        case Form::Kind::Quantity:
          unit = symbol(form.unit);
          way = to_text(form.range, Unit::One);
          break;
        case Form::Kind::Factor: way = "xN"; break;
        case Form::Kind::Tagged: way = fmt::format("{{{}}}", form.word); break;
        case Form::Kind::Keys: way = "{keys}"; break;
      }
      range += (range.empty() ? "" : " | ") + way;
      if (form.chosen) value = form.kind == Form::Kind::Quantity ? shortest(*form.value) : way;
    }
    row(key, unit, range, value, meaning, source);
    for (const Form& form : forms) {
      if (!form.body) continue;
      std::string inside = path(key);
      if (form.kind == Form::Kind::Tagged) inside += fmt::format(".{}", form.word);
      TableWriter writer(table_, inside);
      form.body(writer);
    }
  }
  void section(std::string_view key, std::string_view, const Body& body) override {
    TableWriter writer(table_, path(key));
    body(writer);
  }
  void named(std::string_view key, std::string_view, std::span<const std::string> present,
             const std::function<void(const std::string& name, ParamVisitor&)>& item) override {
    for (const std::string& name : present) {
      TableWriter writer(table_, fmt::format("{}.{}", path(key), name));
      item(name, writer);
    }
    TableWriter writer(table_, path(key) + ".*");
    item("*", writer);
  }
  void complain(std::string_view, const std::string&) override {}

 private:
  [[nodiscard]] std::string path(std::string_view key) const {
    if (key.empty()) return path_;
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  }
  void row(std::string_view key, std::string_view unit, std::string_view range, std::string_view value,
           std::string_view meaning, std::string_view source) {
    table_ += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", path(key), unit, range, value, meaning, source);
  }

  std::string& table_;
  std::string path_;
};

// The draft that schema and table show: one scratch type, the pressure field apart.
Draft example_draft(const Processes& processes) {
  Draft draft;
  for (const auto& process : processes) process->resize_types(1);
  draft.types.clear();
  draft.fields.emplace_back().name = "oxygen";
  draft.processes.resize(processes.size());
  draft.matrix.given = false;
  return draft;
}

}  // namespace

std::string schema_json(const Processes& processes) {
  Draft draft = example_draft(processes);
  Json root;
  root["$schema"] = "http://json-schema.org/draft-07/schema#";
  root["title"] = "invado scenario";
  root["description"] = "Scenario or parameter set of invado. Written by `invado schema`; do not edit.";
  Json object = object_schema();
  SchemaWriter writer(object);
  describe_scenario(writer, draft, processes);
  Json& properties = object["properties"];
  const Json file{{"type", "string"}, {"description", "a parameter set or scenario to build upon"}};
  properties["extends"] = {
      {"anyOf", Json::array({file, Json{{"type", "array"}, {"items", file}}})},
      {"description", "files whose values this one starts from; later ones win, own keys win over all"}};
  properties["secondary_sites"]["additionalProperties"]["properties"]["extends"] = properties["extends"];
  root.update(object);
  root["required"] = Json::array({"schema"});
  // A parameter set has neither duration nor population; a variant of another scenario may have any of them.
  root["if"] = {{"not", {{"required", Json::array({"extends"})}}},
                {"anyOf", Json::array({Json{{"required", Json::array({"duration"})}},
                                       Json{{"required", Json::array({"population"})}}})}};
  root["then"] = {{"required", Json::array({"name", "duration", "population"})}};
  return root.dump(1) + "\n";
}

std::string parameter_table(const Processes& processes) {
  Draft draft = example_draft(processes);
  std::string table = "path\tunit\trange\tdefault\tmeaning\tsource\n";
  TableWriter writer(table, "");
  describe_scenario(writer, draft, processes);
  return table;
}

}  // namespace invado
