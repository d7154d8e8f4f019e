#include "core/study/dot_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

#include "core/base/number_text.h"
#include "core/base/run_palette.h"
#include "core/report/html.h"

namespace rlcm::study {
namespace {

constexpr double kWidth = 760, kLabel = 230, kRight = 20, kRow = 30, kTop = 8, kFoot = 46, kTicks = 6;
constexpr std::size_t kLongestLabel = 32;  // bytes that surely fit beside the plot

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

std::string colourOf(int index) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "#%06x", static_cast<unsigned>(kRunPalette[static_cast<std::size_t>(index) % kRunPalette.size()]));
    return text.data();
}

std::string line(double x0, double y0, double x1, double y1, const std::string& style) {
    return "<line x1=\"" + number(x0) + "\" y1=\"" + number(y0) + "\" x2=\"" + number(x1) + "\" y2=\"" + number(y1) + "\" " + style + "/>\n";
}

std::string text(double x, double y, const std::string& words, const std::string& anchor) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor + "\">" + report::escaped(words) + "</text>\n";
}

/// A horizontal axis over all that is drawn.
struct Scale {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity(), step = 1;

    void hold(double value) {
        low = std::isfinite(value) ? std::min(low, value) : low;
        high = std::isfinite(value) ? std::max(high, value) : high;
    }
    void round() {
        const double margin = high > low ? 0.05 * (high - low) : std::max(0.05 * std::abs(high), 1e-6);
        low -= margin;
        high += margin;
        const double rough = (high - low) / kTicks, decade = std::pow(10, std::floor(std::log10(rough)));
        const double part = rough / decade;
        step = decade * (part > 5 ? 10 : part > 2 ? 5 : part > 1 ? 2 : 1);
    }
    double place(double value) const { return kLabel + (value - low) / (high - low) * (kWidth - kLabel - kRight); }
};

/// The end of a long name, which is where cells differ.
std::string elided(const std::string& name) {
    if (name.size() <= kLongestLabel) {
        return name;
    }
    std::size_t from = name.size() - kLongestLabel;
    while (from < name.size() && (static_cast<unsigned char>(name[from]) & 0xC0U) == 0x80U) {
        ++from;  // not half of a character
    }
    return "\u2026" + name.substr(from);
}

std::string drawAxis(const Scale& scale, double bottom, const std::string& title) {
    std::string svg;
    const double largest = std::max(std::abs(scale.low), std::abs(scale.high));
    for (double tick = std::ceil(scale.low / scale.step) * scale.step; tick <= scale.high; tick += scale.step) {
        const double at = std::abs(tick) < scale.step / 1e6 ? 0 : tick;
        svg += line(scale.place(at), kTop, scale.place(at), bottom, "stroke=\"#e3e7ed\"");
        svg += text(scale.place(at), bottom + 16, tickText(at, scale.step, largest), "middle");
    }
    return svg + text((kLabel + kWidth - kRight) / 2, bottom + 36, title, "middle");
}

std::string drawRow(const DotRow& row, const Scale& scale, double y) {
    const std::string colour = colourOf(row.colour);
    std::string svg = text(kLabel - 12, y + 5, elided(row.label), "end");
    std::vector<double> finite;
    std::copy_if(row.values.begin(), row.values.end(), std::back_inserter(finite), [](double value) { return std::isfinite(value); });
    if (row.interval) {
        svg +=
            line(scale.place(row.interval->low), y, scale.place(row.interval->high), y, "stroke=\"" + colour + "\" stroke-width=\"3\" stroke-opacity=\".45\"");
    }
    for (const double value : finite) {
        svg += "<circle cx=\"" + number(scale.place(value)) + "\" cy=\"" + number(y) + "\" r=\"4\" fill=\"" + colour + "\" fill-opacity=\".75\"/>\n";
    }
    if (!finite.empty()) {
        const double mean = std::accumulate(finite.begin(), finite.end(), 0.0) / static_cast<double>(finite.size());
        svg += line(scale.place(mean), y - 9, scale.place(mean), y + 9, "stroke=\"" + colour + "\" stroke-width=\"3\"");
    }
    return svg;
}

}  // namespace

std::string dotPlot(const std::vector<DotRow>& rows, const std::string& axisTitle) {
    Scale scale;
    for (const DotRow& row : rows) {
        std::for_each(row.values.begin(), row.values.end(), [&](double value) { scale.hold(value); });
    }
    if (!std::isfinite(scale.low)) {
        return {};
    }
    for (const DotRow& row : rows) {
        if (row.interval) {
            scale.hold(row.interval->low);
            scale.hold(row.interval->high);
        }
    }
    scale.round();
    const double bottom = kTop + kRow * static_cast<double>(rows.size());
    std::string svg = "<svg viewBox=\"0 0 " + number(kWidth) + " " + number(bottom + kFoot) + "\" width=\"" + number(kWidth) + "\" height=\"" +
                      number(bottom + kFoot) + "\" font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\" fill=\"#1d2430\">\n";
    svg += drawAxis(scale, bottom, axisTitle);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        svg += drawRow(rows[i], scale, kTop + kRow * (static_cast<double>(i) + 0.5));
    }
    return svg + "</svg>\n";
}

}  // namespace rlcm::study
