// The picture that a matrix is made from: found, read, and its values in force.
#pragma once

#include <filesystem>
#include <optional>

#include "images/matrix_image.h"
#include "scenario/draft.h"
#include "scenario/problems.h"
#include "scenario/scenario.h"

namespace invado {

// Name of the picture beside a resolved copy.
inline constexpr std::string_view image_input = "inputs/matrix_image.nrrd";

struct ImageFile {
  GreyImage image;
  ImagePlacement placement;
  double memory = 0;  // that it takes until the matrix is made [bytes]
};

// Reads the picture of `draft` and fills in what it says of itself: spacing and greys. What is wrong is reported at `named`,
// where the scenario names the file, with exit code 65 (66 not found, 71 too large for `memory` bytes). The picture as the
// run keeps it is appended to `scenario.inputs`.
[[nodiscard]] std::optional<ImageFile> read_image_file(ImageDraft& draft, const Origin& named, double memory, bool planar,
                                                       const LoadOptions& options, Problems& problems, Scenario& scenario);

// Lines for the user about what of the box the picture does not show.
void warn_of_image(const MatrixImage& matrix, Scenario& scenario);

}  // namespace invado
