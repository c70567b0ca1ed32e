// Processes that do nothing but describe parameters, a folder of files, and a scenario to start from.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "scenario/files.h"
#include "scenario/load.h"

namespace made_up {

using namespace invado;

struct TypeValues {
  bool network = true;
  double gain = 2;
  double radius = 8.4;
  double growth = 0.5;
  double doubling = 1e300;
  std::vector<std::string> weight_names;
  std::vector<double> weights;
};

// Shared with the test, to see what was read.
struct Values {
  std::vector<TypeValues> types;
  double drag = 3;
  bool thorough = false;
  std::vector<std::string> configured;  // names, in the order of configure()
};

class Silent : public Process {
 public:
  Silent(std::string name, Values& values) : name_(std::move(name)), values_(values) {}
  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::vector<std::string_view> writes() const override { return {}; }
  [[nodiscard]] std::vector<std::string_view> reads() const override { return {}; }
  void resize_types(std::size_t n) override { values_.types.resize(n); }
  void configure(World&) override { values_.configured.push_back(name_); }
  void apply(World&, const Tick&) const override {}

 protected:
  std::string name_;
  Values& values_;
};

class Network final : public Silent {
 public:
  explicit Network(Values& values) : Silent("signalling", values) {}
  void describe_type(ParamVisitor& v, std::size_t t) override {
    TypeValues& type = values_.types[t];
    const Form forms[] = {
        {.kind = Form::Kind::Keys,
         .body = [&](ParamVisitor& in) { in.number("gain", type.gain, Unit::PerHour, non_negative, "gain", "assumed"); },
         .choose = [&] { type.network = true; },
         .chosen = type.network},
        {.kind = Form::Kind::Word, .word = "off", .choose = [&] { type.network = false; }, .chosen = !type.network}};
    v.forms("signalling", forms, "network", "assumed");
    v.named("weights", "plain values by name", type.weight_names, [&](const std::string& name, ParamVisitor& in) {
      double scratch = 0;
      std::size_t at = 0;
      while (at < type.weight_names.size() && type.weight_names[at] != name) ++at;
      if (name != "*" && at == type.weight_names.size()) {
        type.weight_names.push_back(name);
        type.weights.push_back(0);
      }
      in.number("", name == "*" ? scratch : type.weights[at], Unit::One, fraction, "weight", "assumed");
    });
  }
};

class Body final : public Silent {
 public:
  explicit Body(Values& values) : Silent("motility", values) {}
  void describe(ParamVisitor& v) override {
    v.number("drag", values_.drag, Unit::PerMin, positive, "drag", "assumed");
    v.boolean("thorough", values_.thorough, "thorough", "assumed");
  }
  void describe_type(ParamVisitor& v, std::size_t t) override {
    v.section("body", "body", [&](ParamVisitor& in) {
      in.number("radius", values_.types[t].radius, Unit::Um, positive, "radius", "assumed");
      if (values_.types[t].radius > 50) in.complain("radius", "is too large for this test");
    });
  }
  void configure(World& world) override {
    Silent::configure(world);
    for (std::size_t t = 0; t < world.types.size(); ++t) {
      world.types[t].radius = values_.types[t].radius;
      if (values_.types[t].radius == 13)
        throw ConfigError("cell_types." + world.types[t].name + ".body.radius: brings bad luck");
    }
  }
};

// A second process with keys in the same section.
class Growth final : public Silent {
 public:
  explicit Growth(Values& values) : Silent("division", values) {}
  void describe_type(ParamVisitor& v, std::size_t t) override {
    v.section("body", "body", [&](ParamVisitor& in) {
      in.number("growth", values_.types[t].growth, Unit::One, fraction, "growth", "assumed");
      const Form forms[] = {{.kind = Form::Kind::Quantity,
                             .value = &values_.types[t].doubling,
                             .unit = Unit::Hour,
                             .range = positive,
                             .chosen = values_.types[t].doubling < 1e300},
                            {.kind = Form::Kind::Word,
                             .word = "never",
                             .choose = [&] { values_.types[t].doubling = 1e300; },
                             .chosen = values_.types[t].doubling >= 1e300}};
      in.forms("doubling", forms, "doubling", "assumed");
    });
  }
};

inline Processes processes(Values& values) {
  Processes all;
  all.push_back(std::make_unique<Silent>("transport", values));
  all.push_back(std::make_unique<Network>(values));
  all.push_back(std::make_unique<Silent>("response", values));
  all.push_back(std::make_unique<Body>(values));
  all.push_back(std::make_unique<Silent>("proteolysis", values));
  all.push_back(std::make_unique<Growth>(values));
  return all;
}

// A folder that goes away with the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "invado_scenario_XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline const std::string head = "schema: 1\nname: made up\nduration: 10 h\n";
inline const std::string box100 = "domain: {size: [100 um, 100 um, 100 um], voxel: 20 um}\n";
inline const std::string one_type = "cell_types: {cell: {}}\n";
inline const std::string ten_cells =
    "population: {p: {type: cell, count: 10, place: {sphere: {centre: [50 um, 50 um, 50 um], radius: 20 um}}}}\n";
inline const std::string minimal = head + box100 + one_type + ten_cells;

struct Loaded {
  Values values;
  Scenario scenario;
};

inline Loaded load(const std::filesystem::path& file, const LoadOptions& options = {}) {
  Loaded out;
  Values values;
  Scenario scenario = load_with(file, options, processes(values));
  for (ScheduleEntry& entry : scenario.schedule.entries) entry.process.reset();  // they refer to `values`
  return {std::move(values), std::move(scenario)};
}

inline Loaded load_text(const std::string& text, const LoadOptions& options = {}) {
  const Folder folder;
  return load(folder.write("scenario.yaml", text), options);
}

// The lines of the error without the folder, and the exit code.
struct Failure {
  std::string text;
  int code = 0;
};

inline Failure failure(const std::filesystem::path& file, const LoadOptions& options = {}) {
  try {
    (void)load(file, options);
  } catch (const Error& error) {
    std::string text = error.what();
    for (const std::string& folder : {file.parent_path().string() + "/", shown_path(file.parent_path()) + "/"})
      for (std::size_t at = text.find(folder); at != std::string::npos; at = text.find(folder))
        text.erase(at, folder.size());
    return {text, static_cast<int>(error.code())};
  }
  return {"accepted", 0};
}

inline Failure failure_of_text(const std::string& text, const LoadOptions& options = {}) {
  const Folder folder;
  return failure(folder.write("s.yaml", text), options);
}

}  // namespace made_up
