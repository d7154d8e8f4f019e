#include "core/report/canvas.h"

#include <array>
#include <cstdint>
#include <cstring>

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>

#include "core/base/error.h"

namespace rlcm::report {
namespace {

constexpr double kPointsPerPixel = 0.75;
constexpr int kLargestRasterSide = 32767;  // cairo's limit

cairo_status_t append(void* target, const unsigned char* bytes, unsigned int count) {
    static_cast<std::string*>(target)->append(reinterpret_cast<const char*>(bytes), count);
    return CAIRO_STATUS_SUCCESS;
}

cairo_surface_t* makeSurface(Canvas::Kind kind, int width, int height, std::string& bytes) {
    const double widthPt = width * kPointsPerPixel, heightPt = height * kPointsPerPixel;
    switch (kind) {
        case Canvas::Kind::Pdf: return cairo_pdf_surface_create_for_stream(append, &bytes, widthPt, heightPt);
        case Canvas::Kind::Svg: return cairo_svg_surface_create_for_stream(append, &bytes, widthPt, heightPt);
        case Canvas::Kind::Raster: break;
    }
    return cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
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

/// cairo stops at the first malformed byte, and control characters would draw boxes.
std::string drawable(std::string_view text) {
    std::string clean;
    while (!text.empty()) {
        const std::size_t length = sequenceLength(text);
        const bool isControl = static_cast<unsigned char>(text.front()) < 0x20;
        clean += length == 0 || isControl ? std::string(isControl ? " " : "?") : std::string(text.substr(0, length));
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return clean;
}

}  // namespace

Colour paletteColour(int index) {
    static constexpr std::array<std::array<int, 3>, 8> kColours{{{0, 114, 178},
                                                                 {213, 94, 0},
                                                                 {0, 158, 115},
                                                                 {204, 121, 167},
                                                                 {230, 159, 0},
                                                                 {86, 180, 233},
                                                                 {90, 90, 90},
                                                                 {160, 148, 20}}};
    const auto size = static_cast<int>(kColours.size());
    const auto& c = kColours[static_cast<std::size_t>(((index % size) + size) % size)];
    return {c[0] / 255.0, c[1] / 255.0, c[2] / 255.0, 1.0};
}

void Canvas::Destroy::operator()(cairo_t* context) const {
    cairo_destroy(context);
}
void Canvas::Destroy::operator()(cairo_surface_t* surface) const {
    cairo_surface_destroy(surface);
}

Canvas::Canvas(Kind kind, int widthPx, int heightPx) {
    const int largest = kind == Kind::Raster ? kLargestRasterSide : 200000;
    if (widthPx < 1 || heightPx < 1 || widthPx > largest || heightPx > largest) {
        throw Error(ErrorKind::Config, "a figure of " + std::to_string(widthPx) + " x " + std::to_string(heightPx) +
                                           " pixels cannot be drawn; each side must be 1 to " + std::to_string(largest));
    }
    m_surface.reset(makeSurface(kind, widthPx, heightPx, m_bytes));
    m_context.reset(cairo_create(m_surface.get()));
    if (const cairo_status_t status = cairo_status(m_context.get()); status != CAIRO_STATUS_SUCCESS) {
        throw Error(ErrorKind::Io, std::string("cannot draw a figure: ") + cairo_status_to_string(status));
    }
    if (kind != Kind::Raster) {
        cairo_scale(m_context.get(), kPointsPerPixel, kPointsPerPixel);
    }
}

Canvas::~Canvas() = default;

void Canvas::setColour(const Colour& colour) {
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
}

double Canvas::textWidth(std::string_view text) const {
    cairo_text_extents_t extents;
    cairo_text_extents(m_context.get(), drawable(text).c_str(), &extents);
    return extents.x_advance;
}

std::string Canvas::elided(std::string_view text, double width) const {
    std::string clean = drawable(text);
    if (textWidth(clean) <= width) {
        return clean;
    }
    const std::string ellipsis = "\u2026";
    while (!clean.empty() && textWidth(clean + ellipsis) > width) {
        std::size_t last = clean.size() - 1;  // start of the last character: skip its continuation bytes
        while (last > 0 && (static_cast<unsigned char>(clean[last]) & 0xC0) == 0x80) {
            --last;
        }
        clean.resize(last);
    }
    return clean + ellipsis;
}

void Canvas::drawText(std::string_view text, double x, double y, Align align) {
    const double width = align == Align::Left ? 0 : textWidth(text);
    cairo_move_to(native(), align == Align::Right ? x - width : align == Align::Centre ? x - width / 2 : x, y);
    cairo_show_text(native(), drawable(text).c_str());
}

void Canvas::drawTextUpwards(std::string_view text, double x, double y) {
    const double width = textWidth(text);
    cairo_save(native());
    cairo_translate(native(), x, y + width / 2);
    cairo_rotate(native(), -1.5707963267948966);
    cairo_move_to(native(), 0, 0);
    cairo_show_text(native(), drawable(text).c_str());
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

std::string Canvas::document() {
    cairo_show_page(native());
    cairo_surface_finish(m_surface.get());
    if (const cairo_status_t status = cairo_surface_status(m_surface.get()); status != CAIRO_STATUS_SUCCESS) {
        throw Error(ErrorKind::Io, std::string("cannot finish the figure: ") + cairo_status_to_string(status));
    }
    return m_bytes;
}

}  // namespace rlcm::report
