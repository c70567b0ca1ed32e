// Files that a scenario names are those that were judged: a link that is put in their place meanwhile is not followed, and
// who lets everybody write them is warned.
// Planted mistakes seen to fail: links followed on the way, the name opened instead of what was judged, no warning.
#include "scenario/files.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "scenario/scenario.h"

namespace fs = std::filesystem;
using namespace invado;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / "invado_files_XXXXXX";
  Folder() {
    std::string name = path.string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
  fs::path put(const fs::path& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
    fs::permissions(path / name, fs::perms::others_write, fs::perm_options::remove);
    return path / name;
  }
};

int code_of_reading(const FoundFile& file, std::size_t longest = 1000) {
  try {
    (void)read_found_file(file, longest);
    return 0;
  } catch (const Error& error) {
    return static_cast<int>(error.code());
  }
}

}  // namespace

TEST_CASE("what is put in the place of a found file is not read through a link") {
  const Folder folder;
  const fs::path scenario = folder.put("in/scenario.yaml", ""), secret = folder.put("out/secret", "secret");
  folder.put("in/parts/a.yaml", "a: 1\n");
  fs::create_symlink("parts/a.yaml", folder.path / "in" / "link.yaml");
  const FoundFile direct = find_named_file("parts/a.yaml", scenario, {}),
                  linked = find_named_file("link.yaml", scenario, {});
  REQUIRE(direct.problem.empty());
  REQUIRE(linked.problem.empty());
  CHECK(direct.path == folder.path / "in" / "parts" / "a.yaml");
  CHECK(linked.path == folder.path / "in" / "link.yaml");
  CHECK(read_found_file(direct, 1000) == "a: 1\n");
  CHECK(read_found_file(linked, 1000) == "a: 1\n");
  CHECK(code_of_reading(direct, 3) == 64);

  // The link now leads elsewhere: what it led to when it was judged is read.
  fs::remove(folder.path / "in" / "link.yaml");
  fs::create_symlink(secret, folder.path / "in" / "link.yaml");
  CHECK(read_found_file(linked, 1000) == "a: 1\n");
  CHECK(!find_named_file("link.yaml", scenario, {}).problem.empty());
  // The file has become a link, then its folder; then a folder is there, then nothing.
  fs::rename(folder.path / "in" / "parts" / "a.yaml", folder.path / "in" / "parts" / "b.yaml");
  fs::create_symlink(secret, folder.path / "in" / "parts" / "a.yaml");
  CHECK(code_of_reading(direct) == 66);
  fs::rename(folder.path / "in" / "parts", folder.path / "in" / "was");
  folder.put("out/a.yaml", "secret");
  fs::create_directory_symlink(folder.path / "out", folder.path / "in" / "parts");
  CHECK(code_of_reading(direct) == 66);
  fs::remove(folder.path / "in" / "parts");
  fs::create_directories(folder.path / "in" / "parts" / "a.yaml");
  CHECK(code_of_reading(direct) == 66);
  fs::remove_all(folder.path / "in" / "parts");
  CHECK(code_of_reading(direct) == 66);
}

TEST_CASE("files that everybody may write are named in a warning, once for all") {
  const Folder folder;
  const fs::path scenario =
      folder.put("scenario.yaml",
                 "schema: 1\nname: Test\nextends: part.yaml\nduration: 1 h\n"
                 "domain: {size: [100 um, 100 um, 100 um], voxel: 20 um}\nmatrix: none\n"
                 "population: {core: {type: sts, count: 1, place: {sphere: {centre: [50 um, 50 um, 50 um], "
                 "radius: 20 um}}}}\n");
  const fs::path part = folder.put("part.yaml", "extends: cells/sts.yaml\n");
  const auto warnings = [&] {
    std::string all;
    for (const std::string& warning : load_scenario(scenario).warnings)
      if (warning.find("everybody") != std::string::npos) all += warning + "\n";
    return all;
  };
  CHECK(warnings().empty());
  fs::permissions(part, fs::perms::others_write, fs::perm_options::add);
  CHECK(warnings().find("part.yaml (chmod o-w)\n") != std::string::npos);
  CHECK(warnings().find("scenario.yaml") == std::string::npos);
}
