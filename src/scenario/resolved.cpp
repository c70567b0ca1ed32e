#include "scenario/resolved.h"

#include <fmt/core.h>
#include <xxhash.h>

#include <algorithm>

#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

// The tree that is printed. A key visited twice (two processes share a section) is one entry.
struct Out {
  std::string value;    // leaf
  std::string comment;  // leaf
  bool map = false;
  std::vector<std::string> keys;
  std::vector<Out> items;

  Out& at(std::string_view key) {
    const auto found = std::ranges::find(keys, key);
    if (found != keys.end()) return items[static_cast<std::size_t>(found - keys.begin())];
    keys.emplace_back(key);
    return items.emplace_back();
  }
};

class Writer final : public ParamVisitor {
 public:
  Writer(Out& out, const Node* given) : out_(out), given_(given) { out_.map = true; }

  void number(std::string_view key, double& value, Unit unit, Range range, std::string_view,
              std::string_view source) override {
    if (range.holds(value)) leaf(key, to_text(value, unit), source);
  }
  void integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high, std::string_view,
               std::string_view source) override {
    if (value >= low && value <= high) leaf(key, fmt::format("{}", value), source);
  }
  void boolean(std::string_view key, bool& value, std::string_view, std::string_view source) override {
    leaf(key, value ? "true" : "false", source);
  }
  void text(std::string_view key, std::string& value, std::string_view) override {
    if (!value.empty()) leaf(key, yaml_quoted(value), "default");
  }
  void vector(std::string_view key, Vec3& value, Unit unit, Range range, std::string_view,
              std::string_view source) override {
    if (range.holds(value.x) && range.holds(value.y) && range.holds(value.z)) leaf(key, vector_text(value, unit), source);
  }
  void points(std::string_view key, std::vector<Vec3>& value, Unit unit, Range, std::string_view,
              std::string_view source) override {
    if (value.empty()) return;
    std::string list;
    for (const Vec3 x : value) list += (list.empty() ? "" : ", ") + vector_text(x, unit);
    leaf(key, fmt::format("[{}]", list), source);
  }
  void choice(std::string_view key, int& value, std::span<const std::string_view> words, std::string_view,
              std::string_view source) override {
    if (value >= 0 && static_cast<std::size_t>(value) < words.size())
      leaf(key, std::string(words[static_cast<std::size_t>(value)]), source);
  }
  void words(std::string_view key, std::vector<std::string>& value, std::span<const std::string>,
             std::string_view) override {
    if (value.empty() && child(key) == nullptr) return;
    std::string list;
    for (const std::string& word : value) list += (list.empty() ? "" : ", ") + yaml_quoted(word);
    leaf(key, fmt::format("[{}]", list), "default");
  }
  void forms(std::string_view key, std::span<const Form> forms, std::string_view, std::string_view source) override {
    const auto form = std::ranges::find(forms, true, &Form::chosen);
    if (form == forms.end()) return;
    switch (form->kind) {
      case Form::Kind::Word: leaf(key, std::string(form->word), source); return;
      case Form::Kind::Quantity: leaf(key, to_text(*form->value, form->unit), source); return;
      case Form::Kind::Factor: leaf(key, fmt::format("x{}", shortest(*form->value)), source); return;
      case Form::Kind::Tagged: {
        Out& tagged = out_.at(key);
        tagged.map = true;
        const Node* given = child(key);
        Writer inner(tagged.at(form->word), given != nullptr ? given->find(form->word) : nullptr);
        if (form->body) form->body(inner);
        return;
      }
      case Form::Kind::Keys: {
        Writer inner(out_.at(key), child(key));
        if (form->body) form->body(inner);
        return;
      }
    }
  }
  void section(std::string_view key, std::string_view, const Body& body) override {
    Writer inner(out_.at(key), child(key));
    body(inner);
  }
  void named(std::string_view key, std::string_view, std::span<const std::string> present,
             const std::function<void(const std::string& name, ParamVisitor&)>& item) override {
    Out& map = key.empty() ? out_ : out_.at(key);
    map.map = true;
    const Node* given = child(key);
    for (const std::string& name : present) {
      Writer inner(map.at(name), given != nullptr ? given->find(name) : nullptr);
      item(name, inner);
    }
  }
  void complain(std::string_view, const std::string&) override {}

 private:
  [[nodiscard]] static std::string vector_text(Vec3 x, Unit unit) {
    return fmt::format("[{}, {}, {}]", to_text(x.x, unit), to_text(x.y, unit), to_text(x.z, unit));
  }
  [[nodiscard]] const Node* child(std::string_view key) const {
    if (given_ == nullptr || key.empty()) return given_;
    return given_->kind == Node::Kind::Map ? given_->find(key) : nullptr;
  }
  void leaf(std::string_view key, std::string value, std::string_view source) {
    const Node* given = child(key);
    Out& out = key.empty() ? out_ : out_.at(key);
    out.map = false;
    out.value = std::move(value);
    // A value that a map of defaults was merged into keeps the place of the map.
    out.comment = given != nullptr && given->origin.source != nullptr ? given->origin.text()
                                                                      : fmt::format("default: {}", printable(source));
  }

  Out& out_;
  const Node* given_;
};

std::string key_text(const std::string& key) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !key.empty() && std::ranges::all_of(key, plain) ? key : yaml_quoted(key);
}

void print(const Out& out, int depth, std::string& text) {
  for (std::size_t i = 0; i < out.items.size(); ++i) {
    const Out& item = out.items[i];
    text += fmt::format("{:{}}{}:", "", 2 * depth, key_text(out.keys[i]));
    if (item.map && item.items.empty()) {
      text += " {}\n";
    } else if (item.map) {
      text += '\n';
      print(item, depth + 1, text);
    } else {
      text += fmt::format(" {}  # {}\n", item.value, item.comment);
    }
  }
}

void print_canonical(const Out& out, const std::string& path, std::string& text) {
  for (std::size_t i = 0; i < out.items.size(); ++i) {
    const std::string here = path + key_text(out.keys[i]);
    const bool label = here == "name" || here == "about" || here.ends_with(".place.points.file") ||
                       here == "matrix.image.file" || here == "matrix.image.array" || here == "matrix.image.channel";
    if (label) continue;
    if (out.items[i].map)
      print_canonical(out.items[i], here + ".", text);
    else
      text += fmt::format("{} = {}\n", here, out.items[i].value);
  }
}

}  // namespace

std::string yaml_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      out += fmt::format("\\{}", c);
    else if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  out += '"';
  return out;
}

Resolved resolve(Draft& draft, const Processes& processes, const Node& given) {
  Out root;
  Writer writer(root, &given);
  describe_scenario(writer, draft, processes);
  Resolved out;
  out.yaml = "# Every value in force, and where it came from. Runs as it stands.\n";
  print(root, 0, out.yaml);
  print_canonical(root, "", out.canonical);
  return out;
}

std::string content_hash(const std::string& text) {
  const XXH128_hash_t h = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

}  // namespace invado
