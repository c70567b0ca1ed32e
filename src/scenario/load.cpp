#include "scenario/load.h"

#include <fmt/core.h>

#include <algorithm>
#include <sstream>

#include "scenario/assay.h"
#include "scenario/build.h"
#include "scenario/files.h"
#include "scenario/image_file.h"
#include "scenario/memory.h"
#include "scenario/merge.h"
#include "scenario/resolved.h"
#include "scenario/text.h"
#include "scenario/warnings.h"
#include "scenario/yaml_block.h"

namespace invado {
namespace {

constexpr std::size_t longest_complaint = 600;
constexpr std::size_t most_cell_types = 64;  // interventions name them by the bits of a word

std::vector<std::string> all_settings(const LoadOptions& options) {
  std::vector<std::string> set = options.set;
  if (options.seed) set.push_back(fmt::format("seed={}", *options.seed));
  return set;
}

AssayDraft read_assay(Node& root, bool json) {
  AssayDraft assay;
  Problems problems(json);
  YamlBlock block(&root, "", root.origin, problems);
  describe_assay(block, assay);
  // Without knowing the assay, everything else would be judged wrongly.
  if (!problems.empty()) problems.raise();
  return assay;
}

// Everything that decides the run: the values, the positions of founders that come from tables, the pixels of a picture.
std::string content(const Resolved& resolved, const Scenario& scenario) {
  std::string text = resolved.canonical;
  for (const FounderPopulation& founders : scenario.founders) {
    const Placement& place = founders.place;
    for (std::size_t i = 0; i < place.points.size(); ++i)
      text += fmt::format("{} {} {} {} {}\n", shortest(place.points[i].x), shortest(place.points[i].y),
                          shortest(place.points[i].z), place.point_type.empty() ? -1 : place.point_type[i],
                          place.point_radius.empty() ? 0.0 : place.point_radius[i]);
  }
  for (const ScenarioInput& input : scenario.inputs)
    if (input.name == image_input) text += content_hash(input.text) + '\n';
  return text;
}

// A process complains as lines of `key.path: what`; it does not know where the key was written.
void locate(const std::string& lines, const Node& root, Problems& problems) {
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    const std::size_t colon = line.find(": ");
    const std::string path = colon == std::string::npos ? std::string() : line.substr(0, colon);
    std::string what = path.empty() ? line : line.substr(colon + 2);
    if (what.size() > longest_complaint) what = what.substr(0, longest_complaint) + "...";  // it may echo what was written
    problems.add(origin_of(root, path), path, std::move(what));
  }
}

void warn_of_writable_files(const Documents& documents, Scenario& scenario) {
  std::vector<std::string> files;
  for (const Source& source : documents.sources)
    if (source.kind == Source::Kind::File && writable_by_all(source.path)) files.push_back(source.label);
  if (!files.empty())
    scenario.warnings.push_back(
        fmt::format("everybody may change what this run is made of: {} (chmod o-w)", comma_list(files)));
}

// build_scenario did not know yet what each cell takes.
void refuse_too_many(const Scenario& scenario, std::uint64_t limit, const Node& root, Problems& problems) {
  const MemoryNeed need = memory_of(scenario);
  if (need.total() <= static_cast<double>(limit)) return;
  const std::string culprit = need.cells > need.matrix + need.fields ? "population" : "domain";
  problems.add(origin_of(root, culprit), culprit, too_little_memory(need, limit), Exit::NoMemory);
}

}  // namespace

Scenario load_with(const std::filesystem::path& file, const LoadOptions& options, Processes processes) {
  Problems problems(options.json_errors);
  Documents documents = read_documents(file, all_settings(options), options.allow_dirs, problems);
  if (!documents.complete) problems.raise();
  Node& root = documents.root;

  Draft draft;
  draft.assay = read_assay(root, options.json_errors);
  if (draft.assay.kind == AssayKind::Wells) refuse_space_in_wells(root, problems);
  if (Node defaults = assay_defaults(draft.assay, root, processes, documents.sources, problems);
      defaults.kind == Node::Kind::Map) {
    const Origin whole = root.origin;
    merge_into(defaults, std::move(root));
    root = std::move(defaults);
    root.origin = whole;
    if (draft.assay.kind == AssayKind::Wells) root.known.assign(sections_of_space.begin(), sections_of_space.end());
  }
  root.known.emplace_back("extends");
  if (Node* sites = root.find("secondary_sites"); sites != nullptr)
    for (Node& site : sites->items) site.known.emplace_back("extends");
  if (const Node* types = root.find("cell_types"); types != nullptr)
    for (const Node::Key& key : types->keys) draft.types.push_back(key.text);
  if (draft.types.size() > most_cell_types) {
    // Each type costs memory in every process: said before anything is done with them.
    problems.add(
        origin_of(root, "cell_types"), "cell_types",
        explain("too many cell types", fmt::format("{}", draft.types.size()), fmt::format("at most {}", most_cell_types)));
    problems.raise();
  }
  draft.processes.resize(processes.size());

  for (const auto& process : processes) process->resize_types(draft.types.size());
  YamlBlock block(&root, "", root.origin, problems);
  describe_scenario(block, draft, processes);
  report_unknown_keys(root, "", problems);

  Scenario scenario;
  scenario.path = file;
  scenario.text = std::move(documents.text);
  build_scenario(draft, processes, documents, options, problems, scenario);
  if (!problems.empty()) problems.raise();

  // The copy names tables and picture as they lie beside it; what they hold is part of the run's id, where they were is not.
  for (PopulationDraft& population : draft.populations)
    if (!population.place.points_file.empty()) population.place.points_file = points_input(population.name);
  if (ImageDraft& image = draft.matrix.image; image.given) {
    image.file = image_input;
    image.array.clear();
    image.channel = 0;
  }
  const Resolved resolved = resolve(draft, processes, root);
  scenario.resolved_yaml = resolved.yaml;
  scenario.run_id = content_hash(content(resolved, scenario));
  for (std::size_t p = 0; p < processes.size(); ++p) {
    try {
      processes[p]->configure(scenario.world);
    } catch (const ConfigError& error) {
      locate(error.what(), root, problems);
    }
    ScheduleEntry& entry = scenario.schedule.entries[p];
    entry.process = std::move(processes[p]);
    entry.on = entry.on && entry.process->needed(scenario.world);
  }
  const auto is_on = [&](const char* key) {
    return resolved.canonical.find(fmt::format("\n{} = true\n", key)) != std::string::npos;
  };
  if (is_on("processes.mechanics.contacts") && is_on("processes.mechanics.settle"))  // then founders are parted
    refuse_overfull(scenario, root, problems);
  refuse_types_without_cells(draft, scenario, root, problems);
  if (!problems.empty()) problems.raise();
  refuse_too_many(scenario, options.memory_bytes.value_or(available_memory()), root, problems);
  if (!problems.empty()) problems.raise();
  add_warnings(draft, scenario);
  warn_of_writable_files(documents, scenario);
  return scenario;
}

}  // namespace invado
