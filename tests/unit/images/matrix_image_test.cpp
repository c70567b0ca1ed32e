// Density and fibres from pictures whose answer is known; NRRD as it is written and read.
// Planted mistakes seen to fail: a tensor that keeps the excess of edges seen from one side (alignment of parallel fibres
// 0.6), edges of pixels not turned with the axes, sigma^2 for sigma in the kernel, a scale in pixels or voxels instead of
// um, no smoothing before the gradient, slopes per pixel, values beyond the ends taken as 0 or mirrored a pixel off,
// alignment squared, the components of slices across x and y swapped, parts of voxels averaged as whole ones, sheets told
// from ribs at a half, cover without z, the range of greys without black, the outer half of coarse pixels not covered; nm
// and mm, squares for lengths of directions, signed for unsigned, bytes in the other order, the last axis or the wrong edges
// taken for channels, `byte skip` and missing edges ignored, CRLF.
#include "images/matrix_image.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/random.h"
#include "base/sym3.h"
#include "images/detached.h"
#include "images/nrrd.h"

using namespace invado;

namespace {

constexpr double pi = 3.14159265358979324;

GreyImage image_of(std::array<std::int64_t, 3> shape, Vec3 spacing, const std::function<double(Vec3)>& grey) {
  GreyImage image;
  image.shape = shape;
  image.spacing = spacing;
  image.type = PixelType::Float;
  for (std::int64_t k = 0; k < shape[2]; ++k)
    for (std::int64_t j = 0; j < shape[1]; ++j)
      for (std::int64_t i = 0; i < shape[0]; ++i) {
        const auto value =
            static_cast<float>(grey({(static_cast<double>(i) + 0.5) * spacing.x, (static_cast<double>(j) + 0.5) * spacing.y,
                                     (static_cast<double>(k) + 0.5) * spacing.z}));
        image.pixels.append(reinterpret_cast<const char*>(&value), sizeof value);
      }
  return image;
}

ImagePlacement unit_greys(const GreyImage& image) {
  ImagePlacement p;
  p.spacing = image.spacing;
  p.grey_white = 1;
  return p;
}

// Straight fibres along the directions in turn, through random points of the box [0, size]; Gaussian across, deviation 1.5
// um.
GreyImage fibres(std::array<std::int64_t, 3> shape, int count, const std::vector<Vec3>& along, Vec3 edge = {1, 1, 1}) {
  const Vec3 size{static_cast<double>(shape[0]) * edge.x, static_cast<double>(shape[1]) * edge.y,
                  static_cast<double>(shape[2]) * edge.z};
  std::vector<Vec3> through;
  for (int f = 0; f < count; ++f) {
    const auto u = uniform4(Seed{8}, 0, Purpose::Placement, f);
    through.push_back({u[0] * size.x, u[1] * size.y, u[2] * size.z});
  }
  return image_of(shape, edge, [&](Vec3 x) {
    double sum = 0;
    for (std::size_t f = 0; f < through.size(); ++f) {
      Vec3 d = x - through[f];
      if (shape[2] == 1) d.z = 0;
      const Vec3 n = unit(along[f % along.size()]);
      const double square = dot(d, d) - dot(d, n) * dot(d, n);
      sum += std::exp(-square / (2 * 1.5 * 1.5));
    }
    return 0.25 * sum;
  });
}

Sym3 tensor(const MatrixImage& m, std::size_t v) {
  const auto [xx, yy, zz, xy, xz, yz] = m.fibre[v];
  return {xx, yy, zz, xy, xz, yz};
}
double alignment(const Sym3& a) { return 0.5 * (3 * principal_axis(a).value - 1); }
double degrees_between(Vec3 a, Vec3 b) { return std::acos(std::min(std::fabs(dot(unit(a), unit(b))), 1.0)) * 180 / pi; }

}  // namespace

TEST_CASE("the mean over a voxel loses nothing, whatever the ratio of edges") {
  // 3 um pixels, 10 um voxels: 30 x 30 x 30 um.
  const GreyImage image =
      image_of({10, 10, 10}, {3, 3, 3}, [](Vec3 x) { return std::fmod(x.x * 0.37 + x.y * 0.11 + x.z * 0.53, 1.0); });
  double mean = 0;
  for (std::size_t i = 0; i < image.count(); ++i) mean += image.grey(i) / 1000;
  ImagePlacement p = unit_greys(image);
  p.black = 1, p.white = 5;
  const MatrixImage m = matrix_from_image(image, p, {{3, 3, 3}, {10, 10, 10}}, false);
  CHECK(std::accumulate(m.density.begin(), m.density.end(), 0.0) / 27 == doctest::Approx(1 + 4 * mean).epsilon(1e-6));
  CHECK(*std::ranges::min_element(m.cover) == doctest::Approx(1));
  // The first voxel along x alone: three pixels and a third of the fourth.
  const GreyImage line = image_of({10, 1, 1}, {3, 3, 3}, [](Vec3 x) { return x.x / 30; });
  const MatrixImage l = matrix_from_image(line, unit_greys(line), {{3, 1, 1}, {10, 10, 10}}, false);
  CHECK(l.density[0] == doctest::Approx((1.5 + 4.5 + 7.5 + 10.5 / 3) * 3 / 10 / 30).epsilon(1e-6));
}

TEST_CASE("coarse pixels are interpolated: a ramp stays a ramp between the outermost centres") {
  const GreyImage image = image_of({6, 6, 6}, {20, 20, 20}, [](Vec3 x) { return (x.x + 2 * x.y + 3 * x.z) / 800; });
  const Grid3 grid{{24, 24, 24}, {5, 5, 5}};
  const MatrixImage m = matrix_from_image(image, unit_greys(image), grid, false);
  for (int k = 2; k < 22; ++k)
    for (int j = 2; j < 22; ++j)
      for (int i = 2; i < 22; ++i) {
        const Vec3 x = grid.centre(i, j, k);
        CHECK(std::fabs(m.density[grid.index(i, j, k)] - (x.x + 2 * x.y + 3 * x.z) / 800) < 1e-6);
      }
  CHECK(*std::ranges::min_element(m.cover) == 1);
  CHECK(m.density[0] == doctest::Approx(60.0 / 800).epsilon(1e-6));  // beyond the first centre its value goes on
}

TEST_CASE("axes, directions, origin, clamping, and what is not covered") {
  // Columns 2, rows 3, slices 4, pixel value = its index.
  GreyImage image = image_of({2, 3, 4}, {10, 10, 10}, [](Vec3) { return 0; });
  for (std::size_t i = 0; i < 24; ++i) {
    const auto value = static_cast<float>(i);
    std::memcpy(image.pixels.data() + 4 * i, &value, 4);
  }
  ImagePlacement p = unit_greys(image);
  p.grey_white = 20, p.white = 20, p.fibres = false;
  // Columns run along z, rows backwards along x, slices along y.
  p.axis = {1, 2, 0};
  p.backwards = {true, false, false};
  const Grid3 grid{{3, 4, 2}, {10, 10, 10}};
  const MatrixImage m = matrix_from_image(image, p, grid, false);
  for (int x = 0; x < 3; ++x)
    for (int y = 0; y < 4; ++y)
      for (int z = 0; z < 2; ++z)
        CHECK(m.density[grid.index(x, y, z)] == doctest::Approx(std::min(z + 2 * (2 - x) + 6 * y, 20)).epsilon(1e-6));
  CHECK(m.fibre.empty());
  ImagePlacement dim = p;
  dim.grey_black = 5, dim.grey_white = 17, dim.black = 2, dim.white = 8;
  for (std::size_t v = 0; v < grid.size(); ++v)  // 24 greys as they are between 0 and 20 above
    if (m.density[v] < 20)
      CHECK(matrix_from_image(image, dim, grid, false).density[v] ==
            doctest::Approx(std::clamp(2 + (m.density[v] - 5) / 2, 2.0, 8.0)).epsilon(1e-6));
  p.origin = {15, 0, 0};
  const MatrixImage moved = matrix_from_image(image, p, grid, false);
  CHECK(moved.cover[grid.index(0, 0, 0)] == 0);
  CHECK(moved.cover[grid.index(1, 0, 0)] == doctest::Approx(0.5));
  p.origin = {15, 10, 5};
  CHECK(matrix_from_image(image, p, grid, false).cover[grid.index(1, 1, 0)] == doctest::Approx(0.25));
  CHECK(matrix_from_image(image, p, grid, false).cover[grid.index(1, 0, 1)] == 0);
  CHECK(moved.density[grid.index(1, 0, 0)] == doctest::Approx(m.density[grid.index(0, 0, 0)]));
  CHECK(moved.density[grid.index(2, 0, 0)] ==
        doctest::Approx(0.5 * (m.density[grid.index(0, 0, 0)] + m.density[grid.index(1, 0, 0)])));
}

TEST_CASE("parallel fibres: their direction to two degrees, alignment near one") {
  // Differences over two pixels weaken waves of wave number q by q^2/6; of fibres of deviation w = sqrt(1.5^2 + 1) um q is
  // about 1/w, that is 5 % at most, which turns a direction by up to 0.05/2 rad = 1.5 degrees. Random overlaps add little.
  const Grid3 grid{{4, 4, 4}, {10, 10, 10}};
  for (const Vec3 along : {Vec3{1, 0, 0}, Vec3{0, 1, 1}, Vec3{1, 2, 3}, Vec3{-3, 1, 0.5}}) {
    const GreyImage image = fibres({40, 40, 40}, 25, {along});
    const MatrixImage m = matrix_from_image(image, unit_greys(image), grid, false);
    for (std::size_t v = 0; v < grid.size(); ++v) {
      CHECK(degrees_between(principal_axis(tensor(m, v)).direction, along) < 2);
      CHECK(alignment(tensor(m, v)) > 0.9);
      CHECK(tensor(m, v).trace() == doctest::Approx(1).epsilon(1e-5));
    }
  }
  for (const double degrees : {0.0, 20.0, 45.0, 110.0}) {
    const Vec3 along{std::cos(degrees * pi / 180), std::sin(degrees * pi / 180), 0};
    const GreyImage slice = fibres({60, 60, 1}, 12, {along});
    const Grid3 flat{{6, 6, 2}, {10, 10, 10}};
    const MatrixImage m = matrix_from_image(slice, unit_greys(slice), flat, false);
    for (std::size_t v = 0; v < flat.size(); ++v) {
      CHECK(degrees_between(principal_axis(tensor(m, v)).direction, along) < 2);
      CHECK(alignment(tensor(m, v)) > 0.9);
    }
  }
}

TEST_CASE("pixels of three different edges, and a picture that is turned and mirrored") {
  // As above with pixels of up to 1.5 um: (1.5/1.8)^2/6 = 12 %, 0.12/2 rad = 3.3 degrees.
  const Vec3 along{1, 2, 3};  // of the picture
  const GreyImage image = fibres({80, 40, 27}, 25, {along}, {0.5, 1, 1.5});
  ImagePlacement p = unit_greys(image);
  p.axis = {1, 2, 0};
  p.backwards = {false, true, false};
  const Grid3 grid{{4, 4, 4}, {10, 10, 10}};
  const MatrixImage m = matrix_from_image(image, p, grid, false);
  for (std::size_t v = 0; v < grid.size(); ++v) {
    CHECK(degrees_between(principal_axis(tensor(m, v)).direction, {along.y, -along.z, along.x}) < 4);
    CHECK(alignment(tensor(m, v)) > 0.9);
  }
}

TEST_CASE("the scale of the gradient: waves of two lengths at right angles") {
  // A wave of wave number q and amplitude c is weakened to c exp(-q^2 s^2/2), whatever the pixels: J_xx = c^2 exp(-q^2 s^2)
  // times the mean square of the differences of cos(q x) over two pixels (at the ends over one). Whole waves, mirrored at
  // their crests, go on beyond the ends. The kernel ends at 4 s: within 1e-4 of each amplitude.
  const double s = 1.5, qx = 2 * pi / 8, qy = 2 * pi / 20;
  const GreyImage image =
      image_of({40, 80, 1}, {1, 0.5, 10}, [&](Vec3 x) { return 0.5 + 0.2 * std::cos(qx * x.x) + 0.1 * std::cos(qy * x.y); });
  const auto share = [&](double c, double q, double edge, int n) {
    double sum = 0;
    for (int i = 0; i < n; ++i) {
      const int low = std::max(i - 1, 0), high = std::min(i + 1, n - 1);
      const double rise = (std::cos(q * (high + 0.5) * edge) - std::cos(q * (low + 0.5) * edge)) / ((high - low) * edge);
      sum += rise * rise / n;
    }
    return c * c * std::exp(-q * q * s * s) * sum;
  };
  const double xx = share(0.2, qx, 1, 40), yy = share(0.1, qy, 0.5, 80);
  ImagePlacement p = unit_greys(image);
  p.gradient = s;
  const Sym3 a = tensor(matrix_from_image(image, p, {{1, 1, 1}, {40, 40, 10}}, true), 0);
  const double coherency = std::fabs(yy - xx) / (xx + yy);
  CHECK(coherency > 0.2);
  CHECK(coherency < 0.8);
  CHECK(std::fabs(a.xx - a.yy - (yy - xx) / (xx + yy)) < 1e-3);
  CHECK(std::fabs(a.zz - (1 - coherency) / 3) < 1e-3);
}

TEST_CASE("the scale of the average: fibres along x to the left, a net to the right") {
  // Waves along y everywhere, along x beyond the middle M: averaged, J_xx/J_yy = Phi((x - M)/average). The wave begins with
  // its crest, which moves the edge by a part of a wave; between places at the same distance before and behind it that
  // cancels. Sums over voxels of 5 um differ from the integral by (5/10)^2/24 = 0.01.
  const double q = 2 * pi / 5, middle = 80, average = 10;
  const GreyImage image = image_of({320, 20, 1}, {0.5, 0.5, 10}, [&](Vec3 x) {
    return 0.6 + 0.15 * std::cos(q * x.y) - (x.x > middle ? 0.15 * (1 - std::cos(q * (x.x - middle))) : 0.0);
  });
  ImagePlacement p = unit_greys(image);
  p.gradient = 0.3;
  p.average = average;
  const MatrixImage m = matrix_from_image(image, p, {{32, 1, 1}, {5, 10, 10}}, true);
  const auto ratio = [&](std::size_t v) {
    const double difference = tensor(m, v).xx - tensor(m, v).yy;
    return (1 - difference) / (1 + difference);
  };
  const auto phi = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  for (const std::size_t away : {1u, 2u, 4u}) {  // voxels from the middle
    const double x = (static_cast<double>(away) + 0.5) * 5 / average;
    CHECK(std::fabs((ratio(16 + away) - ratio(15 - away)) / ratio(26) - (phi(x) - phi(-x))) < 0.015);
  }
}

TEST_CASE("voxels count in the average by their part that the picture covers") {
  // Waves along y everywhere and along x in the last two of four voxels, of which the first is covered to one half: averaged
  // over much more than the box, J_xx/J_yy = 2/3.5 (2/4 if parts counted as whole ones).
  const double q = 2 * pi / 5;
  const GreyImage image = image_of({35, 20, 1}, {0.5, 0.5, 10}, [&](Vec3 x) {
    return 0.6 + 0.15 * std::cos(q * x.y) - (x.x > 7.5 ? 0.15 * (1 - std::cos(q * (x.x - 7.5))) : 0.0);
  });
  ImagePlacement p = unit_greys(image);
  p.origin = {2.5, 0, 0};
  p.gradient = 0.3;
  p.average = 500;
  const MatrixImage m = matrix_from_image(image, p, {{4, 1, 1}, {5, 10, 10}}, true);
  const double difference = tensor(m, 0).xx - tensor(m, 0).yy;
  CHECK(std::fabs((1 - difference) / (1 + difference) - 2 / 3.5) < 0.02);
}

TEST_CASE("slices farther apart than gradients can be seen are taken one by one") {
  const Vec3 along{3, 1, 0};
  GreyImage image = fibres({60, 60, 5}, 20, {along});
  image.spacing.z = 8;  // of the same pixels
  const Grid3 grid{{6, 6, 4}, {10, 10, 10}};
  const MatrixImage m = matrix_from_image(image, unit_greys(image), grid, false);
  for (std::size_t v = 0; v < grid.size(); ++v) {
    CHECK(degrees_between(principal_axis(tensor(m, v)).direction, along) < 2);
    CHECK(alignment(tensor(m, v)) > 0.9);
  }
  ImagePlacement p = unit_greys(image);
  CHECK(flat_axis(image, p, false) == 2);
  p.axis = {2, 0, 1};
  CHECK(flat_axis(image, p, false) == 0);
  CHECK(flat_axis(image, p, true) == -2);
  p.gradient = 0.4;
  CHECK(flat_axis(image, p, false) == -2);
  p.gradient = 1;
  for (const double edge : {2.0, 2.1}) {
    p.spacing.z = edge;
    CHECK(flat_axis(image, p, false) == (edge > 2 ? 0 : -1));
  }
  // The slices stand across x, or across y.
  p = unit_greys(image);
  p.axis = {2, 0, 1};
  const MatrixImage across_x = matrix_from_image(image, p, {{4, 6, 6}, {10, 10, 10}}, false);
  p.axis = {1, 2, 0};
  const MatrixImage across_y = matrix_from_image(image, p, {{6, 4, 6}, {10, 10, 10}}, false);
  for (std::size_t v = 0; v < grid.size(); ++v) {
    CHECK(degrees_between(principal_axis(tensor(across_x, v)).direction, {0, 3, 1}) < 2);
    CHECK(degrees_between(principal_axis(tensor(across_y, v)).direction, {1, 0, 3}) < 2);
  }
}

TEST_CASE("mixed fibres have the mean of their orientation tensors") {
  // Three directions at right angles: isotropic. Two in the plane of x and y in space: (1/2, 1/2, 0). Fibres cross, which
  // adds edges of neither: within 0.1.
  const Grid3 one{{1, 1, 1}, {48, 48, 48}};
  GreyImage image = fibres({48, 48, 48}, 30, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
  Sym3 a = tensor(matrix_from_image(image, unit_greys(image), one, false), 0);
  for (const double d : {a.xx, a.yy, a.zz}) CHECK(std::fabs(d - 1.0 / 3) < 0.1);
  image = fibres({48, 48, 48}, 30, {{1, 0, 0}, {0, 1, 0}});
  a = tensor(matrix_from_image(image, unit_greys(image), one, false), 0);
  CHECK(std::fabs(a.xx - 0.5) < 0.1);
  CHECK(a.zz < 0.1);
  // In a plane: two directions at an angle t have the alignment |cos t| along their bisector (mean of e^(2 i angle)).
  const Grid3 flat{{1, 1, 1}, {200, 200, 10}};
  for (const double t : {60.0, 90.0}) {
    const auto at = [](double degrees) { return Vec3{std::cos(degrees * pi / 180), std::sin(degrees * pi / 180), 0}; };
    const GreyImage slice = fibres({200, 200, 1}, 40, {at(20), at(20 + t)});
    const Sym3 mixed = tensor(matrix_from_image(slice, unit_greys(slice), flat, true), 0);
    CHECK(std::fabs(alignment(mixed) - std::fabs(std::cos(t * pi / 180))) < 0.1);
    if (t < 90) CHECK(degrees_between(principal_axis(mixed).direction, at(20 + t / 2)) < 6);
  }
}

TEST_CASE("noise has no direction, nothing has none, a sheet has none in itself") {
  // Smoothing over 1 um leaves one independent gradient per (2 sqrt(pi))^3 = 45 um^3, so 64000/45 = 1400 of them; each share
  // of the tensor scatters by about 1/sqrt(1400) = 0.03, alignment by some 0.06.
  const auto noise = [](Vec3 x) {
    return uniform4(Seed{6}, 0, Purpose::Placement,
                    static_cast<std::int64_t>(x.x) + 1000 * static_cast<std::int64_t>(x.y) +
                        1000000 * static_cast<std::int64_t>(x.z))[0];
  };
  const GreyImage image = image_of({40, 40, 40}, {1, 1, 1}, noise);
  CHECK(alignment(tensor(matrix_from_image(image, unit_greys(image), {{1, 1, 1}, {40, 40, 40}}, false), 0)) < 0.12);
  const GreyImage even = image_of({20, 20, 20}, {1, 1, 1}, [](Vec3) { return 0.4; });
  const Sym3 nothing = tensor(matrix_from_image(even, unit_greys(even), {{1, 1, 1}, {20, 20, 20}}, false), 0);
  CHECK(nothing.xx == doctest::Approx(1.0 / 3));
  CHECK(nothing.xy == 0);
  const GreyImage sheet = image_of({20, 20, 20}, {1, 1, 1}, [](Vec3 x) { return std::exp(-(x.z - 10) * (x.z - 10) / 8); });
  const Sym3 s = tensor(matrix_from_image(sheet, unit_greys(sheet), {{1, 1, 1}, {20, 20, 20}}, false), 0);
  CHECK(s.zz == doctest::Approx(0).epsilon(1e-6));
  CHECK(s.xx == doctest::Approx(0.5));
  // A sheet with ribs along x of half its contrast: J = (0, 0.2, 0.8), of which the excess 0.6 is the sheet's. Ribs are
  // left.
  const GreyImage ribs = image_of({20, 20, 20}, {1, 1, 1},
                                  [](Vec3 x) { return 0.5 + 0.2 * std::cos(pi / 5 * x.z) + 0.1 * std::cos(pi / 5 * x.y); });
  const Sym3 r = tensor(matrix_from_image(ribs, unit_greys(ribs), {{1, 1, 1}, {20, 20, 20}}, false), 0);
  CHECK(std::fabs(r.xx - 1) < 1e-3);
}

TEST_CASE("the same matrix on any number of threads") {
  const GreyImage image = fibres({40, 30, 20}, 20, {{1, 2, 3}, {3, -1, 0}});
  const Grid3 grid{{4, 3, 2}, {10, 10, 10}};
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const MatrixImage one = matrix_from_image(image, unit_greys(image), grid, false);
  omp_set_num_threads(3);
  const MatrixImage three = matrix_from_image(image, unit_greys(image), grid, false);
  omp_set_num_threads(threads);
  CHECK(one.density == three.density);
  CHECK(one.fibre == three.fibre);
}

TEST_CASE("NRRD comes back as it was written; broken headers are named") {
  GreyImage image = image_of({5, 4, 3}, {0.5, 0.25, 2}, [](Vec3 x) { return x.x + x.y + x.z; });
  const std::string text = nrrd_of(image);
  const GreyImage back = read_nrrd(text, 0);
  CHECK(back.shape == image.shape);
  CHECK(back.spacing.y == 0.25);
  CHECK(back.pixels == image.pixels);
  CHECK(nrrd_of(back) == text);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  CHECK(read_nrrd(with("\"um\" \"um\" \"um\"", "\"mm\" \"mm\" \"mm\""), 0).spacing.x == 500);
  CHECK_THROWS_WITH_AS(static_cast<void>(read_nrrd(with("sizes: 5 4 3", "sizes: 5 4 4"), 0)),
                       "ends too early: 240 bytes of pixels of 320", ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(with("sizes: 5 4 3", "sizes: 99999999 9999999 3"), 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(with("sizes: 5 4 3", "sizes: -5 4 3"), 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(with("sizes: 5 4 3", "sizes: nan 4 3"), 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(with("encoding: raw", "encoding: bzip2"), 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(with("encoding: raw", "encoding: gzip"), 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(with("type: float", "type: block"), 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(with("encoding: raw", "data file: x.raw\nencoding: raw"), 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(text.substr(0, 60), 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd("", 0)), ImageError);
  CHECK_THROWS_AS(static_cast<void>(read_nrrd(text, 1)), ImageError);
  const std::string two =
      "NRRD0004\ntype: uint8\ndimension: 3\nsizes: 2 2 2\nkinds: vector domain domain\nencoding: raw\n\nabcdefgh";
  CHECK(read_nrrd(two, 1).pixels == "bdfh");
}

TEST_CASE("what headers of NRRD say: types, units, directions, order of bytes, channels") {
  const auto read = [](const std::string& head, const std::string& pixels, std::int64_t channel = 0) {
    return read_nrrd("NRRD0005\n" + head + "\n\n" + pixels, channel);
  };
  const auto same = [](Vec3 a, Vec3 b) { return dot(a - b, a - b) < 1e-18; };
  const std::string one = "type: uint8\ndimension: 3\nsizes: 1 1 2\nencoding: raw\n", two = "ab";
  CHECK(same(read(one + "spacings: 500 250 -2000\nunits: \"nm\" \"nm\" \"nm\"", two).spacing, {0.5, 0.25, 2}));
  const std::string turned = one + "space dimension: 3\nspace directions: (0.3,0.4,0) (-8,6,0) (0, 0, -2)";
  CHECK(same(read(turned, two).spacing, {0.5, 10, 2}));
  CHECK(same(read(turned + "\nspace units: \"mm\" \"mm\" \"mm\"", two).spacing, {500, 10000, 2000}));
  CHECK(same(read(one + "spacings: 1 nan 2", two).spacing, {1, 0, 2}));
  CHECK_THROWS_AS(read(one + "spacings: 1 1 2\nunits: \"um\" \"um\" \"mm\"", two), ImageError);
  CHECK_THROWS_AS(read(one + "spacings: 1 1 2\nunits: \"um\" \"um\" \"s\"", two), ImageError);
  CHECK_THROWS_AS(read(one + "spacings: 1 1", two), ImageError);
  CHECK_THROWS_AS(read(one + "byte skip: -1", two), ImageError);
  CHECK_THROWS_AS(read("type: uint8\ndimension: 2\nsizes: 1 1 2\nencoding: raw", two), ImageError);
  CHECK(read("# type: float\r\ntype: uint8\r\ndimension: 3\r\nsizes: 1 1 2\r\nencoding: raw\r", two).pixels == two);

  // The bytes 255 and 254 as each type, the first byte of the file being the lowest, or the highest.
  const auto grey = [&](const std::string& type, const std::string& endian) {
    return read("type: " + type + "\ndimension: 2\nsizes: 2 1\nencoding: raw\nendian: " + endian,
                type.find("char") != std::string::npos ? "\xfe\xff" : "\xfe\xff\xfc\xff")
        .grey(0);
  };
  CHECK(grey("signed char", "little") == -2);
  CHECK(grey("unsigned char", "little") == 254);
  CHECK(grey("short", "little") == -2);
  CHECK(grey("unsigned short", "little") == 65534);
  CHECK(grey("short", "big") == -257);
  CHECK(grey("ushort", "big") == 65279);

  // A plane is a picture of one slice.
  const GreyImage plane = read("type: uint8\ndimension: 2\nsizes: 3 2\nspacings: 2 4\nencoding: raw", "abcdef");
  CHECK(plane.shape == std::array<std::int64_t, 3>{3, 2, 1});
  CHECK(same(plane.spacing, {2, 4, 0}));
  // Channels are the first axis, which has no edges.
  const std::string four = "type: uint8\ndimension: 4\nsizes: 2 3 1 2\nspacings: nan 2 3 5\nencoding: raw\n";
  for (const char* kinds : {"kinds: vector domain domain domain", "kinds: ??? space space space", "content: x"}) {
    const GreyImage second = read(four + kinds, "aAbBcCdDeEfF", 1);
    CHECK(second.shape == std::array<std::int64_t, 3>{3, 1, 2});
    CHECK(second.pixels == "ABCDEF");
    CHECK(same(second.spacing, {2, 3, 5}));
  }
  CHECK(read(one + "kinds: ??? ??? ???", two).pixels == two);
  CHECK_THROWS_AS(read(four + "kinds: domain domain domain list", "aAbBcCdDeEfF"), ImageError);
  CHECK_THROWS_AS(read(four + "kinds: domain domain domain domain", "aAbBcCdDeEfF"), ImageError);
  CHECK_THROWS_AS(read(one + "kinds: domain domain vector", two), ImageError);
}

TEST_CASE("headers whose pixels lie beside them") {
  const std::string mhd = "ObjectType = Image\nNDims = 3\nElementDataFile = a.raw\n";
  CHECK(detached_pixels(ImageFormat::MetaImage, mhd) == "a.raw");
  CHECK(joined(ImageFormat::MetaImage, mhd, "xyz") == "ObjectType = Image\nNDims = 3\nElementDataFile = LOCAL\nxyz");
  CHECK(detached_pixels(ImageFormat::MetaImage, "NDims = 3\nElementDataFile = LOCAL\n").empty());
  for (const char* bad : {"../a.raw", "/etc/passwd", "LIST", "a%03d.raw 1 4 1", ".."})
    CHECK_THROWS_AS((void)detached_pixels(ImageFormat::MetaImage, std::string("ElementDataFile = ") + bad + "\n"),
                    ImageError);
  const std::string nhdr = "NRRD0004\ntype: uint8\ndata file: b.raw\nencoding: raw\n\n";
  CHECK(detached_pixels(ImageFormat::Nrrd, nhdr) == "b.raw");
  CHECK(joined(ImageFormat::Nrrd, nhdr, "xyz") == "NRRD0004\ntype: uint8\nencoding: raw\n\nxyz");
  CHECK(image_format("A.B.TIFF") == ImageFormat::Tiff);
  CHECK_THROWS_AS((void)image_format("a.png"), ImageError);
}
