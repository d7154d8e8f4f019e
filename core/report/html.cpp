#include "core/report/html.h"

#include <algorithm>

#include "core/base/base64.h"
#include "core/base/plain_text.h"
#include "core/image/codec.h"
#include "core/image/resize.h"

namespace rlcm::report {
namespace {

constexpr int kLargestSide = 128;  // pixels of an image that is kept as it is
constexpr int kJpegQuality = 90;

constexpr std::string_view kStyle = R"css(
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: #1d2430; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #d8dde5; padding-bottom: .2rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p.question { font-size: 1.1rem; margin: 0 0 1rem; }
p.note, td.note, figcaption { color: #4c5a6b; font-size: .9rem; }
ul.answers { list-style: none; padding: 0; }
ul.answers li { border-left: 4px solid #9aa5b4; padding: .35rem .8rem; margin: .5rem 0; background: #f5f7fa; }
ul.answers li.shown { border-color: #0b8a6b; }
ul.answers li.few_seeds { border-color: #9a7400; }
ul.answers b { display: block; font-size: .8rem; letter-spacing: .03em; color: #4c5a6b; }
table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid #e3e7ed; vertical-align: top; }
th:first-child, td:first-child { text-align: left; white-space: nowrap; }
table.images th { white-space: normal; }
table.images td, table.images th { padding: .2rem; text-align: center; font-size: .75rem; font-weight: normal; border: 0; }
table.images th:first-child { text-align: right; padding-right: .6rem; max-width: 9rem; }
table.images img { display: block; width: 96px; height: 96px; image-rendering: pixelated; margin: 0 auto; }
div.wide { overflow-x: auto; }
figure { margin: .8rem 0 1.4rem; break-inside: avoid; }
figure svg, img.wide { max-width: 100%; height: auto; display: block; }
tr, li { break-inside: avoid; }
h2, h3 { break-after: avoid; }
@media print { body { max-width: none; margin: 0; font-size: 11pt; } table { font-size: 8pt; } th, td { padding: .2rem .35rem; overflow-wrap: anywhere; } div.wide { overflow: visible; } table.images img { width: 64px; height: 64px; } }
)css";

/// The bytes of a picture as an address, scaled down where a side is longer than `largest`.
std::string dataOf(const std::string& png, int largest) {
    std::string bytes = png, type = "png";
    if (const image::Rgb8Image picture = image::decodePng(png); picture.width > largest || picture.height > largest) {
        const double scale = static_cast<double>(largest) / std::max(picture.width, picture.height);
        const auto side = [scale](int pixels) { return std::max(1, static_cast<int>(pixels * scale)); };
        bytes = image::encodeJpeg(image::resizeBicubic(picture, side(picture.width), side(picture.height)), kJpegQuality, image::Chroma::Yuv444);
        type = "jpeg";
    }
    return "data:image/" + type + ";base64," + base64(bytes);
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
        }
    }
    return result;
}

std::string htmlTable(const std::vector<std::vector<std::string>>& rows) {
    std::string html = "<div class=\"wide\"><table>\n";
    for (std::size_t row = 0; row < rows.size(); ++row) {
        html += "<tr>";
        for (std::size_t column = 0; column < rows[row].size(); ++column) {
            const std::string tag = row == 0 || column == 0 ? "th" : "td";
            html += "<" + tag + ">" + escaped(rows[row][column]) + "</" + tag + ">";
        }
        html += "</tr>\n";
    }
    return html + "</table></div>\n";
}

std::string section(std::string_view title, const std::string& content) {
    return content.empty() ? "" : "<section>\n<h2>" + escaped(title) + "</h2>\n" + content + "</section>\n";
}

std::string htmlList(const std::vector<std::string>& items) {
    std::string html;
    for (const std::string& item : items) {
        html += "<li>" + escaped(item) + "</li>\n";
    }
    return html.empty() ? "" : "<ul>\n" + html + "</ul>\n";
}

std::string inlineSvg(const std::string& document, const std::string& prefix) {
    std::string svg = document.substr(std::min(document.find("<svg"), document.size()));
    svg = replaced(std::move(svg), " id=\"", " id=\"" + prefix);
    svg = replaced(std::move(svg), "url(#", "url(#" + prefix);
    return replaced(std::move(svg), "href=\"#", "href=\"#" + prefix);
}

std::string inlineImage(const std::string& png, std::string_view description) {
    return "<img alt=\"" + escaped(description) + "\" src=\"" + dataOf(png, kLargestSide) + "\">";
}

std::string inlinePicture(const std::string& png, std::string_view description, int widest) {
    return "<img class=\"wide\" alt=\"" + escaped(description) + "\" src=\"" + dataOf(png, widest) + "\">\n";
}

std::string htmlPage(std::string_view title, const std::string& body) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<link rel=\"icon\" href=\"data:,\">\n<title>" +
           escaped(title) + "</title>\n<style>" + std::string(kStyle) + "</style>\n</head>\n<body>\n" + body + "</body>\n</html>\n";
}

}  // namespace rlcm::report
