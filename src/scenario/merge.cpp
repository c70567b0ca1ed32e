#include "scenario/merge.h"

#include <fmt/core.h>

#include <algorithm>
#include <system_error>

#include "scenario/files.h"
#include "scenario/text.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t deepest_extends = 8;
constexpr std::size_t most_files = 200;
constexpr std::size_t most_values = 200000;  // of all files together; one of them may have 100 000
constexpr const char* not_by_set = "cannot be set on the command line (write it into the scenario)";

class Collector {
 public:
  Collector(Documents& documents, const std::vector<fs::path>& allowed, Problems& problems)
      : documents_(documents), allowed_(allowed), problems_(problems) {}

  // Parse one file and merge it over what it extends. `label` is what the user sees.
  Node read(const fs::path& path, const std::string& label, std::string text) {
    const Source& source = documents_.sources.emplace_back(Source{Source::Kind::File, label, path});
    std::error_code error;
    chain_.push_back(fs::canonical(path, error));
    const std::size_t before = problems_.count();
    Node own = parse_yaml(text, source, problems_);
    values_ += count_nodes(own);
    Node merged;
    merged.kind = Node::Kind::Map;
    merged.origin = {&source, 1, 1};
    documents_.complete = documents_.complete && own.kind == Node::Kind::Map;
    if (own.kind == Node::Kind::Map) {
      if (Node* extends = own.find("extends")) read_extended(*extends, path, "extends", merged);
      Node* sites = own.find("secondary_sites");
      std::vector<Node> bases = sites != nullptr ? read_sites(*sites, path) : std::vector<Node>();
      mark_layer(own, next_layer_++);
      for (std::size_t i = 0; i < bases.size(); ++i) {
        if (bases[i].kind != Node::Kind::Map) continue;
        merge_into(bases[i], std::move(sites->items[i]));
        sites->items[i] = std::move(bases[i]);
      }
      merged.origin = own.origin;
      merge_into(merged, std::move(own));
      merged.origin = {&source, 1, 1};
    } else if (problems_.count() == before) {
      problems_.add({&source, 1, 1}, {},
                    own.kind != Node::Kind::Null ? explain("is not a map of keys and values", own.describe())
                    : text.empty()               ? "the file is empty (a scenario begins with 'schema: 1')"
                                                 : "the file says nothing (a scenario begins with 'schema: 1')");
    }
    chain_.pop_back();
    return merged;
  }

  [[nodiscard]] int next_layer() const { return next_layer_; }

 private:
  // What each secondary site of a file extends: the keys of a site, on top of a file of their own. Null where there is none.
  std::vector<Node> read_sites(const Node& sites, const fs::path& from) {
    std::vector<Node> bases(sites.items.size());
    for (std::size_t i = 0; i < sites.keys.size(); ++i) {
      const Node* extends = sites.items[i].find("extends");
      if (extends == nullptr) continue;
      bases[i].kind = Node::Kind::Map;
      read_extended(*extends, from, fmt::format("secondary_sites.{}.extends", sites.keys[i].text), bases[i]);
    }
    return bases;
  }

  // `key`: path of the key that says `extends`.
  void read_extended(const Node& extends, const fs::path& from, const std::string& key, Node& merged) {
    const std::size_t before = problems_.count();
    read_all_extended(extends, from, key, merged);
    for (const Problem& problem : problems_.since(before))
      if (problem.path == key) documents_.complete = false;
  }

  void read_all_extended(const Node& extends, const fs::path& from, const std::string& key, Node& merged) {
    std::vector<const Node*> names;
    if (extends.kind == Node::Kind::Scalar)
      names.push_back(&extends);
    else if (extends.kind == Node::Kind::List)
      for (const Node& item : extends.items) names.push_back(&item);
    else
      problems_.add(extends.origin, key,
                    explain("is not a file name", extends.describe(), "a file name or a list of file names"));
    for (const Node* name : names) {
      if (name->kind != Node::Kind::Scalar) {
        problems_.add(name->origin, key, explain("is not a file name", name->describe(), "a file name"));
        continue;
      }
      const FoundFile found = find_named_file(name->text, from, allowed_);
      if (found.path.empty()) {
        problems_.add(name->origin, key, found.problem, found.code);
        continue;
      }
      if (std::ranges::find(chain_, found.real) != chain_.end()) {
        problems_.add(name->origin, key, explain("the file extends itself, directly or through others", name->text));
        continue;
      }
      if (chain_.size() > deepest_extends) {
        problems_.add(name->origin, key,
                      explain(fmt::format("files extend each other more than {} levels deep", deepest_extends), name->text));
        continue;
      }
      if (documents_.sources.size() >= most_files) {
        problems_.add(name->origin, key, fmt::format("more than {} files are extended", most_files));
        return;
      }
      if (values_ > most_values) {
        problems_.add(name->origin, key, fmt::format("more than {} values in all files together", most_values));
        return;
      }
      try {
        merge_into(merged, read(found.path, shown_path(found.path), read_found_file(found, longest_document)));
      } catch (const Error& failure) {
        problems_.add(name->origin, key, failure.what(), failure.code());
      }
    }
  }

  Documents& documents_;
  const std::vector<fs::path>& allowed_;
  Problems& problems_;
  std::vector<fs::path> chain_;
  int next_layer_ = 1;
  std::size_t values_ = 0;
};

// `path=value` as a document of its own: nested maps around the value.
Node read_set(const std::string& assignment, Documents& documents, Problems& problems) {
  const std::size_t equal = assignment.find('=');
  const std::string path = assignment.substr(0, equal);
  const Source& source = documents.sources.emplace_back(Source{Source::Kind::CommandLine, "--set " + printable(path), {}});
  const Origin origin{&source, 1, 1};
  Node whole;
  whole.kind = Node::Kind::Map;
  whole.origin = origin;
  if (equal == std::string::npos || path.empty()) {
    problems.add(origin, {}, explain("is not path=value", assignment));
    return whole;
  }
  if (path == "extends" || path.starts_with("extends.")) {
    problems.add(origin, path, not_by_set);
    return whole;
  }
  if (first_invalid_utf8(path) != std::string::npos) {
    problems.add(origin, {}, "the key is not valid UTF-8");
    return whole;
  }
  const std::string text = assignment.substr(equal + 1);
  const std::size_t before = problems.count();
  Node value = parse_yaml(text, source, problems, printable(path));
  if (value.kind == Node::Kind::Null) {
    if (problems.count() == before) problems.add(origin, printable(path), "no value is given");
    return whole;
  }
  std::vector<std::string> keys;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    keys.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  if (std::ranges::find(keys, std::string()) != keys.end() || keys.size() > 32) {
    problems.add(origin, {}, explain("is no path of keys", path, "keys joined by points, such as domain.voxel"));
    return whole;
  }
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    Node map;
    map.kind = Node::Kind::Map;
    map.origin = origin;
    map.insert({*key, origin, 0}, std::move(value));
    value = std::move(map);
  }
  if (const Node* sites = value.find("secondary_sites"); sites != nullptr)
    for (std::size_t i = 0; i < sites->keys.size(); ++i)
      if (sites->items[i].find("extends") != nullptr)
        problems.add(origin, fmt::format("secondary_sites.{}.extends", sites->keys[i].text), not_by_set);
  return value;
}

}  // namespace

void mark_layer(Node& root, int layer) {
  for (Node::Key& key : root.keys) key.layer = layer;
  for (Node& item : root.items) mark_layer(item, layer);
}

void merge_into(Node& base, Node over) {
  if (base.kind != Node::Kind::Map || over.kind != Node::Kind::Map) {
    base = std::move(over);
    return;
  }
  base.origin = over.origin;
  for (std::size_t i = 0; i < over.items.size(); ++i) {
    const auto at = base.index.find(over.keys[i].text);
    if (at == base.index.end()) {
      base.insert(std::move(over.keys[i]), std::move(over.items[i]));
    } else {
      base.keys[at->second] = std::move(over.keys[i]);
      merge_into(base.items[at->second], std::move(over.items[i]));
    }
  }
}

Documents read_documents(const fs::path& file, const std::vector<std::string>& set, const std::vector<fs::path>& allowed,
                         Problems& problems) {
  Documents documents;
  documents.text = read_text_file(file, longest_document);
  Collector collector(documents, allowed, problems);
  documents.root = collector.read(file, printable(file.string()), documents.text);
  int layer = collector.next_layer();
  const Origin whole = documents.root.origin;
  for (const std::string& assignment : set) {
    Node over = read_set(assignment, documents, problems);
    mark_layer(over, layer++);
    merge_into(documents.root, std::move(over));
  }
  documents.root.origin = whole;
  return documents;
}

}  // namespace invado
