#include "scenario/yaml_tree.h"

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "scenario/text.h"

namespace invado {

Node* Node::find(std::string_view key) {
  const auto at = index.find(key);
  return at == index.end() ? nullptr : &items[at->second];
}

const Node* Node::find(std::string_view key) const {
  const auto at = index.find(key);
  return at == index.end() ? nullptr : &items[at->second];
}

Node& Node::insert(Key key, Node value) {
  index.emplace(key.text, items.size());
  keys.push_back(std::move(key));
  items.push_back(std::move(value));
  return items.back();
}

Origin origin_of(const Node& root, std::string_view path) {
  const Node* node = &root;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const Node* inner = node->find(path.substr(begin, end - begin));
    if (inner == nullptr) break;
    node = inner;
    begin = end + 1;
  }
  return node->origin;
}

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  return count;
}

std::string Node::describe() const {
  switch (kind) {
    case Kind::Null: return "nothing";
    case Kind::Scalar: return text;
    case Kind::List: return "a list";
    case Kind::Map: return "a map";
  }
  return {};
}

namespace {

constexpr std::size_t deepest = 32;
constexpr std::size_t most_nodes = 100000;
constexpr std::size_t longest_scalar = 64 * 1024;
// yaml-cpp may scan a whole line of `,,,,` before its first event, at 100 bytes a piece.
constexpr std::ptrdiff_t most_marks = 4 * static_cast<std::ptrdiff_t>(most_nodes);

struct Stop {};  // the document cannot be read any further; the reason is among the problems

// Receives the parser's events and builds the tree.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& text, const Source& source, Problems& problems, std::string_view prefix)
      : text_(text), source_(source), problems_(problems), prefix_(prefix) {}

  Node root;

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) stop(mark, "a second document begins here (a scenario is one document; remove the '---')");
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    stop(mark, fmt::format("anchors are not allowed (got '&{}'; write the value out, or use `extends`)", printable(name)));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark, "aliases are not allowed (write the value out, or use `extends`)");
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    Node node;
    node.origin = at(mark);
    leaf(std::move(node));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (value.size() > longest_scalar)
      stop(mark, fmt::format("a text of {} bytes is too long (allowed {})", value.size(), longest_scalar));
    Node node;
    node.kind = Node::Kind::Scalar;
    node.origin = at(mark);
    node.text = value;
    node.quoted = tag == "!";
    if (const std::string control = control_character(value); !control.empty())
      stop(mark, fmt::format("the control character {} is not allowed", control));
    if (node.quoted) require_closing_quote(mark);
    leaf(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::List);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::Map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  [[nodiscard]] Origin at(const YAML::Mark& mark) const { return {&source_, mark.line + 1, mark.column + 1}; }
  [[noreturn]] void stop(const YAML::Mark& mark, std::string what) {
    problems_.add(at(mark), path(), std::move(what));
    throw Stop{};
  }

 private:
  struct Open {
    Node node;
    bool wants_key = false;  // a map whose next scalar is a key
    Node::Key key;
    bool duplicate = false;  // the value under `key` is not kept
    std::size_t item = 0;
  };

  [[nodiscard]] std::string path() const {
    std::string path(prefix_);
    for (const Open& level : open_) {
      if (level.node.kind == Node::Kind::Map && !level.wants_key)
        path += fmt::format("{}{}", path.empty() ? "" : ".", printable(level.key.text));
    }
    return path;
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) stop(mark, "anchors are not allowed (write the value out, or use `extends`)");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!")
      stop(mark, fmt::format("tags are not allowed (got '{}'; remove it)", printable(tag)));
  }
  void count(const YAML::Mark& mark) {
    if (++nodes_ > most_nodes) stop(mark, fmt::format("more than {} values in one document", most_nodes));
  }

  // yaml-cpp takes the end of the file for a closing quote.
  void require_closing_quote(const YAML::Mark& mark) {
    const auto begin = static_cast<std::size_t>(mark.pos);
    if (mark.pos < 0 || begin >= text_.size()) return;
    const char quote = text_[begin];
    if (quote != '"' && quote != '\'') return;  // a block scalar
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\')
        ++i;
      else if (text_[i] == quote) {
        if (quote == '\'' && i + 1 < text_.size() && text_[i + 1] == quote)
          ++i;
        else
          return;
      }
    }
    stop(mark, fmt::format("the quote {} that opens here is never closed", quote));
  }

  void leaf(Node node) {
    if (!open_.empty() && open_.back().wants_key) {
      take_key(std::move(node));
      return;
    }
    YAML::Mark mark;
    mark.line = node.origin.line - 1;
    mark.column = node.origin.column - 1;
    count(mark);
    place(std::move(node));
  }

  void take_key(Node node) {
    Open& level = open_.back();
    level.key = {node.text, node.origin, 0};
    level.wants_key = false;
    if (node.kind == Node::Kind::Null) {
      problems_.add(node.origin, path(), "a key is empty");
      throw Stop{};
    }
    if (node.text == "<<") {
      problems_.add(node.origin, path(), "merge keys are not allowed (write the values out, or use `extends`)");
      throw Stop{};
    }
    const auto first = level.node.index.find(node.text);
    level.duplicate = first != level.node.index.end();
    if (level.duplicate) {
      const Origin& earlier = level.node.keys[first->second].origin;
      problems_.add(node.origin, path(),
                    fmt::format("the key is given twice (first in line {}, column {})", earlier.line, earlier.column));
    }
  }

  void place(Node node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Open& level = open_.back();
    if (level.node.kind == Node::Kind::List) {
      level.node.items.push_back(std::move(node));
      return;
    }
    if (!level.duplicate) level.node.insert(level.key, std::move(node));
    level.wants_key = true;
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (!open_.empty() && open_.back().wants_key) stop(mark, "a key must be a plain word, not a map or a list");
    count(mark);
    if (open_.size() >= deepest) stop(mark, fmt::format("nested deeper than {} levels", deepest));
    Open level;
    level.node.kind = kind;
    level.node.origin = at(mark);
    level.wants_key = kind == Node::Kind::Map;
    open_.push_back(std::move(level));
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    place(std::move(node));
  }

  const std::string& text_;
  const Source& source_;
  Problems& problems_;
  std::string prefix_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  int documents_ = 0;
};

// Line and column, from 1, of a byte position.
Origin place_of(const std::string& text, std::size_t at, const Source& source) {
  int line = 1, column = 1;
  for (std::size_t i = 0; i < at; ++i) {
    column = text[i] == '\n' ? 1 : column + 1;
    line += text[i] == '\n' ? 1 : 0;
  }
  return {&source, line, column};
}

bool is_mark(char c) { return c == ',' || c == '[' || c == ']' || c == '{' || c == '}'; }

// What no text file contains. True when the document may go to the parser.
bool clean_bytes(const std::string& text, const Source& source, Problems& problems) {
  const std::string_view head(text.data(), std::min<std::size_t>(text.size(), 2));
  if (head == "\xFF\xFE" || head == "\xFE\xFF") {
    problems.add({&source, 1, 1}, {}, "the file is UTF-16 (save it as UTF-8)");
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      problems.add(place_of(text, i, source), {}, fmt::format("the control character \\x{:02x} is not allowed", byte));
      return false;
    }
  }
  const std::size_t broken = first_invalid_utf8(text);
  if (broken != std::string::npos) {
    problems.add(place_of(text, broken, source), {},
                 fmt::format("the byte \\x{:02x} is not valid UTF-8 (save the file as UTF-8)",
                             static_cast<unsigned char>(text[broken])));
    return false;
  }
  return true;
}

// Whether the n-th line (from 0) has a tab before its first word.
bool indented_with_tab(const std::string& text, int line) {
  std::size_t begin = 0;
  for (int n = 0; n < line; ++n) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return false;
    begin = end + 1;
  }
  const std::size_t word = text.find_first_not_of(" \t", begin);
  return text.substr(begin, std::min(word, text.size()) - begin).find('\t') != std::string::npos;
}

}  // namespace

Node parse_yaml(const std::string& raw, const Source& source, Problems& problems, std::string_view path) {
  if (raw.size() > longest_document) {
    problems.add({&source, 0, 0}, path,
                 fmt::format("{} bytes are too many for a scenario (allowed {})", raw.size(), longest_document));
    return {};
  }
  if (!clean_bytes(raw, source, problems)) return {};
  const bool marked = raw.starts_with("\xEF\xBB\xBF");
  const std::string text = marked ? raw.substr(3) : raw;
  if (std::ranges::count_if(text, is_mark) > most_marks) {
    problems.add({&source, 0, 0}, path, fmt::format("more than {} commas and brackets in one document", most_marks));
    return {};
  }
  TreeBuilder builder(text, source, problems, path);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
    return {};
  } catch (const YAML::Exception& error) {
    const bool tab = indented_with_tab(text, error.mark.line);
    problems.add(builder.at(error.mark), path,
                 tab ? "this line is indented with a tab (use spaces)"
                     : fmt::format("this is not valid YAML: {}", printable(error.msg)));
    return {};
  }
  return std::move(builder.root);
}

}  // namespace invado
