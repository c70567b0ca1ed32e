// Numbers as people read them, in pages, pictures and on the terminal.
#pragma once

#include <string>

namespace invado {

// A number with `digits` significant digits, thousands apart by thin spaces, a true minus; "–" for NaN (no value). Whole
// numbers, and all digits before the point, are shown.
[[nodiscard]] std::string number_text(double value, int digits = 4);

}  // namespace invado
