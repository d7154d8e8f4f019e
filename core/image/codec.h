#pragma once
// PNG and JPEG through libpng and TurboJPEG. thread: any.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/image/rgb8_image.h"

namespace rlcm::image {

/// PNG bytes of an image, with optional tEXt entries (keyword, Latin-1 or UTF-8 via iTXt) and pixels per inch (0: not said).
std::string encodePng(const Rgb8Image& image, const std::vector<std::pair<std::string, std::string>>& text = {}, int dpi = 0);
/// The same image in half the time and about half as many bytes again: for bytes that are sent, not kept.
std::string encodePngFast(const Rgb8Image& image);
/// The stored numbers as 8-bit RGB, as Pillow gives them: of 16 bits the upper 8, gAMA and the other colour chunks without effect, alpha
/// dropped, palettes and grey expanded. Takes memory for the RGB and two rows. throws: Format when the bytes are no PNG, damaged, or have more
/// than 2^26 pixels.
Rgb8Image decodePng(std::string_view bytes);
/// throws: Format when the bytes are no JPEG, damaged, in CMYK, or have more than 2^26 pixels. Grey is converted to RGB.
Rgb8Image decodeJpeg(std::string_view bytes);
/// PNG or JPEG by their first bytes. throws: Format for anything else, and as the two above.
Rgb8Image decodeImage(std::string_view bytes);

enum class Chroma { Yuv420, Yuv444 };
/// JPEG bytes as Pillow writes them (baseline, default Huffman tables, accurate DCT); quality 1..100.
std::string encodeJpeg(const Rgb8Image& image, int quality, Chroma chroma = Chroma::Yuv420);
/// Number of bytes that encodeJpeg would return, without keeping them.
std::size_t jpegSize(const Rgb8Image& image, int quality, Chroma chroma = Chroma::Yuv420);

}  // namespace rlcm::image
