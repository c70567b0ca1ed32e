// A film of the frames that have been drawn.
#pragma once

#include <filesystem>
#include <vector>

namespace invado {

struct Frame;  // render/job.h

// PNG files to one film, STEM.mp4; without ffmpeg the frames are all there is, and a word about it.
void make_film(const std::vector<Frame>& frames, const std::filesystem::path& stem, double fps);

}  // namespace invado
