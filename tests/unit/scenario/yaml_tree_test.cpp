// The strict layer over yaml-cpp: what a document must not contain, and where each value was written.
#include <doctest/doctest.h>

#include <ctime>

#include "scenario/yaml_tree.h"

using namespace invado;

namespace {
struct Parsed {
  Node node;
  std::string problems;
};
Parsed parse(const std::string& text) {
  static const Source source{Source::Kind::File, "f", {}};
  Problems problems;
  Parsed out{parse_yaml(text, source, problems), ""};
  if (!problems.empty()) try {
      problems.raise();
    } catch (const ConfigError& error) {
      out.problems = error.what();
    }
  return out;
}
std::string refused(const std::string& text) { return parse(text).problems; }
std::string repeated(const std::string& piece, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}
}  // namespace

TEST_CASE("values know where they were written") {
  const Parsed p = parse("a: 1\nb: {c: x, d: [1 um, \"two\"]}\r\ne:\n  f: |\n    text\n");
  CHECK(p.problems.empty());
  CHECK(p.node.find("a")->origin.text() == "f:1:4");
  CHECK(p.node.find("b")->find("d")->items[1].origin.text() == "f:2:21");
  CHECK(p.node.find("b")->find("d")->items[1].quoted);
  CHECK_FALSE(p.node.find("b")->find("d")->items[0].quoted);
  CHECK(p.node.find("e")->find("f")->text == "text\n");
  CHECK(origin_of(p.node, "b.c").text() == "f:2:8");
  CHECK(origin_of(p.node, "b.x.y").text() == "f:2:4");
}

TEST_CASE("dangerous or ambiguous YAML is refused") {
  CHECK(refused("a: &x 1\n") == "f:1:4: a: anchors are not allowed (got '&x'; write the value out, or use `extends`)");
  CHECK(refused("a: &x {b: *x}\n").find("anchors are not allowed") != std::string::npos);
  CHECK(refused("<<: {a: 1}\n").find("merge keys") != std::string::npos);
  CHECK(refused("a: !!python/object 1\n").find("tags are not allowed") != std::string::npos);
  CHECK(refused("a: 1\nb: 2\na: 3\n") == "f:3:1: a: the key is given twice (first in line 1, column 1)");
  CHECK(refused("a: 1\n---\nb: 1\n").find("a second document") != std::string::npos);
  CHECK(refused("a: \"x\n") == "f:1:4: a: the quote \" that opens here is never closed");
  CHECK(refused("a: 'it''s\n").find("never closed") != std::string::npos);
  CHECK(refused("a: 'it''s'\n").empty());
  CHECK(refused("a: \"say \\\"x\\\"\"\n").empty());
  CHECK(refused("\xC3\xA9: \"\xC3\xBC\"\n").empty());
  CHECK(refused("\xEF\xBB\xBF"
                "a: \"x\"\n")
            .empty());  // UTF-8 byte order mark
  CHECK(refused("? [a]\n: 1\n").find("must be a plain word") != std::string::npos);
  CHECK(refused("a:\n\tb: 1\n") == "f:2:3: this line is indented with a tab (use spaces)");
  CHECK(refused("a: [1, 2\n").find("not valid YAML") != std::string::npos);
}

TEST_CASE("bytes that no text contains") {
  CHECK(refused(std::string("a: 1\nb: x\0y\n", 12)) == "f:2:5: the control character \\x00 is not allowed");
  CHECK(refused("a: \x1b[31m\n").find("\\x1b") != std::string::npos);
  CHECK(refused("\xff\xfe"
                "a\0:\0")
            .find("UTF-16") != std::string::npos);
  CHECK(refused("a: caf\xe9\n") == "f:1:7: the byte \\xe9 is not valid UTF-8 (save the file as UTF-8)");
}

TEST_CASE("limits hold, and quickly") {
  const std::clock_t begin = std::clock();
  CHECK(refused("a: " + repeated("{a: ", 100000)).find("nested deeper than 32 levels") != std::string::npos);
  CHECK(refused(repeated("- ", 100000)).find("nested deeper than 32 levels") != std::string::npos);
  CHECK_FALSE(refused("a: " + repeated("[", 100000)).empty());
  CHECK(refused("a: [" + repeated("1,", 2000000) + "]").find("more than 400000 commas") != std::string::npos);
  CHECK(refused("a: " + std::string(70000, 'x') + "\n").find("too long") != std::string::npos);
  CHECK(refused(std::string((4 << 20) + 1, '#')).find("too many for a scenario") != std::string::npos);
  CHECK_FALSE(refused(repeated("k", 2000) + ": 1\n").empty());
  CHECK(parse("a: " + repeated("[", 31) + repeated("]", 31) + "\n").problems.empty());
#ifndef INVADO_SANITIZED  // these cost what they cost
  CHECK(std::clock() - begin < 5 * CLOCKS_PER_SEC);
#else
  (void)begin;
#endif
}

TEST_CASE("all duplicates of a document are reported at once") {
  const std::string text = refused("a: 1\na: 2\nb: {c: 1, c: 2}\n");
  CHECK(text ==
        "f:2:1: a: the key is given twice (first in line 1, column 1)\n"
        "f:3:11: b.c: the key is given twice (first in line 3, column 5)");
}
