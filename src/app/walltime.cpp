#include "app/walltime.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/error.h"
#include "scenario/text.h"

namespace invado {
namespace {

// "3:55:00", "1-12:00:00" as Slurm writes them [s]; 0: is none of these.
double clock_time(std::string_view text) {
  double seconds = 0;
  // The next part: one or more digits, and what must follow them.
  const auto part = [&](std::string_view behind, unsigned least, unsigned most, double unit) {
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto digits = static_cast<std::size_t>(stop - text.data());
    if (error != std::errc{} || digits < least || digits > 4 || value > most) return false;
    text.remove_prefix(digits);
    if (!text.starts_with(behind)) return false;
    text.remove_prefix(behind.size());
    seconds += value * unit;
    return true;
  };
  const bool days = text.find('-') != std::string_view::npos;
  const bool good = (!days || part("-", 1, 9999, 86400)) && part(":", 1, days ? 23 : 9999, 3600) && part(":", 2, 59, 60) &&
                    part("", 2, 59, 1) && text.empty();
  return good ? seconds : 0;
}

}  // namespace

double parse_walltime(std::string_view option, const std::string& text) {
  if (const double seconds = clock_time(text); seconds > 0) return seconds;
  constexpr std::array<std::pair<std::string_view, double>, 6> units{
      {{"d", 86400}, {"h", 3600}, {"min", 60}, {"m", 60}, {"s", 1}, {"", 0}}};
  double seconds = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  bool good = !text.empty();
  while (good && at < end) {
    double value = 0;
    const auto [stop, error] = std::from_chars(at, end, value);
    at = stop;
    while (at < end && *at == ' ') ++at;
    const char* const word = at;
    while (at < end && *at >= 'a' && *at <= 'z') ++at;
    const auto unit = std::ranges::find(units, std::string_view(word, static_cast<std::size_t>(at - word)),
                                        &std::pair<std::string_view, double>::first);
    while (at < end && *at == ' ') ++at;
    good = error == std::errc{} && unit != units.end() && unit->second > 0 && value > 0 && value < 1e6;
    if (good) seconds += value * unit->second;
  }
  if (!good)
    throw Error(Exit::Usage,
                std::string(option) + ": " +
                    explain("is not a time", text, "numbers with d, h, m or s, for example 3h55m; or 3:55:00, 1-12:00:00"));
  return seconds;
}

}  // namespace invado
