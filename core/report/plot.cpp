#include "core/report/plot.h"

#include <algorithm>
#include <cmath>

#include <cairo.h>

#include "core/report/line_path.h"

namespace rlcm::report {
namespace {

constexpr double kFarthest = 50;       ///< sizes of the box outside which nothing has a place
constexpr std::size_t kDotsUpTo = 40;  ///< lines with fewer points show each one
constexpr std::size_t kMostGapMarks = 400;

void strokePiece(cairo_t* context, const std::vector<Point>& piece) {
    cairo_move_to(context, piece.front().x, piece.front().y);
    for (const Point& point : piece) {
        cairo_line_to(context, point.x, point.y);
    }
    cairo_stroke(context);
}

LinePath pathOf(const Canvas& canvas, const Plot& plot, const figure::Line& line, const std::vector<double>& values) {
    LinePath path(canvas.leastLength());
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (plot.y.hasPlace(values[i])) {
            path.add(plot.left(line.x[i]), plot.top(values[i]));
        } else {
            path.addGap();
        }
    }
    path.finish();
    return path;
}

void strokePath(Canvas& canvas, const LinePath& path, double width) {
    cairo_set_line_width(canvas.native(), width);
    cairo_set_line_join(canvas.native(), CAIRO_LINE_JOIN_ROUND);
    for (const auto& piece : path.pieces()) {
        strokePiece(canvas.native(), piece);
    }
}

void drawRaw(Canvas& canvas, const Plot& plot, const PlotLine& line) {
    Colour faint = line.colour;
    faint.alpha = 0.3;
    canvas.setColour(faint);
    const LinePath path = pathOf(canvas, plot, line.drawn->line, line.drawn->line.y);
    strokePath(canvas, path, plot.style.scale);
    for (const Point& dot : path.lonePoints()) {
        fillDot(canvas, dot.x, dot.y, plot.style.scale);
    }
}

/// Every measurement while they can be told apart; of any line those without a neighbour.
void drawLine(Canvas& canvas, const Plot& plot, const PlotLine& line) {
    const LinePath path = pathOf(canvas, plot, line.drawn->line, line.drawn->shown);
    canvas.setColour(line.colour);
    setDash(canvas, line.dashes, plot.style.scale);
    strokePath(canvas, path, line.width * plot.style.scale);
    setDash(canvas, {}, plot.style.scale);
    std::vector<Point> dots = path.lonePoints();
    const bool isEvaluation = line.drawn->isEvaluation;
    const bool isApart = isEvaluation ? path.count() * 5 < static_cast<std::size_t>(plot.box.width() / plot.style.scale) : path.count() <= kDotsUpTo;
    if (isApart) {
        for (const auto& piece : path.pieces()) {
            dots.insert(dots.end(), piece.begin(), piece.end());
        }
    }
    for (const Point& dot : dots) {
        fillDot(canvas, dot.x, dot.y, (isEvaluation ? kDotRadius : kDotRadius * 0.7) * plot.style.scale);
    }
}

/// One stretch of a band: its edges from left to right, no denser than can be seen.
struct Stretch {
    std::vector<Point> upper, lower;
    void add(const Point& high, double low, double leastLength) {
        if (!upper.empty() && high.x - upper.back().x < leastLength) {
            upper.back().y = std::min(upper.back().y, high.y);
            lower.back().y = std::max(lower.back().y, low);
            return;
        }
        upper.push_back(high);
        lower.push_back({high.x, low});
    }
    void fill(cairo_t* context) {
        if (upper.size() > 1) {
            cairo_move_to(context, upper.front().x, upper.front().y);
            for (const Point& point : upper) {
                cairo_line_to(context, point.x, point.y);
            }
            for (auto point = lower.rbegin(); point != lower.rend(); ++point) {
                cairo_line_to(context, point->x, point->y);
            }
            cairo_close_path(context);
            cairo_fill(context);
        }
        upper.clear();
        lower.clear();
    }
};

/// Of the values themselves, smoothed or not: a band is what it is called. One run has none.
void drawBand(Canvas& canvas, const Plot& plot, const PlotLine& drawn) {
    const figure::Line& line = drawn.drawn->line;
    Colour fill = drawn.colour;
    fill.alpha = 0.16;
    canvas.setColour(fill);
    Stretch stretch;
    for (std::size_t i = 0; i < line.bandLow.size(); ++i) {
        const bool isMean = i >= line.counts.size() || line.counts[i] > 1;
        if (!isMean || !std::isfinite(line.bandLow[i]) || !plot.y.hasPlace(line.bandHigh[i])) {
            stretch.fill(canvas.native());
            continue;
        }
        const double low = plot.y.hasPlace(line.bandLow[i]) ? plot.top(line.bandLow[i]) : plot.box.bottom;
        stretch.add({plot.left(line.x[i]), plot.top(line.bandHigh[i])}, low, canvas.leastLength());
    }
    stretch.fill(canvas.native());
}

void drawGaps(Canvas& canvas, const Plot& plot, const PlotLine& line) {
    const double scale = plot.style.scale, y = plot.box.bottom - 7 * scale, arm = 3 * scale;
    canvas.setColour(line.colour);
    double last = -1e9;
    std::size_t drawn = 0;
    const figure::Line& data = line.drawn->line;
    for (std::size_t i = 0; i < data.y.size() && drawn < kMostGapMarks; ++i) {
        const double x = plot.left(data.x[i]);
        if (plot.y.hasPlace(data.y[i]) || x - last < 6 * scale || x < plot.box.left - 1 || x > plot.box.right + 1) {
            continue;
        }
        last = x;
        ++drawn;
        canvas.strokeLine(x - arm, y - arm, x + arm, y + arm, 1.5 * scale);
        canvas.strokeLine(x - arm, y + arm, x + arm, y - arm, 1.5 * scale);
    }
}

}  // namespace

double Plot::left(double value) const {
    return box.left + std::clamp(x.fraction(value), -kFarthest, kFarthest) * box.width();
}

double Plot::top(double value) const {
    return box.bottom - std::clamp(y.fraction(value), -kFarthest, kFarthest) * box.height();
}

void drawAxes(Canvas& canvas, const Plot& plot, bool hasXLabels) {
    const auto& [box, xAxis, yAxis, style] = plot;
    canvas.setFont(style.font);
    for (const double tick : yAxis.ticks) {
        const double y = plot.top(tick);
        canvas.setColour(kGrid);
        canvas.strokeLine(box.left, y, box.right, y, style.scale);
        canvas.setColour(kSoftInk);
        canvas.drawText(yAxis.label(tick), box.left - 9 * style.scale, y + style.font * 0.36, Align::Right);
    }
    for (const double tick : xAxis.ticks) {
        const double x = plot.left(tick);
        canvas.setColour(kGrid);
        canvas.strokeLine(x, box.top, x, box.bottom, style.scale);
        if (hasXLabels) {
            canvas.setColour(kSoftInk);
            canvas.drawText(xAxis.label(tick), x, box.bottom + style.font * 1.5, Align::Centre);
        }
    }
    canvas.setColour(kFrame);
    canvas.strokeLine(box.left, box.bottom, box.right, box.bottom, style.scale);
    canvas.strokeLine(box.left, box.top, box.left, box.bottom, style.scale);
}

void drawMarks(Canvas& canvas, const Plot& plot, const std::vector<figure::Mark>& marks) {
    const double scale = plot.style.scale;
    double freeFrom = plot.box.left;
    for (const figure::Mark& mark : marks) {
        const double x = plot.left(mark.x);
        if (x < plot.box.left || x > plot.box.right) {
            continue;
        }
        canvas.setColour(kSoftInk);
        setDash(canvas, {2, 3}, scale);
        canvas.strokeLine(x, plot.box.top, x, plot.box.bottom, scale);
        setDash(canvas, {}, scale);
        if (mark.label.empty() || x < freeFrom) {
            continue;
        }
        const double width = canvas.textWidth(mark.label);
        const bool isRight = x + 4 * scale + width < plot.box.right;
        canvas.drawText(mark.label, isRight ? x + 4 * scale : x - 4 * scale - width, plot.box.top + plot.style.font);
        freeFrom = x + width + 12 * scale;
    }
}

void drawLines(Canvas& canvas, const Plot& plot, const std::vector<PlotLine>& lines, const figure::FigureSpec& spec) {
    cairo_save(canvas.native());
    if (spec.extract || spec.ignoresOutliers) {
        cairo_rectangle(canvas.native(), plot.box.left, plot.box.top, plot.box.width(), plot.box.height());
        cairo_clip(canvas.native());
    }
    for (const PlotLine& line : lines) {
        drawBand(canvas, plot, line);
    }
    for (const PlotLine& line : lines) {
        if (spec.halfLife > 0 && spec.hasRaw) {
            drawRaw(canvas, plot, line);
        }
    }
    for (const PlotLine& line : lines) {
        drawLine(canvas, plot, line);
    }
    for (const PlotLine& line : lines) {
        drawGaps(canvas, plot, line);
    }
    cairo_restore(canvas.native());
}

}  // namespace rlcm::report
