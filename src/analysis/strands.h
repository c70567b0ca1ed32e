// Fingers of the invasion front: strands of cells that stick out of the mass.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/front.h"

namespace invado {

// The body of the mass: its cells inside the initial region, those that are surrounded (nine contacts or more, in a plane
// five; as deep in tissue), and those that touch such a one. Strands are made of the other cells of the mass: columns up to
// two or three cells thick.
inline constexpr std::uint32_t surrounded = 9, surrounded_in_plane = 5;
// A strand sticks out by this many radii of the cell at its tip, two cells, beyond the place where it joins another one.
inline constexpr double strand_radii = 4;

struct Strand {
  std::int64_t tip = -1;  // id of the cell at its tip
  double length_um = 0;   // by how much it sticks out: from centre to centre, from the tip to the nearest cell of the body
};

// Strands, longest first. They are counted by their tips: a strand that branches has several, each with its whole length.
// Lengths are straight lines: the path from cell to cell winds through a loose mass and was longer than the front is deep.
// Of a cell beside the mass, as at its surface, it is a radius or two longer than the depth, because the nearest cell of any
// mass lies that far in. Tips are the maxima of the distance to the body among cells in contact, as far as they persist
// (Edelsbrunner, Letscher & Zomorodian 2002, Discrete Comput. Geom. 28:511): of two that meet, the shorter one counts when
// it is strand_radii beyond the meeting point.
[[nodiscard]] std::vector<Strand> find_strands(const Site& site, std::span<const std::size_t> rows, const Mass& mass);

}  // namespace invado
