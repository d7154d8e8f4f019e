#include "core/image/png_text.h"

#include <cstdint>

#include "core/base/error.h"

namespace rlcm::image {
namespace {

constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
constexpr std::size_t kChunkFrame = 12;  ///< bytes of length, kind and check sum around a chunk's data

std::size_t lengthAt(std::string_view bytes, std::size_t at) {
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        length = length << 8 | static_cast<unsigned char>(bytes[at + i]);
    }
    return length;
}

/// The text of an iTXt chunk behind its keyword: flag, method, language and translated keyword come before it. Empty: it is compressed or damaged.
std::string_view internationalText(std::string_view rest) {
    const std::size_t language = rest.size() < 2 || rest[0] != '\0' ? std::string_view::npos : rest.find('\0', 2);
    const std::size_t translated = language == std::string_view::npos ? language : rest.find('\0', language + 1);
    return translated == std::string_view::npos ? std::string_view() : rest.substr(translated + 1);
}

}  // namespace

std::map<std::string, std::string> pngText(std::string_view bytes) {
    if (!bytes.starts_with(kSignature)) {
        throw Error(ErrorKind::Format, "the bytes are no PNG");
    }
    std::map<std::string, std::string> entries;
    for (std::size_t at = kSignature.size(); at + kChunkFrame <= bytes.size();) {
        const std::size_t length = lengthAt(bytes, at);
        const std::string_view kind = bytes.substr(at + 4, 4);
        if (length > bytes.size() - at - kChunkFrame || kind == "IDAT") {
            break;
        }
        const std::string_view data = bytes.substr(at + 8, length);
        const std::size_t end = data.find('\0');
        if (end != std::string_view::npos && (kind == "tEXt" || kind == "iTXt")) {
            const std::string_view rest = data.substr(end + 1);
            entries[std::string(data.substr(0, end))] = std::string(kind == "tEXt" ? rest : internationalText(rest));
        }
        at += length + kChunkFrame;
    }
    return entries;
}

}  // namespace rlcm::image
