// Names a processor that is too old for this build before anything else runs, instead of dying of an illegal
// instruction. This file alone is compiled for every x86-64 processor (src/CMakeLists.txt).
#include <unistd.h>

#include <cstring>

namespace {

__attribute__((constructor(101))) void refuse_an_older_processor() {
#if defined(__x86_64__) && defined(INVADO_NEEDS_V3)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) return;
  const char* message =
      "invado: this build needs a processor of level x86-64-v3 (AVX2, FMA, BMI2; 2013 or later).\n"
      "invado: build for this machine with: cmake --preset release -DINVADO_ARCH=x86-64\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message, std::strlen(message));
  ::_exit(71);
#endif
}

}  // namespace
