// What the user reads: text echoed safely, and the nearest allowed word.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace invado {

// Text for a message: control characters and broken UTF-8 as \xNN, cut at 200 bytes, never able to steer a terminal.
[[nodiscard]] std::string printable(std::string_view text);

// Number of insertions, deletions, replacements and swaps of neighbours between two words (restricted Damerau distance).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that differs only in capitals, else the nearest to `text` within 2 edits or a third of its length (at most
// one edit for words of up to 3 letters); empty when none is near.
[[nodiscard]] std::string nearest_word(std::string_view text, std::span<const std::string> candidates);

// "what (got X, allowed Y; did you mean 'Z'?)"; empty parts are left out.
[[nodiscard]] std::string explain(std::string_view what, std::string_view got, std::string_view allowed = {},
                                  std::string_view suggestion = {});

// "a, b, c" of the first 30 words, then a count.
[[nodiscard]] std::string comma_list(std::span<const std::string> words);

// Shortest decimal that reads back as the same double.
[[nodiscard]] std::string shortest(double x);

// The first control character that has no place in a text (all but tab and line feed; NUL, escapes, C1 controls that
// steer terminals), as \xNN or \u00NN; empty when there is none.
[[nodiscard]] std::string control_character(std::string_view text);

// Whether it can be part of key paths, column names and file names: a letter or _, then up to 63 letters, digits, _ and -.
[[nodiscard]] bool is_plain_name(std::string_view name);
// The same with points and stars, up to 200 bytes: what a list of known names may hold (`field.mine`, `akt*smad`).
[[nodiscard]] bool is_ascii_name(std::string_view name);

// Position of the first byte that is no valid UTF-8 (overlong forms, surrogates and values above 0x10FFFF included), or
// npos.
[[nodiscard]] std::size_t first_invalid_utf8(std::string_view text);

}  // namespace invado
