// The cells, the matrix and the front of one panel as VTK draws them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "io/snapshot_read.h"
#include "render/framing.h"
#include "render/job.h"

class vtkRenderer;

namespace invado {

// What a panel shows, read from a snapshot.
struct Moment {
  CellsAt cells;
  std::vector<double> values;  // of the column that colours the cells
  LatticeAt density, fibre;    // empty: not there, or not wanted
  std::array<Vec3, 2> box;     // the corners of the lattice, or around the cells
};
[[nodiscard]] Moment read_moment(const std::string& snapshot, std::size_t place, const Look& look,
                                 const Colouring& colouring);

// What is the same in all panels.
struct Stage {
  Look look;
  Camera camera;
  std::optional<double> cut_at;  // [um]
  double pixel = 0;              // of the picture [um]
  LatticeAt start;               // density of the matrix at the start; empty: there is none
  double densest = 0;            // in the whole series; only for sections
};
void draw_scene(vtkRenderer* renderer, const Moment& moment, const Colouring& colouring, const Stage& stage);

}  // namespace invado
