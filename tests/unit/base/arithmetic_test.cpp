// The start-up check of the arithmetic notices what a library or a flag can do to it.
// Seen to fail: the check of FTZ, of DAZ, of the rounding left out; -ffp-contract=fast for this file.
#include "base/arithmetic.h"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace invado;

TEST_CASE("the arithmetic of this build is the promised one") {
  CHECK(arithmetic_fault().empty());
  CHECK_NOTHROW(require_exact_arithmetic());
}

#if defined(__SSE2__)
TEST_CASE("flushed, ignored or otherwise rounded numbers are noticed") {
  const unsigned before = _mm_getcsr();
  const std::vector<std::pair<unsigned, const char*>> states{
      {0x8000u, "FTZ"}, {0x0040u, "DAZ"}, {0x2000u, "nearest"}, {0x4000u, "nearest"}, {0x6000u, "nearest"}};
  for (const auto& state : states) {
    const char* const word = state.second;
    CAPTURE(word);
    _mm_setcsr(before | state.first);
    const std::string fault = arithmetic_fault();
    bool thrown = false;
    try {
      require_exact_arithmetic();
    } catch (const ModelFault&) {
      thrown = true;
    }
    _mm_setcsr(before);
    CHECK(fault.find(word) != std::string::npos);
    CHECK(thrown);
  }
  CHECK(arithmetic_fault().empty());
}
#endif
