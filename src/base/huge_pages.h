// Large arrays in large pages: who walks a lattice along z touches another page of 4 KiB with every row, and the processor
// knows too few of them by heart.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace invado {

// Takes room for n numbers, in pages of 2 MiB where the system has such (Linux); where it has not, in others.
template <class Number>
void take_room_in_huge_pages(std::vector<Number>& numbers, std::size_t n) {
  numbers.reserve(n);
#ifdef MADV_HUGEPAGE
  constexpr std::uintptr_t page = std::uintptr_t{1} << 21;
  const auto first = reinterpret_cast<std::uintptr_t>(numbers.data());
  const std::uintptr_t begin = (first + page - 1) / page * page, end = (first + n * sizeof(Number)) / page * page;
  if (begin < end) (void)madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace invado
