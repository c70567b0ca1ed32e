// report: one page of HTML about a run.
#include <fmt/core.h>

#include <fstream>

#include "app/commands.h"
#include "app/run_state.h"
#include "app/version.h"
#include "io/atomic_file.h"
#include "model/headline_signals.h"
#include "report/document.h"
#include "report/page.h"

namespace invado {

void refuse_other_files(const std::filesystem::path& output) {
  if (!std::filesystem::exists(output)) return;
  std::string beginning(report_beginning.size(), '\0');
  std::ifstream file(output, std::ios::binary);
  file.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
  if (beginning != report_beginning)
    throw IoError(
        fmt::format("{}: is there and no report of invado: not written over (another name with -o)", output.string()),
        Exit::CannotCreate);
}

std::string report_text(const RunFolder& folder, const std::string& named) {
  const HeadlineSignal* const headline = find_headline(named);
  const std::string colour_by(headline != nullptr ? headline->column : named);
  RunData run = read_run(folder, colour_by);
  const RunState state = state_of(folder, run.provenance);
  run.state = state.text;
  run.go_on = state.go_on;
  run.running = state.running;
  run.written_by = fmt::format("{} ({})", INVADO_VERSION, INVADO_COMMIT);
  run.parameter_table = read_parameter_table(parameter_table());
  return report_page(run);
}

Exit report(const ReportOptions& options) {
  const RunFolder folder = RunFolder::open(options.folder);
  const std::filesystem::path output = options.output.empty() ? folder.path() / "report.html" : options.output;
  refuse_other_files(output);
  make_directories(output.parent_path());
  atomic_write(output, report_text(folder, options.colour_by));
  fmt::print("{}\n", output.string());
  return Exit::Done;
}

}  // namespace invado
