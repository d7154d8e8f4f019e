#include "core/data/safetensors.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file_error.h"
#include "core/base/json.h"
#include "core/base/lfs_pointer.h"
#include "core/data/safetensors_dtypes.h"
#include "core/tensor/torch.h"

namespace rlcm::data {
namespace {

constexpr std::size_t kLengthField = 8;
constexpr std::uint64_t kMaxHeader = std::uint64_t{16} << 20;  // headers of the largest public models have 250 kB
constexpr std::size_t kMaxTensors = 65536;                     // the largest public models have some thousands in a file

[[noreturn]] void refuse(const std::string& where, const std::string& rule) {
    throw FileError(ErrorKind::Format, FileFault::Incomplete, where + " is not a valid safetensors file: " + rule);
}

constexpr std::size_t kPiece = std::size_t{4} << 20;  // bytes that are worth a thread of their own
constexpr std::size_t kMaxThreads = 4;                // memory is no faster with more

/// A file open for reading, with a read-only private mapping of the whole.
class Mapping {
public:
    explicit Mapping(const std::filesystem::path& file) {
        // Not blocking, so that a pipe in the place of a file is refused instead of waited for.
        const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        struct stat info{};
        if (fd < 0 || ::fstat(fd, &info) != 0) {
            const int reason = errno;
            closeIfOpen(fd);
            throw FileError(ErrorKind::Io, FileFault::Incomplete, "cannot read " + file.string() + ": " + std::strerror(reason));
        }
        if (!S_ISREG(info.st_mode)) {
            closeIfOpen(fd);
            throw FileError(ErrorKind::Io, FileFault::Incomplete, "cannot read " + file.string() + ": it is not a regular file");
        }
        m_size = static_cast<std::size_t>(info.st_size);
        if (m_size > 0) {
            m_start = ::mmap(nullptr, m_size, PROT_READ, MAP_PRIVATE, fd, 0);
        }
        m_fd = fd;
        if (m_start == MAP_FAILED) {
            const int reason = errno;
            ::close(fd);
            throw Error(ErrorKind::Io, "cannot map " + file.string() + ": " + std::strerror(reason));
        }
    }
    ~Mapping() {
        if (m_size > 0) {
            ::munmap(m_start, m_size);
        }
        ::close(m_fd);
    }
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    std::string_view bytes() const { return {static_cast<const char*>(m_start), m_size}; }
    /// Copies a part of the file. Read instead of copied out of the mapping: half the page faults, no file pages in this process, and
    /// a file that was cut off meanwhile is an error instead of a signal. Returns false when it fails.
    bool read(std::size_t offset, char* out, std::size_t count) const {
        const std::size_t wanted = std::min({kMaxThreads, std::size_t{std::max(1u, std::thread::hardware_concurrency())}, count / kPiece});
        const std::size_t pieces = std::max<std::size_t>(1, wanted);
        std::vector<std::future<bool>> others;
        for (std::size_t i = 1; i < pieces; ++i) {
            const std::size_t begin = count * i / pieces, end = count * (i + 1) / pieces;
            others.push_back(std::async(std::launch::async, [=, this] { return readPiece(offset + begin, out + begin, end - begin); }));
        }
        bool isComplete = readPiece(offset, out, count / pieces);
        for (std::future<bool>& other : others) {
            isComplete = other.get() && isComplete;
        }
        return isComplete;
    }

private:
    bool readPiece(std::size_t offset, char* out, std::size_t count) const {
        while (count > 0) {
            const ssize_t got = ::pread(m_fd, out, count, static_cast<off_t>(offset));
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0) {
                return false;
            }
            const auto done = static_cast<std::size_t>(got);
            offset += done;
            out += done;
            count -= done;
        }
        return true;
    }
    static void closeIfOpen(int fd) {
        if (fd >= 0) {
            ::close(fd);
        }
    }
    void* m_start = nullptr;
    std::size_t m_size = 0;
    int m_fd = -1;
};

std::uint64_t readLength(std::string_view bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = kLengthField; i > 0; --i) {
        value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
    }
    return value;
}

/// The JSON text, once its length is known to lie inside the file.
std::string_view headerText(std::string_view bytes, const std::string& where) {
    if (bytes.size() < kLengthField) {
        refuse(where, std::to_string(bytes.size()) + " bytes are too few for the length of a header");
    }
    refuseLfsPointer(bytes, where);
    const std::uint64_t length = readLength(bytes);
    if (length > kMaxHeader) {
        refuse(where, "a header of " + std::to_string(length) + " bytes, more than the limit of 16 MiB");
    }
    if (length > bytes.size() - kLengthField) {
        refuse(where, "a header of " + std::to_string(length) + " bytes in a file of " + std::to_string(bytes.size()));
    }
    const std::string_view text = bytes.substr(kLengthField, length);
    // The parser skips a byte order mark and takes NUL for the end of its input; neither belongs into a
    // header.
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || text[start] != '{' || text.find('\0') != std::string_view::npos) {
        refuse(where, "the header is not one JSON object");
    }
    return text;
}

std::vector<std::uint64_t> readNumbers(const Json& value, const std::string& where, const std::string& what) {
    std::vector<std::uint64_t> numbers;
    if (!value.is_array()) {
        refuse(where, what + " is not a list");
    }
    for (const Json& item : value) {
        // Whole numbers of at most 63 bits: everything else has no meaning as a size.
        if (!item.is_number_unsigned() || item.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
            refuse(where, what + " holds " + item.dump() + ", which is no whole number below 2^63");
        }
        numbers.push_back(item.get<std::uint64_t>());
    }
    return numbers;
}

/// Bytes that a shape needs; zero dimensions do not excuse an overflow among the others.
std::uint64_t byteCount(const std::vector<std::uint64_t>& shape, const DtypeRow& dtype, const std::string& where, const std::string& tensor) {
    std::uint64_t bits = dtype.bits;
    bool hasZero = false;
    for (const std::uint64_t size : shape) {
        hasZero = hasZero || size == 0;
        if (size != 0 && __builtin_mul_overflow(bits, size, &bits)) {
            refuse(where, "the shape of tensor \"" + tensor + "\" overflows 64 bits");
        }
    }
    if (hasZero) {
        return 0;
    }
    if (bits % 8 != 0) {
        refuse(where, "tensor \"" + tensor + "\" (" + std::string(dtype.name) + ") does not fill whole bytes");
    }
    return bits / 8;
}

TensorEntry readEntry(const std::string& name, const Json& value, const std::string& where) {
    const std::string quoted = "tensor \"" + name + "\"";
    // Further fields say nothing to this reader, nor to the reference library.
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets")) {
        refuse(where, quoted + " needs the fields dtype, shape and data_offsets");
    }
    const DtypeRow* dtype = value["dtype"].is_string() ? findDtype(value["dtype"].get_ref<const std::string&>()) : nullptr;
    if (dtype == nullptr) {
        refuse(where, quoted + " has the unknown dtype " + value["dtype"].dump());
    }
    const auto shape = readNumbers(value["shape"], where, "the shape of " + quoted);
    const auto offsets = readNumbers(value["data_offsets"], where, "data_offsets of " + quoted);
    if (offsets.size() != 2 || offsets[1] < offsets[0]) {
        refuse(where, "data_offsets of " + quoted + " are not a begin and an end");
    }
    const std::uint64_t needed = byteCount(shape, *dtype, where, name);
    if (offsets[1] - offsets[0] != needed) {
        refuse(where, quoted + " needs " + std::to_string(needed) + " bytes, its data_offsets span " + std::to_string(offsets[1] - offsets[0]));
    }
    return {std::string(dtype->name), {shape.begin(), shape.end()}, offsets[0], offsets[1]};
}

std::map<std::string, std::string> readMetadata(const Json& value, const std::string& where) {
    std::map<std::string, std::string> metadata;
    if (value.is_null()) {
        return metadata;
    }
    if (!value.is_object()) {
        refuse(where, "__metadata__ is not an object");
    }
    for (const auto& [key, text] : value.items()) {
        if (!text.is_string()) {
            refuse(where, "the metadata entry \"" + key + "\" is not a string");
        }
        metadata[key] = text.get<std::string>();
    }
    return metadata;
}

/// The tensors must fill the data exactly: no hole, no overlap, no byte before or after.
void requireSeamless(const std::map<std::string, TensorEntry>& entries, std::uint64_t dataBytes, const std::string& where) {
    std::vector<std::pair<const std::string*, const TensorEntry*>> order;
    for (const auto& [name, entry] : entries) {
        order.emplace_back(&name, &entry);
    }
    std::sort(order.begin(), order.end(),
              [](const auto& a, const auto& b) { return std::pair(a.second->begin, a.second->end) < std::pair(b.second->begin, b.second->end); });
    std::uint64_t expected = 0;
    for (const auto& [name, entry] : order) {
        if (entry->begin != expected) {
            refuse(where, "tensor \"" + *name + "\" starts at byte " + std::to_string(entry->begin) + " of the data, " + std::to_string(expected) +
                              " was expected (a hole or an overlap)");
        }
        expected = entry->end;
    }
    if (expected != dataBytes) {
        refuse(where, "the tensors take " + std::to_string(expected) + " bytes, the file holds " + std::to_string(dataBytes) +
                          " (cut off or followed by something else)");
    }
}

}  // namespace

struct SafetensorsFile::Impl {
    std::string where;
    std::string owned;
    std::unique_ptr<Mapping> mapping;
    std::string_view data;
    std::map<std::string, TensorEntry> entries;
    std::map<std::string, std::string> metadata;

    void read(std::string_view bytes) {
        const std::string_view text = headerText(bytes, where);
        const Json header = parseJson(text, where, kMaxHeader);
        if (header.size() > kMaxTensors) {
            refuse(where, std::to_string(header.size()) + " tensors, more than the limit of " + std::to_string(kMaxTensors));
        }
        for (const auto& [name, value] : header.items()) {
            if (name == "__metadata__") {
                metadata = readMetadata(value, where);
            } else {
                entries.emplace(name, readEntry(name, value, where));
            }
        }
        data = bytes.substr(kLengthField + text.size());
        requireSeamless(entries, data.size(), where);
    }
};

SafetensorsFile::SafetensorsFile(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& file) : m_impl(std::make_unique<Impl>()) {
    m_impl->where = file.string();
    m_impl->mapping = std::make_unique<Mapping>(file);
    m_impl->read(m_impl->mapping->bytes());
}

SafetensorsFile SafetensorsFile::fromBytes(std::string bytes, std::string_view where) {
    auto impl = std::make_unique<Impl>();
    impl->where = std::string(where);
    impl->owned = std::move(bytes);
    impl->read(impl->owned);
    return SafetensorsFile(std::move(impl));
}

SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

const std::string& SafetensorsFile::name() const {
    return m_impl->where;
}

const std::map<std::string, TensorEntry>& SafetensorsFile::entries() const {
    return m_impl->entries;
}

const std::map<std::string, std::string>& SafetensorsFile::metadata() const {
    return m_impl->metadata;
}

bool SafetensorsFile::contains(std::string_view tensor) const {
    return m_impl->entries.count(std::string(tensor)) > 0;
}

std::string_view SafetensorsFile::bytes(std::string_view name) const {
    const auto found = m_impl->entries.find(std::string(name));
    if (found == m_impl->entries.end()) {
        std::vector<std::string> names;
        for (const auto& [known, entry] : m_impl->entries) {
            names.push_back(known);
        }
        const std::string near = nearestName(name, names);
        throw Error(ErrorKind::Format,
                    m_impl->where + " has no tensor \"" + std::string(name) + "\"" + (near.empty() ? "" : "; the nearest is \"" + near + "\""));
    }
    return m_impl->data.substr(found->second.begin, found->second.end - found->second.begin);
}

at::Tensor SafetensorsFile::tensor(std::string_view name) const {
    const std::string_view raw = bytes(name);
    const TensorEntry& entry = m_impl->entries.at(std::string(name));
    const auto type = findDtype(entry.dtype)->type;
    if (!type) {
        throw Error(ErrorKind::Format, m_impl->where + ": tensor \"" + std::string(name) + "\" has the dtype " + entry.dtype +
                                           ", which is not supported; convert it to F32, F16 or BF16");
    }
    if (*type == at::kBool && std::any_of(raw.begin(), raw.end(), [](char c) { return c != 0 && c != 1; })) {
        throw Error(ErrorKind::Format, m_impl->where + ": the BOOL tensor \"" + std::string(name) + "\" holds bytes other than 0 and 1");
    }
    at::Tensor result = at::empty(entry.shape, at::TensorOptions(*type));
    if (m_impl->mapping) {
        const auto offset = static_cast<std::size_t>(raw.data() - m_impl->mapping->bytes().data());
        if (!m_impl->mapping->read(offset, static_cast<char*>(result.data_ptr()), raw.size())) {
            throw FileError(ErrorKind::Io, FileFault::Incomplete,
                            "cannot read tensor \"" + std::string(name) + "\" of " + m_impl->where + ": the file was changed or its disk fails");
        }
    } else if (!raw.empty()) {
        std::memcpy(result.data_ptr(), raw.data(), raw.size());
    }
    return result;
}

}  // namespace rlcm::data
