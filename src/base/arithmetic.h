// Is this the arithmetic that our promise of equal bits rests on? Asked once, when the program starts: a library that was
// built with -ffast-math switches subnormal numbers off for the whole process when it is loaded, and nothing else says so.
#pragma once

#include <cfloat>
#include <cmath>
#include <limits>
#include <string>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "base/error.h"

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "invado promises identical results: build it without options for fast mathematics"
#endif
static_assert(FLT_EVAL_METHOD == 0, "sums in extended precision (x87) round twice: build for SSE2 or another machine");
static_assert(std::numeric_limits<double>::is_iec559);

namespace invado {

// What is wrong with the arithmetic of this process and of the file that includes this; empty: nothing. Threads that are
// started later inherit the state of the processor.
inline std::string arithmetic_fault() {
#if defined(__SSE2__)
  const unsigned state = _mm_getcsr();
  if ((state & 0x8000u) != 0) return "subnormal results are flushed to zero (FTZ)";
  if ((state & 0x0040u) != 0) return "subnormal numbers are read as zero (DAZ)";
  if ((state & 0x6000u) != 0) return "results are not rounded to nearest";
#endif
  // Through volatile, so that the processor computes and not the compiler.
  const volatile double tiny = std::numeric_limits<double>::denorm_min(), one = 1, third = 3;
  if (!(tiny * one > 0)) return "a subnormal number does not survive a multiplication by one";
  if (one / third != 0x1.5555555555555p-2) return "1/3 is not rounded to nearest";
  const volatile double nan = std::numeric_limits<double>::quiet_NaN();
  if (!std::isnan(nan) || nan == nan) return "NaN is not recognised";
  // (1 + 2^-27)^2 = 1 + 2^-26 + 2^-54, rounded to 1 + 2^-26; a fused multiply-add keeps the last term.
  const volatile double factor = 1 + 0x1p-27, rounded = 1 + 0x1p-26;
  const double x = factor, y = rounded;
  if (x * x - y != 0) return "products and sums are fused (-ffp-contract)";
  return {};
}

// Throws when the promise cannot be kept.
inline void require_exact_arithmetic() {
  if (const std::string fault = arithmetic_fault(); !fault.empty())
    throw ModelFault("results would not be the same bits as elsewhere: " + fault);
}

}  // namespace invado
