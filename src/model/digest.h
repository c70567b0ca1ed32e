// The state digest: 128 bits over everything that decides the future. Equal digests mean equal worlds.
#pragma once

#include <string>

#include "model/world.h"

namespace invado {

// 32 hexadecimal digits (XXH3, 128 bit) over the cells sorted by id (all state columns), matrix, fields, ledgers, next id
// and clock, each as little-endian bits. Independent of the order of rows.
[[nodiscard]] std::string digest(const World& world);

}  // namespace invado
