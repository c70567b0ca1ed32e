// Text that goes into the page: escaped, so that nothing in a scenario can become markup; numbers as people read them.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "base/number_text.h"

namespace invado {

// Text for the content of an element or a quoted attribute of HTML, SVG and XML alike: the five characters that mean
// something there as references; what no XML may hold (control characters, bytes that are no UTF-8) as U+FFFD.
[[nodiscard]] std::string escaped(std::string_view text);

// "24 h"; below one hour "10 min"; beyond three days "504 h (21 d)".
[[nodiscard]] std::string time_text(double hours);
// "12.3 ± 0.4": the error with two digits, the value to the same place; without an error the value alone.
[[nodiscard]] std::string with_error(double value, double error);
// As much of a name as there is room for: at most `most` letters, the last one then "…". Names beyond ASCII stay whole.
[[nodiscard]] std::string shortened(const std::string& name, std::size_t most);
// A coordinate or length of a drawing: a tenth of a pixel is finer than anybody sees, and short.
[[nodiscard]] std::string pixels(double value);

// A cell of a table with a number of series.csv, of its row `when`: as it is in the file for tools, and as people read it.
[[nodiscard]] std::string series_cell(std::string_view column, std::string_view when, double value,
                                      double error = std::numeric_limits<double>::quiet_NaN());

// RFC 4648, with padding.
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

}  // namespace invado
