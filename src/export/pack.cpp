#include "export/pack.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <span>

#include "export/earlier.h"
#include "export/vtk_xml.h"
#include "io/atomic_file.h"

namespace invado {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t block = 512;

std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }

// --- tar --------------------------------------------------------------------------------------------------------------

// A header block of ustar. `size` must be below 8 GiB and `name` fit: pax records say the rest.
std::string header(std::string_view name, std::uint64_t size, std::int64_t date, char kind) {
  std::string head(block, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { std::memcpy(head.data() + at, text.data(), text.size()); };
  put(0, name.substr(0, 100));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fmt::format("{:011o}", size & 077777777777u));
  put(136, fmt::format("{:011o}", date));
  put(148, "        ");
  head[156] = kind;
  put(257, std::string_view("ustar\0"
                            "00",
                            8));
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  head[154] = '\0';
  return head;
}

std::string padding(std::uint64_t size) { return std::string((block - size % block) % block, '\0'); }

// "31 path=...\n": its length counts itself.
std::string record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (length != rest + fmt::formatted_size("{}", length)) length = rest + fmt::formatted_size("{}", length);
  return fmt::format("{} {}={}\n", length, key, value);
}

std::string with_body(const std::string& head, const std::string& body) { return head + body + padding(body.size()); }

// All that stands before the bytes of a file.
std::string entry_head(const std::string& name, std::uint64_t size, std::int64_t date) {
  std::string records;
  if (name.size() > 100) records += record("path", name);
  if (size > 077777777777u) records += record("size", fmt::format("{}", size));
  std::string head;
  if (!records.empty()) head = with_body(header("pax_header", records.size(), date, 'x'), records);
  return head + header(name, size, date, '0');
}

// What git archive does too: a comment for the whole archive, which every tar passes over.
std::string archive_head(std::int64_t date) {
  const std::string comment = record("comment", export_mark);
  return with_body(header("pax_global_header", comment.size(), date, 'g'), comment);
}

// --- what is in the folder --------------------------------------------------------------------------------------------

// Small files that are replaced while a run goes on, and tables and a log that grow: what others refer to.
bool is_living(std::string_view name) {
  return name.ends_with(".hdf.series") || name == "run.xdmf" || name == "run.json" || name == "checksums.txt";
}
bool grows(std::string_view name) {
  return name == "series.csv" || name == "tracks.csv" || name == "cascade.csv" || name == "log.jsonl";
}

// Whatever it looks like: a picture of a matrix among the inputs may have been an export once.
bool is_of_run(std::string_view name) {
  return is_living(name) || grows(name) || name == "msd.csv" || name.starts_with("scenario.") ||
         name.starts_with("inputs/") || name.starts_with("snapshots/") || name.starts_with("checkpoints/");
}

std::string whole_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw IoError(fmt::format("{}: cannot read the file", path.string()));
  return text;
}

// Where the last whole line of a file ends.
std::uint64_t whole_lines(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  file.seekg(0, std::ios::end);
  auto end = static_cast<std::int64_t>(file.tellg());
  std::array<char, 4096> piece{};
  while (end > 0) {
    const std::int64_t begin = std::max<std::int64_t>(0, end - std::ssize(piece));
    file.seekg(begin);
    file.read(piece.data(), end - begin);
    if (!file) throw IoError(fmt::format("{}: cannot read the file", path.string()));
    for (std::int64_t i = end - begin; i-- > 0;)
      if (piece[static_cast<std::size_t>(i)] == '\n') return static_cast<std::uint64_t>(begin + i + 1);
    end = begin;
  }
  return 0;
}

struct Entry {
  std::uint64_t size = 0;
  std::string text;  // of living and made files
  fs::path path;     // of the others
};

std::map<std::string, Entry> entries_of(const fs::path& folder, const PackOptions& options, const fs::path& target,
                                        Packed& packed) {
  std::map<std::string, Entry> entries;
  for (const auto& file : fs::directory_iterator(folder))
    if (const std::string name = file.path().filename().string(); is_living(name) && file.is_regular_file()) {
      std::string text = whole_file(file.path());
      const std::uint64_t size = text.size();
      entries[name] = {size, std::move(text), {}};
    }
  std::error_code gone;
  for (fs::recursive_directory_iterator at(folder), end; at != end; ++at) {
    const std::string file = at->path().filename().string(), name = at->path().lexically_relative(folder).generic_string();
    if (at->is_symlink() || (!at->is_regular_file() && !at->is_directory())) {
      packed.left_out.push_back(name);
    } else if (at->is_directory()) {
      if (name == "checkpoints" && !options.checkpoints) at.disable_recursion_pending();
    } else if (!entries.contains(name) && !is_temporary_name(file) && name != ".lock" &&
               !fs::equivalent(at->path(), target, gone)) {
      if (!is_of_run(name) && is_any_export(at->path())) {
        packed.earlier.push_back(name);
        continue;
      }
      entries[name] = {grows(name) ? whole_lines(at->path()) : at->file_size(), {}, at->path()};
    }
  }
  for (const auto& [name, text] : options.made) entries[name] = {text.size(), text, {}};
  std::erase_if(packed.earlier, [&](const std::string& name) { return entries.contains(name); });  // made anew
  std::ranges::sort(packed.left_out);
  std::ranges::sort(packed.earlier);
  return entries;
}

void copy_into(AtomicFile& out, const Entry& entry) {
  std::ifstream file(entry.path, std::ios::binary);
  std::vector<char> buffer(std::size_t{1} << 20);
  for (std::uint64_t left = entry.size; left > 0;) {
    const std::size_t piece = std::min<std::uint64_t>(left, buffer.size());
    if (!file.read(buffer.data(), static_cast<std::streamsize>(piece)))
      throw IoError(fmt::format("{}: became shorter or went away while it was packed: pack again", entry.path.string()));
    out.write(std::as_bytes(std::span(buffer.data(), piece)));
    left -= piece;
  }
}

}  // namespace

Packed pack_folder(const fs::path& folder, const PackOptions& options, const fs::path& target) {
  Packed packed;
  const std::map<std::string, Entry> entries = entries_of(folder, options, target, packed);
  const std::string top = fs::canonical(folder).filename().string() + "/";
  packed.bytes = archive_head(options.date).size() + 2 * block;
  for (const auto& [name, entry] : entries)
    packed.bytes += entry_head(top + name, entry.size, options.date).size() + entry.size + padding(entry.size).size();
  AtomicFile out(target, packed.bytes);
  out.write(bytes_of(archive_head(options.date)));
  for (const auto& [name, entry] : entries) {
    out.write(bytes_of(entry_head(top + name, entry.size, options.date)));
    if (entry.path.empty())
      out.write(bytes_of(entry.text));
    else
      copy_into(out, entry);
    out.write(bytes_of(padding(entry.size)));
  }
  out.write(bytes_of(std::string(2 * block, '\0')));
  out.commit();
  packed.files = entries.size();
  return packed;
}

}  // namespace invado
