#include "scenario/yaml_block.h"

#include <fmt/core.h>

#include <algorithm>

#include "scenario/later.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

// Of one map or list: whoever reads them may look each of them up in a list.
constexpr std::size_t most_names = 1000;

// All ways of writing a value, for a message.
std::string ways(std::span<const Form> forms) {
  std::vector<std::string> list;
  for (const Form& form : forms) {
    switch (form.kind) {
      case Form::Kind::Word: list.emplace_back(form.word); break;
      case Form::Kind::Quantity:
        list.push_back(form.unit == Unit::One ? "a number"
                                              : fmt::format("{} in {}", dimension_name(form.unit), unit_choices(form.unit)));
        break;
      case Form::Kind::Factor: list.emplace_back("a factor such as x3"); break;
      case Form::Kind::Tagged: list.push_back(fmt::format("{{{}: {{...}}}}", form.word)); break;
      case Form::Kind::Keys: list.emplace_back("a map of keys"); break;
    }
  }
  return comma_list(list);
}

// The keys that a body asks for, without reading anything.
class KeyCollector final : public ParamVisitor {
 public:
  std::vector<std::string> keys;

  void number(std::string_view key, double&, Unit, Range, std::string_view, std::string_view) override { add(key); }
  void integer(std::string_view key, std::int64_t&, std::int64_t, std::int64_t, std::string_view,
               std::string_view) override {
    add(key);
  }
  void boolean(std::string_view key, bool&, std::string_view, std::string_view) override { add(key); }
  void text(std::string_view key, std::string&, std::string_view) override { add(key); }
  void vector(std::string_view key, Vec3&, Unit, Range, std::string_view, std::string_view) override { add(key); }
  void points(std::string_view key, std::vector<Vec3>&, Unit, Range, std::string_view, std::string_view) override {
    add(key);
  }
  void choice(std::string_view key, int&, std::span<const std::string_view>, std::string_view, std::string_view) override {
    add(key);
  }
  void words(std::string_view key, std::vector<std::string>&, std::span<const std::string>, std::string_view) override {
    add(key);
  }
  void forms(std::string_view key, std::span<const Form>, std::string_view, std::string_view) override { add(key); }
  void section(std::string_view key, std::string_view, const Body&) override { add(key); }
  void named(std::string_view key, std::string_view, std::span<const std::string>,
             const std::function<void(const std::string&, ParamVisitor&)>&) override {
    add(key);
  }
  void complain(std::string_view, const std::string&) override {}

 private:
  void add(std::string_view key) { keys.emplace_back(key); }
};

// Whether a bare word is the key of a form that needs more than the word: `cycle: erlang`.
bool is_key_of_form(const std::string& word, std::span<const Form> forms) {
  for (const Form& form : forms) {
    if (form.kind == Form::Kind::Tagged && form.word == word) return true;
    if (form.kind != Form::Kind::Keys || !form.body) continue;
    KeyCollector inside;
    form.body(inside);
    if (std::ranges::find(inside.keys, word) != inside.keys.end()) return true;
  }
  return false;
}

const Form* find_form(std::span<const Form> forms, Form::Kind kind, std::string_view word = {}) {
  for (const Form& form : forms)
    if (form.kind == kind && (word.empty() || form.word == word)) return &form;
  return nullptr;
}

bool begins_like_number(std::string_view text) {
  return !text.empty() && ((text[0] >= '0' && text[0] <= '9') || text[0] == '-' || text[0] == '+' || text[0] == '.');
}

std::string quantity_name(Unit unit) {
  return unit == Unit::One ? "a number" : fmt::format("{} in {}", dimension_name(unit), unit_choices(unit));
}

}  // namespace

YamlBlock::YamlBlock(Node* node, std::string path, Origin near, Problems& problems)
    : node_(node), path_(std::move(path)), near_(near), problems_(problems) {}

std::string YamlBlock::path_of(std::string_view key) const {
  if (key.empty()) return path_;
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void YamlBlock::wrong(const Origin& origin, std::string_view key, std::string what) {
  problems_.add(origin, printable(path_of(key)), std::move(what));
}

YamlBlock YamlBlock::inner(Node* node, const std::string& path) const {
  return {node, path, node != nullptr ? node->origin : (node_ != nullptr ? node_->origin : near_), problems_};
}

Node* YamlBlock::take(std::string_view key) {
  if (node_ == nullptr || key.empty()) return node_;
  if (node_->kind != Node::Kind::Map) {
    if (!node_->visited) wrong(node_->origin, {}, explain("must be a map of keys", node_->describe()));
    node_->visited = true;
    return nullptr;
  }
  node_->visited = true;
  if (std::ranges::find(node_->known, key) == node_->known.end()) node_->known.emplace_back(key);
  return node_->find(key);
}

const std::string* YamlBlock::scalar(const Node& node, std::string_view key, const std::string& wanted) {
  if (node.kind == Node::Kind::Scalar) return &node.text;
  wrong(node.origin, key,
        node.kind == Node::Kind::Null ? explain("no value is given", {}, wanted)
                                      : explain("is of the wrong kind", node.describe(), wanted));
  return nullptr;
}

void YamlBlock::number(std::string_view key, double& value, Unit unit, Range range, std::string_view, std::string_view) {
  Node* node = take(key);
  if (node == nullptr) return;
  const std::string* given = scalar(*node, key, quantity_name(unit));
  if (given == nullptr) return;
  Parsed<double> parsed = parse_quantity(*given, unit, range);
  if (parsed.value)
    value = *parsed.value;
  else
    wrong(node->origin, key, std::move(parsed.problem));
}

void YamlBlock::integer(std::string_view key, std::int64_t& value, std::int64_t low, std::int64_t high, std::string_view,
                        std::string_view) {
  Node* node = take(key);
  if (node == nullptr) return;
  const std::string* given = scalar(*node, key, "a whole number");
  if (given == nullptr) return;
  Parsed<std::int64_t> parsed = parse_integer(*given, low, high);
  if (parsed.value)
    value = *parsed.value;
  else
    wrong(node->origin, key, std::move(parsed.problem));
}

void YamlBlock::boolean(std::string_view key, bool& value, std::string_view, std::string_view) {
  Node* node = take(key);
  if (node == nullptr) return;
  const std::string* given = scalar(*node, key, "true, false");
  if (given == nullptr) return;
  if (!node->quoted && (*given == "true" || *given == "false"))
    value = *given == "true";
  else
    wrong(node->origin, key, explain("is neither true nor false", *given, "true, false"));
}

void YamlBlock::text(std::string_view key, std::string& value, std::string_view) {
  Node* node = take(key);
  if (node == nullptr) return;
  if (const std::string* given = scalar(*node, key, "a text")) value = *given;
}

bool YamlBlock::three(const Node& node, std::string_view key, Vec3& value, Unit unit, Range range) {
  const std::string wanted = fmt::format("[x, y, z], each {}", quantity_name(unit));
  if (node.kind != Node::Kind::List) {
    wrong(node.origin, key,
          explain(node.kind == Node::Kind::Null ? "no value is given" : "is not a list of three", node.describe(), wanted));
    return false;
  }
  if (node.items.size() != 3) {
    wrong(
        node.origin, key,
        explain("is not a list of three", fmt::format("{} values", node.items.size()), wanted + "; decimal sign: a point"));
    return false;
  }
  for (int axis = 0; axis < 3; ++axis) {
    const Node& item = node.items[static_cast<std::size_t>(axis)];
    const std::string* given = scalar(item, key, quantity_name(unit));
    if (given == nullptr) continue;
    Parsed<double> parsed = parse_quantity(*given, unit, range);
    if (parsed.value)
      value[axis] = *parsed.value;
    else
      wrong(item.origin, key, std::move(parsed.problem));
  }
  return true;
}

void YamlBlock::vector(std::string_view key, Vec3& value, Unit unit, Range range, std::string_view, std::string_view) {
  if (const Node* node = take(key); node != nullptr) three(*node, key, value, unit, range);
}

void YamlBlock::points(std::string_view key, std::vector<Vec3>& value, Unit unit, Range range, std::string_view,
                       std::string_view) {
  Node* node = take(key);
  if (node == nullptr) return;
  if (node->kind != Node::Kind::List) {
    wrong(node->origin, key,
          explain(node->kind == Node::Kind::Null ? "no value is given" : "is not a list of points", node->describe(),
                  fmt::format("[[x, y, z], ...], each {}", quantity_name(unit))));
    return;
  }
  if (node->items.size() > most_names) {
    wrong(node->origin, key,
          explain("the list is too long", fmt::format("{} points", node->items.size()),
                  fmt::format("at most {}", most_names)));
    return;
  }
  std::vector<Vec3> read(node->items.size());
  for (std::size_t i = 0; i < read.size(); ++i)
    if (!three(node->items[i], key, read[i], unit, range)) return;
  value = std::move(read);
}

void YamlBlock::choice(std::string_view key, int& value, std::span<const std::string_view> choices, std::string_view,
                       std::string_view) {
  Node* node = take(key);
  if (node == nullptr) return;
  const std::vector<std::string> list(choices.begin(), choices.end());
  const std::string* given = scalar(*node, key, comma_list(list));
  if (given == nullptr) return;
  const auto at = std::ranges::find(list, *given);
  if (at != list.end())
    value = static_cast<int>(at - list.begin());
  else if (comes_later(fmt::format("{}.{}", path_of(key), *given)))
    wrong(node->origin, key, explain("is not in this version", *given, comma_list(list)));
  else
    wrong(node->origin, key, explain("is none of the possible words", *given, comma_list(list), nearest_word(*given, list)));
}

void YamlBlock::words(std::string_view key, std::vector<std::string>& value, std::span<const std::string> allowed,
                      std::string_view) {
  Node* node = take(key);
  if (node == nullptr) return;
  const std::string wanted = allowed.empty() ? "a list of words" : comma_list(allowed);
  std::vector<const Node*> items;
  if (node->kind == Node::Kind::Scalar)
    items.push_back(node);
  else if (node->kind == Node::Kind::List)
    for (const Node& item : node->items) items.push_back(&item);
  else {
    wrong(
        node->origin, key,
        explain(node->kind == Node::Kind::Null ? "no value is given" : "is not a list of words", node->describe(), wanted));
    return;
  }
  if (items.size() > most_names) {
    wrong(node->origin, key,
          explain("the list is too long", fmt::format("{} words", items.size()), fmt::format("at most {}", most_names)));
    return;
  }
  std::vector<std::string> read;
  for (const Node* item : items) {
    const std::string* given = scalar(*item, key, wanted);
    if (given == nullptr) continue;
    if (!allowed.empty() && std::ranges::find(allowed, *given) == allowed.end())
      wrong(item->origin, key, explain("is none of the possible words", *given, wanted, nearest_word(*given, allowed)));
    else if (std::ranges::find(read, *given) != read.end())
      wrong(item->origin, key, explain("is in the list twice", *given));
    else
      read.push_back(*given);
  }
  value = std::move(read);
}

void YamlBlock::forms(std::string_view key, std::span<const Form> forms, std::string_view, std::string_view) {
  Node* node = take(key);
  if (node == nullptr) return;
  switch (node->kind) {
    case Node::Kind::Scalar: form_of_scalar(*node, key, forms); return;
    case Node::Kind::Map: form_of_map(*node, key, forms); return;
    case Node::Kind::Null: wrong(node->origin, key, explain("no value is given", {}, ways(forms))); return;
    case Node::Kind::List: wrong(node->origin, key, explain("is of the wrong kind", "a list", ways(forms))); return;
  }
}

void YamlBlock::form_of_scalar(Node& node, std::string_view key, std::span<const Form> forms) {
  const auto choose = [](const Form& form) {
    if (form.choose) form.choose();
  };
  if (const Form* word = node.text.empty() ? nullptr : find_form(forms, Form::Kind::Word, node.text)) {
    choose(*word);
    return;
  }
  const Form* factor = find_form(forms, Form::Kind::Factor);
  const Form* quantity = find_form(forms, Form::Kind::Quantity);
  const bool like_factor =
      node.text.size() > 1 && node.text[0] == 'x' && begins_like_number(std::string_view(node.text).substr(1));
  const Form* form = factor != nullptr && like_factor ? factor : (begins_like_number(node.text) ? quantity : nullptr);
  if (form == nullptr) {
    std::vector<std::string> candidates;
    for (const Form& other : forms)
      if (other.kind == Form::Kind::Word) candidates.emplace_back(other.word);
    // One way only: its own complaint is clearer than a list.
    if (quantity != nullptr && forms.size() == 1)
      wrong(node.origin, key, parse_quantity(node.text, quantity->unit, quantity->range).problem);
    else if (comes_later(fmt::format("{}.{}", path_of(key), node.text)))
      wrong(node.origin, key, explain("is not in this version", node.text, ways(forms)));
    else if (is_key_of_form(node.text, forms))
      wrong(node.origin, key,
            explain("needs values of its own", node.text, ways(forms), fmt::format("{{{}: ...}}", node.text)));
    else
      wrong(node.origin, key,
            explain("is none of the possible values", node.text, ways(forms), nearest_word(node.text, candidates)));
    return;
  }
  Parsed<double> parsed =
      form == factor ? parse_factor(node.text, form->range) : parse_quantity(node.text, form->unit, form->range);
  if (!parsed.value) {
    wrong(node.origin, key, std::move(parsed.problem));
    return;
  }
  choose(*form);
  *form->value = *parsed.value;
}

void YamlBlock::form_of_map(Node& node, std::string_view key, std::span<const Form> forms) {
  std::vector<std::string> tags;
  for (const Form& form : forms)
    if (form.kind == Form::Kind::Tagged) tags.emplace_back(form.word);
  // Of several merged documents, the one written last says which form it is.
  const Form* chosen = nullptr;
  std::size_t at = 0;
  int layer = -1;
  bool ambiguous = false;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Form* form =
        find_form(forms, Form::Kind::Tagged, node.keys[i].text.empty() ? "-" : std::string_view(node.keys[i].text));
    if (form == nullptr || node.keys[i].layer < layer) continue;
    ambiguous = node.keys[i].layer == layer;
    chosen = form;
    at = i;
    layer = node.keys[i].layer;
  }
  if (ambiguous) {
    wrong(node.keys[at].origin, key,
          explain("more than one form is given", node.keys[at].text, fmt::format("exactly one of {}", comma_list(tags))));
    node.visited = false;
    return;
  }
  if (chosen != nullptr) {
    node.visited = true;
    for (const std::string& tag : tags)
      if (std::ranges::find(node.known, tag) == node.known.end()) node.known.push_back(tag);
    if (chosen->choose) chosen->choose();
    const std::string path = fmt::format("{}.{}", path_of(key), chosen->word);
    Node& value = node.items[at];
    if (value.kind != Node::Kind::Map) {
      problems_.add(value.origin, printable(path), explain("must be a map of keys", value.describe()));
      return;
    }
    YamlBlock block = inner(&value, path);
    if (chosen->body) chosen->body(block);
    return;
  }
  if (const Form* keys = find_form(forms, Form::Kind::Keys)) {
    if (keys->choose) keys->choose();
    YamlBlock block = inner(&node, path_of(key));
    node.visited = true;
    if (keys->body) keys->body(block);
    return;
  }
  if (tags.empty() || node.keys.empty()) {
    wrong(node.origin, key, explain("is of the wrong kind", node.keys.empty() ? "an empty map" : "a map", ways(forms)));
    return;
  }
  if (comes_later(fmt::format("{}.{}", path_of(key), node.keys[0].text))) {
    wrong(node.keys[0].origin, key, explain("is not in this version", node.keys[0].text, ways(forms)));
    return;
  }
  wrong(node.keys[0].origin, key,
        explain("is none of the possible forms", node.keys[0].text, ways(forms), nearest_word(node.keys[0].text, tags)));
}

void YamlBlock::section(std::string_view key, std::string_view, const Body& body) {
  Node* node = take(key);
  if (node != nullptr && node->kind != Node::Kind::Map) {
    if (!node->visited)
      wrong(node->origin, key,
            node->kind == Node::Kind::Null ? "no value is given (allowed a map of keys, or {})"
                                           : explain("must be a map of keys", node->describe()));
    node->visited = true;
    node = nullptr;
  }
  if (node != nullptr) node->visited = true;
  YamlBlock block = inner(node, path_of(key));
  body(block);
}

void YamlBlock::named(std::string_view key, std::string_view, std::span<const std::string>,
                      const std::function<void(const std::string& name, ParamVisitor&)>& item) {
  Node* node = take(key);
  if (node == nullptr) return;
  if (node->kind != Node::Kind::Map) {
    if (!node->visited)
      wrong(node->origin, key,
            node->kind == Node::Kind::Null ? "no value is given (allowed a map of names, or {})"
                                           : explain("must be a map of names", node->describe()));
    node->visited = true;
    return;
  }
  node->visited = true;
  node->free_keys = true;
  if (node->items.size() > most_names) {
    wrong(node->origin, key,
          explain("too many names", fmt::format("{}", node->items.size()), fmt::format("at most {}", most_names)));
    return;
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const std::string& name = node->keys[i].text;
    // Two names that only look alike (composed and decomposed accents) cannot be told apart: ASCII has none.
    if (!is_ascii_name(name)) {
      problems_.add(node->items[i].origin, fmt::format("{}.{}", path_of(key), name),
                    explain("is no name", name, "up to 64 letters, digits, _ and -, beginning with a letter"));
      continue;
    }
    YamlBlock block = inner(&node->items[i], fmt::format("{}.{}", path_of(key), name));
    item(name, block);
  }
}

void YamlBlock::complain(std::string_view key, const std::string& problem) {
  const Node* node = node_ != nullptr && !key.empty() && node_->kind == Node::Kind::Map ? node_->find(key) : nullptr;
  const Origin& origin = node != nullptr ? node->origin : (node_ != nullptr ? node_->origin : near_);
  problems_.complain(origin, printable(path_of(key)), problem);
}

void report_unknown_keys(const Node& node, const std::string& path, Problems& problems) {
  if (node.kind != Node::Kind::Map || !node.visited) return;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const std::string& key = node.keys[i].text;
    const std::string here = path.empty() ? key : fmt::format("{}.{}", path, key);
    if (node.free_keys || std::ranges::find(node.known, key) != node.known.end()) {
      report_unknown_keys(node.items[i], here, problems);
      continue;
    }
    if (comes_later(here)) {
      problems.add(node.keys[i].origin, printable(here), "is not in this version");
      continue;
    }
    if (i > 0 && key[0] >= '0' && key[0] <= '9' && node.items[i].kind == Node::Kind::Null) {  // {density: 2,5 mg/ml}
      problems.explain_all(
          node.keys[i].origin, printable(path.empty() ? node.keys[i - 1].text : path + "." + node.keys[i - 1].text),
          explain("the comma ends the value; the decimal sign is a point", {}, {}, node.items[i - 1].text + "." + key));
      continue;
    }
    const std::string suggestion = problems.many() ? std::string() : nearest_word(key, node.known);
    const std::string allowed = suggestion.empty() && !problems.many() ? comma_list(node.known) : std::string();
    const std::string meant =
        suggestion.empty() ? std::string() : (path.empty() ? suggestion : fmt::format("{}.{}", path, suggestion));
    problems.unknown_key(node.keys[i].origin, printable(here), explain("unknown key", {}, allowed, suggestion), meant);
  }
}

}  // namespace invado
