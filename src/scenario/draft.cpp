#include "scenario/draft.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "scenario/draft_parts.h"
#include "scenario/draft_space.h"
#include "scenario/files.h"
#include "scenario/quantity.h"
#include "scenario/text.h"

namespace invado {
namespace {

constexpr std::array<std::string_view, 2> branch_words{"low", "high"};
constexpr std::size_t longest_name = 200;    // of a scenario [bytes]
constexpr Range up_to_100_years{0, 876600};  // [h]
constexpr Range cadence{0, 1e6, true};       // [min]

// A cadence that may be off (0).
void cadence_or_off(ParamVisitor& v, std::string_view key, double& minutes, std::string_view meaning,
                    std::string_view source) {
  const Form forms[] = {
      {.kind = Form::Kind::Word, .word = "off", .choose = [&] { minutes = 0; }, .chosen = minutes <= 0},
      {.kind = Form::Kind::Quantity, .value = &minutes, .unit = Unit::Min, .range = cadence, .chosen = minutes > 0}};
  v.forms(key, forms, meaning, source);
}

void describe_site(ParamVisitor& v, SiteDraft& site) {
  if (site.name == "*") site.fields.emplace_back().name = "oxygen";  // schema and table show the pressure field apart
  if (site.name == primary_site || site.name == blood_site)
    v.complain("", explain("is the name of a site that there is anyhow", site.name, "another name"));
  std::int64_t schema = 0;  // of a file that the site extends; nothing to keep
  v.integer("schema", schema, 1, 1, "version of the scenario language, in a file that a site extends", "design.md 4");
  describe_space(v, site);
  v.number("permeability", site.organ.permeability, Unit::One, Range{0, 1000},
           "of its capillaries: factor on the rate of extravasation", "biology.md 6: lung 1, bone marrow 3, unverified");
  v.number("affinity", site.organ.affinity, Unit::One, Range{0, 1000},
           "b: the bone programme W multiplies the chance of a cell to begin here by 1 + b W",
           "biology.md 6: bone 8, unverified");
  v.number("progression", site.organ.progression, Unit::One, fraction,
           "chance that a cell which has begun founds a macrometastasis; for the column macrometastases, changes no cell",
           "biology.md 6: 0.01 (Luzzi 1998: 0.02 of 2.5 %, unverified)");
}

std::vector<std::string> names_of(const std::vector<SiteDraft>& sites) {
  std::vector<std::string> names;
  for (const SiteDraft& site : sites) names.push_back(site.name);
  return names;
}

void describe_secondary_sites(ParamVisitor& v, Draft& draft) {
  named_items_if_any(v, "secondary_sites",
                     "organs beyond the blood, each with a box, a matrix, factors and vessels of its own", "sites by name",
                     draft.secondary_sites, most_secondary_sites,
                     [](ParamVisitor& item, SiteDraft& site) { describe_site(item, site); });
}

void describe_circulation(ParamVisitor& v, Draft& draft) {
  BloodStream& b = draft.circulation.stream;
  const Form form{
      .kind = Form::Kind::Keys,
      .body =
          [&](ParamVisitor& in) {
            in.number("shear_death", b.shear_death_1_h, Unit::PerHour, non_negative, "hazard of death by shear",
                      "biology.md 6, unverified");
            in.number("immune_death", b.immune_death_1_h, Unit::PerHour, non_negative, "hazard of death by immune cells",
                      "biology.md 6, unverified");
            in.number("platelets", b.platelets, Unit::One, fraction,
                      "share of the immune killing that platelets around the cells prevent",
                      "biology.md 6, unverified; 0: immune_death is what is left");
            in.number("passages", b.passages_1_h, Unit::PerHour, non_negative,
                      "passages through the capillaries that can end in lodging", "assumed");
            in.number("reference_radius", b.reference_radius, Unit::Um, Range{0, 1000, true},
                      "radius of a cell at which the chances of lodging hold", "assumed: default radius of cells");
            in.number("cluster_protection", b.cluster_protection, Unit::One, Range{0, 10},
                      "hazards of a cell in a clump of n are n^-this", "assumed");
            in.number("bed_death", b.bed_death, Unit::One, Range{0, 1000},
                      "hazard of the lodged, in shares of their anoikis rate", "assumed; biology.md 6: 0.02-0.05 1/h");
            in.number("bed_death_for", b.bed_death_min, Unit::Min, non_negative, "for so long after lodging",
                      "biology.md 6, unverified: 72 h");
            in.integer("split_in", b.split_in, 1, 1000,
                       "copies that a cell becomes when it first enters the blood; injected cells stay whole", "assumed");
            in.integer("split_out", b.split_out, 1, 1000, "copies that a cell becomes when it first leaves the blood",
                       "assumed");
            named_items(in, "lodging", "chance to lodge in passing, by secondary site, in the order in which they are met",
                        draft.circulation.lodging, most_secondary_sites, [&](ParamVisitor& item, LodgingDraft& lodging) {
                          item.number("", lodging.chance, Unit::One, fraction,
                                      "chance that a cell of the reference radius lodges when it passes",
                                      "biology.md 6, unverified: lung 0.95, bone 0.3-0.5 of what is left");
                          const std::vector<std::string> names = names_of(draft.secondary_sites);
                          if (lodging.name != "*" && std::ranges::find(names, lodging.name) == names.end())
                            item.complain("", explain("no such secondary site", lodging.name, comma_list(names),
                                                      nearest_word(lodging.name, names)));
                        });
          },
      .choose = [&] { draft.circulation.given = true; },
      .chosen = has_blood(draft)};
  v.forms("circulation", {&form, 1}, "the blood between the sites",
          "as these defaults where there are vessels, secondary sites or cells in the blood");
}

// How to get a cell type that is shipped but was not asked for; empty when there is none of that name.
std::string shipped_type(const std::string& name) {
  std::error_code error;
  if (!is_plain_name(name) || !std::filesystem::is_regular_file(shipped_configs() / "cells" / (name + ".yaml"), error))
    return {};
  return fmt::format("; it comes with `extends: [cells/{}.yaml]`", name);
}

std::vector<std::string> tissue_sites(const Draft& draft) {
  std::vector<std::string> names = names_of(draft.secondary_sites);
  names.insert(names.begin(), std::string(primary_site));
  return names;
}

constexpr std::int64_t most_founders = 1000000000;

void describe_population(ParamVisitor& v, PopulationDraft& p, const Draft& draft) {
  v.text("type", p.type, "cell type");
  v.text("site", p.site, "secondary site where the cells start; not given: the primary site");
  if (p.site == primary_site) p.site.clear();
  v.integer("count", p.count, 0, most_founders, "number of cells, at the start or each time that they come", "no default");
  const Form blood{
      .kind = Form::Kind::Word, .word = "circulation", .choose = [&] { p.in_blood = true; }, .chosen = p.in_blood};
  describe_shape(v, "place", p.place, true, "where the cells are put, uniformly; circulation: into the blood", {&blood, 1});
  optional_number(v, "from", p.from, Unit::Hour, up_to_100_years, "the cells come then", "at the start unless given");
  optional_number(v, "every", p.every, Unit::Hour, Range{0, 876600, true}, "as many come again and again at this interval",
                  "once unless given");
  optional_number(v, "until", p.until, Unit::Hour, Range{0, 876600, true}, "the last of them come before this",
                  "no default");
  v.section("initial_state", "overrides the branch on which the cell type starts", [&](ParamVisitor& in) {
    optional_choice(in, "branch", p.branch, branch_words, "stable branch of the network at the start", "as the cell type");
    optional_number(in, "high_fraction", p.high_fraction, Unit::One, fraction,
                    "share of cells that start on the high branch", "as the cell type");
    if (p.branch && p.high_fraction) in.complain("high_fraction", "contradicts branch (give one of the two)");
  });
  if (p.name == "*") return;
  const bool points = p.place.given && p.place.region.kind == Region::Kind::Points;
  require(v, "type", !p.type.empty(), fmt::format("one of {}", comma_list(draft.types)));
  if (!p.type.empty() && std::ranges::find(draft.types, p.type) == draft.types.end())
    v.complain("type", explain("no such cell type", p.type, comma_list(draft.types), nearest_word(p.type, draft.types)) +
                           shipped_type(p.type));
  if (!points) require(v, "count", p.count >= 0, "a whole number of cells");
  if (p.every && !p.until) v.complain("every", "needs `until` (when the cells cease to come)");
  if (p.until && !p.every) v.complain("until", "needs `every` (how often the cells come until then)");
  if (p.until && *p.until <= p.from.value_or(0))
    v.complain("until", explain("must be later than from", to_text(*p.until, Unit::Hour),
                                "> " + to_text(p.from.value_or(0), Unit::Hour)));
  if (draft.assay.kind == AssayKind::Wells) {
    if (p.place.given || p.in_blood)
      v.complain("place", "has no meaning in `assay: {kind: wells}` (remove it, or choose another assay)");
  } else {
    require(v, "place", p.place.given || p.in_blood, "such as {sphere: {centre: [...], radius: ...}}");
  }
  if (p.site.empty()) return;
  if (p.in_blood) v.complain("site", "contradicts `place: circulation` (give one of the two)");
  const std::vector<std::string> sites = tissue_sites(draft);
  if (std::ranges::find(sites, p.site) == sites.end())
    v.complain("site", explain("no such site", p.site, comma_list(sites), nearest_word(p.site, sites)));
}

void describe_knobs(ParamVisitor& v, PerturbationDraft& p) {
  for (std::size_t k = 0; k < knob_count; ++k) {
    const KnobInfo& info = knobs[k];
    const Knob knob = static_cast<Knob>(k);
    const auto at = std::ranges::find(p.doses, knob, &KnobDraft::knob);
    const bool given = at != p.doses.end();
    KnobDraft dose = given ? *at : KnobDraft{knob, 0, false};
    bool read = false;
    std::vector<Form> forms;
    if (info.kind == KnobKind::Mutant) {
      for (std::size_t w = 0; w < s39_words.size(); ++w) {
        Form form{.kind = Form::Kind::Word, .word = s39_words[w]};
        form.choose = [&dose, &read, w] {
          dose.value = static_cast<double>(w);
          read = true;
        };
        form.chosen = given && dose.value == static_cast<double>(w);
        forms.push_back(std::move(form));
      }
    } else {
      forms.push_back({.kind = Form::Kind::Quantity,
                       .value = &dose.value,
                       .unit = Unit::One,
                       .range = Range{0, info.high},
                       .choose =
                           [&] {
                             dose.multiplies = false;
                             read = true;
                           },
                       .chosen = given && !dose.multiplies});
      if (info.kind == KnobKind::Level)
        forms.push_back({.kind = Form::Kind::Factor,
                         .value = &dose.value,
                         .range = Range{0, info.high},
                         .choose =
                             [&] {
                               dose.multiplies = true;
                               read = true;
                             },
                         .chosen = given && dose.multiplies});
    }
    v.forms(info.name, forms, info.meaning, info.source);
    if (read) p.doses.push_back(dose);
  }
}

void require_known(ParamVisitor& v, std::string_view key, const std::vector<std::string>& given,
                   const std::vector<std::string>& known, std::string_view what) {
  for (const std::string& word : given)
    if (std::ranges::find(known, word) == known.end())
      v.complain(key, explain(fmt::format("no such {}", what), word, comma_list(known), nearest_word(word, known)));
}

void describe_perturbation(ParamVisitor& v, PerturbationDraft& p, const Draft& draft) {
  v.section("knobs", "what is changed, and by how much", [&](ParamVisitor& in) { describe_knobs(in, p); });
  v.words("types", p.types, {}, "cell types that it acts on; none given: all");
  v.words("populations", p.populations, {}, "populations that it acts on; none given: all");
  v.words(
      "sites", p.sites, {},
      "sites where it acts: primary, secondary sites, blood (with the capillaries of all organs); none given: everywhere");
  v.number("fraction", p.fraction, Unit::One, Range{0, 1, true}, "share of those cells, drawn once per founder",
           "all unless given");
  optional_number(v, "from", p.from, Unit::Hour, up_to_100_years,
                  "begins here; without it a genotype, part of the starting state", "genotype unless given");
  optional_number(v, "until", p.until, Unit::Hour, Range{0, 876600, true}, "ends here", "never unless given");
  optional_number(v, "onset", p.onset, Unit::Hour, up_to_100_years, "linear ramp up to the full dose (siRNA: 12 h)",
                  "at once unless given");
  if (p.name == "*") return;
  require(v, "knobs", !p.doses.empty(), "at least one knob, such as {akt1_knockdown: 0.85}");
  require_known(v, "types", p.types, draft.types, "cell type");
  std::vector<std::string> names;
  for (const PopulationDraft& population : draft.populations) names.push_back(population.name);
  require_known(v, "populations", p.populations, names, "population");
  std::vector<std::string> sites = tissue_sites(draft);
  if (has_blood(draft)) sites.emplace_back(blood_site);
  require_known(v, "sites", p.sites, sites, "site");
  if (!p.sites.empty() && !p.from) v.complain("sites", "needs `from` (a genotype is in force wherever the cell is)");
  for (const KnobDraft& dose : p.doses)
    if (!p.sites.empty() && knobs[+dose.knob].kind == KnobKind::Mutant)
      v.complain("sites",
                 fmt::format("does not go with {}: a mutant protein is wherever the cell is", knobs[+dose.knob].name));
  if (p.until && *p.until <= p.from.value_or(0))
    v.complain("until", explain("must be later than from", to_text(*p.until, Unit::Hour),
                                "> " + to_text(p.from.value_or(0), Unit::Hour)));
  if (p.onset && *p.onset > 0 && !p.from) v.complain("onset", "needs `from` (a genotype is in force from the start)");
}

void describe_cell_types(ParamVisitor& v, const Draft& draft, const Processes& processes) {
  v.named("cell_types", "kinds of cells", draft.types, [&](const std::string& name, ParamVisitor& in) {
    require_plain_name(in, name);
    const auto at = std::ranges::find(draft.types, name);
    const std::size_t type = at == draft.types.end() ? 0 : static_cast<std::size_t>(at - draft.types.begin());
    // A value that is no map is reported here, even if no process asked for a key.
    for (const auto& process : processes) process->describe_type(in, type);
  });
}

void describe_processes(ParamVisitor& v, Draft& draft, const Processes& processes) {
  v.section("processes", "which processes act, how often, and their constants", [&](ParamVisitor& in) {
    for (std::size_t p = 0; p < processes.size(); ++p) {
      ProcessDraft& d = draft.processes[p];
      Process& process = *processes[p];
      std::optional<double> every;
      if (d.every > 0) every = d.every;
      const Form forms[] = {{.kind = Form::Kind::Word, .word = "off", .choose = [&] { d.on = false; }, .chosen = !d.on},
                            {.kind = Form::Kind::Word, .word = "on", .choose = [&] { d.on = true; }},
                            {.kind = Form::Kind::Keys,
                             .body =
                                 [&](ParamVisitor& keys) {
                                   optional_number(keys, "every", every, Unit::Min, cadence,
                                                   "cadence; a whole multiple of the tick", "as `steps` says");
                                   process.describe(keys);
                                 },
                             .choose = [&] { d.on = true; },
                             .chosen = d.on}};
      in.forms(process.name(), forms, "off, on, or on with these constants", "on unless given");
      d.every = every.value_or(0);
    }
  });
}

void describe_output(ParamVisitor& v, OutputDraft& o) {
  cadence_or_off(v, "series", o.series, "one row of observables", "design.md 4");
  cadence_or_off(v, "snapshots", o.snapshots, "the whole state, for ParaView", "design.md 4");
  cadence_or_off(v, "tracks", o.tracks, "positions of all cells", "design.md 4: off unless given");
  const bool by_wall = o.checkpoint_wall > 0;
  const Form checkpoints[] = {{.kind = Form::Kind::Word,
                               .word = "off",
                               .choose = [&] { o.checkpoints = o.checkpoint_wall = 0; },
                               .chosen = o.checkpoints <= 0 && !by_wall},
                              {.kind = Form::Kind::Quantity,
                               .value = &o.checkpoints,
                               .unit = Unit::Min,
                               .range = cadence,
                               .choose = [&] { o.checkpoint_wall = 0; },
                               .chosen = o.checkpoints > 0 && !by_wall},
                              {.kind = Form::Kind::Keys,
                               .body =
                                   [&](ParamVisitor& in) {
                                     cadence_or_off(in, "every", o.checkpoints, "simulated time between checkpoints",
                                                    "design.md 4");
                                     cadence_or_off(in, "wall", o.checkpoint_wall,
                                                    "time of the clock on the wall between checkpoints", "design.md 4");
                                   },
                               .chosen = by_wall}};
  v.forms("checkpoints", checkpoints, "state to resume from, whichever comes first", "design.md 4");
  v.words("fields", o.fields, {}, "lattice and field arrays kept in snapshots: all, or a list");
}

}  // namespace

bool is_pressure_field(std::string_view name) { return name == "oxygen"; }

bool has_blood(const Draft& d) {
  return d.circulation.given || !d.secondary_sites.empty() || !d.vessels.empty() ||
         std::ranges::any_of(d.populations, &PopulationDraft::in_blood);
}

void describe_assay(ParamVisitor& v, AssayDraft& assay) {
  const auto kind = [&](AssayKind k) { return assay.kind == k; };
  const Form form{.kind = Form::Kind::Keys,
                  .body =
                      [&](ParamVisitor& in) {
                        int index = kind(AssayKind::None) ? -1 : static_cast<int>(assay.kind) - 1;
                        in.choice("kind", index, assay_words,
                                  "ready-made settings of domain, matrix, placement and processes", "no default");
                        assay.kind = static_cast<AssayKind>(index + 1);
                        require(in, "kind", index >= 0,
                                "one of " + comma_list(std::vector<std::string>{assay_words.begin(), assay_words.end()}));
                        const auto has = [&](AssayKind k) { return kind(k) || kind(AssayKind::None); };
                        constexpr Range up_to_10_cm{0, 1e5, true};
                        if (has(AssayKind::Spheroid))
                          in.number("radius", assay.radius, Unit::Um, up_to_10_cm, "radius of the spheroid", "design.md 4");
                        if (has(AssayKind::Transwell)) {
                          in.number("pore_diameter", assay.pore_diameter, Unit::Um, Range{0, 1000, true},
                                    "transwell: diameter of the pores of the membrane", "design.md 4");
                          in.number("membrane", assay.membrane, Unit::Um, up_to_10_cm,
                                    "transwell: thickness of the membrane", "design.md 4");
                          in.number("plug", assay.plug, Unit::Um, Range{0, 1e5},
                                    "transwell: thickness of the matrix that coats the membrane; 0 = none", "design.md 4");
                          in.choice("attractant", assay.attractant, attractant_words,
                                    "transwell: factor of the lower chamber, 2 there and 0 on top", "design.md 4");
                        }
                        if (has(AssayKind::Monolayer))
                          in.number("gap", assay.gap, Unit::Um, up_to_10_cm, "monolayer: width of the wound", "design.md 4");
                        if (has(AssayKind::Microtracks))
                          in.number("width", assay.width, Unit::Um, up_to_10_cm, "microtracks: width of a track",
                                    "design.md 4");
                      },
                  .chosen = !kind(AssayKind::None)};
  v.forms("assay", {&form, 1}, "a ready-made experiment; the scenario's own keys override it", "none unless given");
}

void describe_scenario(ParamVisitor& v, Draft& d, const Processes& processes) {
  v.integer("schema", d.schema, 1, 1, "version of the scenario language", "design.md 4");
  require(v, "schema", d.schema == 1, "write 'schema: 1' on top");
  v.text("name", d.name, "title of the scenario");
  require(v, "name", !d.name.empty(), "a title for people");
  if (d.name.find('\n') != std::string::npos || d.name.size() > longest_name)
    v.complain("name",
               fmt::format("is no title (allowed one line of at most {} bytes; `about` may be longer)", longest_name));
  v.text("about", d.about, "what is asked, in a sentence");
  v.integer("seed", d.seed, 0, std::numeric_limits<std::int64_t>::max(), "decides all chance of the run", "assumed");
  v.number("duration", d.duration, Unit::Hour, Range{0, 876600, true}, "simulated time", "no default");
  require(v, "duration", d.duration > 0, "a time such as '72 h'");
  describe_assay(v, d.assay);

  v.section("steps", "cadences of the groups of processes; their common divisor is the tick", [&](ParamVisitor& in) {
    in.number("motion", d.steps.motion, Unit::Min, cadence, "walk and mechanics", "design.md 4");
    in.number("fields", d.steps.fields, Unit::Min, cadence, "soluble factors", "design.md 4");
    in.number("signalling", d.steps.signalling, Unit::Min, cadence, "signalling network and response",
              "design.md 4; biology.md 2");
    in.number("matrix", d.steps.matrix, Unit::Min, cadence, "sensing, proteolysis, deposition, realignment, osteolysis",
              "design.md 4");
    in.number("fate", d.steps.fate, Unit::Min, cadence,
              "division, death, anoikis, growth of vessels, and the way from site to site", "design.md 4");
  });

  if (d.assay.kind != AssayKind::Wells) {
    describe_space(v, d);
    describe_secondary_sites(v, d);
    describe_circulation(v, d);
  }
  describe_cell_types(v, d, processes);
  named_items(v, "population", "founders", d.populations, 64,
              [&](ParamVisitor& in, PopulationDraft& p) { describe_population(in, p, d); });
  require(v, "population", !d.populations.empty(), "at least one, such as {core: {type: sts, count: 200, place: {...}}}");
  named_items(v, "perturbations", "interventions and genotypes", d.perturbations, 64,
              [&](ParamVisitor& in, PerturbationDraft& p) { describe_perturbation(in, p, d); });
  describe_processes(v, d, processes);
  v.section("output", "what is written, and when", [&](ParamVisitor& in) { describe_output(in, d.output); });
}

}  // namespace invado
