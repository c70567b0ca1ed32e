// invado-read-image: one picture from standard input, its pixels to standard output. Started by invado (images/read_image.h)
// with limits of memory and time; knows nothing else of it.
#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "images/nrrd.h"
#include "images/program/vtk_formats.h"

namespace {

std::string all_of_input() {
  std::string bytes;
  static char block[1 << 20];
  for (std::size_t got; (got = std::fread(block, 1, sizeof block, stdin)) > 0;) bytes.append(block, got);
  return bytes;
}

void say(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) std::exit(1);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace invado;
  if (argc != 4) return 2;
  try {
    ImageChoice choice;
    choice.format = static_cast<ImageFormat>(std::atoi(argv[1]));
    choice.array = argv[2];
    choice.channel = std::atoll(argv[3]);
    const GreyImage image = choice.format == ImageFormat::Nrrd ? read_nrrd(all_of_input(), choice.channel)
                                                               : read_with_vtk("/proc/self/fd/0", choice);
    const auto length = [](double x) { return std::isfinite(x) && x > 0 && x < 1e6 ? x : 0; };
    say(fmt::format("image {} {} {} {} {} {} {}\n", image.shape[0], image.shape[1], image.shape[2], length(image.spacing.x),
                    length(image.spacing.y), length(image.spacing.z), static_cast<int>(image.type)));
    say(image.pixels);
  } catch (const ImageError& error) {
    std::string line = error.what();
    for (char& c : line)
      if (c == '\n' || c == '\r') c = ' ';
    say(line.substr(0, 1000) + "\n");
  } catch (const std::bad_alloc&) {
    say("needs more memory than allowed while it is read\n");
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}
