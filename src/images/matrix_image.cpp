#include "images/matrix_image.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/maths.h"
#include "base/parallel.h"
#include "base/sym3.h"

namespace invado {
namespace {

// Greys as shares between black and white, in the axes of the box.
struct Volume {
  std::array<std::int64_t, 3> shape{};
  Vec3 spacing;
  std::vector<float> value;

  [[nodiscard]] std::size_t at(std::int64_t i, std::int64_t j, std::int64_t k) const {
    return static_cast<std::size_t>((k * shape[1] + j) * shape[0] + i);
  }
  [[nodiscard]] std::int64_t stride(int axis) const { return axis == 0 ? 1 : axis == 1 ? shape[0] : shape[0] * shape[1]; }
};

Volume oriented(const GreyImage& image, const ImagePlacement& p) {
  Volume v;
  for (std::size_t a = 0; a < 3; ++a) {
    v.shape[a] = image.shape[static_cast<std::size_t>(p.axis[a])];
    v.spacing[static_cast<int>(a)] = p.spacing[p.axis[a]];
  }
  v.value.resize(image.count());
  const std::array<std::int64_t, 3> stride{1, image.shape[0], image.shape[0] * image.shape[1]};
  for_blocks(static_cast<std::size_t>(v.shape[1] * v.shape[2]), [&](std::size_t line) {
    const std::array<std::int64_t, 3> start{0, static_cast<std::int64_t>(line) % v.shape[1],
                                            static_cast<std::int64_t>(line) / v.shape[1]};
    std::array<std::int64_t, 3> at = start;
    for (; at[0] < v.shape[0]; ++at[0]) {
      std::int64_t pixel = 0;
      for (std::size_t a = 0; a < 3; ++a)
        pixel += (p.backwards[a] ? v.shape[a] - 1 - at[a] : at[a]) * stride[static_cast<std::size_t>(p.axis[a])];
      const double share = (image.grey(static_cast<std::size_t>(pixel)) - p.grey_black) / (p.grey_white - p.grey_black);
      v.value[v.at(at[0], at[1], at[2])] = static_cast<float>(std::clamp(share, 0.0, 1.0));
    }
  });
  return v;
}

// Half of a Gaussian of standard deviation s in steps, from its middle; sum over both sides 1. Ends at 4 s.
std::vector<double> gaussian(double s) {
  std::vector<double> weight{1};
  double sum = 1;
  for (int k = 1; k <= 4 * s && k < 4096; ++k) {
    weight.push_back(invado::exp(-0.5 * k * k / (s * s)));
    sum += 2 * weight.back();
  }
  for (double& w : weight) w /= sum;
  return weight;
}

// Smooth along one axis, the values beyond the ends mirrored. T: float or double.
template <class T>
void smooth(std::vector<T>& value, const std::array<std::int64_t, 3>& shape, int axis, double deviation) {
  const auto a = static_cast<std::size_t>(axis);
  const std::int64_t n = shape[a];
  if (n < 2 || !(deviation > 0.25)) return;  // of a Gaussian narrower than that, the neighbours have less than 0.03 %
  const std::vector<double> weight = gaussian(deviation);
  const auto reach = static_cast<std::int64_t>(weight.size()) - 1;
  const std::int64_t stride = axis == 0 ? 1 : axis == 1 ? shape[0] : shape[0] * shape[1];
  const std::int64_t lines = shape[0] * shape[1] * shape[2] / n;
  for_blocks(static_cast<std::size_t>(lines), [&](std::size_t l) {
    const auto line = static_cast<std::int64_t>(l);
    const std::int64_t first = line % stride + line / stride * stride * n;
    std::vector<double> before(static_cast<std::size_t>(n));
    for (std::int64_t i = 0; i < n; ++i)
      before[static_cast<std::size_t>(i)] = static_cast<double>(value[static_cast<std::size_t>(first + i * stride)]);
    const auto mirrored = [&](std::int64_t i) {
      i = ((i % (2 * n)) + 2 * n) % (2 * n);
      return before[static_cast<std::size_t>(i < n ? i : 2 * n - 1 - i)];
    };
    for (std::int64_t i = 0; i < n; ++i) {
      double sum = weight[0] * before[static_cast<std::size_t>(i)];
      for (std::int64_t k = 1; k <= reach; ++k)
        sum += weight[static_cast<std::size_t>(k)] *
               (i >= k && i + k < n ? before[static_cast<std::size_t>(i - k)] + before[static_cast<std::size_t>(i + k)]
                                    : mirrored(i - k) + mirrored(i + k));
      value[static_cast<std::size_t>(first + i * stride)] = static_cast<T>(sum);
    }
  });
}

// Which pixels along one axis make up a voxel.
struct Share {
  std::int64_t first = 0;
  std::vector<double> weight;  // sum 1; empty: the picture is not there
  double cover = 0;
};

std::vector<Share> shares(std::int64_t pixels, double spacing, double origin, int voxels, double edge) {
  std::vector<Share> of(static_cast<std::size_t>(voxels));
  for (int v = 0; v < voxels; ++v) {
    Share& share = of[static_cast<std::size_t>(v)];
    const double low = (v * edge - origin) / spacing, high = ((v + 1) * edge - origin) / spacing;  // in pixels
    const auto n = static_cast<double>(pixels);
    if (pixels == 1) {
      share = {0, {1.0}, 1.0};
    } else if (spacing <= edge * (1 + 1e-9)) {
      const double from = std::clamp(low, 0.0, n), to = std::clamp(high, 0.0, n);
      if (!(to - from > 1e-9 * (high - low))) continue;
      share.first = std::min(static_cast<std::int64_t>(from), pixels - 1);
      for (std::int64_t i = share.first; i < pixels && static_cast<double>(i) < to; ++i)
        share.weight.push_back((std::min(to, static_cast<double>(i) + 1) - std::max(from, static_cast<double>(i))) /
                               (to - from));
      share.cover = (to - from) / (high - low);
    } else {
      const double centre = 0.5 * (low + high);
      if (!(centre >= 0 && centre <= n)) continue;
      const double at = std::clamp(centre - 0.5, 0.0, n - 1);
      share.first = std::min(static_cast<std::int64_t>(at), pixels - 2);
      const double part = at - static_cast<double>(share.first);
      share.weight = {1 - part, part};
      share.cover = 1;
    }
  }
  return of;
}

// Differences over two pixels, at the ends over one.
double slope(const Volume& v, std::int64_t i, std::int64_t j, std::int64_t k, int axis) {
  const auto a = static_cast<std::size_t>(axis);
  const std::int64_t n = v.shape[a], here = axis == 0 ? i : axis == 1 ? j : k;
  if (n < 2) return 0;
  const std::int64_t stride = v.stride(axis), at = static_cast<std::int64_t>(v.at(i, j, k));
  const std::int64_t ahead = here + 1 < n ? 1 : 0, behind = here > 0 ? 1 : 0;
  const double difference = static_cast<double>(v.value[static_cast<std::size_t>(at + ahead * stride)]) -
                            static_cast<double>(v.value[static_cast<std::size_t>(at - behind * stride)]);
  return difference / (static_cast<double>(ahead + behind) * v.spacing[axis]);
}

// Orientation tensor of fibres whose structure tensor is J; `flat`: the axis that is left out, or -1.
Sym3 orientation(const Sym3& j, int flat) {
  constexpr double third = 1.0 / 3;
  const double trace = j.trace();
  if (!(trace > 1e-30)) return {third, third, third, 0, 0, 0};
  if (flat >= 0) {
    // In the plane A = I - J / tr J; a^2 = (A_pp - A_qq)^2 + 4 A_pq^2.
    const std::array<double, 3> diagonal{j.xx, j.yy, j.zz};
    const auto p = static_cast<std::size_t>((flat + 1) % 3), q = static_cast<std::size_t>((flat + 2) % 3);
    const double pq = flat == 0 ? j.yz : flat == 1 ? j.xz : j.xy;
    const double difference = (diagonal[q] - diagonal[p]) / trace, off = -pq / trace;
    const double a = std::min(std::sqrt(difference * difference + 4 * off * off), 1.0);
    // (1 - a)/3 I + a d d^T with a d d^T = A - (1 - a)/2 I in the plane.
    std::array<double, 3> out{};
    out[static_cast<std::size_t>(flat)] = (1 - a) / 3;
    out[p] = 0.5 * (1 + difference) - (1 - a) / 2 + (1 - a) / 3;
    out[q] = 0.5 * (1 - difference) - (1 - a) / 2 + (1 - a) / 3;
    return {out[0], out[1], out[2], flat == 2 ? off : 0, flat == 1 ? off : 0, flat == 0 ? off : 0};
  }
  const PrincipalAxis largest = principal_axis(j);
  const Vec3 n = largest.direction;
  const double excess = std::max(2 * largest.value - trace, 0.0), left = trace - excess;
  if (!(left > 1e-6 * trace))  // a sheet: no direction in it
    return {0.5 * (1 - n.x * n.x), 0.5 * (1 - n.y * n.y), 0.5 * (1 - n.z * n.z),
            -0.5 * n.x * n.y,      -0.5 * n.x * n.z,      -0.5 * n.y * n.z};
  const double f = 2 / left;
  return {std::max(1 - f * (j.xx - excess * n.x * n.x), 0.0),
          std::max(1 - f * (j.yy - excess * n.y * n.y), 0.0),
          std::max(1 - f * (j.zz - excess * n.z * n.z), 0.0),
          -f * (j.xy - excess * n.x * n.y),
          -f * (j.xz - excess * n.x * n.z),
          -f * (j.yz - excess * n.y * n.z)};
}

}  // namespace

int flat_axis(const GreyImage& image, const ImagePlacement& placement, bool planar) {
  int flat = planar ? 2 : -1;
  for (int axis = 0; axis < 3; ++axis) {
    if (axis == 2 && planar) continue;
    const int of_image = placement.axis[static_cast<std::size_t>(axis)];
    const bool shown = image.shape[static_cast<std::size_t>(of_image)] > 1 &&
                       placement.spacing[of_image] <= 2 * placement.gradient * (1 + 1e-9);
    if (!shown) flat = flat == -1 ? axis : -2;
  }
  return flat;
}

MatrixImage matrix_from_image(const GreyImage& image, const ImagePlacement& placement, const Grid3& grid, bool planar) {
  Volume volume = oriented(image, placement);
  std::array<std::vector<Share>, 3> share;
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    share[a] = shares(volume.shape[a], volume.spacing[axis], placement.origin[axis], grid.shape[a], grid.spacing[axis]);
  }
  // f(weight, i, j, k) for the pixels of a voxel.
  const auto for_pixels = [&](std::size_t voxel, auto&& f) {
    const auto nx = static_cast<std::size_t>(grid.shape[0]), ny = static_cast<std::size_t>(grid.shape[1]);
    const Share &x = share[0][voxel % nx], &y = share[1][voxel / nx % ny], &z = share[2][voxel / nx / ny];
    for (std::size_t k = 0; k < z.weight.size(); ++k)
      for (std::size_t j = 0; j < y.weight.size(); ++j)
        for (std::size_t i = 0; i < x.weight.size(); ++i)
          f(x.weight[i] * y.weight[j] * z.weight[k], x.first + static_cast<std::int64_t>(i),
            y.first + static_cast<std::int64_t>(j), z.first + static_cast<std::int64_t>(k));
    return x.cover * y.cover * z.cover;
  };

  MatrixImage out;
  const std::size_t voxels = grid.size();
  out.density.resize(voxels);
  out.cover.resize(voxels);
  for_rows(voxels, [&](std::size_t v) {
    double grey = 0;
    out.cover[v] = for_pixels(v, [&](double weight, std::int64_t i, std::int64_t j, std::int64_t k) {
      grey += weight * static_cast<double>(volume.value[volume.at(i, j, k)]);
    });
    out.density[v] = placement.black + grey * (placement.white - placement.black);
  });
  const int flat = flat_axis(image, placement, planar);
  if (!placement.fibres || flat == -2) return out;

  for (int axis = 0; axis < 3; ++axis)
    if (axis != flat) smooth(volume.value, volume.shape, axis, placement.gradient / volume.spacing[axis]);
  std::array<std::vector<double>, 6> tensor;
  for (auto& component : tensor) component.resize(voxels);
  for_rows(voxels, [&](std::size_t v) {
    std::array<double, 6> sum{};
    (void)for_pixels(v, [&](double w, std::int64_t i, std::int64_t j, std::int64_t k) {
      const std::array<double, 3> g{flat == 0 ? 0 : slope(volume, i, j, k, 0), flat == 1 ? 0 : slope(volume, i, j, k, 1),
                                    flat == 2 ? 0 : slope(volume, i, j, k, 2)};
      sum[0] += w * g[0] * g[0], sum[1] += w * g[1] * g[1], sum[2] += w * g[2] * g[2];
      sum[3] += w * g[0] * g[1], sum[4] += w * g[0] * g[2], sum[5] += w * g[1] * g[2];
    });
    for (std::size_t c = 0; c < 6; ++c) tensor[c][v] = out.cover[v] * sum[c];
  });
  // The mean over a voxel of edge h is an average too, of variance h^2/12.
  const std::array<std::int64_t, 3> shape{grid.shape[0], grid.shape[1], grid.shape[2]};
  for (int axis = 0; axis < 3; ++axis) {
    const double h = grid.spacing[axis], more = placement.average * placement.average - h * h / 12;
    if (more > 0)
      for (auto& component : tensor) smooth(component, shape, axis, std::sqrt(more) / h);
  }
  out.fibre.resize(voxels);
  for_rows(voxels, [&](std::size_t v) {
    const Sym3 a = orientation({tensor[0][v], tensor[1][v], tensor[2][v], tensor[3][v], tensor[4][v], tensor[5][v]}, flat);
    const auto f = [](double x) { return static_cast<float>(x); };
    out.fibre[v] = {f(a.xx), f(a.yy), f(a.zz), f(a.xy), f(a.xz), f(a.yz)};
  });
  return out;
}

}  // namespace invado
