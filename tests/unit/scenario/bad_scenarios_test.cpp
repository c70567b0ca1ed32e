// The corpus of bad scenarios: what is refused, with which exit code, how many problems and which first line.
// tests/scenarios/bad/*.yaml, each with two lines on top:
//   # exit 64, problems 1
//   # first: name.yaml:7:21: matrix.alignment: is out of range ...      (the beginning of the line is enough)
// and what cannot be a file in a repository (pipes, devices, links, large files), made here.
// Planted and seen to fail: control characters written as escapes let through; names of any letters; commas, words, names,
// rows of a table, values of all files together, problems without a limit; links that leave the folders followed; the memory
// of a table not asked about; words of later versions unknown.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "base/error.h"
#include "made_up_processes.h"
#include "scenario/scenario.h"

using namespace invado;

namespace {

namespace fs = std::filesystem;

struct Refusal {
  int code = 0;  // 0: accepted; negative: killed by that signal
  std::string lines;
  double cpu_s = 0;
  double memory_mb = 0;  // more than the test itself had
};

double resident_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

// In a process of its own: a crash or a hang is an answer, not the end of the test.
Refusal refusal_of(const fs::path& file, const LoadOptions& options, bool as_nobody) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const double before = resident_mb();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(300);
    int code = 0;
    std::string lines = "accepted";
    if (as_nobody && geteuid() == 0 && setuid(65534) != 0) _exit(99);
    try {
      (void)load_scenario(file, options);
    } catch (const Error& error) {
      lines = error.what();
      code = static_cast<int>(error.code());
    }
    for (std::size_t at = 0; at < lines.size();) {
      const ssize_t written = ::write(ends[1], lines.data() + at, lines.size() - at);
      if (written <= 0) _exit(98);
      at += static_cast<std::size_t>(written);
    }
    _exit(code);
  }
  ::close(ends[1]);
  Refusal out;
  char block[4096];
  for (ssize_t got = 0; (got = ::read(ends[0], block, sizeof block)) > 0;)
    out.lines.append(block, static_cast<std::size_t>(got));
  ::close(ends[0]);
  int status = 0;
  rusage usage{};
  REQUIRE(::wait4(child, &status, 0, &usage) == child);
  out.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  out.cpu_s = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
              1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  out.memory_mb = static_cast<double>(usage.ru_maxrss) / 1024 - before;
  return out;
}

// What was seen so far: no case may say the same as another, or it breaks no rule of its own.
class Corpus {
 public:
  void check(const std::string& name, const fs::path& file, const LoadOptions& options, int code, long problems,
             const std::string& first, [[maybe_unused]] double megabytes, bool as_nobody = false) {
    INFO(name);
    const Refusal refusal = refusal_of(file, options, as_nobody);
    CHECK(refusal.code == code);
    CHECK(std::count(refusal.lines.begin(), refusal.lines.end(), '\n') + 1 == problems);
    CHECK_MESSAGE(refusal.lines.starts_with(first), refusal.lines << "\n  expected " << first);
    // By the processor's clock, so that a busy machine changes nothing; the sanitizers cost what they cost.
#ifndef INVADO_SANITIZED
    CHECK(refusal.cpu_s < 2 * std::max(1.0, 10 * megabytes));
    CHECK(refusal.memory_mb < 256);
#endif
    // The pattern: the first line without the place where it was found.
    const std::string line = refusal.lines.substr(0, refusal.lines.find('\n'));
    const std::string pattern = std::regex_replace(line, std::regex("^[^ ]*:[0-9]+:[0-9]+: |^[^ ]*\\.yaml: "), "");
    const auto entry = seen_.emplace(pattern, name);  // no structured binding: clang 14 cannot capture one
    CHECK_MESSAGE(entry.second, name << " says the same as " << entry.first->second << ": " << pattern);
    CHECK(names_.emplace(name, 0).second);
  }
  [[nodiscard]] std::size_t size() const { return names_.size(); }

 private:
  std::map<std::string, std::string> seen_;
  std::map<std::string, int> names_;
};

class WorkingFolder {
 public:
  explicit WorkingFolder(const fs::path& folder) : before_(fs::current_path()) { fs::current_path(folder); }
  ~WorkingFolder() { fs::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  fs::path before_;
};

void committed_files(Corpus& corpus) {
  const WorkingFolder there(INVADO_SOURCE_DIR "/tests/scenarios/bad");
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator("."))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().filename().string());
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    INFO(file);
    std::ifstream in(file);
    std::string codes, first;
    std::getline(in, codes);
    std::getline(in, first);
    std::smatch match;
    REQUIRE(std::regex_match(codes, match, std::regex("# exit (\\d+), problems (\\d+)")));
    REQUIRE(first.starts_with("# first: "));
    corpus.check(fs::path(file).stem().string(), file, {}, std::stoi(match[1]), std::stol(match[2]), first.substr(9),
                 1e-6 * static_cast<double>(fs::file_size(file)));
  }
}

std::string repeated(const std::string& piece, int times) {
  std::string out;
  out.reserve(piece.size() * static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) out += piece;
  return out;
}

std::string numbered(const std::string& before, int times, const std::string& after) {
  std::string out;
  for (int i = 0; i < times; ++i) out += before + std::to_string(i) + after;
  return out;
}

// Cases that are made in a folder of their own.
void made_here(Corpus& corpus) {
  using made_up::box100;
  using made_up::head;
  using made_up::minimal;
  using made_up::one_type;
  const made_up::Folder folder;
  const WorkingFolder there(folder.path());
  ::chmod(folder.path().c_str(), 0755);

  const auto from_file = [&](const std::string& name, int code, const std::string& first, long problems = 1,
                             const LoadOptions& options = {}, bool as_nobody = false) {
    const std::string file = name + ".yaml";
    std::error_code error;
    auto bytes = fs::is_regular_file(file, error) ? static_cast<double>(fs::file_size(file, error)) : 0.0;
    if (name == "extends_too_much")  // what it names is read too, before the last one is refused
      for (const char* large : {"large0.yaml", "large1.yaml", "large2.yaml"})
        bytes += static_cast<double>(fs::file_size(large, error));
    corpus.check(name, file, options, code, problems, first, 1e-6 * bytes, as_nobody);
  };
  const auto text = [&](const std::string& name, const std::string& written, int code, const std::string& first,
                        long problems = 1, const LoadOptions& options = {}) {
    folder.write(name + ".yaml", written);
    from_file(name, code, first, problems, options);
  };

  // What is no file of text.
  REQUIRE(::mkfifo("a_pipe.yaml", 0666) == 0);
  from_file("a_pipe", 66, "a_pipe.yaml: is a pipe, not a file");
  fs::create_directory("a_folder.yaml");
  from_file("a_folder", 66, "a_folder.yaml: is a folder, not a file");
  fs::create_symlink("/dev/zero", "endless.yaml");
  from_file("endless", 66, "endless.yaml: is a device, not a file");
  fs::create_symlink("link_in_circle.yaml", "link_in_circle.yaml");
  from_file("link_in_circle", 66, "link_in_circle.yaml: cannot be opened: Too many levels of symbolic links");
  from_file("not_there", 66, "not_there.yaml: cannot be opened: No such file or directory");
  folder.write("locked.yaml", minimal);
  ::chmod("locked.yaml", 0);
  from_file("locked", 77, "locked.yaml: cannot be opened: Permission denied", 1, {}, true);
  text("file_too_large", std::string((std::size_t{4} << 20) + 1, '#'), 64,
       "file_too_large.yaml: 4194305 bytes are too many (allowed 4194304)");
  text("utf_16", std::string("\xff\xfes\0c\0h\0", 8), 64, "utf_16.yaml:1:1: the file is UTF-16 (save it as UTF-8)");
  text("nothing_at_all", "", 64, "nothing_at_all.yaml:1:1: the file is empty (a scenario begins with 'schema: 1')");
  text("overlong_utf_8", "name: \xC0\xAF\n", 64, "overlong_utf_8.yaml:1:7: the byte \\xc0 is not valid UTF-8");
  text("surrogate_in_utf_8", "name: \xED\xA0\x80\n", 64, "surrogate_in_utf_8.yaml:1:7: the byte \\xed is not valid UTF-8");
  text("delete_character", "name: a\x7F\n", 64, "delete_character.yaml:1:8: the control character \\x7f is not allowed");

  // Depth, numbers, lengths: what would take all memory or all time.
  text("deep_brackets", "a: " + repeated("[", 100000), 64, "deep_brackets.yaml:1:");
  text("deep_braces", "a: " + repeated("{a: ", 100000), 64, "deep_braces.yaml:1:128: a.a.a.a.");
  text("deep_dashes", repeated("- ", 100000), 64, "deep_dashes.yaml:1:65: nested deeper than 32 levels");
  text("deep_questions", "b:\n  " + repeated("? ", 100000), 64, "deep_questions.yaml:2:5: b: a key must be a plain word");
  text("billion_laughs", "a: &a [x, x]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\n", 64,
       "billion_laughs.yaml:1:4: a: anchors are not allowed");
  text("cyclic_alias", "c: &x {b: *x}\n", 64, "cyclic_alias.yaml:1:4: c: anchors are not allowed");
  text("commas_without_end", "a: [" + repeated(",", 4000000) + "]\n", 64,
       "commas_without_end.yaml: more than 400000 commas and brackets in one document");
  text("values_without_end", "a:\n" + repeated("- x\n", 100001), 64,
       "values_without_end.yaml:100000:3: a: more than 100000 values in one document");
  text("one_endless_word", "name: " + std::string(70000, 'x') + "\n", 64,
       "one_endless_word.yaml:1:7: name: a text of 70000 bytes is too long (allowed 65536)");
  text("key_of_2000_letters", std::string(2000, 'k') + ": 1\n", 64, "key_of_2000_letters.yaml:1:");
  text("names_without_end", minimal + "fields: {" + numbered("f", 1001, ": {}, ") + "}\n", 64,
       "names_without_end.yaml:7:9: fields: too many names (got '1001', allowed at most 1000)");
  text("words_without_end", minimal + "output: {fields: [" + numbered("f", 1001, ", ") + "]}\n", 64,
       "words_without_end.yaml:7:18: output.fields: the list is too long (got '1001 words', allowed at most 1000)");
  text("problems_without_end", minimal + numbered("k", 45000, ": 1\n"), 64, "problems_without_end.yaml:7:1: k0: unknown key",
       21);
  text("twice_without_end", minimal + repeated("k: 1\n", 45000), 64,
       "twice_without_end.yaml:8:1: k: the key is given twice (first in line 7, column 1)", 21);

  // Files that a scenario names.
  for (int file = 0; file < 4; ++file)
    folder.write("large" + std::to_string(file) + ".yaml", numbered("k" + std::to_string(file) + "_", 70000, ": 1\n"));
  text("extends_too_much", minimal + "extends: [large0.yaml, large1.yaml, large2.yaml, large3.yaml]\n", 64,
       "extends_too_much.yaml:7:50: extends: more than 200000 values in all files together");
  REQUIRE(::mkfifo("pipe_to_extend.yaml", 0666) == 0);
  text("extends_a_pipe", minimal + "extends: pipe_to_extend.yaml\n", 66,
       "extends_a_pipe.yaml:7:10: extends: pipe_to_extend.yaml: is a pipe, not a file");
  fs::create_symlink("/etc/passwd", "way_out");
  text("extends_through_a_link", minimal + "extends: way_out\n", 64,
       "extends_through_a_link.yaml:7:10: extends: leaves the folders of the scenario through a symbolic link (got "
       "'way_out'");
  fs::create_symlink("round_and_round", "round_and_round");
  text("extends_a_circle_of_links", minimal + "extends: round_and_round\n", 66,
       "extends_a_circle_of_links.yaml:7:10: extends: no such file (got 'round_and_round'");
  text("extends_a_long_name", minimal + "extends: " + std::string(5000, 'n') + "\n", 64,
       "extends_a_long_name.yaml:7:10: extends: is no file name (got 'nnnn");

  // Tables of points.
  const auto points = [&](const std::string& file) {
    return head + box100 + one_type + "population: {p: {type: cell, place: {points: {file: " + file + "}}}}\n";
  };
  folder.write("large.csv", "x_um,y_um,z_um\n");
  fs::resize_file("large.csv", (std::uintmax_t{64} << 20) + 1);  // a hole: takes no disk
  text("table_too_large", points("large.csv"), 65,
       "table_too_large.yaml:6:53: population.p.place.points.file: large.csv: 67108865 bytes are too many (allowed "
       "67108864)");
  folder.write("many.csv", "x_um,y_um,z_um\n" + repeated("1,2,3\n", 2000001));
  text("points_without_end", points("many.csv"), 65, "many.csv:2000002:1: more than 2000000 points");
  folder.write("holes.csv", std::string("x_um,y_um,z_um\n1,2,\0\n", 21));
  text("table_with_nul", points("holes.csv"), 65,
       "holes.csv:2:5: z_um: is not a number (got '\\x00', allowed a bare number)");
  folder.write("wide.csv", "x_um,y_um,z_um\n1,2,3" + repeated(",", 1000000) + "\n");
  text("table_too_wide", points("wide.csv"), 65,
       "wide.csv:2:1: has not as many values as the first line (got '1000003', allowed 3)");
  LoadOptions little;
  little.memory_bytes = 1 << 20;
  folder.write("some.csv", "x_um,y_um,z_um\n" + repeated("1,2,3\n", 100000));
  text("table_larger_than_memory", points("some.csv"), 71,
       "table_larger_than_memory.yaml:6:53: population.p.place.points.file: needs more memory than there is (got a table of "
       "586 KiB, which may take",
       1, little);

  // --set.
  const auto set = [&](const std::string& name, const std::string& assignment, const std::string& first) {
    LoadOptions options;
    options.set = {assignment};
    text(name, minimal, 64, first, 1, options);
  };
  set("set_without_value", "seed", "--set seed: is not path=value (got 'seed')");
  set("set_with_empty_value", "seed=", "--set seed: no value is given");
  set("set_with_gap_in_path", "domain..voxel=10 um", "--set domain..voxel: is no path of keys");
  set("set_extends", "extends=cells/sts.yaml", "--set extends: cannot be set on the command line");
  set("set_unknown_key", "domain.voxle=10 um", "--set domain.voxle: unknown key (did you mean 'voxel'?)");
  set("set_broken_key", "a\xff=1", "--set a\\xff: the key is not valid UTF-8");
  set("set_escape", "name=\"\\e[31m\"", "--set name: the control character \\x1b is not allowed");
  set("set_mistyped_type", "cell_types.cel.mechanics.radius=8 um",
      "--set cell_types.cel.mechanics.radius: cell_types.cel: no population has cells of this type (got 'cel', allowed "
      "cell; did you mean 'cell'?)");
  set("set_open_bracket", "seed=[1", "--set seed: a key must be a plain word, not a map or a list");
}

}  // namespace

TEST_CASE("every bad scenario is refused as it says, each for a reason of its own, quickly and in little memory") {
  Corpus corpus;
  committed_files(corpus);
  const std::size_t files = corpus.size();
  made_here(corpus);
  MESSAGE("bad scenarios: " << files << " files, " << corpus.size() - files << " made here");
  CHECK(files >= 200);
  CHECK(corpus.size() >= 240);
}
