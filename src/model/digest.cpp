#include "model/digest.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <numeric>

#include "model/columns.h"

namespace invado {
namespace {

static_assert(std::endian::native == std::endian::little, "file formats and digests are little-endian");

class Hasher {
 public:
  Hasher() : state_(XXH3_createState()) { XXH3_128bits_reset(state_.get()); }
  template <class T>
  void add(const std::vector<T>& values) {
    XXH3_128bits_update(state_.get(), values.data(), values.size() * sizeof(T));
  }
  template <class T>
  void add(T value) {
    static_assert(std::is_arithmetic_v<T>);
    XXH3_128bits_update(state_.get(), &value, sizeof value);
  }
  [[nodiscard]] std::string hex() const {
    const XXH128_hash_t h = XXH3_128bits_digest(state_.get());
    return fmt::format("{:016x}{:016x}", h.high64, h.low64);
  }

 private:
  struct Free {
    void operator()(XXH3_state_t* s) const { XXH3_freeState(s); }
  };
  std::unique_ptr<XXH3_state_t, Free> state_;
};

}  // namespace

std::string digest(const World& world) {
  Hasher hash;
  hash.add(world.seed.value);
  hash.add(world.clock.tick_us);
  hash.add(world.clock.tick);
  hash.add(world.next_id);
  for (const Site& site : world.sites) {
    const Population& cells = site.cells;
    std::vector<std::size_t> order(cells.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t row) { return cells.id[row]; });
    for_each_column(cells, [&]<class T>(const ColumnInfo& info, const std::vector<T>& column) {
      if (info.kind != ColumnInfo::Kind::State) return;
      std::vector<T> sorted(column.size());
      for (std::size_t i = 0; i < order.size(); ++i) sorted[i] = column[order[i]];
      hash.add(sorted);
    });
    const Matrix& matrix = site.matrix;
    hash.add(matrix.density);
    hash.add(matrix.density_start);
    hash.add(matrix.crosslinking);
    hash.add(matrix.tissue);
    for (const auto& component : matrix.fibre) hash.add(component);
    hash.add(matrix.degraded_mg_um3);
    hash.add(matrix.deposited_mg_um3);
    for (const Field& field : site.fields) {
      hash.add(field.value);
      for (double entry : {field.amount_start, field.secreted, field.taken_up, field.decayed, field.through_boundary})
        hash.add(entry);
    }
    hash.add(site.ledger.founders);
    hash.add(site.ledger.births);
    for (std::int64_t count : site.ledger.departures) hash.add(count);
  }
  return hash.hex();
}

}  // namespace invado
