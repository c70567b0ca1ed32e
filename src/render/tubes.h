// Vessels as they are drawn: straight tubes; sprouts have round ends.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/colours.h"
#include "base/vec3.h"
#include "io/snapshot.h"
#include "render/framing.h"

namespace invado {

struct Tube {
  Vec3 from, to;        // ends of the axis [um]
  double radius = 0;    // [um]
  bool sprout = false;  // laid during the run
};

// Red and a light red of one family (ColorBrewer RdBu): darker and lighter than each other in grey, and of a hue that the
// colours of cells (viridis: purple, teal, yellow) do not have for any kind of colour blindness.
[[nodiscard]] constexpr Rgb tube_colour(bool sprout) { return sprout ? Rgb{0xF4, 0xA5, 0x82} : vessel_colour; }
// Voxels of the lattice that belong to them, where they stick out of the tube in a section.
inline constexpr Rgb vessel_voxel_colour{0xF3, 0xDA, 0xD8};

// Of one site; none where the snapshot has none. 65 when a column of them is missing or of another length.
[[nodiscard]] std::vector<Tube> read_tubes(const std::filesystem::path& file, const SnapshotInfo& info, std::size_t place);

// Balls along their axes, each within its tube and overlapping the next, of sprouts or of the others.
[[nodiscard]] std::vector<Sphere> balls_along(std::span<const Tube> tubes, bool sprouts);

// Whether a mass of cells has grown around some of them, seen along `back`: of a place on an axis cells lie before it and
// behind it.
[[nodiscard]] bool lie_inside(std::span<const Tube> tubes, std::span<const Sphere> cells, Vec3 back);

// Balls that close the gaps at bends, and round the ends of sprouts; the first tubes end flat where the tissue ends.
[[nodiscard]] std::vector<Sphere> joints_of(std::span<const Tube> tubes, bool sprouts);

// What a plane across `axis` at `at` meets of a tube, of a sprout with its round ends: the corners of a convex polygon, in
// order; none where they do not meet.
[[nodiscard]] std::vector<Vec3> tube_section(const Tube& tube, int axis, double at);

}  // namespace invado
