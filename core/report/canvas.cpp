#include "core/report/canvas.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#include "core/base/error.h"
#include "core/base/run_palette.h"

namespace rlcm::report {
namespace {

constexpr double kPointsPerPixel = 0.75;
constexpr int kLargestRasterSide = 32767;  // cairo's limit

cairo_status_t append(void* target, const unsigned char* bytes, unsigned int count) {
    static_cast<std::string*>(target)->append(reinterpret_cast<const char*>(bytes), count);
    return CAIRO_STATUS_SUCCESS;
}

cairo_surface_t* makeSurface(Canvas::Kind kind, double width, double height, std::string& bytes) {
    const double widthPt = width * kPointsPerPixel, heightPt = height * kPointsPerPixel;
    switch (kind) {
        case Canvas::Kind::Pdf:
            return cairo_pdf_surface_create_for_stream(append, &bytes, widthPt, heightPt);
        case Canvas::Kind::Svg:
            return cairo_svg_surface_create_for_stream(append, &bytes, widthPt, heightPt);
        case Canvas::Kind::Raster:
            break;
    }
    return cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width), static_cast<int>(height));
}

/// Length of the well-formed UTF-8 sequence at the start of `text`, or 0.
std::size_t sequenceLength(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
    if (length == 0 || text.size() < length) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

/// The characters of a text as cairo can draw them: it stops at the first malformed byte, and control characters would draw boxes.
/// At most `most` of them: nothing that is drawn is wider, and a prompt may be a megabyte.
std::vector<std::string> characters(std::string_view text, std::size_t most) {
    std::vector<std::string> result;
    while (!text.empty() && result.size() < most) {
        const std::size_t length = sequenceLength(text);
        const bool isControl = static_cast<unsigned char>(text.front()) < 0x20;
        result.push_back(length == 0 || isControl ? std::string(isControl ? " " : "?") : std::string(text.substr(0, length)));
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return result;
}

std::string joined(const std::vector<std::string>& parts, std::size_t first, std::size_t count) {
    std::string text;
    for (std::size_t i = first; i < first + count; ++i) {
        text += parts[i];
    }
    return text;
}

std::string drawable(std::string_view text) {
    const std::vector<std::string> parts = characters(text, text.size());
    return joined(parts, 0, parts.size());
}

/// The largest n in [0, most] for which `fits` holds; it holds for all below that.
template <typename Fits>
std::size_t largestFit(std::size_t most, const Fits& fits) {
    std::size_t low = 0, high = most;
    while (low < high) {
        const std::size_t middle = (low + high + 1) / 2;
        fits(middle) ? low = middle : high = middle - 1;
    }
    return low;
}

constexpr const char* kEllipsis = "\u2026";

}  // namespace

Colour paletteColour(int index) {
    const auto size = static_cast<int>(kRunPalette.size());
    const std::uint32_t rgb = kRunPalette[static_cast<std::size_t>(((index % size) + size) % size)];
    return {(rgb >> 16 & 0xFF) / 255.0, (rgb >> 8 & 0xFF) / 255.0, (rgb & 0xFF) / 255.0, 1.0};
}

void Canvas::Destroy::operator()(cairo_t* context) const {
    cairo_destroy(context);
}
void Canvas::Destroy::operator()(cairo_surface_t* surface) const {
    cairo_surface_destroy(surface);
}

Canvas::Canvas(Kind kind, double widthPx, double heightPx, double dotsPerPixel) : m_kind(kind), m_dotsPerPixel(dotsPerPixel) {
    const bool isRaster = kind == Kind::Raster;
    const double width = isRaster ? std::round(widthPx * dotsPerPixel) : widthPx, height = isRaster ? std::round(heightPx * dotsPerPixel) : heightPx;
    const int largest = isRaster ? kLargestRasterSide : 200000;
    if (!(width >= 1 && height >= 1 && width <= largest && height <= largest)) {
        throw Error(ErrorKind::Config, "a figure of " + std::to_string(std::lround(width)) + " x " + std::to_string(std::lround(height)) +
                                           " pixels cannot be drawn; each side must be 1 to " + std::to_string(largest));
    }
    m_surface.reset(makeSurface(kind, width, height, m_bytes));
    m_context.reset(cairo_create(m_surface.get()));
    if (const cairo_status_t status = cairo_status(m_context.get()); status != CAIRO_STATUS_SUCCESS) {
        throw Error(ErrorKind::Io, std::string("cannot draw a figure: ") + cairo_status_to_string(status));
    }
    const double scale = isRaster ? dotsPerPixel : kPointsPerPixel;
    cairo_scale(m_context.get(), scale, scale);
}

Canvas::~Canvas() = default;

void Canvas::setColour(const Colour& colour) {
    m_svgText.setColour(colour);
    cairo_set_source_rgba(native(), colour.red, colour.green, colour.blue, colour.alpha);
}

void Canvas::fillRectangle(double x, double y, double width, double height) {
    cairo_rectangle(native(), x, y, width, height);
    cairo_fill(native());
}

void Canvas::strokeLine(double x0, double y0, double x1, double y1, double lineWidth) {
    cairo_set_line_width(native(), lineWidth);
    cairo_move_to(native(), x0, y0);
    cairo_line_to(native(), x1, y1);
    cairo_stroke(native());
}

void Canvas::setFont(double sizePx, bool isBold) {
    cairo_select_font_face(native(), "sans", CAIRO_FONT_SLANT_NORMAL, isBold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(native(), sizePx);
    m_svgText.setFont(sizePx, isBold);
}

double Canvas::textWidth(std::string_view text) const {
    cairo_text_extents_t extents;
    cairo_text_extents(m_context.get(), drawable(text).c_str(), &extents);
    return extents.x_advance;
}

std::string Canvas::elided(std::string_view text, double width) const {
    // A character is at least about a pixel wide.
    const std::vector<std::string> parts = characters(text, static_cast<std::size_t>(std::max(0.0, width)) + 2);
    std::string whole = joined(parts, 0, parts.size());
    const bool isCut = characters(text, parts.size() + 1).size() > parts.size();
    if (!isCut && textWidth(whole) <= width) {
        return whole;
    }
    const std::size_t kept = largestFit(parts.size(), [&](std::size_t n) { return textWidth(joined(parts, 0, n) + kEllipsis) <= width; });
    return joined(parts, 0, kept) + kEllipsis;
}

std::string Canvas::elidedInTheMiddle(std::string_view text, double width) const {
    constexpr std::size_t kMost = 4096;  // of a name
    const std::vector<std::string> parts = characters(text, kMost);
    std::string whole = joined(parts, 0, parts.size());
    if (textWidth(whole) <= width) {
        return whole;
    }
    const auto shortened = [&](std::size_t n) { return joined(parts, 0, n - n / 2) + kEllipsis + joined(parts, parts.size() - n / 2, n / 2); };
    return shortened(largestFit(parts.size(), [&](std::size_t n) { return textWidth(shortened(n)) <= width; }));
}

void Canvas::drawText(std::string_view text, double x, double y, Align align) {
    const std::string shown = drawable(text);
    if (m_kind == Kind::Svg) {
        m_svgText.add(shown, {x, y}, align);
        return;
    }
    const double width = align == Align::Left ? 0 : textWidth(text);
    cairo_move_to(native(), align == Align::Right ? x - width : align == Align::Centre ? x - width / 2 : x, y);
    cairo_show_text(native(), shown.c_str());
}

void Canvas::drawTextUpwards(std::string_view text, double x, double y) {
    const std::string shown = drawable(text);
    if (m_kind == Kind::Svg) {
        m_svgText.add(shown, {x, y, true}, Align::Centre);
        return;
    }
    cairo_save(native());
    cairo_translate(native(), x, y + textWidth(text) / 2);
    cairo_rotate(native(), -1.5707963267948966);
    cairo_move_to(native(), 0, 0);
    cairo_show_text(native(), shown.c_str());
    cairo_restore(native());
}

image::Rgb8Image Canvas::image() {
    cairo_surface_flush(m_surface.get());
    image::Rgb8Image result{cairo_image_surface_get_width(m_surface.get()), cairo_image_surface_get_height(m_surface.get()), {}};
    const unsigned char* data = cairo_image_surface_get_data(m_surface.get());
    const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(m_surface.get()));
    result.pixels.reserve(static_cast<std::size_t>(result.width) * static_cast<std::size_t>(result.height) * 3);
    for (std::size_t y = 0; y < static_cast<std::size_t>(result.height); ++y) {
        for (std::size_t x = 0; x < static_cast<std::size_t>(result.width); ++x) {
            std::uint32_t pixel = 0;
            std::memcpy(&pixel, data + y * stride + x * sizeof(pixel), sizeof(pixel));
            for (const unsigned shift : {16u, 8u, 0u}) {
                result.pixels.push_back(static_cast<std::uint8_t>(pixel >> shift & 0xFFu));
            }
        }
    }
    return result;
}

std::string Canvas::document(const std::string& title) {
    if (m_kind == Kind::Pdf) {
        cairo_pdf_surface_set_metadata(m_surface.get(), CAIRO_PDF_METADATA_TITLE, drawable(title).c_str());
    }
    cairo_show_page(native());
    cairo_surface_finish(m_surface.get());
    if (const cairo_status_t status = cairo_surface_status(m_surface.get()); status != CAIRO_STATUS_SUCCESS) {
        throw Error(ErrorKind::Io, std::string("cannot finish the figure: ") + cairo_status_to_string(status));
    }
    return m_kind == Kind::Svg ? m_svgText.insertInto(m_bytes, drawable(title), kPointsPerPixel) : m_bytes;
}

}  // namespace rlcm::report
