#include "images/nrrd.h"

#include <fmt/core.h>
#include <libdeflate.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <optional>

#include "images/fields.h"

namespace invado {
namespace {

std::optional<PixelType> type_of(std::string_view word) {
  constexpr std::pair<std::string_view, PixelType> words[] = {
      {"signed char", PixelType::Int8},    {"int8", PixelType::Int8},           {"int8_t", PixelType::Int8},
      {"uchar", PixelType::Uint8},         {"unsigned char", PixelType::Uint8}, {"uint8", PixelType::Uint8},
      {"uint8_t", PixelType::Uint8},       {"short", PixelType::Int16},         {"int16", PixelType::Int16},
      {"int16_t", PixelType::Int16},       {"ushort", PixelType::Uint16},       {"unsigned short", PixelType::Uint16},
      {"uint16", PixelType::Uint16},       {"uint16_t", PixelType::Uint16},     {"int", PixelType::Int32},
      {"int32", PixelType::Int32},         {"int32_t", PixelType::Int32},       {"uint", PixelType::Uint32},
      {"unsigned int", PixelType::Uint32}, {"uint32", PixelType::Uint32},       {"uint32_t", PixelType::Uint32},
      {"float", PixelType::Float},         {"double", PixelType::Double}};
  for (const auto& [name, type] : words)
    if (name == word) return type;
  return {};
}

// Micrometres in a unit of length; 0: not one that we know.
double micrometres(std::string_view unit) {
  if (unit == "um" || unit == "\xC2\xB5m" || unit == "micron" || unit == "microns" || unit == "micrometer" ||
      unit == "micrometre")
    return 1;
  if (unit == "mm" || unit == "millimeter" || unit == "millimetre") return 1000;
  if (unit == "nm" || unit == "nanometer" || unit == "nanometre") return 0.001;
  return 0;
}

// "(1,0,0)" or "none" per axis: the lengths of the vectors.
std::vector<double> lengths_of_directions(std::string_view text) {
  std::vector<double> lengths;
  while (!(text = trimmed_text(text)).empty()) {
    if (text[0] != '(') {
      const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
      lengths.push_back(0);
      text.remove_prefix(end);
      continue;
    }
    const std::size_t end = text.find(')');
    if (end == std::string_view::npos) throw ImageError("`space directions` has an open bracket");
    double square = 0;
    std::string inner(text.substr(1, end - 1));
    std::ranges::replace(inner, ',', ' ');
    for (const double x : numbers_of(inner, "space directions")) square += x * x;
    lengths.push_back(std::sqrt(square));
    text.remove_prefix(end + 1);
  }
  return lengths;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!(text = trimmed_text(text)).empty()) {
    words.emplace_back(text.substr(0, text.find_first_of(" \t")));
    text.remove_prefix(words.back().size());
  }
  return words;
}

std::string unzipped(std::string_view data, std::size_t bytes) {
  // No memory for what cannot be there: deflate makes at most 1032 bytes of one.
  std::string out(bytes / 1032 <= data.size() ? bytes : 0, '\0');
  const std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)> tool(libdeflate_alloc_decompressor(),
                                                                                          libdeflate_free_decompressor);
  std::size_t got = 0;
  if (!tool ||
      libdeflate_gzip_decompress(tool.get(), data.data(), data.size(), out.data(), out.size(), &got) != LIBDEFLATE_SUCCESS ||
      got != bytes)
    throw ImageError(fmt::format("the compressed pixels are broken, or not the {} bytes that the header says", bytes));
  return out;
}

}  // namespace

void check_shape(const std::array<std::int64_t, 3>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t n : shape) {
    if (n < 1) throw ImageError("has no pixels");
    if (n > most_pixels || count * n > most_pixels)
      throw ImageError(fmt::format("has too many pixels (got {} x {} x {}, allowed {} in all)", shape[0], shape[1], shape[2],
                                   most_pixels));
    count *= n;
  }
}

GreyImage read_nrrd(std::string_view bytes, std::int64_t channel) {
  if (!bytes.starts_with("NRRD000")) throw ImageError("is no NRRD file: it does not begin with NRRD000");
  const Fields fields = read_fields(bytes, ':');
  std::string_view data = bytes.substr(fields.end);

  GreyImage image;
  const auto type = type_of(fields.need("type"));
  if (!type)
    throw ImageError(
        fmt::format("has pixels of the type '{}' (allowed int8 to uint32, float, double)", fields.need("type")));
  image.type = *type;
  const std::string encoding = fields.need("encoding");
  const bool gzip = encoding == "gzip" || encoding == "gz";
  if (!gzip && encoding != "raw") throw ImageError(fmt::format("has pixels encoded as '{}' (allowed raw, gzip)", encoding));
  for (const char* skip : {"line skip", "lineskip", "byte skip", "byteskip"})
    if (const auto value = fields.find(skip); value && *value != "0")
      throw ImageError(fmt::format("has a `{}` (allowed 0)", skip));
  if (fields.find("data file") || fields.find("datafile")) throw ImageError("has its pixels in another file");

  std::vector<double> sizes = numbers_of(fields.need("sizes"), "sizes");
  if (sizes.size() != static_cast<std::size_t>(whole_number(fields.need("dimension"), "dimension", 1, 16)))
    throw ImageError("has not as many `sizes` as `dimension` says");
  for (const double n : sizes)
    if (!(n >= 1 && n <= static_cast<double>(most_pixels) && n == std::floor(n)))
      throw ImageError(fmt::format("has a size of {} pixels (allowed 1 to {})", n, most_pixels));
  std::vector<double> edges(sizes.size(), 0.0);
  if (const auto spacings = fields.find("spacings"))
    edges = numbers_of(*spacings, "spacings");
  else if (const auto directions = fields.find("space directions"))
    edges = lengths_of_directions(*directions);
  if (edges.size() != sizes.size()) throw ImageError("has not as many spacings as `dimension` says");
  double unit = 0;  // of all axes [um]; 0: not said
  for (const char* key : {"units", "space units"})
    for (const std::string& word : quoted_words(fields.find(key).value_or(""))) {
      if (word.empty()) continue;
      const double length = micrometres(word);
      if (length == 0) throw ImageError(fmt::format("has the unit of length '{}' (allowed um, mm, nm)", word));
      if (unit != 0 && unit != length) throw ImageError("has different units of length along its axes");
      unit = length;
    }
  if (unit != 0)
    for (double& edge : edges) edge *= unit;

  // Channels are an axis before the others: four axes, or three with a kind that says so. Elsewhere they would be taken for
  // slices.
  std::size_t channels = 1;
  const std::vector<std::string> kinds = words_of(fields.find("kinds").value_or(""));
  const auto of_space = [](const std::string& kind) { return kind == "domain" || kind == "space"; };
  const auto said = [](const std::string& kind) { return kind != "none" && kind != "???"; };
  for (std::size_t axis = 1; axis < kinds.size(); ++axis)
    if (said(kinds[axis]) && !of_space(kinds[axis]))
      throw ImageError(fmt::format("has an axis of the kind '{}' behind another (allowed as the first)", kinds[axis]));
  const bool first_of_space = !kinds.empty() && of_space(kinds[0]);
  if (sizes.size() == 4 && first_of_space) throw ImageError("is a picture of more than three dimensions");
  if (sizes.size() == 4 || (sizes.size() == 3 && !kinds.empty() && said(kinds[0]) && !first_of_space)) {
    channels = static_cast<std::size_t>(sizes[0]);
    sizes.erase(sizes.begin());
    edges.erase(edges.begin());
  }
  if (sizes.size() < 2 || sizes.size() > 3) throw ImageError("is no picture of two or three dimensions");
  for (std::size_t a = 0; a < 3; ++a) {
    image.shape[a] = a < sizes.size() ? static_cast<std::int64_t>(sizes[a]) : 1;
    image.spacing[static_cast<int>(a)] = a < edges.size() && std::isfinite(edges[a]) ? std::fabs(edges[a]) : 0;
  }
  check_shape(image.shape);
  check_channel(channel, static_cast<std::int64_t>(channels));
  if (static_cast<std::int64_t>(channels) * static_cast<std::int64_t>(image.count()) > most_pixels)
    throw ImageError("has too many channels");

  const std::size_t size = image.type_info().bytes, wanted = image.count() * channels * size;
  std::string all;
  if (gzip) {
    all = unzipped(data, wanted);
  } else {
    if (data.size() < wanted) throw ImageError(fmt::format("ends too early: {} bytes of pixels of {}", data.size(), wanted));
    all = data.substr(0, wanted);
  }
  if (size > 1 && fields.find("endian").value_or("little") == "big")
    for (std::size_t at = 0; at < all.size(); at += size)
      std::reverse(all.begin() + static_cast<std::ptrdiff_t>(at), all.begin() + static_cast<std::ptrdiff_t>(at + size));
  image.pixels = one_channel(std::move(all), size, channels, static_cast<std::size_t>(channel));
  return image;
}

std::string nrrd_of(const GreyImage& image) {
  std::string text = fmt::format("NRRD0004\ntype: {}\ndimension: 3\nsizes: {} {} {}\n", image.type_info().word,
                                 image.shape[0], image.shape[1], image.shape[2]);
  text += fmt::format("spacings: {} {} {}\nunits: \"um\" \"um\" \"um\"\nendian: little\nencoding: raw\n\n", image.spacing.x,
                      image.spacing.y, image.spacing.z);
  return text + image.pixels;
}

}  // namespace invado
