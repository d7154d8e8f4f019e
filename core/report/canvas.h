#pragma once
// A cairo surface with the few strokes that figures need. Inside core/report only.
#include <memory>
#include <string>
#include <string_view>

#include "core/image/rgb8_image.h"
#include "core/report/svg_text.h"

typedef struct _cairo cairo_t;
typedef struct _cairo_surface cairo_surface_t;

namespace rlcm::report {

/// Colour of a run as on the screen (kRunPalette); any index is folded into range.
Colour paletteColour(int index);

/// Draws in pixels (1/96 inch on paper), origin at the top left. Owns the cairo objects. thread: one at a time.
class Canvas {
public:
    /// What the drawing becomes. Raster: read back with image(); the others: with document().
    enum class Kind { Raster, Pdf, Svg };

    /// `dotsPerPixel`: of a raster; its sides are rounded to whole dots. throws: Config when such a side is below 1 or above 32767.
    Canvas(Kind kind, double widthPx, double heightPx, double dotsPerPixel = 1);
    ~Canvas();
    Canvas(const Canvas&) = delete;
    Canvas& operator=(const Canvas&) = delete;

    void setColour(const Colour& colour);
    void fillRectangle(double x, double y, double width, double height);
    void strokeLine(double x0, double y0, double x1, double y1, double lineWidth);
    void setFont(double sizePx, bool isBold = false);
    /// Width of one line of text in the current font.
    double textWidth(std::string_view text) const;
    /// `text` itself, or its beginning with an ellipsis so that it is at most `width` wide.
    std::string elided(std::string_view text, double width) const;
    /// As elided, but with the middle left out: names often differ at their ends only.
    std::string elidedInTheMiddle(std::string_view text, double width) const;
    /// One line of text with its baseline at y. Bytes that are not UTF-8 are shown as question marks.
    void drawText(std::string_view text, double x, double y, Align align = Align::Left);
    /// One line of text read from bottom to top, centred on (x, y).
    void drawTextUpwards(std::string_view text, double x, double y);
    cairo_t* native() { return m_context.get(); }
    /// What is shorter cannot be seen.
    double leastLength() const { return m_kind == Kind::Raster ? 1 / m_dotsPerPixel : 0.125; }

    /// The pixels of a raster canvas.
    image::Rgb8Image image();
    /// Ends a vector document and returns its bytes; `title` is its title for programs that show or read it. Text in SVG is text.
    std::string document(const std::string& title);

private:
    struct Destroy {
        void operator()(cairo_t* context) const;
        void operator()(cairo_surface_t* surface) const;
    };
    Kind m_kind;
    double m_dotsPerPixel;
    SvgText m_svgText;  ///< cairo would write it as outlines
    std::string m_bytes;
    std::unique_ptr<cairo_surface_t, Destroy> m_surface;
    std::unique_ptr<cairo_t, Destroy> m_context;
};

}  // namespace rlcm::report
