#include "scenario/image_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "images/nrrd.h"
#include "images/read_image.h"
#include "scenario/files.h"
#include "scenario/memory.h"
#include "scenario/text.h"

namespace invado {
namespace {

std::string file_beside(const FoundFile& header, const std::string& name, const LoadOptions& options) {
  const FoundFile found = find_named_file(name, header.path, options.allow_dirs);
  if (found.path.empty() || found.real.parent_path() != header.real.parent_path())
    throw IoError(
        fmt::format("{}: has its pixels in '{}', which is not beside it", shown_path(header.path), printable(name)),
        Exit::NotFound);
  return read_found_file(found, longest_image);
}

// A message that may quote what is in the picture. Word by word: of each, `printable` keeps 200 bytes.
std::string printable_words(std::string_view message) {
  std::string text;
  while (!message.empty()) {
    const std::size_t end = std::min(message.find(' '), message.size());
    text += printable(message.substr(0, end));
    if (end < message.size()) text += ' ';
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return text;
}

// Where the greys of black and white are not given: the ends of unsigned types, else what there is.
void fill_in_greys(ImageDraft& draft, const GreyImage& image, const std::string& shown, Scenario& scenario) {
  double low = image.grey(0), high = low;
  for (std::size_t i = 1; i < image.count(); ++i) low = std::min(low, image.grey(i)), high = std::max(high, image.grey(i));
  const bool whole = image.type == PixelType::Uint8 || image.type == PixelType::Uint16;
  if (!draft.grey_white && image.type == PixelType::Uint16 && high < 16384)
    scenario.warnings.push_back(
        fmt::format("matrix.image: the brightest pixel of {} is {}, of 65535 that stand for white: say what white is "
                    "(12 bits: grey_white: 4095)",
                    shown, high));
  if (!draft.grey_black) draft.grey_black = whole ? 0 : low;
  if (!draft.grey_white) draft.grey_white = whole ? image.type_info().high : high;
  if (!(*draft.grey_white > *draft.grey_black))
    throw ImageError(fmt::format("has no grey between black ({}) and white ({}): give grey_black and grey_white",
                                 *draft.grey_black, *draft.grey_white));
}

ImagePlacement placement_of(ImageDraft& draft, const GreyImage& image) {
  ImagePlacement p;
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    double& edge = draft.spacing[axis];
    if (std::isnan(edge)) edge = image.spacing[axis];
    if (!(edge > 0) && image.shape[a] == 1) edge = 1;  // continued through the box
    if (!(edge > 0))
      throw ImageError("does not say how large its pixels are: give `spacing`, such as [0.5 um, 0.5 um, 2 um]");
    const std::string& word = draft.axes[a];
    const auto along = static_cast<std::size_t>(word.back() - 'x');
    p.axis[along] = axis;
    p.backwards[along] = word.front() == '-';
  }
  p.spacing = draft.spacing;
  p.origin = draft.origin;
  p.grey_black = *draft.grey_black, p.grey_white = *draft.grey_white;
  p.black = draft.black, p.white = draft.white;
  p.fibres = draft.fibres;
  p.gradient = draft.gradient, p.average = draft.average;
  return p;
}

}  // namespace

std::optional<ImageFile> read_image_file(ImageDraft& draft, const Origin& named, double memory, bool planar,
                                         const LoadOptions& options, Problems& problems, Scenario& scenario) {
  const std::string key = "matrix.image.file";
  std::filesystem::path from = scenario.path;
  if (named.source != nullptr && named.source->kind == Source::Kind::File) from = named.source->path;
  const FoundFile found = find_named_file(draft.file, from, options.allow_dirs);
  if (found.path.empty()) {
    problems.add(named, key, found.problem, found.code);
    return {};
  }
  const std::string shown = shown_path(found.path);
  std::error_code error;
  const double size = static_cast<double>(std::filesystem::file_size(found.path, error));
  if (!error && 2 * size > memory) {
    problems.add(named, key,
                 fmt::format("{}: needs more memory than there is (got a file of {}, allowed {})", shown, size_text(size),
                             size_text(memory / 2)),
                 Exit::NoMemory);
    return {};
  }
  try {
    ImageChoice choice{image_format(found.path.filename().string()), draft.array, draft.channel};
    std::string bytes = read_found_file(found, longest_image);
    if (const std::string pixels = detached_pixels(choice.format, bytes); !pixels.empty())
      bytes = joined(choice.format, bytes, file_beside(found, pixels, options));
    ImageFile file{read_image(bytes, choice, memory), {}, 0};
    fill_in_greys(draft, file.image, shown, scenario);
    file.placement = placement_of(draft, file.image);
    if (draft.fibres && flat_axis(file.image, file.placement, planar) == -2)
      throw ImageError(
          fmt::format("cannot show gradients over {} um: its pixels are {} x {} x {} um, and no two axes have pixels of "
                      "at most twice that (give a larger fibres.gradient, or fibres: off)",
                      draft.gradient, draft.spacing.x, draft.spacing.y, draft.spacing.z));
    file.image.spacing = draft.spacing;
    file.memory = image_memory(static_cast<double>(file.image.count()), static_cast<double>(file.image.type_info().bytes));
    scenario.inputs.push_back({std::string(image_input), nrrd_of(file.image)});
    return file;
  } catch (const ImageMemoryError& failure) {
    problems.add(named, key, fmt::format("{}: {}", shown, printable_words(failure.what())), Exit::NoMemory);
  } catch (const ImageError& failure) {
    problems.add(named, key, fmt::format("{}: {}", shown, printable_words(failure.what())), Exit::BadData);
  } catch (const IoError& failure) {
    problems.add(named, key, failure.what(), failure.code());
  } catch (const ConfigError& failure) {
    problems.add(named, key, failure.what(), Exit::BadData);
  }
  return {};
}

void warn_of_image(const MatrixImage& matrix, Scenario& scenario) {
  double covered = 0;
  for (const double c : matrix.cover) covered += c;
  const double share = covered / static_cast<double>(std::max(matrix.cover.size(), std::size_t{1}));
  if (share < 0.999)
    scenario.warnings.push_back(fmt::format(
        "matrix.image covers {:.3g} % of the box; the rest is as the matrix says (density, alignment, direction)",
        100 * share));
}

}  // namespace invado
