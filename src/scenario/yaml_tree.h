// A YAML document as our own tree: every value knows where it was written. Strict where yaml-cpp is lenient.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenario/problems.h"

namespace invado {

struct Node {
  enum class Kind { Null, Scalar, List, Map };
  struct Key {
    std::string text;
    Origin origin;
    int layer = 0;  // which of the merged documents wrote it last; later documents have larger numbers
  };

  Kind kind = Kind::Null;
  Origin origin;
  std::string text;                                       // Scalar
  bool quoted = false;                                    // Scalar in quotes or as a block: never a word like true
  std::vector<Key> keys;                                  // Map: one per item, in order of first appearance
  std::vector<Node> items;                                // Map and List
  std::map<std::string, std::size_t, std::less<>> index;  // Map: key -> item

  // What a reader has asked for; what is left is unknown to the program.
  bool visited = false;
  std::vector<std::string> known;
  bool free_keys = false;  // Map: the keys are names that the user chooses, each of them was read

  [[nodiscard]] Node* find(std::string_view key);
  [[nodiscard]] const Node* find(std::string_view key) const;
  Node& insert(Key key, Node value);
  // "a map", "a list", "empty" or the scalar's text in quotes.
  [[nodiscard]] std::string describe() const;
};

// Where the value under a dotted path was written, or the nearest map around it.
[[nodiscard]] Origin origin_of(const Node& root, std::string_view path);

[[nodiscard]] std::size_t count_nodes(const Node& node);

inline constexpr std::size_t longest_document = std::size_t{4} << 20;  // [bytes]

// Parse one document. Refuses what makes configuration files dangerous or ambiguous: NUL and other control characters,
// invalid UTF-8, UTF-16, anchors, aliases, merge keys, tags, duplicate keys, keys that are no scalars, depth > 32,
// > 100 000 nodes, scalars > 64 kB, control characters written as escapes, a second document, unterminated quotes. What is
// wrong goes to `problems`.
// `path`: prefix of the key paths in messages (for `--set`).
[[nodiscard]] Node parse_yaml(const std::string& text, const Source& source, Problems& problems, std::string_view path = {});

}  // namespace invado
