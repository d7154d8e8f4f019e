#include "core/report/figure.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <set>

#include <cairo.h>

#include "core/base/error.h"
#include "core/report/axis.h"
#include "core/report/line_path.h"

namespace rlcm::report {
namespace {

constexpr Colour kInk{0.13, 0.13, 0.13, 1}, kSoftInk{0.35, 0.35, 0.35, 1}, kGrid{0.90, 0.90, 0.90, 1}, kFrame{0.62, 0.62, 0.62, 1};
constexpr double kLeastPlotShare = 0.45;  ///< of the height of the figure
constexpr int kMostColumns = 6;
constexpr double kSwatch = 30, kSwatchGap = 8, kEntryGap = 22;
constexpr double kDotRadius = 3.6, kFullTurn = 6.2831853071795862;

struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;
    double width() const { return right - left; }
    double height() const { return bottom - top; }
};

/// Dash patterns: solid first, then ever finer ones.
void setDash(Canvas& canvas, int dash) {
    static const std::vector<std::vector<double>> kPatterns{{}, {7, 4}, {2, 3}, {9, 3, 2, 3}, {12, 4}, {9, 3, 2, 3, 2, 3}, {4, 2}};
    const std::vector<double>& pattern = kPatterns[static_cast<std::size_t>(dash) % kPatterns.size()];
    cairo_set_dash(canvas.native(), pattern.data(), static_cast<int>(pattern.size()), 0);
}

// --- legend

struct Entry {
    double x = 0, y = 0;
    std::string label;
    const Line* line = nullptr;
};
struct Legend {
    std::vector<Entry> entries;
    double height = 0;
    bool isToldApart = true;
};

std::vector<const Line*> linesOf(const Figure& figure) {
    std::vector<const Line*> lines;
    for (const Panel& panel : figure.panels) {
        for (const Line& line : panel.lines) {
            lines.push_back(&line);
        }
    }
    return lines;
}

/// `columns` 0: whole names one after the other; otherwise even columns with names cut in the middle.
Legend layOutLegend(const Canvas& canvas, const std::vector<const Line*>& lines, const Box& area, double font, int columns) {
    Legend legend;
    std::set<std::string> seen;
    const double pitch = columns == 0 ? area.width() : (area.width() + kEntryGap) / columns;
    const double room = (columns == 0 ? pitch : pitch - kEntryGap) - kSwatch - kSwatchGap;
    double x = area.left, y = area.top;
    for (const Line* line : lines) {
        Entry entry{0, 0, canvas.elidedInTheMiddle(line->label, room), line};
        const double width = columns == 0 ? kSwatch + kSwatchGap + canvas.textWidth(entry.label) + kEntryGap : pitch;
        if (x > area.left && x + width - kEntryGap > area.right + 1e-6) {
            x = area.left;
            y += font * 1.6;
        }
        entry.x = x;
        entry.y = y;
        legend.isToldApart = seen.insert(entry.label).second && legend.isToldApart;
        legend.entries.push_back(std::move(entry));
        x += width;
    }
    legend.height = y + font * 2.0 - area.top;
    return legend;
}

Legend makeLegend(const Canvas& canvas, const Figure& figure, const Box& area, double font, double mostHeight) {
    const std::vector<const Line*> lines = linesOf(figure);
    for (const int columns : {0, 2, 3, 4, 5, kMostColumns}) {
        Legend legend = layOutLegend(canvas, lines, area, font, columns);
        if (legend.isToldApart && legend.height <= mostHeight) {
            return legend;
        }
    }
    throw Error(ErrorKind::Config, "the figure has no room for " + std::to_string(lines.size()) +
                                       " lines and a legend that tells them apart; choose a larger figure, or fewer runs or scalars");
}

void drawLegend(Canvas& canvas, const Legend& legend, double font) {
    for (const Entry& entry : legend.entries) {
        const double middle = entry.y + font * 0.65;
        canvas.setColour(entry.line->colour);
        setDash(canvas, entry.line->dash);
        canvas.strokeLine(entry.x, middle, entry.x + kSwatch, middle, entry.line->isSparse ? 2.4 : 1.3);
        setDash(canvas, 0);
        if (entry.line->isSparse) {
            cairo_arc(canvas.native(), entry.x + kSwatch / 2, middle, kDotRadius, 0, kFullTurn);
            cairo_fill(canvas.native());
        }
        canvas.setColour(kInk);
        canvas.drawText(entry.label, entry.x + kSwatch + kSwatchGap, entry.y + font);
    }
}

// --- axes and lines

struct Range {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
    void add(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

Axis xAxisOf(const Figure& figure, double width) {
    Range range;
    for (const Line* line : linesOf(figure)) {
        for (std::size_t i = 0; i < line->x.size(); ++i) {
            if (std::isfinite(line->y[i])) {
                range.add(line->x[i]);
            }
        }
    }
    return makeAxis(range.low, range.high, std::clamp(static_cast<int>(width / 80), 2, 12), 0.0);
}

Axis yAxisOf(const Panel& panel, double height) {
    Range range;
    for (const Line& line : panel.lines) {
        for (const double value : line.y) {
            if (std::isfinite(value)) {
                range.add(value);
            }
        }
    }
    return makeAxis(range.low, range.high, std::clamp(static_cast<int>(height / 45), 2, 12), 0.05);
}

void drawAxes(Canvas& canvas, const Axis& xAxis, const Axis& yAxis, const Box& box, double font, bool hasXLabels) {
    canvas.setFont(font);
    for (const double tick : yAxis.ticks) {
        const double y = box.bottom - yAxis.fraction(tick) * box.height();
        canvas.setColour(kGrid);
        canvas.strokeLine(box.left, y, box.right, y, 1);
        canvas.setColour(kSoftInk);
        canvas.drawText(yAxis.label(tick), box.left - 9, y + font * 0.36, Align::Right);
    }
    for (const double tick : xAxis.ticks) {
        const double x = box.left + xAxis.fraction(tick) * box.width();
        canvas.setColour(kGrid);
        canvas.strokeLine(x, box.top, x, box.bottom, 1);
        if (hasXLabels) {
            canvas.setColour(kSoftInk);
            canvas.drawText(xAxis.label(tick), x, box.bottom + font * 1.5, Align::Centre);
        }
    }
    canvas.setColour(kFrame);
    canvas.strokeLine(box.left, box.bottom, box.right, box.bottom, 1);
    canvas.strokeLine(box.left, box.top, box.left, box.bottom, 1);
}

void drawLine(Canvas& canvas, const Line& line, const Axis& xAxis, const Axis& yAxis, const Box& box) {
    cairo_t* context = canvas.native();
    LinePath path(canvas.isRaster() ? 1.0 : 0.125);
    for (std::size_t i = 0; i < line.x.size(); ++i) {
        if (std::isfinite(line.y[i])) {
            path.add(box.left + xAxis.fraction(line.x[i]) * box.width(), box.bottom - yAxis.fraction(line.y[i]) * box.height());
        } else {
            path.addGap();
        }
    }
    path.finish();
    setDash(canvas, line.dash);
    cairo_set_line_width(context, line.isSparse ? 2.4 : 1.3);
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
    Colour colour = line.colour;
    colour.alpha = line.isSparse ? 1.0 : 0.7;
    canvas.setColour(colour);
    for (const auto& piece : path.pieces()) {
        cairo_move_to(context, piece.front().x, piece.front().y);
        for (const Point& point : piece) {
            cairo_line_to(context, point.x, point.y);
        }
        cairo_stroke(context);
    }
    setDash(canvas, 0);
    // Every measurement of a sparse line while they can be told apart; of any line those without a neighbour.
    std::vector<Point> dots = path.lonePoints();
    if (line.isSparse && path.count() * 5 < static_cast<std::size_t>(box.width())) {
        for (const auto& piece : path.pieces()) {
            dots.insert(dots.end(), piece.begin(), piece.end());
        }
    }
    for (const Point& dot : dots) {
        cairo_arc(context, dot.x, dot.y, line.isSparse ? kDotRadius : kDotRadius * 0.7, 0, kFullTurn);
        cairo_fill(context);
    }
}

}  // namespace

void drawFigure(Canvas& canvas, const Figure& figure, int width, int height) {
    const double font = std::clamp(std::min(width, height) / 48.0, 10.0, 20.0);
    canvas.setColour({1, 1, 1, 1});
    canvas.fillRectangle(0, 0, width, height);
    canvas.setFont(font);
    const Box page{font * 2, font, width - font * 2, height - font * 4.2};
    const Legend legend = makeLegend(canvas, figure, page, font, page.height() - font - height * kLeastPlotShare);
    const double top = page.top + legend.height + font * 0.4, gap = font * 1.4;
    const auto count = static_cast<double>(figure.panels.size());
    const double panelHeight = (page.bottom - top - gap * (count - 1)) / count;
    if (panelHeight < font * 6) {
        throw Error(ErrorKind::Config, "a figure of " + std::to_string(width) + " x " + std::to_string(height) + " pixels has no room for " +
                                           std::to_string(figure.panels.size()) + " axes, one for each unit; choose a larger figure or fewer scalars");
    }
    std::vector<Axis> yAxes;
    double widest = 0;
    for (const Panel& panel : figure.panels) {
        yAxes.push_back(yAxisOf(panel, panelHeight));
        for (const double tick : yAxes.back().ticks) {
            widest = std::max(widest, canvas.textWidth(yAxes.back().label(tick)));
        }
    }
    const double left = widest + font * 3.4;
    const Axis xAxis = xAxisOf(figure, page.right - left);
    for (std::size_t i = 0; i < figure.panels.size(); ++i) {
        const double panelTop = top + static_cast<double>(i) * (panelHeight + gap);
        const Box box{left, panelTop, page.right, panelTop + panelHeight};
        drawAxes(canvas, xAxis, yAxes[i], box, font, i + 1 == figure.panels.size());
        for (const Line& line : figure.panels[i].lines) {
            drawLine(canvas, line, xAxis, yAxes[i], box);
        }
        canvas.setColour(kInk);
        canvas.setFont(font * 1.1);
        const double scale = box.height() / std::max(1.0, canvas.textWidth(figure.panels[i].title));
        canvas.setFont(font * 1.1 * std::clamp(scale, 0.75, 1.0));
        canvas.drawTextUpwards(canvas.elided(figure.panels[i].title, box.height()), font * 1.6, (box.top + box.bottom) / 2);
    }
    canvas.setFont(font);
    drawLegend(canvas, legend, font);
    canvas.setColour(kInk);
    canvas.setFont(font * 1.1);
    canvas.drawText(canvas.elided(figure.xTitle, page.right - left), (left + page.right) / 2, height - font * 0.9, Align::Centre);
}

}  // namespace rlcm::report
