// Checkpoints taken apart and put together again, right or wrong: for tests that need bad ones, and for the fuzzing target.
// The format is written down here once more, from its description in io/checkpoint.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/checksum.h"

namespace invado::test {

template <class T>
std::string raw(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}
template <class T>
T number_at(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.substr(at, sizeof value).data(), sizeof value);
  return value;
}
inline std::string filled_up(std::string bytes) {
  bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
  return bytes;
}

struct CheckpointRecord {
  std::string name;
  std::uint32_t element_bytes = 1;
  std::uint64_t count = 0;
  std::string data{};
  std::optional<std::uint32_t> name_bytes{};  // what is claimed, when it is not the truth

  template <class T>
  [[nodiscard]] T get(std::size_t i) const {
    return number_at<T>(data, i * sizeof(T));
  }
  template <class T>
  void set(std::size_t i, T value) {
    if ((i + 1) * sizeof(T) > data.size()) throw std::out_of_range(name);
    std::memcpy(data.data() + i * sizeof(T), &value, sizeof value);
  }
  void resize(std::uint64_t elements) {
    count = elements;
    data.resize(elements * element_bytes, '\0');
  }
  void text(std::string value) {
    data = std::move(value);
    count = data.size();
  }
};

inline constexpr std::size_t checkpoint_header = 24, checkpoint_trailer = 16;

// The right checksum at the end of anything. Length in the header: as it is, unless `set_length`.
inline std::string sealed(std::string body, bool set_length = true) {
  const std::uint64_t length = body.size() + checkpoint_trailer;
  if (set_length && body.size() >= checkpoint_header) std::memcpy(body.data() + 16, &length, 8);
  Checksum checksum;
  checksum.add(body);
  const auto sum = checksum.bytes();
  body.append(reinterpret_cast<const char*>(sum.data()), sum.size());
  return body;
}

inline std::string checkpoint_body(const std::vector<CheckpointRecord>& records, std::uint32_t version = 2) {
  std::string body = "INVADOCP" + raw(version) + raw(std::uint32_t{0x01020304}) + raw(std::uint64_t{0});
  for (const CheckpointRecord& record : records)
    body += raw(record.name_bytes.value_or(static_cast<std::uint32_t>(record.name.size()))) + raw(record.element_bytes) +
            raw(record.count) + filled_up(record.name) + filled_up(record.data);
  return body;
}

inline std::string checkpoint_of(const std::vector<CheckpointRecord>& records) { return sealed(checkpoint_body(records)); }

// Of a good checkpoint only.
inline std::vector<CheckpointRecord> records_of(const std::string& checkpoint) {
  std::vector<CheckpointRecord> records;
  for (std::size_t at = checkpoint_header; at + checkpoint_trailer < checkpoint.size();) {
    CheckpointRecord record;
    const auto name_bytes = number_at<std::uint32_t>(checkpoint, at);
    record.element_bytes = number_at<std::uint32_t>(checkpoint, at + 4);
    record.count = number_at<std::uint64_t>(checkpoint, at + 8);
    record.name = checkpoint.substr(at + 16, name_bytes);
    at += 16 + (name_bytes + 7) / 8 * 8;
    record.data = checkpoint.substr(at, record.count * record.element_bytes);
    at += (record.data.size() + 7) / 8 * 8;
    records.push_back(std::move(record));
  }
  return records;
}

inline CheckpointRecord& record_of(std::vector<CheckpointRecord>& records, std::string_view name) {
  const auto found = std::ranges::find(records, name, &CheckpointRecord::name);
  if (found == records.end()) throw std::out_of_range(std::string(name));
  return *found;
}

}  // namespace invado::test
