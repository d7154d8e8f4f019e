#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <cairo.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/image/codec.h"
#include "core/report/axis.h"
#include "core/report/canvas.h"
#include "core/report/report.h"
#include "core/report/series.h"

namespace rlcm::report {
namespace {

constexpr Colour kInk{0.13, 0.13, 0.13, 1}, kSoftInk{0.35, 0.35, 0.35, 1}, kGrid{0.90, 0.90, 0.90, 1}, kFrame{0.62, 0.62, 0.62, 1};

/// One line of the figure.
struct Line {
    std::string label;
    Colour colour;
    bool isSparse = false;  ///< evaluations: drawn thicker and with dots
    int dash = 0;           ///< 0 solid; apart from colour, so that no line is told by colour alone
    std::vector<double> x, y;
};

struct Figure {
    std::vector<Line> lines;
    Axis x, y;
    std::string xTitle, yTitle;
};

struct Box {
    double left = 0, top = 0, right = 0, bottom = 0;
};

std::vector<Line> collectLines(const store::StoreReader& reader, const std::vector<store::RunRow>& rows, const std::vector<std::string>& scalars,
                               const CounterInfo& counter) {
    std::vector<Line> lines;
    const bool hasManyScalars = scalars.size() > 1;
    for (const store::RunRow& row : rows) {
        int dashes[2] = {0, 0};
        for (const std::string& scalar : scalars) {
            Line line;
            line.label = hasManyScalars ? row.name + " \u2013 " + scalarTitle(scalar) : row.name;
            line.colour = paletteColour(row.colour);
            line.isSparse = scalar.starts_with("eval_");
            line.dash = dashes[line.isSparse ? 1 : 0]++;
            for (const store::ScalarRow& point : reader.scalars(row.id, scalar)) {
                line.x.push_back(counter.value(point.counters));
                line.y.push_back(point.value);
            }
            if (!line.x.empty()) {
                lines.push_back(std::move(line));
            }
        }
    }
    if (lines.empty()) {
        throw Error(ErrorKind::Store, "there is nothing to draw: none of the chosen runs has a value of " + scalars.front());
    }
    return lines;
}

/// Seconds become minutes or hours when the axis is long. Returns the axis title.
std::string scaleTime(std::vector<Line>& lines, const CounterInfo& counter) {
    if (!counter.isSeconds) {
        return std::string(counter.title);
    }
    double longest = 0;
    for (const Line& line : lines) {
        longest = std::max(longest, line.x.back());
    }
    const double unit = longest > 4 * 3600 ? 3600 : longest > 300 ? 60 : 1;
    for (Line& line : lines) {
        std::transform(line.x.begin(), line.x.end(), line.x.begin(), [unit](double seconds) { return seconds / unit; });
    }
    return std::string(counter.title) + (unit == 1 ? " (s)" : unit == 60 ? " (min)" : " (h)");
}

std::string valueTitle(const std::vector<store::RunRow>& rows, const std::vector<std::string>& scalars) {
    const bool areRewards = std::all_of(scalars.begin(), scalars.end(), [](const std::string& s) { return s.find("reward_mean") != std::string::npos; });
    if (!areRewards) {
        std::string title;
        for (const std::string& scalar : scalars) {
            title += (title.empty() ? "" : ", ") + scalarTitle(scalar);
        }
        return title;
    }
    const std::string reward = rows.front().reward;
    const bool isSame = std::all_of(rows.begin(), rows.end(), [&](const store::RunRow& row) { return row.reward == reward; });
    const bool isBytes = reward == "compressibility" || reward == "incompressibility";
    return isSame ? reward + (isBytes ? " reward (kB)" : " reward") : "reward";
}

void setAxes(Figure& figure, const Box& box) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double lowX = kInfinity, highX = -kInfinity, lowY = kInfinity, highY = -kInfinity;
    for (const Line& line : figure.lines) {
        for (std::size_t i = 0; i < line.x.size(); ++i) {
            if (std::isfinite(line.y[i])) {
                lowX = std::min(lowX, line.x[i]);
                highX = std::max(highX, line.x[i]);
                lowY = std::min(lowY, line.y[i]);
                highY = std::max(highY, line.y[i]);
            }
        }
    }
    figure.x = makeAxis(lowX, highX, std::clamp(static_cast<int>((box.right - box.left) / 80), 2, 12), 0.0);
    figure.y = makeAxis(lowY, highY, std::clamp(static_cast<int>((box.bottom - box.top) / 45), 2, 12), 0.05);
}

/// Draws the legend in as many rows as it needs and returns the y below it. Drawn twice: once off the page to measure.
double drawLegend(Canvas& canvas, const Figure& figure, const Box& area, double font, bool isMeasuring) {
    constexpr double kSwatch = 30, kSpace = 22;
    double x = area.left, y = area.top;
    canvas.setFont(font);
    for (const Line& line : figure.lines) {
        const std::string label = canvas.elided(line.label, area.right - area.left - kSwatch - 8);
        const double width = kSwatch + 8 + canvas.textWidth(label);
        if (x > area.left && x + width > area.right) {
            x = area.left;
            y += font * 1.6;
        }
        if (!isMeasuring) {
            const double middle = y + font * 0.65;
            const double dash[] = {7.0 / (line.dash + 1), 4.0};
            canvas.setColour(line.colour);
            cairo_set_dash(canvas.native(), dash, line.dash > 0 ? 2 : 0, 0);
            canvas.strokeLine(x, middle, x + kSwatch, middle, line.isSparse ? 2.4 : 1.3);
            cairo_set_dash(canvas.native(), nullptr, 0, 0);
            if (line.isSparse) {
                cairo_arc(canvas.native(), x + kSwatch / 2, middle, 3.6, 0, 6.2831853071795862);
                cairo_fill(canvas.native());
            }
            canvas.setColour(kInk);
            canvas.drawText(label, x + kSwatch + 8, y + font);
        }
        x += width + kSpace;
    }
    return y + font * 2.0;
}

void drawAxes(Canvas& canvas, const Figure& figure, const Box& box, double font) {
    canvas.setFont(font);
    for (const double tick : figure.y.ticks) {
        const double y = box.bottom - figure.y.fraction(tick) * (box.bottom - box.top);
        canvas.setColour(kGrid);
        canvas.strokeLine(box.left, y, box.right, y, 1);
        canvas.setColour(kSoftInk);
        canvas.drawText(figure.y.label(tick), box.left - 9, y + font * 0.36, Align::Right);
    }
    for (const double tick : figure.x.ticks) {
        const double x = box.left + figure.x.fraction(tick) * (box.right - box.left);
        canvas.setColour(kGrid);
        canvas.strokeLine(x, box.top, x, box.bottom, 1);
        canvas.setColour(kSoftInk);
        canvas.drawText(figure.x.label(tick), x, box.bottom + font * 1.5, Align::Centre);
    }
    canvas.setColour(kFrame);
    canvas.strokeLine(box.left, box.bottom, box.right, box.bottom, 1);
    canvas.strokeLine(box.left, box.top, box.left, box.bottom, 1);
}

void drawLine(Canvas& canvas, const Figure& figure, const Line& line, const Box& box) {
    cairo_t* context = canvas.native();
    const auto place = [&](std::size_t i) {
        return std::pair{box.left + figure.x.fraction(line.x[i]) * (box.right - box.left),
                         box.bottom - figure.y.fraction(line.y[i]) * (box.bottom - box.top)};
    };
    const double dash[] = {7.0 / (line.dash + 1), 4.0};
    cairo_set_dash(context, dash, line.dash > 0 ? 2 : 0, 0);
    cairo_set_line_width(context, line.isSparse ? 2.4 : 1.3);
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND);
    Colour colour = line.colour;
    colour.alpha = line.isSparse ? 1.0 : 0.7;
    canvas.setColour(colour);
    bool isOpen = false;
    for (std::size_t i = 0; i < line.x.size(); ++i) {
        const bool isDrawn = std::isfinite(line.y[i]);
        if (isDrawn) {
            const auto [x, y] = place(i);
            isOpen ? cairo_line_to(context, x, y) : cairo_move_to(context, x, y);
        }
        isOpen = isDrawn;
    }
    cairo_stroke(context);
    cairo_set_dash(context, nullptr, 0, 0);
    const bool isShort = line.x.size() == 1;
    for (std::size_t i = 0; i < line.x.size() && (line.isSparse || isShort); ++i) {
        if (std::isfinite(line.y[i])) {
            const auto [x, y] = place(i);
            cairo_arc(context, x, y, 3.6, 0, 6.2831853071795862);
            cairo_fill(context);
        }
    }
}

void drawFigure(Canvas& canvas, Figure& figure, int width, int height) {
    const double font = std::clamp(std::min(width, height) / 48.0, 10.0, 20.0);
    canvas.setColour({1, 1, 1, 1});
    canvas.fillRectangle(0, 0, width, height);
    Box box{font * 5, font, width - font * 2, height - font * 4.2};
    const Box legend{box.left, box.top, box.right, 0};
    box.top = drawLegend(canvas, figure, legend, font, true) + font * 0.4;
    if (box.bottom - box.top < font * 4) {
        throw Error(ErrorKind::Config, "a figure of " + std::to_string(width) + " x " + std::to_string(height) +
                                           " pixels has no room for " + std::to_string(figure.lines.size()) + " lines and their legend");
    }
    setAxes(figure, box);
    double widest = 0;
    for (const double tick : figure.y.ticks) {
        widest = std::max(widest, canvas.textWidth(figure.y.label(tick)));
    }
    box.left = widest + font * 3.4;
    drawAxes(canvas, figure, box, font);
    for (const Line& line : figure.lines) {
        drawLine(canvas, figure, line, box);
    }
    drawLegend(canvas, figure, legend, font, false);
    canvas.setColour(kInk);
    canvas.setFont(font * 1.1);
    canvas.drawText(figure.xTitle, (box.left + box.right) / 2, height - font * 0.9, Align::Centre);
    canvas.drawTextUpwards(figure.yTitle, font * 1.6, (box.top + box.bottom) / 2);
}

Canvas::Kind kindOf(const std::filesystem::path& file) {
    const std::string extension = file.extension().string();
    if (extension == ".pdf" || extension == ".PDF") {
        return Canvas::Kind::Pdf;
    }
    if (extension == ".svg" || extension == ".SVG") {
        return Canvas::Kind::Svg;
    }
    if (extension == ".png" || extension == ".PNG") {
        return Canvas::Kind::Raster;
    }
    throw Error(ErrorKind::Config, "a curve is written as .pdf, .svg or .png, not \"" + file.string() + "\"");
}

}  // namespace

void exportCurve(const store::StoreReader& reader, const std::vector<run::RunId>& ids, const std::filesystem::path& file, const CurveOptions& options) {
    const Canvas::Kind kind = kindOf(file);
    const CounterInfo& counter = counterInfo(options.xAxis);
    if (ids.empty()) {
        throw Error(ErrorKind::Config, "choose at least one run to draw");
    }
    std::vector<store::RunRow> rows;
    for (const run::RunId& id : ids) {
        rows.push_back(requireRun(reader, id));
    }
    const std::vector<std::string> scalars = options.scalars.empty() ? std::vector<std::string>{"reward_mean", "eval_reward_mean"} : options.scalars;
    Figure figure;
    figure.lines = collectLines(reader, rows, scalars, counter);
    figure.xTitle = scaleTime(figure.lines, counter);
    figure.yTitle = valueTitle(rows, scalars);
    Canvas canvas(kind, options.widthPx, options.heightPx);
    drawFigure(canvas, figure, options.widthPx, options.heightPx);
    writeFileAtomically(file, kind == Canvas::Kind::Raster ? image::encodePng(canvas.image()) : canvas.document());
}

}  // namespace rlcm::report
