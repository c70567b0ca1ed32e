#include "sweep/machine.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "scenario/files.h"
#include "scenario/problems.h"
#include "scenario/text.h"
#include "scenario/yaml_block.h"
#include "scenario/yaml_tree.h"

namespace invado {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> executor_words{"local", "slurm"};  // in the order of Executor
constexpr std::size_t longest_machine = 1 << 16;
constexpr std::int64_t most_at_once = 4096;

void describe_machine(ParamVisitor& v, Machine& m, std::int64_t& version) {
  v.integer("machine", version, 1, 1, "version of this language", "required");
  v.text("name", m.name, "one line for people");
  v.text("about", m.about, "what is special here");
  v.choice("executor", m.executor, executor_words, "what runs a sweep", "local");
  v.section("local", "on the machine where one types",
            [&](ParamVisitor& w) { w.integer("jobs", m.jobs, 1, most_at_once, "runs at once", "as the cores hold"); });
  v.section("slurm", "as jobs of Slurm", [&](ParamVisitor& w) {
    w.text("partition", m.partition, "as sinfo lists them");
    w.text("account", m.account, "who pays");
    w.text("qos", m.qos, "quality of service");
    w.text("constraint", m.constraint, "a feature of the nodes");
    w.text("memory", m.memory, "of one job: a number and K, M or G");
    w.number("time", m.time_min, Unit::Min, positive, "of one job; runs that need longer go on in the next",
             "the partition's");
    w.number("save_time", m.save_time_min, Unit::Min, positive, "before the end of a job, for saving what it has",
             "assumed: 100 MB take seconds");
    w.integer("cpus", m.cpus, 1, most_at_once, "of one job", "the threads of one run");
    w.integer("chunk", m.chunk, 1, 1000000, "runs of one job", "15 minutes of them");
  });
}

}  // namespace

int executor_of(std::string_view word) {
  const auto at = std::ranges::find(executor_words, word);
  return at == executor_words.end() ? -1 : static_cast<int>(at - executor_words.begin());
}

bool is_batch_word(std::string_view word) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.@:+,-";
  return !word.empty() && word.size() <= 64 && word.front() != '-' &&
         word.find_first_not_of(allowed) == std::string_view::npos;
}

Machine read_machine(const fs::path& file) {
  Machine machine;
  std::deque<Source> sources;
  const Source& source = sources.emplace_back(Source{Source::Kind::File, shown_path(file), file});
  Problems problems;
  Node root = parse_yaml(read_text_file(file, longest_machine), source, problems);
  if (!problems.empty()) problems.raise();
  if (root.kind != Node::Kind::Map) {
    problems.add({&source, 1, 1}, {}, "is not a map of keys and values (a machine begins with 'machine: 1')");
    problems.raise();
  }
  std::int64_t version = 0;
  YamlBlock block(&root, "", root.origin, problems);
  describe_machine(block, machine, version);
  report_unknown_keys(root, "", problems);
  for (const std::string_view required : {"machine", "name"})
    if (root.find(required) == nullptr) problems.add(root.origin, required, "is required");
  const Node* slurm = root.find("slurm");
  const std::array<std::pair<std::string_view, const std::string*>, 5> words{{{"partition", &machine.partition},
                                                                              {"account", &machine.account},
                                                                              {"qos", &machine.qos},
                                                                              {"constraint", &machine.constraint},
                                                                              {"memory", &machine.memory}}};
  if (slurm != nullptr && slurm->kind == Node::Kind::Map)
    for (const auto& [key, word] : words)
      if (const Node* node = slurm->find(key); node != nullptr && !is_batch_word(*word))
        problems.add(node->origin, fmt::format("slurm.{}", key),
                     explain("may not be handed to a batch system", *word, batch_word_rule));
  if (!problems.empty()) problems.raise();
  return machine;
}

fs::path find_machine(const std::string& name) {
  if (fs::is_regular_file(name)) return name;
  const fs::path folder = shipped_configs() / "machines";
  if (is_plain_name(name))
    if (const fs::path shipped = folder / (name + ".yaml"); fs::is_regular_file(shipped)) return shipped;
  std::vector<std::string> names;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  throw IoError("--machine: " + explain("no such file, and no machine of this name is shipped", name, comma_list(names),
                                        nearest_word(name, names)),
                Exit::NotFound);
}

}  // namespace invado
