#pragma once
// Text of an SVG document as text, so that it can be searched, read aloud and edited; cairo alone writes outlines. Inside core/report only.
#include <string>

namespace rlcm::report {

struct Colour {
    double red = 0, green = 0, blue = 0, alpha = 1;
};

enum class Align { Left, Centre, Right };

/// Collects lines of text above everything that is drawn.
class SvgText {
public:
    struct Place {
        double x = 0, y = 0;
        bool isUpwards = false;  ///< read from bottom to top
    };
    void setColour(const Colour& colour) { m_colour = colour; }
    void setFont(double sizePx, bool isBold) {
        m_size = sizePx;
        m_isBold = isBold;
    }
    /// One line of UTF-8 with its baseline at the place.
    void add(const std::string& text, const Place& place, Align align);
    /// The document with the title and all text in it; places are multiplied by `scale`.
    std::string insertInto(std::string document, const std::string& title, double scale) const;

private:
    Colour m_colour;
    double m_size = 10;
    bool m_isBold = false;
    std::string m_elements;
};

}  // namespace rlcm::report
