// One number of every row. Where all rows have the same, it is kept once, whatever their number: of what a scenario leaves
// out (signals, other sites, periodic faces) nothing lies in memory. A column is folded as long as it is kept so.
//
// Whoever reads need not know: a folded column answers for every row. Who writes gives each row a number of its own first
// (spread). Code outside of loops that threads share does so by writing. Threads cannot, and need not: the stepper spreads
// what a process says that it writes before it is applied; what they only read they read as const.
#pragma once

#include <omp.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"

namespace invado {

template <class T>
class Foldable {
 public:
  using value_type = T;

  Foldable() = default;
  // Of numbers of their own.
  Foldable(std::vector<T> numbers) : values_(std::move(numbers)), rows_(values_.size()) {}
  Foldable(std::initializer_list<T> numbers) : Foldable(std::vector<T>(numbers)) {}

  [[nodiscard]] std::size_t size() const { return rows_; }
  [[nodiscard]] bool empty() const { return rows_ == 0; }
  [[nodiscard]] bool folded() const { return mask_ == 0; }

  [[nodiscard]] const T& operator[](std::size_t row) const { return values_[row & mask_]; }
  [[nodiscard]] T& operator[](std::size_t row) {
    if (folded()) [[unlikely]]
      spread_alone();
    return values_[row & mask_];
  }

  // What lies in memory: the numbers of all rows, or the one that all have.
  [[nodiscard]] std::span<const T> kept() const { return values_; }
  [[nodiscard]] T* data() {
    if (folded()) spread_alone();
    return values_.data();
  }
  [[nodiscard]] T* begin() { return data(); }
  [[nodiscard]] T* end() { return data() + rows_; }
  // The numbers of all rows, one after the other.
  class Reader {
   public:
    Reader(const Foldable& of, std::size_t row) : of_(&of), row_(row) {}
    const T& operator*() const { return (*of_)[row_]; }
    Reader& operator++() { return ++row_, *this; }
    friend bool operator==(const Reader& a, const Reader& b) { return a.row_ == b.row_; }

   private:
    const Foldable* of_;
    std::size_t row_;
  };
  [[nodiscard]] Reader begin() const { return {*this, 0}; }
  [[nodiscard]] Reader end() const { return {*this, rows_}; }

  // A number of its own for each row.
  void spread() {
    if (!folded()) return;
    if (rows_ > 1) {
      const T value = values_.front();
      values_.assign(rows_, value);
    }
    mask_ = own;
  }
  // Keeps one number where all rows have the same (the same bits).
  void fold() {
    if (folded()) return;
    // Each as the one before it.
    if (rows_ > 1 && std::memcmp(values_.data(), values_.data() + 1, (rows_ - 1) * sizeof(T)) != 0) return;
    values_ = std::vector<T>(values_.begin(), values_.begin() + (rows_ > 0 ? 1 : 0));
    mask_ = 0;
  }

  void push_back(T value) {
    if (folded() && rows_ > 0) {
      if (std::memcmp(&value, values_.data(), sizeof(T)) == 0) {
        ++rows_;
        return;
      }
      spread();
    }
    values_.push_back(value);
    ++rows_;
  }
  void emplace_back() { push_back(T{}); }
  void pop_back() { resize(rows_ - 1); }
  // New rows have 0.
  void resize(std::size_t rows) {
    if (folded() && rows > rows_ && rows_ > 0 && std::memcmp(&zero, values_.data(), sizeof(T)) != 0) spread();
    values_.resize(folded() ? std::min<std::size_t>(rows, 1) : rows);
    rows_ = rows;
  }
  void reserve(std::size_t rows) {
    if (!folded()) values_.reserve(rows);
  }
  void assign(std::size_t rows, T value) {
    values_.assign(folded() ? std::min<std::size_t>(rows, 1) : rows, value);
    rows_ = rows;
  }
  void clear() { assign(0, T{}); }

  friend bool operator==(const Foldable& a, const Foldable& b) {
    if (a.rows_ != b.rows_) return false;
    for (std::size_t row = 0; row < a.rows_; ++row)
      if (!(a[row] == b[row])) return false;
    return true;
  }

 private:
  static constexpr std::size_t own = ~std::size_t{0};
  static constexpr T zero{};

  // By writing. Where threads share the rows somebody else may be reading.
  void spread_alone() {
    INVADO_ENSURE(omp_in_parallel() == 0 || has_job);  // else: spread what the process says that it writes
    spread();
  }

  std::vector<T> values_;  // of each row, or one
  std::size_t rows_ = 0;
  std::size_t mask_ = own;  // of row numbers: all bits, or none where the column is folded
};

template <class T>
bool is_folded(const std::vector<T>&) {
  return false;
}
template <class T>
bool is_folded(const Foldable<T>& column) {
  return column.folded();
}

// Numbers that lie in memory and are all of those in rows first .. end - 1.
template <class T>
std::span<const T> kept_numbers(const std::vector<T>& column, std::size_t first, std::size_t end) {
  return std::span(column).subspan(first, end - first);
}
template <class T>
std::span<const T> kept_numbers(const Foldable<T>& column, std::size_t first, std::size_t end) {
  return column.folded() ? column.kept().first(first < end ? 1 : 0) : column.kept().subspan(first, end - first);
}

}  // namespace invado
