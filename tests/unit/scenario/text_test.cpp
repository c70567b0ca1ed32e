// Text for people: safe echo, edit distance, nearest word, UTF-8.
#include <doctest/doctest.h>

#include "scenario/text.h"

using namespace invado;

TEST_CASE("echoed text cannot steer a terminal and has an end") {
  CHECK(printable("plain \xc3\xa4 text") == "plain \xc3\xa4 text");
  CHECK(printable("\x1b[31mred\n") == "\\x1b[31mred\\x0a");
  CHECK(printable("\xff\xfe") == "\\xff\\xfe");
  CHECK(printable("\xc2\x9b"
                  "31m") == "\\xc2\\x9b31m");           // C1 control
  CHECK(printable("a\u202Eb") == "a\\xe2\\x80\\xaeb");  // right-to-left override
  CHECK(printable(std::string(5000, 'a')).size() < 210);
}

TEST_CASE("restricted Damerau distance") {
  CHECK(edit_distance("voxel", "voxel") == 0);
  CHECK(edit_distance("voxle", "voxel") == 1);  // a swap of neighbours
  CHECK(edit_distance("voxl", "voxel") == 1);
  CHECK(edit_distance("voxeel", "voxel") == 1);
  CHECK(edit_distance("vaxel", "voxel") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("ca", "abc") == 3);  // restricted: no edits between the swapped letters
}

TEST_CASE("a suggestion is near, or there is none") {
  const std::vector<std::string> words{"size", "voxel", "boundary"};
  CHECK(nearest_word("boundry", words) == "boundary");
  CHECK(nearest_word("persistence", words).empty());
  CHECK(nearest_word("BOUNDARY", words) == "boundary");  // eight edits away
  CHECK(nearest_word("xyz", words).empty());
  const std::vector<std::string> knobs{"akt_inhibitor", "akt1_knockdown", "akt2_knockdown"};
  CHECK(nearest_word("akt_inhib", knobs) == "akt_inhibitor");
  CHECK(nearest_word("akt", knobs).empty());  // begins three
  CHECK(nearest_word(std::string(100000, 'v'), words).empty());
}

TEST_CASE("UTF-8: overlong forms, surrogates, stray bytes and values beyond Unicode are invalid") {
  CHECK(first_invalid_utf8("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z") == std::string_view::npos);
  CHECK(first_invalid_utf8("ab\xc0\xaf") == 2);
  CHECK(first_invalid_utf8("\xed\xa0\x80") == 0);
  CHECK(first_invalid_utf8("\xf4\x90\x80\x80") == 0);
  CHECK(first_invalid_utf8("\xf0\x80\x80\xaf") == 0);
  CHECK(first_invalid_utf8("\xe0\x80\xaf") == 0);
  CHECK(first_invalid_utf8("x\x80") == 1);
  CHECK(first_invalid_utf8("x\xe2\x82") == 1);
  CHECK(first_invalid_utf8("x\xe4") == 1);  // Latin-1
}
