#include "model/digest.h"

#include <algorithm>
#include <array>
#include <bit>
#include <span>

#include "base/checksum.h"
#include "model/state.h"
#include "model/storage_order.h"

namespace invado {
namespace {

static_assert(std::endian::native == std::endian::little, "file formats and digests are little-endian");

template <class T>
requires std::is_arithmetic_v<T>
void add_bits(Checksum& hash, const T& value) { hash.add(std::as_bytes(std::span(&value, 1))); }
template <class T>
void add_bits(Checksum& hash, const std::vector<T>& values) {
  hash.add(std::as_bytes(std::span(values)));
}
template <class T>
void add_bits(Checksum& hash, const Foldable<T>& values) {
  for (std::size_t row = 0; row < values.size(); ++row) add_bits(hash, values[row]);
}

// Numbers of a column in this order of rows: piece by piece, so that they are hashed while they are in the cache. By one
// thread: the hash is a chain, and what could be shared out before it is too little.
template <class Numbers>
void add_in_order(Checksum& hash, const Numbers& column, const std::vector<std::size_t>& order) {
  constexpr std::size_t piece = 4096;
  std::array<typename Numbers::value_type, piece> sorted;
  for (std::size_t begin = 0; begin < order.size(); begin += piece) {
    const std::size_t count = std::min(piece, order.size() - begin);
    const std::size_t* const row = order.data() + begin;
    for (std::size_t i = 0; i < count; ++i) sorted[i] = column[row[i]];
    hash.add(std::as_bytes(std::span(sorted).first(count)));
  }
}

}  // namespace

std::string digest(const World& world) {
  Checksum hash;
  const auto add = [&](const StateInfo& info, const auto& value) {
    if (info.kind == StateInfo::Kind::Physics) add_bits(hash, value);
  };
  for_each_state_of_world(world, add);
  for (const Site& site : world.sites) {
    const std::vector<std::size_t> order = rows_by_id(site.cells);
    for_each_state_of_cells(site, [&](const StateInfo&, const auto& column) {
      if (column.size() == order.size())
        add_in_order(hash, column, order);
      else
        add_bits(hash, column);  // a fault that may be reported together with this digest
    });
    for_each_state_of_site(site, add);
  }
  return hash.hex();
}

}  // namespace invado
