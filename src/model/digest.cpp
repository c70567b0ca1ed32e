#include "model/digest.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>

#include "base/checksum.h"
#include "model/state.h"

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

}  // namespace

std::string digest(const World& world) {
  Checksum hash;
  const auto add = [&](const StateInfo& info, const auto& value) {
    if (info.kind == StateInfo::Kind::Physics) add_bits(hash, value);
  };
  for_each_state_of_world(world, add);
  for (const Site& site : world.sites) {
    const std::vector<std::int64_t>& id = site.cells.id;
    std::vector<std::size_t> order(id.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t row) { return id[row]; });
    for_each_state_of_cells(site, [&]<class T>(const StateInfo&, const std::vector<T>& column) {
      std::vector<T> sorted(column.size());
      // Columns of unequal length are a fault that may be reported together with this digest.
      for (std::size_t i = 0; i < std::min(order.size(), column.size()); ++i)
        sorted[i] = order[i] < column.size() ? column[order[i]] : T{};
      add_bits(hash, sorted);
    });
    for_each_state_of_site(site, add);
  }
  return hash.hex();
}

}  // namespace invado
