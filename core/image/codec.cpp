#include "core/image/codec.h"

#include <algorithm>
#include <cmath>
#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <memory>

#include <png.h>
#include <turbojpeg.h>
#include <zlib.h>

#include "core/base/error.h"
#include "core/base/lfs_pointer.h"

namespace rlcm::image {
namespace {

constexpr std::uint64_t kMaxPixels = std::uint64_t{1} << 26;  // 192 MiB of RGB

void requirePixels(const Rgb8Image& image) {
    const bool isSane = image.width > 0 && image.height > 0;
    const std::size_t wanted = isSane ? static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3 : 0;
    if (!isSane || image.pixels.size() != wanted) {
        throw Error(ErrorKind::Shape, "an image of " + std::to_string(image.width) + " x " + std::to_string(image.height) + " with " +
                                          std::to_string(image.pixels.size()) + " bytes cannot be encoded");
    }
}

void requireFewPixels(const char* format, std::uint64_t width, std::uint64_t height) {
    if (width * height > kMaxPixels) {
        throw Error(ErrorKind::Format, std::string("the ") + format + " image has " + std::to_string(width) + " x " + std::to_string(height) +
                                           " pixels, more than the limit of 2^26");
    }
}

/// libpng's reader, set so that rows come as 8-bit RGB with the stored numbers: no gamma, alpha and transparent colours dropped instead of
/// composed, of 16 bits the upper 8. The simplified reader of the library takes 16-bit files for linear light and honours gAMA.
class PngReader {
public:
    explicit PngReader(std::string_view bytes) : m_rest(bytes), m_png(png_create_read_struct(PNG_LIBPNG_VER_STRING, this, onError, onWarning)) {
        m_info = m_png == nullptr ? nullptr : png_create_info_struct(m_png);
        if (m_info == nullptr) {
            png_destroy_read_struct(&m_png, nullptr, nullptr);
            throw Error(ErrorKind::Format, "the PNG decoder cannot start");
        }
        png_set_read_fn(m_png, this, onRead);
    }
    ~PngReader() { png_destroy_read_struct(&m_png, &m_info, nullptr); }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;

    /// False with the reason in problem(). The library leaves these two functions by a long jump, so they hold nothing to be destroyed.
    bool readHeader(std::uint64_t& width, std::uint64_t& height) {
        if (setjmp(png_jmpbuf(m_png)) != 0) {
            return false;
        }
        png_read_info(m_png, m_info);
        width = png_get_image_width(m_png, m_info);
        height = png_get_image_height(m_png, m_info);
        return true;
    }
    bool readRows(std::uint8_t* out, std::size_t rowBytes, std::size_t rows) {
        if (setjmp(png_jmpbuf(m_png)) != 0) {
            return false;
        }
        png_set_strip_16(m_png);
        png_set_palette_to_rgb(m_png);
        png_set_expand_gray_1_2_4_to_8(m_png);
        png_set_gray_to_rgb(m_png);
        png_set_strip_alpha(m_png);
        const int passes = png_set_interlace_handling(m_png);
        png_read_update_info(m_png, m_info);
        if (png_get_rowbytes(m_png, m_info) != rowBytes) {
            png_error(m_png, "its rows cannot be made RGB");
        }
        for (int pass = 0; pass < passes; ++pass) {
            for (std::size_t row = 0; row < rows; ++row) {
                png_read_row(m_png, out + row * rowBytes, nullptr);
            }
        }
        return true;
    }
    const std::string& problem() const { return m_problem; }

private:
    static void onRead(png_structp png, png_bytep out, std::size_t count) {
        auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
        if (count > reader.m_rest.size()) {
            png_error(png, "it is cut off");
        }
        std::memcpy(out, reader.m_rest.data(), count);
        reader.m_rest.remove_prefix(count);
    }
    [[noreturn]] static void onError(png_structp png, png_const_charp message) {
        static_cast<PngReader*>(png_get_error_ptr(png))->m_problem = message;
        png_longjmp(png, 1);
    }
    static void onWarning(png_structp /*png*/, png_const_charp /*message*/) {}

    std::string_view m_rest;
    std::string m_problem;
    png_structp m_png;
    png_infop m_info = nullptr;
};

/// State of libpng's simplified writer; the library allocates behind `opaque`.
struct PngState {
    PngState() { image.version = PNG_IMAGE_VERSION; }
    ~PngState() { png_image_free(&image); }
    PngState(const PngState&) = delete;
    PngState& operator=(const PngState&) = delete;
    png_image image{};
};

std::string bigEndian(std::uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<char>((value >> shift) & 0xFFU));
    }
    return bytes;
}

std::string pngChunk(const std::string& type, const std::string& data) {
    const std::string body = type + data;
    const auto* raw = reinterpret_cast<const Bytef*>(body.data());
    const uLong crc = crc32(crc32(0, nullptr, 0), raw, static_cast<uInt>(body.size()));
    return bigEndian(static_cast<std::uint32_t>(data.size())) + body + bigEndian(static_cast<std::uint32_t>(crc));
}

/// Pixels per metre, the same in both directions.
std::string sizeChunk(int dpi) {
    const std::string perMetre = bigEndian(static_cast<std::uint32_t>(std::lround(dpi / 0.0254)));
    return pngChunk("pHYs", perMetre + perMetre + '\1');
}

/// tEXt for plain ASCII, iTXt (uncompressed, no language) for other UTF-8.
std::string textChunk(const std::string& keyword, const std::string& text) {
    const bool isKeyword = !keyword.empty() && keyword.size() <= 79 && std::all_of(keyword.begin(), keyword.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!isKeyword || text.find('\0') != std::string::npos || text.size() > (std::size_t{1} << 24)) {
        throw Error(ErrorKind::Format, "the PNG text entry \"" + keyword + "\" needs a keyword of 1 to 79 ASCII characters and a text without NUL");
    }
    const bool isAscii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return isAscii ? pngChunk("tEXt", keyword + '\0' + text) : pngChunk("iTXt", keyword + std::string(5, '\0') + text);
}

/// One compressor per thread: making one costs more than compressing a small image.
class JpegEncoder {
public:
    JpegEncoder() : m_handle(tjInitCompress()) {
        if (m_handle == nullptr) {
            throw Error(ErrorKind::Format, std::string("the JPEG encoder cannot start: ") + tjGetErrorStr2(nullptr));
        }
    }
    ~JpegEncoder() { tjDestroy(m_handle); }
    JpegEncoder(const JpegEncoder&) = delete;
    JpegEncoder& operator=(const JpegEncoder&) = delete;

    /// The compressed bytes; valid until the next call on this thread.
    std::string_view encode(const Rgb8Image& image, int quality, Chroma chroma) {
        requirePixels(image);
        if (quality < 1 || quality > 100) {
            throw Error(ErrorKind::Config, "JPEG quality " + std::to_string(quality) + " is not between 1 and 100");
        }
        const int sampling = chroma == Chroma::Yuv420 ? TJSAMP_420 : TJSAMP_444;
        const unsigned long bound = tjBufSize(image.width, image.height, sampling);
        if (bound == static_cast<unsigned long>(-1)) {
            throw Error(ErrorKind::Shape, "an image of " + std::to_string(image.width) + " x " + std::to_string(image.height) + " is too large for JPEG");
        }
        m_buffer.resize(std::max<std::size_t>(m_buffer.size(), bound));
        unsigned char* out = m_buffer.data();
        unsigned long size = bound;
        // Below quality 96 the library would otherwise take its fast DCT, which changes the byte count.
        constexpr int kFlags = TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC;
        if (tjCompress2(m_handle, image.pixels.data(), image.width, 0, image.height, TJPF_RGB, &out, &size, sampling, quality, kFlags) != 0) {
            throw Error(ErrorKind::Format, std::string("JPEG encoding failed: ") + tjGetErrorStr2(m_handle));
        }
        return {reinterpret_cast<const char*>(out), size};
    }

private:
    tjhandle m_handle;
    std::vector<unsigned char> m_buffer;
};

JpegEncoder& jpegEncoder() {
    thread_local JpegEncoder encoder;
    return encoder;
}

/// Reading is rare, so each image gets a decompressor of its own.
struct JpegDecoder {
    JpegDecoder() : handle(tjInitDecompress()) {}
    ~JpegDecoder() { tjDestroy(handle); }
    JpegDecoder(const JpegDecoder&) = delete;
    JpegDecoder& operator=(const JpegDecoder&) = delete;
    tjhandle handle;
};

constexpr std::string_view kPngStart = "\x89PNG", kJpegStart = "\xFF\xD8\xFF";

/// `flags`: PNG_IMAGE_FLAG_*.
std::string pngBytes(const Rgb8Image& image, png_uint_32 flags) {
    requirePixels(image);
    PngState state;
    state.image.width = static_cast<png_uint_32>(image.width);
    state.image.height = static_cast<png_uint_32>(image.height);
    state.image.format = PNG_FORMAT_RGB;
    state.image.flags = flags;
    // The bound that libpng documents for its simplified writer: stored deflate blocks plus headers.
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(state.image);
    std::string bytes(size, '\0');
    if (png_image_write_to_memory(&state.image, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0) {
        throw Error(ErrorKind::Format, std::string("PNG encoding failed: ") + state.image.message);
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace

std::string encodePng(const Rgb8Image& image, const std::vector<std::pair<std::string, std::string>>& text, int dpi) {
    std::string extra = dpi > 0 ? sizeChunk(dpi) : std::string();
    for (const auto& [keyword, value] : text) {
        extra += textChunk(keyword, value);
    }
    std::string bytes = pngBytes(image, 0);
    constexpr std::size_t kAfterHeader = 8 + 25;  // signature, IHDR chunk
    bytes.insert(kAfterHeader, extra);
    return bytes;
}

std::string encodePngFast(const Rgb8Image& image) {
    return pngBytes(image, PNG_IMAGE_FLAG_FAST);
}

Rgb8Image decodePng(std::string_view bytes) {
    PngReader reader(bytes);
    std::uint64_t width = 0, height = 0;
    if (!reader.readHeader(width, height)) {
        throw Error(ErrorKind::Format, "the bytes are not a PNG image: " + reader.problem());
    }
    requireFewPixels("PNG", width, height);
    Rgb8Image image{static_cast<int>(width), static_cast<int>(height), std::vector<std::uint8_t>(width * height * 3)};
    if (!reader.readRows(image.pixels.data(), width * 3, height)) {
        throw Error(ErrorKind::Format, "the PNG image is damaged: " + reader.problem());
    }
    return image;
}

Rgb8Image decodeJpeg(std::string_view bytes) {
    JpegDecoder decoder;
    const auto* raw = reinterpret_cast<const unsigned char*>(bytes.data());
    const auto size = static_cast<unsigned long>(bytes.size());
    Rgb8Image image;
    int sampling = 0, colours = 0;
    if (decoder.handle == nullptr || tjDecompressHeader3(decoder.handle, raw, size, &image.width, &image.height, &sampling, &colours) != 0) {
        throw Error(ErrorKind::Format, std::string("the bytes are not a JPEG image: ") + tjGetErrorStr2(decoder.handle));
    }
    if (colours == TJCS_CMYK || colours == TJCS_YCCK) {
        throw Error(ErrorKind::Format, "the JPEG image has the colours of a printer (CMYK); save it as RGB");
    }
    const auto width = static_cast<std::uint64_t>(image.width), height = static_cast<std::uint64_t>(image.height);
    requireFewPixels("JPEG", width, height);
    image.pixels.resize(width * height * 3);
    if (tjDecompress2(decoder.handle, raw, size, image.pixels.data(), image.width, 0, image.height, TJPF_RGB, TJFLAG_ACCURATEDCT) != 0) {
        throw Error(ErrorKind::Format, std::string("the JPEG image is damaged: ") + tjGetErrorStr2(decoder.handle));
    }
    return image;
}

Rgb8Image decodeImage(std::string_view bytes) {
    if (bytes.starts_with(kPngStart)) {
        return decodePng(bytes);
    }
    if (bytes.starts_with(kJpegStart)) {
        return decodeJpeg(bytes);
    }
    refuseLfsPointer(bytes, "the image file");
    throw Error(ErrorKind::Format, "neither a PNG nor a JPEG image");
}

std::string encodeJpeg(const Rgb8Image& image, int quality, Chroma chroma) {
    return std::string(jpegEncoder().encode(image, quality, chroma));
}

std::size_t jpegSize(const Rgb8Image& image, int quality, Chroma chroma) {
    return jpegEncoder().encode(image, quality, chroma).size();
}

}  // namespace rlcm::image
