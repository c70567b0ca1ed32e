#include "analysis/cell_surface.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/eight.h"
#include "base/maths.h"
#include "base/parallel.h"

namespace invado {
namespace {

constexpr double pi = 3.14159265358979324;
constexpr double level = 0.60653065971263342;  // e^(-1/2)
constexpr double reach = 2.5;                  // a cell is felt to 2.5 R along each axis, where it has 0.044 of its height
constexpr double fineness = 0.75;              // spacing of the grid over the mean radius
constexpr double alone_beyond = 3.25;          // no other cell within so many radii: a sphere, within 2 % of its radius
constexpr int brick = 8;                       // cubes along a side of a brick: the grid exists where cells are
constexpr int brick_nodes = brick + 1;

// Nodes at the corners of cubes, from face to face of the box.
struct Nodes {
  std::array<int, 3> cubes{1, 1, 1};
  std::array<int, 3> bricks{1, 1, 1};
  Vec3 spacing;
  bool planar;

  Nodes(const Domain& domain, double target) : planar(domain.planar) {
    // Coarser where that would be more than 2^22 bricks.
    for (double width = target;; width *= 1.26) {
      double count = 1;
      for (int axis = 0; axis < 3; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        cubes[a] = axis == 2 && planar ? 1 : static_cast<int>(std::clamp(std::ceil(domain.size[axis] / width), 1.0, 1e8));
        bricks[a] = (cubes[a] + brick - 1) / brick;
        spacing[axis] = domain.size[axis] / cubes[a];
        count *= bricks[a];
      }
      if (count <= 4194304) return;
    }
  }
  [[nodiscard]] std::size_t brick_index(int i, int j, int k) const {
    return (static_cast<std::size_t>(k) * static_cast<std::size_t>(bricks[1]) + static_cast<std::size_t>(j)) *
               static_cast<std::size_t>(bricks[0]) +
           static_cast<std::size_t>(i);
  }
  [[nodiscard]] std::size_t brick_count() const { return brick_index(0, 0, bricks[2]); }
};

// A cell, or its image behind a face: the nodes that feel it.
struct Blob {
  std::array<int, 3> first, last;
  std::uint32_t cell;    // entry of `rows`; the first of its blobs is the cell itself
  std::uint32_t weight;  // where the weights of these nodes begin in Blobs::weights, axis after axis
};
struct Blobs {
  std::vector<Blob> all;
  std::vector<Vec3> centre;    // of each
  std::vector<float> weights;  // with room for two vectors before and behind them
  static constexpr std::uint32_t room = 16;
};

// Where a cell and its images are along one axis, as far as nodes feel them.
struct Images {
  std::size_t count = 0;
  std::array<double, 3> x{};
  std::array<int, 3> first{}, last{};
  std::size_t nodes = 0;  // that feel one of them

  Images(const Domain& domain, const Nodes& grid, int axis, double at, double radius) {
    if (axis == 2 && grid.planar) {
      take(at, 0, 1);
      return;
    }
    const auto a = static_cast<std::size_t>(axis);
    const double length = domain.size[axis], far = reach * radius;
    const bool periodic = domain.periodic()[a];
    const auto felt = [&](double image) {
      const double low = std::ceil((image - far) / grid.spacing[axis]),
                   high = std::floor((image + far) / grid.spacing[axis]);
      if (low <= high && high >= 0 && low <= grid.cubes[a])  // false for NaN
        take(image, static_cast<int>(std::max(low, 0.0)),
             static_cast<int>(std::min(high, static_cast<double>(grid.cubes[a]))));
    };
    felt(at);
    if (at < far) felt(periodic ? at + length : -at);
    if (at > length - far) felt(periodic ? at - length : 2 * length - at);
  }
  void take(double image, int from, int to) {
    x[count] = image, first[count] = from, last[count] = to;
    ++count;
    nodes += static_cast<std::size_t>(to - from + 1);
  }
};

// All blobs, a cell's own and its images side by side; counted first, since many cells leave no room for what grows.
Blobs blobs_of(const Site& site, std::span<const std::size_t> rows, const Nodes& nodes) {
  const auto images = [&](std::size_t cell) {
    const Vec3 x = site.cells.position(rows[cell]);
    const double radius = site.cells.radius[rows[cell]];
    const auto along = [&](int axis) { return Images(site.domain, nodes, axis, x[axis], radius); };
    return std::array{along(0), along(1), along(2)};
  };
  std::vector<std::uint32_t> blob_of(rows.size() + 1, 0), weight_of(rows.size() + 1, 0);  // of each cell, the first
  for_rows(rows.size(), [&](std::size_t cell) {
    const auto [x, y, z] = images(cell);
    blob_of[cell + 1] = static_cast<std::uint32_t>(x.count * y.count * z.count);
    weight_of[cell + 1] =
        static_cast<std::uint32_t>(x.nodes * y.count * z.count + y.nodes * z.count * x.count + z.nodes * x.count * y.count);
  });
  std::partial_sum(blob_of.begin(), blob_of.end(), blob_of.begin());
  weight_of[0] = Blobs::room;
  std::partial_sum(weight_of.begin(), weight_of.end(), weight_of.begin());
  Blobs blobs;
  blobs.all.resize(blob_of.back());
  blobs.centre.resize(blob_of.back());
  blobs.weights.resize(weight_of.back() + Blobs::room);
  // Exponentials of many cells at a time: one after the other, they become vector instructions.
  constexpr std::size_t block = 64;
  for_blocks((rows.size() + block - 1) / block, [&](std::size_t b) {
    const std::size_t begin = b * block, end = std::min(begin + block, rows.size());
    std::vector<double> distance(weight_of[end] - weight_of[begin]);  // of nodes, in radii
    double* next = distance.data();
    for (std::size_t cell = begin; cell < end; ++cell) {
      const double radius = site.cells.radius[rows[cell]];
      const std::array<Images, 3> at = images(cell);
      std::uint32_t number = blob_of[cell];
      for (std::size_t k = 0; k < at[2].count; ++k)
        for (std::size_t j = 0; j < at[1].count; ++j)
          for (std::size_t i = 0; i < at[0].count; ++i) {
            Vec3& centre = blobs.centre[number];
            Blob& blob = blobs.all[number++];
            blob.cell = static_cast<std::uint32_t>(cell);
            blob.weight = weight_of[begin] + static_cast<std::uint32_t>(next - distance.data());
            const std::array image{i, j, k};
            for (int axis = 0; axis < 3; ++axis) {
              const auto a = static_cast<std::size_t>(axis);
              centre[axis] = at[a].x[image[a]];
              blob.first[a] = at[a].first[image[a]], blob.last[a] = at[a].last[image[a]];
              for (int n = blob.first[a]; n <= blob.last[a]; ++n)
                *next++ = axis == 2 && nodes.planar ? 0 : (n * nodes.spacing[axis] - centre[axis]) / radius;
            }
          }
    }
    float* const weights = blobs.weights.data() + weight_of[begin];
    for (std::size_t n = 0; n < distance.size(); ++n)
      weights[n] = static_cast<float>(invado::exp(-0.5 * distance[n] * distance[n]));
  });
  return blobs;
}

// Calls visit(brick) for every brick with a node that feels the blob.
template <class Visit>
void for_bricks_of(const Blob& blob, const Nodes& nodes, Visit&& visit) {
  std::array<int, 3> from{}, to{};
  for (std::size_t a = 0; a < 3; ++a) {
    from[a] = std::max((blob.first[a] - 1) / brick, 0);  // a node between two bricks belongs to both
    to[a] = std::min(blob.last[a] / brick, nodes.bricks[a] - 1);
  }
  for (int k = from[2]; k <= to[2]; ++k)
    for (int j = from[1]; j <= to[1]; ++j)
      for (int i = from[0]; i <= to[0]; ++i) visit(nodes.brick_index(i, j, k));
}

// Lines of 9 nodes along x, filled up to two vectors of eight.
struct BrickField {
  std::array<std::array<Floats8, 2>, brick_nodes * brick_nodes> line{};
  static std::size_t number(int j, int k) { return static_cast<std::size_t>(k * brick_nodes + j); }
  [[nodiscard]] float at(int i, std::size_t of_line) const { return line[of_line][static_cast<std::size_t>(i) / 8][i % 8]; }
};

void add(BrickField& field, const Blob& blob, const std::vector<float>& weights, std::array<int, 3> origin) {
  std::array<int, 3> from{}, to{};
  std::array<std::ptrdiff_t, 3> shift{};  // from a node of the brick to its weight
  std::ptrdiff_t begin = blob.weight;
  for (std::size_t a = 0; a < 3; ++a) {
    from[a] = std::max(blob.first[a] - origin[a], 0);
    to[a] = std::min(blob.last[a] - origin[a], brick);
    shift[a] = begin + (origin[a] - blob.first[a]);
    begin += blob.last[a] - blob.first[a] + 1;
  }
  const auto weight = [&](std::size_t a, int node) { return weights[static_cast<std::size_t>(shift[a] + node)]; };
  // Whole vectors: a weight of 0 where the blob is not felt changes nothing.
  std::array<Floats8, 2> along;
  for (int half = 0; half < 2; ++half) {
    const Ints8 node = Ints8{0, 1, 2, 3, 4, 5, 6, 7} + 8 * half;
    const Ints8 felt = (node >= from[0]) & (node <= to[0]);
    const auto stored = load8<Ints8>(weights.data() + shift[0] + 8 * half);
    along[static_cast<std::size_t>(half)] = std::bit_cast<Floats8>(felt & stored);
  }
  for (int k = from[2]; k <= to[2]; ++k)
    for (int j = from[1]; j <= to[1]; ++j) {
      const float w = weight(2, k) * weight(1, j);
      std::array<Floats8, 2>& line = field.line[BrickField::number(j, k)];
      if (from[0] < 8) line[0] += w * along[0];
      if (to[0] >= 8) line[1] += w * along[1];
    }
}

struct Corner {
  Vec3 x;
  double above;  // F - level
};

double triangle(Vec3 a, Vec3 b, Vec3 c) { return 0.5 * norm(cross(b - a, c - a)); }

// A tetrahedron in which F is linear, with corners above and below the level: area of the cut, share that is above.
void cut(const std::array<const Corner*, 4>& corners, double& area, double& share) {
  std::array<const Corner*, 4> above{}, below{};
  std::size_t up = 0, down = 0;
  for (const Corner* const c : corners) (c->above > 0 ? above[up++] : below[down++]) = c;
  const auto part = [](const Corner& a, const Corner& b) { return a.above / (a.above - b.above); };
  const auto point = [](const Corner& a, const Corner& b, double t) { return a.x + t * (b.x - a.x); };
  if (up == 2) {
    const Corner &a = *above[0], &b = *above[1], &c = *below[0], &d = *below[1];
    const double ac = part(a, c), ad = part(a, d), bc = part(b, c), bd = part(b, d);
    const Vec3 p = point(a, c, ac), q = point(a, d, ad), r = point(b, d, bd), s = point(b, c, bc);
    area += triangle(p, q, r) + triangle(p, r, s);
    share += ac * ad + ac * bd * (1 - ad) + bc * bd * (1 - ac);  // the wedge a, ac, ad | b, bc, bd in three tetrahedra
    return;
  }
  const Corner& tip = up == 1 ? *above[0] : *below[0];
  const auto& base = up == 1 ? below : above;
  const double t0 = part(tip, *base[0]), t1 = part(tip, *base[1]), t2 = part(tip, *base[2]);
  area += triangle(point(tip, *base[0], t0), point(tip, *base[1], t1), point(tip, *base[2], t2));
  share += up == 1 ? t0 * t1 * t2 : 1 - t0 * t1 * t2;
}

// Six tetrahedra around the diagonal from corner 0 to corner 7; bit 0 of a corner is x, bit 1 y, bit 2 z.
constexpr std::array<std::array<std::size_t, 4>, 6> tetrahedra{
    {{0, 1, 3, 7}, {0, 1, 5, 7}, {0, 2, 3, 7}, {0, 2, 6, 7}, {0, 4, 5, 7}, {0, 4, 6, 7}}};

CellSurface march(const BrickField& field, const Nodes& nodes, std::array<int, 3> origin) {
  std::array<int, 3> cubes{};
  for (std::size_t a = 0; a < 3; ++a) cubes[a] = std::min(nodes.cubes[a] - origin[a], brick);
  const double cube_volume = nodes.spacing.x * nodes.spacing.y * nodes.spacing.z;
  std::array<Corner, 8> corner{};
  for (std::size_t c = 0; c < 8; ++c)
    corner[c].x = {(c & 1) ? nodes.spacing.x : 0, (c & 2) ? nodes.spacing.y : 0, (c & 4) ? nodes.spacing.z : 0};
  std::array<unsigned, brick_nodes * brick_nodes> up;  // which nodes of each line are above the level, a bit each
  for (std::size_t l = 0; l < up.size(); ++l)
    up[l] = lanes_above(to_doubles(field.line[l][0]), level) | lanes_above(to_doubles(field.line[l][1]), level) << 8;
  double area = 0;
  double shares = 0;  // of tetrahedra
  for (int k = 0; k < cubes[2]; ++k)
    for (int j = 0; j < cubes[1]; ++j) {
      // Corners 2l and 2l + 1 of all cubes of this line.
      const std::array<std::size_t, 4> line{BrickField::number(j, k), BrickField::number(j + 1, k),
                                            BrickField::number(j, k + 1), BrickField::number(j + 1, k + 1)};
      const unsigned any = up[line[0]] | up[line[1]] | up[line[2]] | up[line[3]];
      for (unsigned left = (any | any >> 1) & ((1u << cubes[0]) - 1); left != 0; left &= left - 1) {
        const int i = std::countr_zero(left);
        unsigned above = 0;  // bit per corner
        for (std::size_t l = 0; l < 4; ++l) above |= (up[line[l]] >> i & 3u) << (2 * l);
        if (above == 255) {
          shares += 6;
          continue;
        }
        for (std::size_t c = 0; c < 8; ++c)
          corner[c].above = static_cast<double>(field.at(i + static_cast<int>(c & 1), line[c / 2])) - level;
        for (const auto& t : tetrahedra) {
          const unsigned all = 1u << t[0] | 1u << t[1] | 1u << t[2] | 1u << t[3];
          if ((above & all) == all) shares += 1;
          if ((above & all) != all && (above & all) != 0)
            cut({&corner[t[0]], &corner[t[1]], &corner[t[2]], &corner[t[3]]}, area, shares);
        }
      }
    }
  return {area, shares / 6 * cube_volume};
}

}  // namespace

CellSurface cell_surface(const Site& site, std::span<const std::size_t> rows, std::span<const std::uint32_t> contacts) {
  if (rows.empty()) return {};
  const double mean_radius =
      ordered_sum(rows.size(), [&](std::size_t i) { return site.cells.radius[rows[i]]; }) / static_cast<double>(rows.size());
  if (!(mean_radius > 0)) return {};
  const Nodes nodes(site.domain, fineness * mean_radius);
  const Blobs made = blobs_of(site, rows, nodes);
  const std::vector<Blob>& blobs = made.all;

  // Which blobs each brick feels, in the order of blobs.
  std::vector<std::size_t> first(nodes.brick_count() + 1, 0);
  for (const Blob& blob : blobs) for_bricks_of(blob, nodes, [&](std::size_t b) { ++first[b + 1]; });
  std::vector<std::size_t> used;
  for (std::size_t b = 0; b + 1 < first.size(); ++b)
    if (first[b + 1] > 0) used.push_back(b);
  std::partial_sum(first.begin(), first.end(), first.begin());
  std::vector<std::uint32_t> members(first.back());
  std::vector<std::size_t> next(first.begin(), first.end() - 1);
  for (std::size_t i = 0; i < blobs.size(); ++i)
    for_bricks_of(blobs[i], nodes, [&](std::size_t b) { members[next[b]++] = static_cast<std::uint32_t>(i); });

  // Cells alone need no grid.
  std::vector<char> alone(rows.size(), 0);
  CellSurface total;
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    const Blob& blob = blobs[i];
    if (contacts[blob.cell] > 0 || (i > 0 && blobs[i - 1].cell == blob.cell)) continue;
    const double r = site.cells.radius[rows[blob.cell]];
    bool nobody = true;
    for_bricks_of(blob, nodes, [&](std::size_t b) {
      for (std::size_t m = first[b]; m < first[b + 1] && nobody; ++m) {
        const Blob& other = blobs[members[m]];
        const Vec3 d = made.centre[members[m]] - made.centre[i];
        const double near = alone_beyond * std::max(r, site.cells.radius[rows[other.cell]]);
        nobody = members[m] == i || dot(d, d) > near * near;
      }
    });
    if (!nobody) continue;
    alone[blob.cell] = 1;
    const double thickness = site.domain.size.z;
    total.area_um2 += nodes.planar ? 2 * pi * r * thickness : 4 * pi * r * r;
    total.volume_um3 += nodes.planar ? pi * r * r * thickness : 4 * pi / 3 * r * r * r;
  }

  std::vector<CellSurface> of_brick(used.size());
  for_blocks(used.size(), [&](std::size_t u) {
    const std::size_t b = used[u];
    const auto nx = static_cast<std::size_t>(nodes.bricks[0]), ny = static_cast<std::size_t>(nodes.bricks[1]);
    const std::array<int, 3> origin{static_cast<int>(b % nx) * brick, static_cast<int>(b / nx % ny) * brick,
                                    static_cast<int>(b / nx / ny) * brick};
    BrickField field;
    for (std::size_t m = first[b]; m < first[b + 1]; ++m)
      if (alone[blobs[members[m]].cell] == 0) add(field, blobs[members[m]], made.weights, origin);
    of_brick[u] = march(field, nodes, origin);
  });
  total.area_um2 += ordered_sum(used.size(), [&](std::size_t u) { return of_brick[u].area_um2; });
  total.volume_um3 += ordered_sum(used.size(), [&](std::size_t u) { return of_brick[u].volume_um3; });
  return total;
}

}  // namespace invado
