#include "base/checksum.h"

#include <fmt/core.h>

// Compiled here, for the processor level of this build: the library's own is for the oldest one and half as quick.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace invado {

struct Checksum::State {
  struct Free {
    void operator()(XXH3_state_t* s) const { XXH3_freeState(s); }
  };
  std::unique_ptr<XXH3_state_t, Free> hash{XXH3_createState()};
};

Checksum::Checksum() : state_(std::make_unique<State>()) { XXH3_128bits_reset(state_->hash.get()); }
Checksum::Checksum(const Checksum& other) : state_(std::make_unique<State>()) {
  XXH3_copyState(state_->hash.get(), other.state_->hash.get());
}
Checksum& Checksum::operator=(const Checksum& other) {
  XXH3_copyState(state_->hash.get(), other.state_->hash.get());
  return *this;
}
Checksum::Checksum(Checksum&&) noexcept = default;
Checksum& Checksum::operator=(Checksum&&) noexcept = default;
Checksum::~Checksum() = default;

void Checksum::add(std::span<const std::byte> bytes) {
  if (!bytes.empty()) XXH3_128bits_update(state_->hash.get(), bytes.data(), bytes.size());
}

std::string Checksum::hex() const {
  const XXH128_hash_t h = XXH3_128bits_digest(state_->hash.get());
  return fmt::format("{:016x}{:016x}", h.high64, h.low64);
}

std::array<std::byte, 16> Checksum::bytes() const {
  const XXH128_hash_t h = XXH3_128bits_digest(state_->hash.get());
  std::array<std::byte, 16> out{};
  for (std::size_t i = 0; i < 8; ++i) {
    out[i] = static_cast<std::byte>(h.high64 >> (56 - 8 * i));
    out[8 + i] = static_cast<std::byte>(h.low64 >> (56 - 8 * i));
  }
  return out;
}

}  // namespace invado
