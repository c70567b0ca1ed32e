#include "io/hdf5.h"

#include <fmt/core.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "io/packed_chunk.h"

namespace invado::hdf5 {
namespace fs = std::filesystem;
namespace {

// An identifier that HDF5 gave us, closed at the end of the scope.
class Handle {
 public:
  using Close = herr_t (*)(hid_t);
  Handle() = default;
  Handle(hid_t id, Close closer) : id_(id), close_(closer) {}
  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)), close_(other.close_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(close_, other.close_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }
  [[nodiscard]] bool good() const { return id_ >= 0; }
  // Close now; false when HDF5 reports a failure.
  bool close() { return close_(std::exchange(id_, H5I_INVALID_HID)) >= 0; }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Close close_ = nullptr;
};

// HDF5's own report of the last failure, one line, instead of its print-out on stderr.
std::string last_failure() {
  std::string text;
  const auto collect = [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
    auto& line = *static_cast<std::string*>(out);
    if (error->desc != nullptr && *error->desc != '\0') line = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &text);
  return text.empty() ? "unknown failure" : text;
}

void quiet() { H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr); }

std::size_t bytes_of(Type type) {
  switch (type) {
    case Type::Int8:
    case Type::UInt8: return 1;
    case Type::Int32:
    case Type::Float32: return 4;
    default: return 8;
  }
}

hid_t native(Type type) {
  switch (type) {
    case Type::Int8: return H5T_STD_I8LE;
    case Type::UInt8: return H5T_STD_U8LE;
    case Type::Int32: return H5T_STD_I32LE;
    case Type::Int64: return H5T_STD_I64LE;
    case Type::UInt64: return H5T_STD_U64LE;
    case Type::Float32: return H5T_IEEE_F32LE;
    case Type::Float64: return H5T_IEEE_F64LE;
  }
  return H5I_INVALID_HID;
}

// Fixed-length ASCII text of at least one byte, padded with zeros.
Handle text_type(std::size_t length) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, std::max<std::size_t>(length, 1));
  H5Tset_strpad(type, H5T_STR_NULLPAD);
  H5Tset_cset(type, H5T_CSET_ASCII);
  return type;
}

// What a thread packs chunks with.
struct Packing {
  ChunkPacker packer;
  std::vector<std::byte> plain;
  std::vector<std::byte> packed_plain;  // what `packed` is of
  std::span<const std::byte> packed;
};

}  // namespace

Shape chunk_shape(const Shape& shape, std::size_t element_bytes, std::size_t target_bytes) {
  Shape chunk = shape;
  if (shape.size() <= 2) {
    // Equal chunks of rows, the last one padded by less than one row per chunk.
    const std::size_t bytes = shape[0] * element_bytes * (shape.size() == 2 ? shape[1] : 1);
    const std::size_t parts = (bytes + target_bytes - 1) / target_bytes;
    if (parts > 1) chunk[0] = (shape[0] + parts - 1) / parts;
    return chunk;
  }
  std::size_t bytes = element_bytes;
  for (const auto extent : shape) bytes *= extent;
  for (std::size_t axis = 0; axis < shape.size() && bytes > target_bytes; ++axis) {
    const std::size_t whole = bytes / shape[axis];  // bytes of one plane of this axis
    std::uint64_t best = 1;
    for (std::uint64_t divisor = 1; divisor <= shape[axis]; ++divisor)
      if (shape[axis] % divisor == 0 && divisor * whole <= target_bytes) best = divisor;
    chunk[axis] = best;
    bytes = whole * best;
  }
  return chunk;
}

struct Writer::State {
  Handle file;
  fs::path disk;  // empty: in memory
  Handle link_creation, group_creation;

  // Every HDF5 call of the writer goes through here.
  template <class Result>
  Result check(Result result, std::string_view what) {
    if (result < 0) fail(what);
    return result;
  }
  Handle open(hid_t id, Handle::Close close, std::string_view what) {
    if (id < 0) fail(what);
    return {id, close};
  }
  [[noreturn]] void fail(std::string_view what) {
    const std::string reason = fmt::format("HDF5: {}: {}", what, last_failure());
    if (disk.empty()) throw IoError(reason);
    // libhdf5 1.10 crashes at exit after a failed write to disk: leave at once, with nothing behind us.
    ::unlink(disk.c_str());
    fmt::print(stderr, "invado: {}: {}\n", disk.string(), reason);
    std::fflush(stderr);
    ::_exit(static_cast<int>(Exit::IoError));
  }
  // A dataset; compressed unless `chunk` is empty.
  Handle new_dataset(const std::string& path, Type type, const Shape& shape, const Shape& chunk) {
    const std::vector<hsize_t> extents(shape.begin(), shape.end()), chunk_extents(chunk.begin(), chunk.end());
    const Handle space = open(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose, path);
    const Handle creation = open(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, path);
    check(H5Pset_obj_track_times(creation, false), path);
    if (!chunk.empty()) {
      check(H5Pset_chunk(creation, static_cast<int>(chunk.size()), chunk_extents.data()), path);
      if (bytes_of(type) > 1) check(H5Pset_shuffle(creation), path);
      check(H5Pset_deflate(creation, ChunkPacker::level), path);
    }
    return open(H5Dcreate2(file, path.c_str(), native(type), space, link_creation, creation, H5P_DEFAULT), H5Dclose, path);
  }
  // All chunks of an array, which lies in the dataset behind the place `before` of its first axes.
  void write_chunks(hid_t data, const std::string& path, const Fill& fill, std::size_t element, const Shape& shape,
                    const Shape& chunk, const Shape& before) {
    const std::size_t elements = product(shape), chunk_elements = product(chunk), chunk_bytes = chunk_elements * element;
    const std::size_t chunks = (elements + chunk_elements - 1) / chunk_elements;
    // Each chunk is filled and packed by one thread into its own buffer: the bytes do not depend on who did it.
    std::vector<std::vector<std::byte>> packed(chunks);
#pragma omp parallel if (chunks > 1)
    {
      thread_local Packing packing;
      packing.plain.resize(chunk_bytes);
      packing.packed_plain.resize(chunk_bytes);
      packing.packed = {};  // nothing of this data set yet
#pragma omp for schedule(dynamic, 1)
      for (std::ptrdiff_t c = 0; c < static_cast<std::ptrdiff_t>(chunks); ++c) {
        const std::size_t first = static_cast<std::size_t>(c) * chunk_elements;
        const std::size_t count = std::min(chunk_elements, elements - first);
        fill(first, count, packing.plain.data());
        std::memset(packing.plain.data() + count * element, 0, chunk_bytes - count * element);
        // Much of a lattice looks like what was before it: far from the cells nothing happens.
        if (packing.packed.empty() || std::memcmp(packing.plain.data(), packing.packed_plain.data(), chunk_bytes) != 0) {
          packing.packed = packing.packer.pack(packing.plain, element);
          std::swap(packing.plain, packing.packed_plain);
        }
        packed[static_cast<std::size_t>(c)].assign(packing.packed.begin(), packing.packed.end());
      }
    }
    for (std::size_t c = 0; c < chunks; ++c) {
      // Chunks follow each other as their numbers do: the place of the first number says where one lies.
      std::vector<hsize_t> at(before.size() + shape.size());
      std::size_t rest = c * chunk_elements;
      for (std::size_t d = shape.size(); d-- > 0; rest /= shape[d]) at[before.size() + d] = rest % shape[d];
      std::ranges::copy(before, at.begin());
      check(H5Dwrite_chunk(data, H5P_DEFAULT, 0, at.data(), packed[c].size(), packed[c].data()), path);
    }
  }
};

Writer::Writer(std::unique_ptr<State> state) : state_(std::move(state)) {
  State& s = *state_;
  s.link_creation = s.open(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "link properties");
  s.check(H5Pset_create_intermediate_group(s.link_creation, 1), "link properties");
  s.group_creation = s.open(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "group properties");
  s.check(H5Pset_obj_track_times(s.group_creation, false), "group properties");
  s.check(H5Pset_link_creation_order(s.group_creation, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED), "group properties");
}

Writer::Writer(Writer&&) noexcept = default;
Writer::~Writer() {
  // Given up by an exception: nothing half-written stays.
  if (state_ && state_->file.good() && !state_->disk.empty()) ::unlink(state_->disk.c_str());
}

Writer Writer::in_memory() {
  quiet();
  auto state = std::make_unique<State>();
  const Handle access = state->open(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "file properties");
  // The core driver keeps the file in memory and never touches the disk. Default library version bounds: with newer
  // ones H5Fget_file_image gives files that nobody can open.
  state->check(H5Pset_fapl_core(access, std::size_t{1} << 18, false), "core driver");
  const Handle creation = state->open(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "file properties");
  state->check(H5Pset_obj_track_times(creation, false), "file properties");
  state->file = state->open(H5Fcreate("in memory", H5F_ACC_TRUNC, creation, access), H5Fclose, "new file");
  return Writer(std::move(state));
}

Writer Writer::on_disk(const fs::path& temporary) {
  quiet();
  auto state = std::make_unique<State>();
  const Handle creation = state->open(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "file properties");
  state->check(H5Pset_obj_track_times(creation, false), "file properties");
  const hid_t file = H5Fcreate(temporary.c_str(), H5F_ACC_EXCL, creation, H5P_DEFAULT);
  if (file < 0)
    throw IoError(fmt::format("{}: cannot create the file: {}", temporary.string(), last_failure()), Exit::CannotCreate);
  state->file = Handle(file, H5Fclose);
  state->disk = temporary;
  return Writer(std::move(state));
}

void Writer::group(const std::string& path) {
  State& s = *state_;
  s.open(H5Gcreate2(s.file, path.c_str(), s.link_creation, s.group_creation, H5P_DEFAULT), H5Gclose, path);
}

void Writer::write_dataset(const std::string& path, Type type, const Shape& shape, const Fill& fill) {
  State& s = *state_;
  INVADO_ENSURE(!shape.empty());
  const std::size_t element = bytes_of(type), elements = product(shape);
  // Small or empty data gain nothing from compression.
  if (elements * element < 1024) {
    const Handle data = s.new_dataset(path, type, shape, {});
    if (elements == 0) return;
    std::vector<std::byte> values(elements * element);
    fill(0, elements, values.data());
    s.check(H5Dwrite(data, native(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), path);
    return;
  }
  const Shape chunk = chunk_shape(shape, element);
  const Handle data = s.new_dataset(path, type, shape, chunk);
  s.write_chunks(data, path, fill, element, shape, chunk, {});
}

void Writer::write_parts(const std::string& path, Type type, const Shape& shape, const Part& part) {
  State& s = *state_;
  INVADO_ENSURE(shape.size() > 1);
  const std::size_t element = bytes_of(type);
  const Shape of_part(shape.begin() + 1, shape.end()), part_chunk = chunk_shape(of_part, element);
  Shape chunk = part_chunk;
  chunk.insert(chunk.begin(), 1);
  const Handle data = s.new_dataset(path, type, shape, chunk);
  for (std::size_t index = 0; index < shape.front(); ++index) {
    const std::span<const std::byte> values = part(index);
    INVADO_ENSURE(values.size() == product(of_part) * element);
    const auto fill = [&](std::size_t first, std::size_t count, std::byte* out) {
      std::memcpy(out, values.data() + first * element, count * element);
    };
    s.write_chunks(data, path, fill, element, of_part, part_chunk, {index});
  }
}

void Writer::attribute(const std::string& object, const std::string& name, const Attribute& value) {
  State& s = *state_;
  const auto write = [&](hid_t type, const hsize_t* count, const void* data) {
    const Handle space =
        s.open(count != nullptr ? H5Screate_simple(1, count, nullptr) : H5Screate(H5S_SCALAR), H5Sclose, name);
    const Handle attribute =
        s.open(H5Acreate_by_name(s.file, object.c_str(), name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
               H5Aclose, name);
    if (data != nullptr) s.check(H5Awrite(attribute, type, data), name);
  };
  if (const auto* integer = std::get_if<std::int64_t>(&value)) write(H5T_STD_I64LE, nullptr, integer);
  if (const auto* natural = std::get_if<std::uint64_t>(&value)) write(H5T_STD_U64LE, nullptr, natural);
  if (const auto* number = std::get_if<double>(&value)) write(H5T_IEEE_F64LE, nullptr, number);
  if (const auto* text = std::get_if<std::string>(&value)) {
    std::string padded = *text;
    if (padded.empty()) padded.push_back('\0');
    write(text_type(padded.size()), nullptr, padded.data());
  }
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&value)) {
    const hsize_t count = integers->size();
    write(H5T_STD_I64LE, &count, integers->empty() ? nullptr : integers->data());
  }
  if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    const hsize_t count = numbers->size();
    write(H5T_IEEE_F64LE, &count, numbers->empty() ? nullptr : numbers->data());
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    std::size_t length = 1;
    for (const std::string& text : *texts) length = std::max(length, text.size());
    std::vector<char> padded(length * texts->size(), '\0');
    for (std::size_t i = 0; i < texts->size(); ++i) (*texts)[i].copy(padded.data() + i * length, length);
    const hsize_t count = texts->size();
    write(text_type(length), &count, texts->empty() ? nullptr : padded.data());
  }
}

void Writer::external_link(const std::string& path, const std::string& file, const std::string& object) {
  State& s = *state_;
  s.check(H5Lcreate_external(file.c_str(), object.c_str(), s.file, path.c_str(), s.link_creation, H5P_DEFAULT), path);
}

std::vector<std::byte> Writer::image(std::size_t more) {
  State& s = *state_;
  INVADO_ENSURE(s.disk.empty());
  s.check(H5Fflush(s.file, H5F_SCOPE_GLOBAL), "flush");
  const ssize_t size = s.check(H5Fget_file_image(s.file, nullptr, 0), "file image");
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(size) + more);
  bytes.resize(static_cast<std::size_t>(size));
  s.check(H5Fget_file_image(s.file, bytes.data(), bytes.size()), "file image");
  return bytes;
}

void Writer::close() {
  State& s = *state_;
  s.check(H5Fflush(s.file, H5F_SCOPE_GLOBAL), "flush");
  s.link_creation = Handle();
  s.group_creation = Handle();
  if (!s.file.close()) s.fail("close");
}

struct Reader::State {
  Handle file;
  fs::path path;

  template <class Result>
  Result check(Result result, std::string_view what) const {
    if (result < 0) fail(what);
    return result;
  }
  [[nodiscard]] Handle open(hid_t id, Handle::Close close, std::string_view what) const {
    if (id < 0) fail(what);
    return {id, close};
  }
  [[noreturn]] void fail(std::string_view what) const {
    throw IoError(fmt::format("{}: {}: {}", path.string(), what, last_failure()), Exit::BadData);
  }
  [[nodiscard]] Handle attribute(const std::string& object, const std::string& name) const {
    return open(H5Aopen_by_name(file, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                object + "@" + name);
  }
  [[nodiscard]] Shape shape(const Handle& data, const std::string& dataset) const {
    const Handle space = open(H5Dget_space(data), H5Sclose, dataset);
    const int rank = check(H5Sget_simple_extent_ndims(space), dataset);
    std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
    check(H5Sget_simple_extent_dims(space, extents.data(), nullptr), dataset);
    return {extents.begin(), extents.end()};
  }
  [[nodiscard]] std::size_t count(const Handle& attribute_handle, const std::string& name) const {
    const Handle space = open(H5Aget_space(attribute_handle), H5Sclose, name);
    return static_cast<std::size_t>(check(H5Sget_simple_extent_npoints(space), name));
  }
  void read_one(const std::string& object, const std::string& name, hid_t type, void* value) const {
    const Handle opened = attribute(object, name);
    if (count(opened, name) != 1)
      throw IoError(fmt::format("{}: {}@{} is not one number", path.string(), object, name), Exit::BadData);
    check(H5Aread(opened, type, value), name);
  }
};

Reader::Reader(const fs::path& path) : state_(std::make_unique<State>()) {
  quiet();
  if (!fs::exists(path)) throw IoError(fmt::format("{}: no such file", path.string()), Exit::NotFound);
  state_->path = path;
  state_->file = Handle(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
  if (!state_->file.good()) state_->fail("cannot be opened as an HDF5 file");
}

Reader::Reader(Reader&&) noexcept = default;
Reader::~Reader() = default;

bool Reader::has(const std::string& path) const {
  // H5Lexists needs every step of the path to exist.
  std::size_t end = 0;
  while (end != std::string::npos) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (part.empty() || part == "/") continue;
    if (H5Lexists(state_->file, part.c_str(), H5P_DEFAULT) <= 0) return false;
  }
  return path == "/" || H5Oexists_by_name(state_->file, path.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Reader::members(const std::string& group) const {
  const Handle opened = state_->open(H5Gopen2(state_->file, group.c_str(), H5P_DEFAULT), H5Gclose, group);
  const Handle creation = state_->open(H5Gget_create_plist(opened), H5Pclose, group);
  unsigned order = 0;
  state_->check(H5Pget_link_creation_order(creation, &order), group);
  const H5_index_t index = (order & H5P_CRT_ORDER_TRACKED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  std::vector<std::string> names;
  const auto remember = [](hid_t, const char* name, const H5L_info_t*, void* all) -> herr_t {
    static_cast<std::vector<std::string>*>(all)->emplace_back(name);
    return 0;
  };
  state_->check(H5Literate(opened, index, H5_ITER_INC, nullptr, remember, &names), group);
  return names;
}

Shape Reader::shape(const std::string& dataset) const {
  const Handle data = state_->open(H5Dopen2(state_->file, dataset.c_str(), H5P_DEFAULT), H5Dclose, dataset);
  return state_->shape(data, dataset);
}

Layout Reader::layout(const std::string& dataset) const {
  const Handle data = state_->open(H5Dopen2(state_->file, dataset.c_str(), H5P_DEFAULT), H5Dclose, dataset);
  const Handle stored = state_->open(H5Dget_type(data), H5Tclose, dataset);
  for (const Type type : {Type::Int8, Type::UInt8, Type::Int32, Type::Int64, Type::UInt64, Type::Float32, Type::Float64})
    if (H5Tequal(stored, native(type)) > 0) return {type, state_->shape(data, dataset)};
  throw IoError(fmt::format("{}: {} holds numbers of an unknown type", state_->path.string(), dataset), Exit::BadData);
}

std::size_t Reader::element_count(const std::string& dataset) const { return product(shape(dataset)); }

void Reader::read_into(const std::string& dataset, Type type, void* values) const {
  const Handle data = state_->open(H5Dopen2(state_->file, dataset.c_str(), H5P_DEFAULT), H5Dclose, dataset);
  if (values != nullptr) state_->check(H5Dread(data, native(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), dataset);
}

bool Reader::has_attribute(const std::string& object, const std::string& name) const {
  return H5Aexists_by_name(state_->file, object.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::string> Reader::texts(const std::string& object, const std::string& name) const {
  const Handle attribute = state_->attribute(object, name);
  const Handle type = state_->open(H5Aget_type(attribute), H5Tclose, name);
  if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0)
    throw IoError(fmt::format("{}: {}@{} is not text of fixed length", state_->path.string(), object, name), Exit::BadData);
  const std::size_t length = H5Tget_size(type);
  const std::size_t count = state_->count(attribute, name);
  std::vector<char> padded(length * count);
  state_->check(H5Aread(attribute, text_type(length), padded.data()), name);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < count; ++i) {
    const char* const begin = padded.data() + i * length;
    texts.emplace_back(begin, std::find(begin, begin + length, '\0'));
  }
  return texts;
}

std::string Reader::text(const std::string& object, const std::string& name) const {
  const auto all = texts(object, name);
  return all.empty() ? std::string() : all.front();
}

std::vector<double> Reader::numbers(const std::string& object, const std::string& name) const {
  const Handle attribute = state_->attribute(object, name);
  std::vector<double> values(state_->count(attribute, name));
  state_->check(H5Aread(attribute, H5T_IEEE_F64LE, values.data()), name);
  return values;
}

double Reader::number(const std::string& object, const std::string& name) const {
  double value = 0;
  state_->read_one(object, name, H5T_IEEE_F64LE, &value);
  return value;
}

std::int64_t Reader::integer(const std::string& object, const std::string& name) const {
  std::int64_t value = 0;
  state_->read_one(object, name, H5T_STD_I64LE, &value);
  return value;
}

std::uint64_t Reader::natural(const std::string& object, const std::string& name) const {
  std::uint64_t value = 0;
  state_->read_one(object, name, H5T_STD_U64LE, &value);
  return value;
}

std::string library_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace invado::hdf5
