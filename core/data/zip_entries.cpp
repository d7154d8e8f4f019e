// source: PKWARE APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record).
#include "core/data/zip_entries.h"

#include <algorithm>
#include <cstdint>

#include "core/base/file_error.h"

namespace rlcm::data {
namespace {

constexpr std::string_view kEndMark{"PK\5\6", 4}, kDirectoryMark{"PK\1\2", 4}, kLocalMark{"PK\3\4", 4};
constexpr std::size_t kEndSize = 22, kDirectorySize = 46, kLocalSize = 30;
constexpr std::size_t kMaxComment = 65535;
constexpr std::size_t kShownText = 60;

/// Little-endian whole numbers at places that were checked to lie inside `bytes`.
std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i-- > 0;) {
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return value;
}
std::uint64_t u16(std::string_view bytes, std::size_t at) {
    return number(bytes, at, 2);
}
std::uint64_t u32(std::string_view bytes, std::size_t at) {
    return number(bytes, at, 4);
}

class Archive {
public:
    Archive(std::string_view bytes, const std::string& where) : m_bytes(bytes), m_where(where) {}

    std::map<std::string_view, std::string_view> entries() {
        const std::size_t end = findEnd();
        const std::uint64_t count = u16(m_bytes, end + 10);
        const std::uint64_t size = u32(m_bytes, end + 12), offset = u32(m_bytes, end + 16);
        if (count == 0xFFFF || size == 0xFFFFFFFF || offset == 0xFFFFFFFF) {
            refuse("it is a zip64 archive, which is used from 4 GiB on; convert it to safetensors");
        }
        if (u16(m_bytes, end + 4) != 0 || u16(m_bytes, end + 6) != 0 || u16(m_bytes, end + 8) != count) {
            refuse("it is one part of an archive in several parts");
        }
        if (offset > end || size > end - offset) {
            refuse("its directory lies outside the file (cut off?)");
        }
        m_directory = offset;
        std::string_view rest = m_bytes.substr(offset, size);
        std::map<std::string_view, std::string_view> found;
        for (std::uint64_t i = 0; i < count; ++i) {
            const auto entry = takeEntry(rest);
            if (!found.insert(entry).second) {
                refuse("it holds two entries \"" + shown(entry.first) + '"');
            }
        }
        return found;
    }

private:
    std::string refusal(const std::string& why) const { return m_where + " is no archive that can be read: " + why; }
    [[noreturn]] void refuse(const std::string& why) const { throw Error(ErrorKind::Format, refusal(why)); }

    /// Place of the end record, which is followed by nothing but its comment.
    std::size_t findEnd() const {
        if (m_bytes.size() < kEndSize) {
            refuse(std::to_string(m_bytes.size()) + " bytes are too few");
        }
        const std::size_t last = m_bytes.size() - kEndSize;
        const std::size_t first = last - std::min(last, kMaxComment);
        for (std::size_t at = last + 1; at-- > first;) {
            if (m_bytes.substr(at, 4) == kEndMark && u16(m_bytes, at + 20) == last - at) {
                return at;
            }
        }
        throw FileError(ErrorKind::Format, FileFault::Incomplete, refusal("its end record is missing (cut off?)"));
    }

    /// Reads one entry of the directory and moves `rest` behind it.
    std::pair<std::string_view, std::string_view> takeEntry(std::string_view& rest) const {
        if (rest.size() < kDirectorySize || rest.substr(0, 4) != kDirectoryMark) {
            refuse("its directory is damaged");
        }
        const std::uint64_t nameSize = u16(rest, 28);
        const std::uint64_t size = kDirectorySize + nameSize + u16(rest, 30) + u16(rest, 32);
        if (size > rest.size()) {
            refuse("its directory is damaged");
        }
        const std::string_view name = rest.substr(kDirectorySize, nameSize);
        requirePlain(rest, name);
        const std::string_view contents = contentsOf(name, u32(rest, 42), u32(rest, 24));
        rest.remove_prefix(size);
        return {name, contents};
    }

    void requirePlain(std::string_view header, std::string_view name) const {
        const auto refuseEntry = [&](const std::string& why) { refuse("the entry \"" + shown(name) + "\" " + why); };
        if ((u16(header, 8) & 1U) != 0) {
            refuseEntry("is encrypted");
        }
        if (u16(header, 10) != 0 || u32(header, 20) != u32(header, 24)) {
            refuseEntry("is compressed; PyTorch stores entries as they are, so another program packed this file");
        }
        if (u32(header, 24) == 0xFFFFFFFF || u32(header, 42) == 0xFFFFFFFF) {
            refuseEntry("is a zip64 entry, which is used from 4 GiB on; convert the file to safetensors");
        }
    }

    /// The bytes behind the local header, which must lie before the directory and name the same entry.
    std::string_view contentsOf(std::string_view name, std::uint64_t header, std::uint64_t size) const {
        const auto lies = [&](std::uint64_t from, std::uint64_t length) { return from <= m_directory && length <= m_directory - from; };
        if (!lies(header, kLocalSize) || m_bytes.substr(header, 4) != kLocalMark) {
            refuse("the entry \"" + shown(name) + "\" is not where the directory says");
        }
        const std::uint64_t nameSize = u16(m_bytes, header + 26);
        const std::uint64_t start = header + kLocalSize + nameSize + u16(m_bytes, header + 28);
        if (!lies(start, size) || m_bytes.substr(header + kLocalSize, nameSize) != name) {
            refuse("the entry \"" + shown(name) + "\" is not where the directory says");
        }
        return m_bytes.substr(start, size);
    }

    std::string_view m_bytes;
    const std::string& m_where;
    std::uint64_t m_directory = 0;
};

}  // namespace

std::map<std::string_view, std::string_view> zipEntries(std::string_view bytes, const std::string& where) {
    return Archive(bytes, where).entries();
}

std::string shown(std::string_view text) {
    std::string result(text.substr(0, kShownText));
    std::replace_if(result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text.size() > kShownText ? result + "..." : result;
}

}  // namespace rlcm::data
