// Several sites in one picture: where each stands, and the numbers of the way from the tumour to the organs.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "analysis/colony.h"
#include "base/colours.h"
#include "base/vec3.h"
#include "model/cascade.h"
#include "render/framing.h"

namespace invado {

using Corners = std::array<Vec3, 2>;  // of a box, lowest and highest [um]

// By how much each box is moved so that they stand in a row from the left to the right of the picture, on one line, with
// `row_gap` of the widest between them and their middles equally deep.
inline constexpr double row_gap = 0.1;
[[nodiscard]] std::vector<Vec3> in_a_row(std::span<const Corners> boxes, const Axes& axes);
// The eight corners.
[[nodiscard]] std::vector<Sphere> corners_of(const Corners& box);

// How much room there is for words under each of the boxes that stand so: its own width, so that words of neighbours are the
// gap apart [um]. `corners`: eight of each.
[[nodiscard]] std::vector<double> label_widths(std::span<const Sphere> corners, const Axes& axes);

// Who is in a site. Colonies have the weight of one of their cells.
struct Residents {
  bool organ = false;                                                      // else the tumour
  std::size_t cells = 0;                                                   // heads, as a picture shows them
  double weight = 0, growing = 0, waiting = 0, dormant = 0, colonies = 0;  // what they stand for, as series.csv has it
  double held = 0;                                                         // likewise, in the capillaries
};
// `group`: of each cell, as the snapshot has it.
[[nodiscard]] Residents residents_of(bool organ, std::span<const double> group, std::span<const double> dormancy,
                                     std::span<const double> weight);
// By weight, what is held in the capillaries of a site. `lodged` and `weight`: of each cell in the blood; `lodged` is 0, or
// 1 + index of a site.
[[nodiscard]] double held_in(std::size_t place, std::span<const double> lodged, std::span<const double> weight);
// Parts of a label. All who live there, as `burden` of series.csv has them, and who they are: "lung: 1.22 cells (31 drawn)",
// "0.25 in capillaries", "0.5 growing", "0.47 dormant", "0.0625 colonies".
[[nodiscard]] std::vector<std::string> label_of(const std::string& site, const Residents& residents);
// And of what has happened there so far: "so far 61.8 lodged", "24.1 extravasated", "0.9 began to grow" (at once or
// after dormancy). `stages` by weight, as the snapshot has them.
[[nodiscard]] std::vector<std::string> label_of_stages(bool organ, std::span<const double> stages);
// Parts joined by commas into lines of at most so many letters, a part at least.
[[nodiscard]] std::vector<std::string> wrapped(const std::vector<std::string>& parts, double letters);
// Of both labels together at most, whatever their numbers, where sites have room for so many letters.
[[nodiscard]] std::size_t most_lines(std::span<const std::string> sites, std::span<const double> letters);

// "Blood: 12 circulate; lodged in capillaries: 3 in lung, 1 in bone", by weight and saying so where that differs.
[[nodiscard]] std::string blood_line(std::span<const double> lodged, std::span<const double> weight,
                                     std::span<const std::string> sites);

// Colours of cells in an organ: blue and light blue stay apart from red vessels and from grey for every kind of colour
// blindness.
[[nodiscard]] constexpr Rgb state_colour(Dormancy state) {
  return state == Dormancy::Dormant   ? Rgb{0x80, 0x80, 0x80}
         : state == Dormancy::Waiting ? Rgb{0x9E, 0xCA, 0xE1}
                                      : Rgb{0x00, 0x5A, 0xA8};
}
// Cold, where collagen is warm: translucent, and told from it with every kind of colour blindness.
inline constexpr Rgb bone_colour{0x4A, 0x6F, 0x96};
// The plastic of a transwell: grey, as neither collagen nor cells are in a section.
inline constexpr Rgb membrane_colour{0x8A, 0x90, 0x98};

}  // namespace invado
