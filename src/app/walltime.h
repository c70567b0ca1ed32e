// Times by the clock on the wall, as the command line has them.
#pragma once

#include <string>
#include <string_view>

namespace invado {

// "3h55m", "90 min", "2d", "30s": numbers with units, added up; or as Slurm writes it: "3:55:00", "1-12:00:00". [s]
// Throws Error 2, naming the option.
[[nodiscard]] double parse_walltime(std::string_view option, const std::string& text);

}  // namespace invado
