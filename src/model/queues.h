// What changes the head-count is queued by processes and applied in one place, in cell-id order.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/vec3.h"

namespace invado {

enum class Leaving : std::uint8_t {
  Apoptosis = 0,
  Anoikis = 1,
  Necrosis = 2,
  Shear = 3,
  Immune = 4,
  Rupture = 5,
  Left = 6,    // through an open boundary
  Passed = 7,  // on to another site of the World
};
inline constexpr std::size_t leaving_count = 8;
inline constexpr std::array<std::string_view, leaving_count> leaving_words{"apoptosis", "anoikis", "necrosis", "shear",
                                                                           "immune",    "rupture", "left",     "passed"};

struct Birth {
  std::int64_t mother;  // id
  std::size_t row;      // row of the mother
  Vec3 offset;          // daughter's centre minus the mother's old centre [um]; the mother moves by -offset
  double radius;        // of both after division [um]
};

struct Departure {
  std::int64_t id;
  std::size_t row;
  Leaving cause;
};

// One line of the event list in a snapshot. Numbers of 8 bytes only: checkpoints keep it byte by byte.
struct Event {
  double time_min;
  std::int64_t id;
  std::int64_t parent;  // births: the mother; else -1
  std::int64_t kind;    // 0 birth; 1 + Leaving otherwise
  Vec3 position;
};
static_assert(sizeof(Event) == 7 * 8);

// A cell that goes on to another site, or a copy that it is split into there (several entries of one id and row).
struct Passage {
  std::int64_t id;
  std::size_t row;
  std::size_t to;      // index of the site
  std::int64_t copy;   // 0: the cell itself; 1, 2 ...: copies, which get ids of their own
  std::int64_t group;  // of the cell itself: its clump in the blood, its colony in an organ; copies go together too
  Vec3 position;       // where it arrives [um]
  double weight;       // there
};

struct Queues {
  std::vector<Birth> births;
  std::vector<Departure> departures;
  std::vector<Passage> passages;
};

}  // namespace invado
