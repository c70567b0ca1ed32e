// A small World for tests of walk and mechanics, and a visitor that sets parameters by path.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/columns.h"
#include "model/process.h"

namespace invado {

std::unique_ptr<Process> make_motility();
std::unique_ptr<Process> make_mechanics();

namespace test {

// Sets the parameters whose dotted path is in `values`; choices by index, booleans by 0 or 1, vectors by `.x`, `.y`, `.z`.
// `seen` counts how many of the values found their parameter.
class SetParameters final : public ParamVisitor {
 public:
  explicit SetParameters(std::map<std::string, double> values) : values_(std::move(values)) {}
  std::size_t seen = 0;
  std::string complaint;

  void number(std::string_view key, double& value, Unit, Range, std::string_view, std::string_view) override {
    if (const double* given = find(key)) value = *given;
  }
  void integer(std::string_view key, std::int64_t& value, std::int64_t, std::int64_t, std::string_view,
               std::string_view) override {
    if (const double* given = find(key)) value = static_cast<std::int64_t>(*given);
  }
  void boolean(std::string_view key, bool& value, std::string_view, std::string_view) override {
    if (const double* given = find(key)) value = *given != 0;
  }
  void text(std::string_view, std::string&, std::string_view) override {}
  void vector(std::string_view key, Vec3& value, Unit unit, Range range, std::string_view, std::string_view) override {
    section(key, "", [&](ParamVisitor& v) {
      v.number("x", value.x, unit, range, "", "");
      v.number("y", value.y, unit, range, "", "");
      v.number("z", value.z, unit, range, "", "");
    });
  }
  void choice(std::string_view key, int& value, std::span<const std::string_view>, std::string_view,
              std::string_view) override {
    if (const double* given = find(key)) value = static_cast<int>(*given);
  }
  void words(std::string_view, std::vector<std::string>&, std::span<const std::string>, std::string_view) override {}
  void forms(std::string_view key, std::span<const Form> forms, std::string_view, std::string_view) override {
    const std::string inside = path_ + std::string(key) + ".";
    const auto first = values_.lower_bound(inside);
    if (first == values_.end() || !first->first.starts_with(inside)) return;
    for (const Form& form : forms)
      if (form.kind == Form::Kind::Keys) {
        form.choose();
        section(key, "", form.body);
      }
  }
  void section(std::string_view key, std::string_view, const Body& body) override {
    const std::string outside = path_;
    path_ += std::string(key) + ".";
    body(*this);
    path_ = outside;
  }
  void named(std::string_view, std::string_view, std::span<const std::string>,
             const std::function<void(const std::string&, ParamVisitor&)>&) override {}
  void complain(std::string_view key, const std::string& problem) override {
    complaint = path_ + std::string(key) + " " + problem;
  }

 private:
  const double* find(std::string_view key) {
    const auto at = values_.find(path_ + std::string(key));
    if (at == values_.end()) return nullptr;
    ++seen;
    return &at->second;
  }
  std::map<std::string, double> values_;
  std::string path_;
};

// One site, one cell type (signalling off), no matrix, no fields.
inline World box(Vec3 size, Boundary boundary, bool planar = false, std::uint64_t seed = 1) {
  World world;
  world.seed = Seed{seed};
  world.types.resize(1);
  world.types[0].name = "cell";
  world.types[0].signalling = false;
  world.sites.resize(1);
  Domain& domain = world.sites[0].domain;
  domain.size = size;
  domain.boundary = {boundary, boundary, planar ? Boundary::Closed : boundary};
  domain.planar = planar;
  world.clock.tick_us = 30'000'000;
  return world;
}

inline std::size_t add_cell(World& world, Vec3 x, double radius = 8.4) {
  Population& c = world.sites[0].cells;
  const std::size_t i = append_row(c);
  c.id[i] = c.founder[i] = world.next_id++;
  c.parent[i] = -1;
  c.treated[i] = 0;
  c.x[i] = x.x;
  c.y[i] = x.y;
  c.z[i] = x.z;
  c.radius[i] = radius;
  c.speed_factor[i] = 1;
  c.phenotype[+Phenotype::FreeSpeed][i] = 30;
  c.phenotype[+Phenotype::Persistence][i] = 1;
  c.phenotype[+Phenotype::AdhesionMatrix][i] = 0.35F;
  c.phenotype[+Phenotype::PoreLimit][i] = 7;
  c.ligand[i] = 1;
  return i;
}

// A uniform matrix (voxels of 10 um) with fibres aligned along x: s = 0 isotropic, 1 parallel.
inline void fill_matrix(World& world, double density, double alignment, double voxel = 10) {
  Matrix& m = world.sites[0].matrix;
  const Vec3 size = world.sites[0].domain.size;
  for (int axis = 0; axis < 3; ++axis)
    m.grid.shape[static_cast<std::size_t>(axis)] = static_cast<int>(size[axis] / voxel + 0.5);
  m.grid.spacing = {voxel, voxel, voxel};
  const std::size_t n = m.grid.size();
  m.density.assign(n, density);
  m.density_start = m.density;
  m.crosslinking.assign(n, 1.0F);
  m.tissue.assign(n, static_cast<std::uint8_t>(Tissue::Stroma));
  const double other = (1 - alignment) / 3;
  const auto across = static_cast<float>(other);
  m.fibre.assign(n, {static_cast<float>(other + alignment), across, across, 0, 0, 0});
}

// A process with some parameters set: keys under cell_types.cell and under processes.<name>.
inline std::unique_ptr<Process> ready(std::unique_ptr<Process> process, World& world,
                                      std::map<std::string, double> type_values, std::map<std::string, double> values = {}) {
  SetParameters of_type(std::move(type_values)), of_process(std::move(values));
  process->resize_types(world.types.size());
  process->describe(of_process);
  for (std::size_t t = 0; t < world.types.size(); ++t) process->describe_type(of_type, t);
  process->configure(world);
  return process;
}

// Advance by `steps` steps of length dt [min], all processes in the given order.
inline void advance(World& world, const std::vector<const Process*>& processes, int steps, double dt) {
  for (int n = 0; n < steps; ++n) {
    const auto at = static_cast<std::uint32_t>(world.clock.tick);
    for (const Process* process : processes) process->apply(world, Tick{world.seed, at, at * dt, dt});
    ++world.clock.tick;
  }
}

}  // namespace test
}  // namespace invado
