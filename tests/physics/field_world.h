// A closed box with one soluble factor and cells at given points, for tests of transport and matrix.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "../settings.h"
#include "../small_world.h"

namespace invado {

inline World field_world(const std::string& field, std::array<int, 3> shape, double h, double tick_min,
                         std::span<const Vec3> places) {
  World world = small_world(places.size(), 1, tick_min);
  Site& site = world.sites[0];
  site.factor_grid = {shape, {h, h, h}};
  site.domain.size = {shape[0] * h, shape[1] * h, shape[2] * h};
  site.domain.boundary = {Boundary::Closed, Boundary::Closed, Boundary::Closed};
  for (std::size_t row = 0; row < places.size(); ++row) {
    site.cells.x[row] = places[row].x;
    site.cells.y[row] = places[row].y;
    site.cells.z[row] = places[row].z;
  }
  site.fields.resize(1);
  site.fields[0].name = field;
  return world;
}

// An isotropic matrix of one density on voxels of h um that fill the box.
inline void add_matrix(World& world, double h, double density, Tissue kind = Tissue::Stroma) {
  Site& site = world.sites[0];
  Matrix& matrix = site.matrix;
  const Vec3 size = site.domain.size;
  matrix.grid = {{static_cast<int>(std::lround(size.x / h)), static_cast<int>(std::lround(size.y / h)),
                  static_cast<int>(std::lround(size.z / h))},
                 {h, h, h}};
  const std::size_t n = matrix.grid.size();
  matrix.density.assign(n, density);
  matrix.density_start = matrix.density;
  matrix.crosslinking.assign(n, 1.0F);
  matrix.tissue.assign(n, static_cast<std::uint8_t>(kind));
  matrix.fibre.assign(n, {1.0F / 3, 1.0F / 3, 1.0F / 3, 0, 0, 0});
}

inline double amount(const World& world, const Field& field) {
  double sum = 0;
  for (const double value : field.value) sum += value;
  return sum * world.sites[0].factor_grid.voxel_volume();
}

// Deposits of the ledger that do not add up, over the largest of its entries.
inline double imbalance(const World& world, const Field& field) {
  const double now = amount(world, field);
  const double turnover =
      std::max({now, field.amount_start, field.secreted, field.taken_up, field.decayed, std::fabs(field.through_boundary)});
  return std::fabs(now - field.amount_start - (field.secreted - field.taken_up - field.decayed + field.through_boundary)) /
         turnover;
}

}  // namespace invado
