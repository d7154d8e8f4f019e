#pragma once
// A cairo surface with the few strokes that figures need. Inside core/report only.
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/image/rgb8_image.h"

typedef struct _cairo cairo_t;
typedef struct _cairo_surface cairo_surface_t;

namespace rlcm::report {

struct Colour {
    double red = 0, green = 0, blue = 0, alpha = 1;
};
/// Colour of a run as on the screen (kRunPalette); any index is folded into range.
Colour paletteColour(int index);

enum class Align { Left, Centre, Right };

/// Draws in pixels (1/96 inch on paper), origin at the top left. Owns the cairo objects. thread: one at a time.
class Canvas {
public:
    /// What the drawing becomes. Raster: read back with image(); the others: with document().
    enum class Kind { Raster, Pdf, Svg };

    /// throws: Config when a raster side is below 1 or above 32767 pixels.
    Canvas(Kind kind, int widthPx, int heightPx);
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
    bool isRaster() const { return m_isRaster; }

    /// The pixels of a raster canvas.
    image::Rgb8Image image();
    /// Ends a vector document and returns its bytes.
    std::string document();

private:
    struct Destroy {
        void operator()(cairo_t* context) const;
        void operator()(cairo_surface_t* surface) const;
    };
    bool m_isRaster;
    std::string m_bytes;
    std::unique_ptr<cairo_surface_t, Destroy> m_surface;
    std::unique_ptr<cairo_t, Destroy> m_context;
};

}  // namespace rlcm::report
