#include "app/film.h"

#include <fmt/core.h>

#include <cstdio>
#include <string>

#include "app/off_screen.h"
#include "io/atomic_file.h"
#include "render/job.h"

namespace invado {
namespace fs = std::filesystem;

void make_film(const std::vector<Frame>& frames, const fs::path& stem, double fps) {
  TemporaryFile film(stem.string() + ".mp4");
  // `file:`, or ffmpeg takes the list's own place, a pipe, for theirs; a quote ends the name for a moment; % is no pattern.
  std::string list;
  for (const Frame& frame : frames) {
    std::string name;
    for (const char c : fs::absolute(frame.output).string()) name += c == '\'' ? std::string("'\\''") : std::string(1, c);
    list += fmt::format("file 'file:{}'\noption pattern_type none\nduration {}\n", name, 1 / fps);
  }
  const int code = run_program({"ffmpeg",
                                "-loglevel",
                                "error",
                                "-y",
                                "-protocol_whitelist",
                                "file,pipe",
                                "-f",
                                "concat",
                                "-safe",
                                "0",
                                "-i",
                                "-",
                                "-r",
                                fmt::format("{}", fps),
                                "-vf",
                                "pad=ceil(iw/2)*2:ceil(ih/2)*2",
                                "-pix_fmt",
                                "yuv420p",
                                "-f",
                                "mp4",
                                "file:" + fs::absolute(film.path()).string()},
                               list);
  if (code == 127) {
    fmt::print(stderr, "No film: there is no ffmpeg here (apt-get install ffmpeg). The frames are {}_0000.png and so on.\n",
               stem.string());
    return;
  }
  if (code != 0) throw IoError(fmt::format("{}.mp4: ffmpeg could not make it (exit code {})", stem.string(), code));
  film.publish();
  fmt::print("{}.mp4\n", stem.string());
}

}  // namespace invado
