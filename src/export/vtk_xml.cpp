#include "export/vtk_xml.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

#include "export/packing.h"

namespace invado {

std::string VtkXml::add(std::string_view type, std::string_view name, std::size_t components,
                        std::span<const std::byte> bytes) {
  const std::string element =
      fmt::format(R"(<DataArray type="{}" Name="{}" NumberOfComponents="{}" format="appended" offset="{}"/>)", type,
                  xml_escaped(name), components, appended_.size());
  // Number of blocks, their size, size of the last one when it is smaller (else 0), then their sizes when packed.
  constexpr std::size_t block = std::size_t{1} << 20;
  std::vector<std::uint64_t> head{(bytes.size() + block - 1) / block, block, bytes.size() % block};
  std::string packed;
  for (std::size_t at = 0; at < bytes.size(); at += block) {
    const std::vector<std::byte> piece = zlib_packed(bytes.subspan(at, std::min(block, bytes.size() - at)));
    head.push_back(piece.size());
    packed.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  }
  appended_.append(reinterpret_cast<const char*>(head.data()), head.size() * sizeof(std::uint64_t));
  appended_ += packed;
  return element;
}

std::string VtkXml::file(std::string_view type, std::string_view body) const {
  return fmt::format(
      "<?xml version=\"1.0\"?>\n<!-- {} -->\n<VTKFile type=\"{}\" version=\"1.0\" byte_order=\"LittleEndian\" "
      "header_type=\"UInt64\" compressor=\"vtkZLibDataCompressor\">\n{}<AppendedData encoding=\"raw\">\n_{}\n"
      "</AppendedData>\n</VTKFile>\n",
      export_mark, type, body, appended_);
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  return out;
}

}  // namespace invado
