// A results folder in one file: an uncompressed tar (ustar with pax records, IEEE 1003.1), which unpacks to a folder of the
// same name in which everything opens. Snapshots are compressed already; the size is known before the first byte, so that a
// full disk is said at once; no file is too large for it; and every system can unpack it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace invado {

struct PackOptions {
  bool checkpoints = false;
  std::int64_t date = 0;  // of every file in it [s since 1970]: the same folder gives the same bytes
  // Files that are not in the folder, or shall be other than there, by their names in it.
  std::vector<std::pair<std::string, std::string>> made;
};

struct Packed {
  std::size_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> left_out;  // links and what is no file
  std::vector<std::string> earlier;   // exports that can be made again, packs among them: not taken along
};

// A run may be going on in the folder: lists of files are read before the files that they name, tables that grow end with
// a whole line. Files that are no longer there when their turn comes are an error (74): pack again.
[[nodiscard]] Packed pack_folder(const std::filesystem::path& folder, const PackOptions& options,
                                 const std::filesystem::path& target);

}  // namespace invado
