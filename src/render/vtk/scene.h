// The cells, the matrix and the front of one panel as VTK draws them.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "io/snapshot_read.h"
#include "render/framing.h"
#include "render/job.h"
#include "render/sites.h"
#include "render/tubes.h"

class vtkRenderer;

namespace invado {

// What a panel shows of a site, read from a snapshot.
struct Moment {
  CellsAt cells;
  LatticeAt density, fibre;  // empty: not there, or not wanted
  LatticeAt tissue;          // only in a plane, and where bone may be
  std::vector<Tube> tubes;
  Corners box;                                       // of the domain, or around the cells
  std::vector<Dormancy> states{};                    // in an organ beside others they colour the cells, unless names do
  std::vector<std::string> label{}, stages_label{};  // where sites stand side by side
  std::vector<double> values{};                      // of the column that colours the cells
  std::optional<double> cut_at{}, tubes_cut_at{};    // across the axis of the cut, where it lies [um]; absent: not cut open
  std::vector<std::size_t> in_sight{};               // cells that are drawn
};
// The cells of the blood, with their columns `lodged` and `weight`; 65 when these are missing.
[[nodiscard]] CellsAt read_blood(const std::string& snapshot, const SnapshotInfo& info, std::size_t blood);
// All but values, cuts and what is in sight.
[[nodiscard]] Moment read_moment(const std::string& snapshot, const Job& job, std::size_t place);
[[nodiscard]] std::vector<double> read_values(const std::string& snapshot, std::size_t place, const Colouring& colouring);
// Of these edges; where there are none, around cells and tubes.
[[nodiscard]] Corners box_of(const std::array<double, 3>& edges, const CellsAt& cells, std::span<const Tube> tubes);
void shift(Moment& moment, Vec3 by);

// What is the same in all panels.
struct Setting {
  Look look;
  Camera camera;
  std::optional<double> cut_at;      // of the site, or the tumour, in its own box [um]
  double pixel = 0;                  // of the picture [um]
  std::vector<LatticeAt> start;      // of each site that is shown: density of the matrix at the start; empty: there is none
  double densest = 0;                // in the whole series; only for sections
  std::vector<double> floor;         // of each site that is shown: density that no protease removes [mg/ml]
  std::vector<Vec3> shifts;          // of each site, where they stand side by side
  std::vector<double> label_widths;  // and how wide the words under it may be [um]
};
// Of which something may be seen: neither cut away nor behind others.
[[nodiscard]] std::vector<std::size_t> cells_in_sight(const Moment& moment, const Setting& setting);

// What there is to see of it, beside cells: only that is named below a picture.
struct Drawn {
  bool front = false, strokes = false, bone = false, vessels = false, sprouts = false, membrane = false;
};
// The sites of a panel, one or several; adds to what has been drawn in other panels.
void draw_scene(vtkRenderer* renderer, std::span<const Moment> sites, const Colouring& colouring, const Setting& setting,
                Drawn& drawn);

}  // namespace invado
