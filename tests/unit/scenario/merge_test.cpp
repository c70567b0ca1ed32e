// extends and --set: what wins, where each value came from, which files are refused.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cstdlib>

#include "made_up_processes.h"

using namespace made_up;

namespace {
class WorkingDirectory {
 public:
  explicit WorkingDirectory(const std::filesystem::path& path) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(path);
  }
  ~WorkingDirectory() { std::filesystem::current_path(before_); }
  WorkingDirectory(const WorkingDirectory&) = delete;
  WorkingDirectory& operator=(const WorkingDirectory&) = delete;

 private:
  std::filesystem::path before_;
};

// INVADO_CONFIGS for the time of a test.
class ConfigsFolder {
 public:
  explicit ConfigsFolder(const std::filesystem::path& path) { ::setenv("INVADO_CONFIGS", path.c_str(), 1); }
  ~ConfigsFolder() { ::unsetenv("INVADO_CONFIGS"); }
  ConfigsFolder(const ConfigsFolder&) = delete;
  ConfigsFolder& operator=(const ConfigsFolder&) = delete;
};
const std::string rest = box100 + ten_cells;
}  // namespace

TEST_CASE("later parameter sets win, own keys win over them, --set over all; maps merge, lists replace") {
  const Folder f;
  f.write(
      "a.yaml",
      "schema: 1\ncell_types: {cell: {body: {radius: 1 um, growth: 0.1}}}\noutput: {fields: [density, pore]}\nseed: 1\n");
  f.write("b.yaml", "cell_types: {cell: {body: {radius: 2 um}}}\noutput: {fields: [fibre]}\nseed: 2\n");
  const auto file = f.write("s.yaml", head + "extends: [a.yaml, b.yaml]\nseed: 3\n" + rest);
  Loaded s = load(file);
  CHECK(s.values.types[0].radius == 2);
  CHECK(s.values.types[0].growth == 0.1);
  CHECK(s.scenario.world.seed.value == 3);
  CHECK(s.scenario.output.arrays == std::vector<std::string>{"fibre"});
  CHECK(s.scenario.resolved_yaml.find("growth: 0.1  # " + shown_path(f.path() / "a.yaml") + ":2:") != std::string::npos);
  LoadOptions set;
  set.set = {"cell_types.cell.body.radius=5 um", "cell_types.cell.body.radius=6 um", "seed=9"};
  s = load(file, set);
  CHECK(s.values.types[0].radius == 6);
  CHECK(s.scenario.world.seed.value == 9);
  CHECK(s.scenario.resolved_yaml.find("radius: 6 um  # --set cell_types.cell.body.radius") != std::string::npos);
  set.seed = 77;
  CHECK(load(file, set).scenario.world.seed.value == 77);
}

TEST_CASE("a form that is written later replaces the form of the base") {
  const Folder f;
  f.write("base.yaml", head + box100 + one_type + ten_cells + "matrix: none\n");
  const Loaded s =
      load(f.write("s.yaml",
                   "schema: 1\nextends: base.yaml\npopulation: {p: {place: {slab: {axis: x, from: 0 um, to: 50 um}}}}\n"
                   "matrix: {density: 2 mg/ml}\n"));
  CHECK(s.scenario.founders[0].place.region.kind == Region::Kind::Slab);
  CHECK(s.scenario.world.sites[0].matrix.density[0] == 2);
  // Back to the base's form: the place in the file of the first writing must not count.
  const Loaded back = load(f.write(
      "u.yaml",
      "schema: 1\nextends: s.yaml\npopulation: {p: {place: {sphere: {centre: [50 um, 50 um, 50 um], radius: 7 um}}}}\n"));
  CHECK(back.scenario.founders[0].place.region.kind == Region::Kind::Sphere);
  CHECK(back.scenario.founders[0].place.region.radius == 7);
  const Loaded none = load(f.write("t.yaml", "schema: 1\nextends: s.yaml\nmatrix: none\n"));
  CHECK(none.scenario.world.sites[0].matrix.none());
}

TEST_CASE("files are looked up beside the file, in the nearest scenarios/, in the configs") {
  const Folder f;
  const ConfigsFolder configs(f.path() / "configs");
  f.write("configs/cells/c.yaml", "cell_types: {cell: {body: {radius: 3 um}}}\n");
  f.write("scenarios/d.yaml", "cell_types: {cell: {body: {growth: 0.3}}}\n");
  f.write("work/e.yaml", "cell_types: {cell: {body: {doubling: 9 h}}}\n");
  const Loaded s = load(f.write("work/s.yaml", head + "extends: [cells/c.yaml, d.yaml, e.yaml]\n" + rest));
  CHECK(s.values.types[0].radius == 3);
  CHECK(s.values.types[0].growth == 0.3);
  CHECK(s.values.types[0].doubling == 9);
  const Failure missing = failure(f.write("work/t.yaml", head + "extends: nothing.yaml\n" + rest));
  CHECK(missing.code == 66);
  CHECK(missing.text.find("t.yaml:4:10: extends: no such file (got 'nothing.yaml', looked in ") == 0);
  const Failure short_name = failure(f.write("work/t.yaml", head + "extends: cells/c\n" + rest));
  CHECK(short_name.text.find("did you mean 'cells/c.yaml'?)") != std::string::npos);
}

TEST_CASE("files outside of these folders are refused, unless their folder is allowed") {
  const Folder f, other;
  const WorkingDirectory here(f.path());
  const auto outside = other.write("secret.yaml", one_type);
  f.write("inside.yaml", one_type);
  std::filesystem::create_symlink(outside, f.path() / "link.yaml");
  std::filesystem::create_symlink(f.path() / "inside.yaml", f.path() / "fine.yaml");
  std::filesystem::create_symlink("loop.yaml", f.path() / "loop.yaml");
  const auto with = [&](const std::string& name) { return f.write("s.yaml", head + "extends: " + name + "\n" + rest); };
  CHECK(failure(with(outside.string())).text.find("leaves the folders of the scenario (got") != std::string::npos);
  CHECK(failure(with("../" + other.path().filename().string() + "/secret.yaml")).text.find("leaves the folders") !=
        std::string::npos);
  CHECK(failure(with("link.yaml")).text.find("through a symbolic link") != std::string::npos);
  CHECK(failure(with("loop.yaml")).code == 66);
  CHECK(failure(with("fine.yaml")).text == "accepted");
  LoadOptions allow;
  allow.allow_dirs = {other.path()};
  CHECK(failure(with("link.yaml"), allow).text == "accepted");
  CHECK(failure(with(outside.string()), allow).text == "accepted");
}

TEST_CASE("circles and towers of extends end") {
  const Folder f;
  f.write("a.yaml", "extends: b.yaml\n");
  f.write("b.yaml", "extends: a.yaml\n");
  CHECK(failure(f.write("s.yaml", head + "extends: a.yaml\n" + rest)).text.find("extends itself") != std::string::npos);
  for (int i = 0; i < 12; ++i) f.write(fmt::format("t{}.yaml", i), fmt::format("extends: t{}.yaml\n", i + 1));
  f.write("t12.yaml", one_type);
  CHECK(failure(f.write("s.yaml", head + "extends: t0.yaml\n" + rest)).text.find("more than 8 levels") != std::string::npos);
  CHECK(failure(f.write("s.yaml", head + "extends: t5.yaml\n" + rest)).text == "accepted");
  // Twice the same file is no circle.
  CHECK(failure(f.write("s.yaml", head + "extends: [t9.yaml, t9.yaml]\n" + rest)).text == "accepted");
}

TEST_CASE("--set is as strict as the file and says that it is --set") {
  const Folder f;
  const auto file = f.write("s.yaml", minimal);
  const auto with = [&](const std::string& set) {
    LoadOptions options;
    options.set = {set};
    return failure(file, options).text;
  };
  CHECK(with("domain.voxle=10 um") == "--set domain.voxle: unknown key (did you mean 'voxel'?)");
  CHECK(with("domain.voxel=10 min") ==
        "--set domain.voxel: is a time, must be a length (got '10 min', allowed units um, nm, mm)");
  CHECK(with("domain.voxel=") == "--set domain.voxel: no value is given");
  CHECK(with("domain.voxel=&a 3 um").find("--set domain.voxel: anchors are not allowed") == 0);
  CHECK(with("seed") == "--set seed: is not path=value (got 'seed')");
  CHECK(with("a..b=1").find("is no path of keys") != std::string::npos);
  CHECK(with("extends=x.yaml").find("cannot be set on the command line") != std::string::npos);
  CHECK(with("population.p={type: cell, count: 3}").find("accepted") == 0);
}

TEST_CASE("what is not a file says so with its own exit code") {
  const Folder f;
  CHECK(failure(f.path() / "none.yaml").code == 66);
  std::filesystem::create_directory(f.path() / "folder.yaml");
  CHECK(failure(f.path() / "folder.yaml").code == 66);
  CHECK(failure("/dev/zero").code == 66);
  CHECK(failure(f.write("empty.yaml", "")).text == "empty.yaml:1:1: the file is empty (a scenario begins with 'schema: 1')");
  CHECK(failure(f.write("long.yaml", std::string((4 << 20) + 1, '#'))).code == 64);
}
