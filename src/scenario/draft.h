// A scenario as it is written: the raw values of the sections that belong to no process, and the one description of the
// whole language. Reader, resolved copy, JSON schema and parameter table all walk `describe_scenario`.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/param.h"
#include "model/process.h"
#include "model/world.h"

namespace invado {

inline constexpr std::array<std::string_view, 3> axis_words{"x", "y", "z"};

inline constexpr std::string_view primary_site = "primary", blood_site = "blood";
inline constexpr std::size_t most_secondary_sites = 16;

inline constexpr double unset = std::numeric_limits<double>::quiet_NaN();

// A shape in space, of a place or a region of the matrix.
struct ShapeDraft {
  bool given = false;
  Region region;
  std::string points_file;  // kind Points
};

// Fibres of all voxels along one direction, or of each voxel along one of its own.
inline constexpr std::array<std::string_view, 2> orientation_words{"common", "random"};
inline constexpr int random_orientation = 1;

struct RegionDraft {
  std::string name;
  ShapeDraft shape;
  std::optional<double> density, alignment, crosslinking;
  std::optional<Vec3> direction;
  std::optional<int> orientation, tissue;  // index into orientation_words, Tissue
};

// A picture that density and fibres come from.
struct ImageDraft {
  bool given = false;
  std::string file, array;
  std::int64_t channel = 0;
  std::vector<std::string> axes{"x", "y", "z"};
  Vec3 spacing{unset, unset, unset};  // [um]
  Vec3 origin{0, 0, 0};               // [um]
  double black = 0, white = unset;    // [mg/ml]
  std::optional<double> grey_black, grey_white;
  bool fibres = true;
  double gradient = 1, average = 10;  // [um]
};

struct MatrixDraft {
  bool given = false;
  double voxel = 10;     // [um]
  double density = 1.7;  // [mg/ml]
  double alignment = 0;
  Vec3 direction{1, 0, 0};
  int orientation = 0;  // index into orientation_words
  double crosslinking = 1;
  int tissue = static_cast<int>(Tissue::Stroma);
  MatrixLaw law;
  ImageDraft image;
  std::vector<RegionDraft> regions;
};

struct FaceDraft {
  enum class Kind { Closed, Open, Value };
  Kind kind = Kind::Closed;
  double value = 0;
};

struct FieldDraft {
  std::string name;
  double diffusion = -1;  // [um^2/min]; negative: not given
  double decay = 0;       // [1/min]
  double initial = 0;
  bool frozen = false;
  bool has_gradient = false;
  int gradient_axis = 0;
  double gradient_low = 0, gradient_high = 0;
  std::array<bool, 3> boundary_given{};
  std::array<bool, 3> boundary_of_faces{};  // written as {low, high}
  std::array<std::array<FaceDraft, 2>, 3> face{};
  int solve = 0;  // index into solve_words
};

struct VesselDraft {
  std::string name;
  std::vector<Vec3> path;  // [um]
  double radius = 15;      // [um]
};

// What the vessels of a site have in common.
struct VesselWallDraft {
  bool given = false;
  double basement_membrane = 10;  // [um]
  double oxygen = 40;             // [mmHg]
  double perfusion = 20;          // [1/min]
};

// The space of a site and what fills it.
struct SpaceDraft {
  Vec3 size{unset, unset, unset};  // [um]
  double voxel = 20;               // [um]
  std::array<int, 3> boundary{0, 0, 0};
  MatrixDraft matrix;
  std::vector<FieldDraft> fields;
  std::vector<VesselDraft> vessels;
  VesselWallDraft vessel_wall;
};

struct SiteDraft : SpaceDraft {
  std::string name;
  Organ organ;  // all but `lodging`
};

struct LodgingDraft {
  std::string name;  // of a secondary site
  double chance = 0;
};

struct CirculationDraft {
  bool given = false;
  BloodStream stream;
  std::vector<LodgingDraft> lodging;
};

struct PopulationDraft {
  std::string name, type;
  std::string site;         // a secondary one; empty: the primary one
  std::int64_t count = -1;  // negative: not given
  ShapeDraft place;
  std::optional<double> from, every, until;  // [h]
  bool in_blood = false;                     // `place: circulation`
  std::optional<int> branch;                 // 0 low, 1 high
  std::optional<double> high_fraction;
};

struct KnobDraft {
  Knob knob{};
  double value = 0;
  bool multiplies = false;
};

struct PerturbationDraft {
  std::string name;
  std::vector<KnobDraft> doses;
  std::vector<std::string> types, populations, sites;
  double fraction = 1;
  std::optional<double> from, until, onset;  // [h]
};

struct ProcessDraft {
  bool on = true;
  double every = 0;  // [min]; 0: as `steps` says
};

struct StepsDraft {
  double motion = 0.5, fields = 0.5, signalling = 6, matrix = 1, fate = 6;  // [min]
};

struct OutputDraft {
  double series = 10, snapshots = 60, tracks = 0;  // [min]; 0: off
  double checkpoints = 0, checkpoint_wall = 5;     // [min]; 0: off
  std::vector<std::string> fields{"all"};
};

enum class AssayKind : int { None, Wells, SingleCells, Transwell, Spheroid, Monolayer, Detached, Microtracks };
inline constexpr std::array<std::string_view, 7> assay_words{"wells",     "single_cells", "transwell",  "spheroid",
                                                             "monolayer", "detached",     "microtracks"};
// Its word in a scenario; empty for none.
[[nodiscard]] constexpr std::string_view assay_word(AssayKind kind) {
  return kind == AssayKind::None ? "" : assay_words[static_cast<std::size_t>(kind) - 1];
}

inline constexpr std::array<std::string_view, 5> attractant_words{"none", "tgfb", "egf", "cxcl12", "vegf"};

struct AssayDraft {
  AssayKind kind = AssayKind::None;
  double radius = 110;                                 // spheroid [um]
  double pore_diameter = 8, membrane = 10, plug = 40;  // transwell [um]
  int attractant = 0;                                  // transwell: index into attractant_words
  double gap = 400;                                    // monolayer [um]
  double width = 20;                                   // microtracks [um]
};

// The space is that of the primary site.
struct Draft : SpaceDraft {
  std::int64_t schema = 0;
  std::string name, about;
  std::int64_t seed = 1;
  double duration = 0;  // [h]; 0: not given
  AssayDraft assay;
  StepsDraft steps;
  std::vector<SiteDraft> secondary_sites;
  CirculationDraft circulation;
  std::vector<std::string> types;
  std::vector<PopulationDraft> populations;
  std::vector<PerturbationDraft> perturbations;
  std::vector<ProcessDraft> processes;  // one per process of the catalogue
  OutputDraft output;
};

using Processes = std::vector<std::unique_ptr<Process>>;

// Key under which scenarios name the oxygen field: a pressure, all others are dimensionless.
[[nodiscard]] bool is_pressure_field(std::string_view name);

// Whether the scenario has a blood: a way into it, a place beyond it, cells in it, or words about it.
[[nodiscard]] bool has_blood(const Draft& draft);

// The whole language. Types, fields, populations and perturbations that the draft does not know yet are appended as a reader
// names them; cell types and processes must be there (their processes need to know how many).
void describe_scenario(ParamVisitor& v, Draft& draft, const Processes& processes);

// The `assay` section alone: read first, because it decides about the defaults of all others.
void describe_assay(ParamVisitor& v, AssayDraft& assay);

}  // namespace invado
