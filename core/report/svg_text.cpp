#include "core/report/svg_text.h"

#include <array>
#include <cmath>
#include <cstdio>

#include "core/report/html.h"

namespace rlcm::report {
namespace {

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

std::string hex(const Colour& colour) {
    const auto byte = [](double share) { return static_cast<unsigned>(std::lround(share * 255)); };
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "#%02x%02x%02x", byte(colour.red), byte(colour.green), byte(colour.blue));
    return text.data();
}

}  // namespace

void SvgText::add(const std::string& text, const Place& place, Align align) {
    const std::string x = number(place.x), y = number(place.y);
    m_elements += "<text x=\"" + x + "\" y=\"" + y + "\" font-size=\"" + number(m_size) + "\" fill=\"" + hex(m_colour) + "\"";
    m_elements += align == Align::Centre ? " text-anchor=\"middle\"" : align == Align::Right ? " text-anchor=\"end\"" : "";
    m_elements += m_isBold ? " font-weight=\"bold\"" : "";
    m_elements += place.isUpwards ? " transform=\"rotate(-90 " + x + " " + y + ")\"" : "";
    m_elements += ">" + escaped(text) + "</text>\n";
}

std::string SvgText::insertInto(std::string document, const std::string& title, double scale) const {
    const std::size_t end = document.rfind("</svg>"), root = document.find("<svg");
    const std::size_t start = document.find('>', root);
    if (end == std::string::npos || root == std::string::npos || start == std::string::npos) {
        return document;
    }
    document.insert(end, "<g transform=\"scale(" + number(scale) + ")\" font-family=\"DejaVu Sans, Verdana, sans-serif\">\n" + m_elements + "</g>\n");
    document.insert(start + 1, "\n<title>" + escaped(title) + "</title>");
    return document;
}

}  // namespace rlcm::report
