// Rows with equal keys, packed into blocks of eight: loops over a block have uniform parameters and eight lanes, which
// compilers turn into vector instructions. What a lane computes depends on its own row only, never on the packing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace invado {

inline constexpr std::size_t lanes = 8;

struct RowBlock {
  std::size_t group;  // index into RowBlocks::keys()
  std::size_t count;  // lanes in use, 1..8; the others repeat the last row and are not written back
  std::array<std::size_t, lanes> row;
};

// Memory is kept from build to build, so that building allocates nothing once the largest population was seen.
template <class Key>
class RowBlocks {
 public:
  // key_of(row) for the rows that include(row); groups are numbered in order of first appearance.
  template <class Include, class KeyOf>
  void build(std::size_t rows, Include&& include, KeyOf&& key_of) {
    keys_.clear();
    sizes_.clear();
    group_of_.resize(rows);
    std::size_t last = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      group_of_[row] = left_out;
      if (!include(row)) continue;
      const Key key = key_of(row);
      if (last >= keys_.size() || !(keys_[last] == key)) {
        last = 0;
        while (last < keys_.size() && !(keys_[last] == key)) ++last;
        if (last == keys_.size()) {
          keys_.push_back(key);
          sizes_.push_back(0);
        }
      }
      group_of_[row] = static_cast<std::uint32_t>(last);
      ++sizes_[last];
    }
    // First block of each group, then its rows in row order.
    blocks_.clear();
    first_.clear();
    for (std::size_t group = 0; group < keys_.size(); ++group) {
      first_.push_back(blocks_.size());
      blocks_.resize(blocks_.size() + (sizes_[group] + lanes - 1) / lanes, RowBlock{group, 0, {}});
    }
    for (std::size_t row = 0; row < rows; ++row) {
      if (group_of_[row] == left_out) continue;
      std::size_t& at = first_[group_of_[row]];
      RowBlock& block = blocks_[at];
      for (std::size_t lane = block.count; lane < lanes; ++lane) block.row[lane] = row;
      if (++block.count == lanes) ++at;
    }
  }

  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }
  [[nodiscard]] const std::vector<RowBlock>& blocks() const { return blocks_; }

 private:
  static constexpr std::uint32_t left_out = ~std::uint32_t{0};
  std::vector<Key> keys_;
  std::vector<std::size_t> sizes_, first_;
  std::vector<std::uint32_t> group_of_;
  std::vector<RowBlock> blocks_;
};

}  // namespace invado
