// What every message of a refusal owes to whoever reads it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace fuzz {

// Every line must be fit for a terminal, and short.
inline void check_message(const std::string& message) {
  std::size_t line = 0;
  for (const char c : message) {
    const auto byte = static_cast<unsigned char>(c);
    line = c == '\n' ? 0 : line + 1;
    if ((byte < 0x20 && c != '\n') || byte == 0x7F || line > 6000) {
      std::fprintf(stderr, "a message cannot be shown: %s\n", message.c_str());
      std::abort();
    }
  }
  if (message.empty()) std::abort();
}

}  // namespace fuzz
