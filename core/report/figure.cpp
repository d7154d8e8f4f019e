#include "core/report/figure.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <tuple>

#include <cairo.h>

#include "core/base/error.h"
#include "core/base/order_statistics.h"
#include "core/figure/line_dashes.h"
#include "core/report/legend.h"
#include "core/report/plot.h"
#include "core/run/counters.h"

namespace rlcm::report {
namespace {

constexpr double kLeastPlotShare = 0.45;  ///< of the height of the figure
constexpr double kYMargin = 0.05;

// --- what is drawn

/// Seconds become minutes or hours when the axis is long. Returns the axis title.
std::string scaleTime(figure::FigureSpec& spec, std::vector<figure::Panel>& panels) {
    const run::CounterField& axis = run::counterField(spec.axis);
    if (spec.kind != figure::FigureKind::Curves || !axis.isSeconds()) {
        return figure::axisTitle(spec);
    }
    double longest = 0;
    for (const figure::Panel& panel : panels) {
        for (const figure::DrawnLine& drawn : panel.lines) {
            longest = std::max(longest, drawn.line.x.back());
        }
    }
    longest = spec.extract ? std::abs(spec.extract->x1) : longest;
    const double unit = longest > 4 * 3600 ? 3600 : longest > 300 ? 60 : 1;
    for (figure::Panel& panel : panels) {
        for (figure::DrawnLine& drawn : panel.lines) {
            std::transform(drawn.line.x.begin(), drawn.line.x.end(), drawn.line.x.begin(), [unit](double seconds) { return seconds / unit; });
        }
    }
    for (figure::Mark& mark : spec.marks) {
        mark.x /= unit;
    }
    if (spec.extract) {
        spec.extract->x0 /= unit;
        spec.extract->x1 /= unit;
    }
    return std::string(axis.title) + (unit == 1 ? " (s)" : unit == 60 ? " (min)" : " (h)");
}

/// Training lines stand back where they share an axis with evaluations; lines of one colour and kind get dashes of their own.
std::vector<PlotLine> plotLines(const figure::Panel& panel) {
    const auto isEvaluation = [](const figure::DrawnLine& drawn) { return drawn.isEvaluation; };
    const bool isMixed =
        std::any_of(panel.lines.begin(), panel.lines.end(), isEvaluation) && !std::all_of(panel.lines.begin(), panel.lines.end(), isEvaluation);
    std::map<std::tuple<int, bool, bool>, int> used;
    std::vector<PlotLine> lines;
    for (const figure::DrawnLine& drawn : panel.lines) {
        PlotLine line{&drawn, paletteColour(drawn.line.colour)};
        line.width = drawn.isEvaluation ? 2.4 : isMixed ? 1.3 : 2.0;
        line.colour.alpha = isMixed && !drawn.isEvaluation ? 0.7 : 1;
        line.dashes = figure::lineDashes(drawn.line.isDashed, used[{drawn.line.colour, drawn.isEvaluation, drawn.line.isDashed}]++);
        lines.push_back(std::move(line));
    }
    return lines;
}

// --- axes

struct Range {
    double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
    void add(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

Axis xAxisOf(const figure::FigureSpec& spec, const std::vector<figure::Panel>& panels, double width) {
    Range range;
    for (const figure::Panel& panel : panels) {
        for (const figure::DrawnLine& drawn : panel.lines) {
            for (std::size_t i = 0; i < drawn.line.x.size(); ++i) {
                if (std::isfinite(drawn.line.y[i])) {
                    range.add(drawn.line.x[i]);
                }
            }
        }
    }
    if (spec.extract) {
        range = {spec.extract->x0, spec.extract->x1};
    }
    const bool isWhole = spec.kind == figure::FigureKind::Curves && !run::counterField(spec.axis).isSeconds();
    const double leastStep = isWhole ? 1 : 0;  // there is no epoch 0.25
    return makeAxis(range.low, range.high, std::clamp(static_cast<int>(width), 2, 12), 0.0, leastStep);
}

/// Extremes of all that is drawn, or the 1 % and 99 % quantiles.
Range drawnRange(const figure::FigureSpec& spec, const figure::Panel& panel) {
    std::vector<double> all;
    const auto take = [&](const std::vector<double>& values) {
        std::copy_if(values.begin(), values.end(), std::back_inserter(all), [&](double value) { return std::isfinite(value) && (!spec.isLogY || value > 0); });
    };
    for (const figure::DrawnLine& drawn : panel.lines) {
        take(drawn.shown);
        take(drawn.line.bandLow);
        take(drawn.line.bandHigh);
        if (spec.halfLife > 0 && spec.hasRaw) {
            take(drawn.line.y);
        }
    }
    Range range;
    if (spec.ignoresOutliers && !all.empty()) {
        return {quantile(all, 0.01), quantile(all, 0.99)};
    }
    std::for_each(all.begin(), all.end(), [&](double value) { range.add(value); });
    return range;
}

Axis yAxisOf(const figure::FigureSpec& spec, const figure::Panel& panel, double height) {
    const Range range = spec.extract ? Range{spec.extract->y0, spec.extract->y1} : drawnRange(spec, panel);
    const double margin = spec.extract ? 0 : kYMargin;
    const int count = std::clamp(static_cast<int>(height), 2, 12);
    return spec.isLogY ? makeLogAxis(range.low, range.high, count, margin) : makeAxis(range.low, range.high, count, margin);
}

// --- the page

Style styleOf(const figure::Size& size) {
    const double shorter = std::min(size.widthMm, size.heightMm) * kPixelsPerMm;
    return size.fontPt > 0 ? Style{size.fontPt / 0.75, size.fontPt / 10} : Style{std::clamp(shorter / 48.0, 10.0, 20.0), 1};
}

/// A figure being laid out: its parts from top to bottom.
struct Page {
    double width, height;
    Style style;
    Box inside;
    double left = 0;  ///< of the plots

    explicit Page(const figure::Size& size)
        : width(size.widthMm * kPixelsPerMm),
          height(size.heightMm * kPixelsPerMm),
          style(styleOf(size)),
          inside{style.font * 2, style.font, width - style.font * 2, height - style.font * 4.2} {}
};

void drawTitle(Canvas& canvas, Page& page, const std::string& title) {
    if (title.empty()) {
        return;
    }
    canvas.setFont(page.style.font * 1.2, true);
    canvas.setColour(kInk);
    canvas.drawText(canvas.elided(title, page.inside.width()), page.inside.left, page.inside.top + page.style.font);
    page.inside.top += page.style.font * 2;
}

/// Where a text is broken so that its first line fits; its length when no part does.
std::size_t breakOf(const Canvas& canvas, const std::string& text, double width) {
    std::size_t place = text.size();
    for (std::size_t at = text.find(' '); at != std::string::npos && canvas.textWidth(text.substr(0, at)) <= width; at = text.find(' ', at + 1)) {
        place = at;
    }
    return place;
}

/// Whole, smaller, over two lines, or cut.
void drawPanelTitle(Canvas& canvas, const Plot& plot, const std::string& title) {
    constexpr double kSmallest = 0.75;
    const double font = plot.style.font, room = plot.box.height(), middle = (plot.box.top + plot.box.bottom) / 2;
    canvas.setColour(kInk);
    canvas.setFont(font * 1.1);
    const double scale = room / std::max(1.0, canvas.textWidth(title));
    canvas.setFont(font * 1.1 * std::clamp(scale, kSmallest, 1.0));
    const std::size_t place = scale >= kSmallest ? title.size() : breakOf(canvas, title, room);
    if (place == title.size()) {
        canvas.drawTextUpwards(canvas.elided(title, room), font * 1.6, middle);
        return;
    }
    canvas.drawTextUpwards(title.substr(0, place), font * 1.1, middle);
    canvas.drawTextUpwards(canvas.elided(title.substr(place + 1), room), font * 2.1, middle);
}

double widestLabel(const Canvas& canvas, const std::vector<Axis>& axes) {
    double widest = 0;
    for (const Axis& axis : axes) {
        for (const double tick : axis.ticks) {
            widest = std::max(widest, canvas.textWidth(axis.label(tick)));
        }
    }
    return widest;
}

/// Plots of equal height, one above the other, in what the legend has left of the page.
void drawPanels(Canvas& canvas, Page& page, const figure::FigureSpec& spec, const std::vector<figure::Panel>& panels,
                const std::vector<std::vector<PlotLine>>& lines) {
    const double font = page.style.font, gap = font * 1.4;
    const auto count = static_cast<double>(panels.size());
    const double height = (page.inside.bottom - page.inside.top - gap * (count - 1)) / count;
    if (height < font * 6) {
        throw Error(ErrorKind::Config, "a figure of " + std::to_string(std::lround(page.width)) + " x " + std::to_string(std::lround(page.height)) +
                                           " pixels has no room for " + std::to_string(panels.size()) +
                                           " axes, one for each unit; choose a larger figure or fewer measures");
    }
    std::vector<Axis> yAxes;
    for (const figure::Panel& panel : panels) {
        yAxes.push_back(yAxisOf(spec, panel, height / 45 / page.style.scale));
    }
    page.left = widestLabel(canvas, yAxes) + font * 3.4;
    const Axis xAxis = xAxisOf(spec, panels, (page.inside.right - page.left) / 80 / page.style.scale);
    for (std::size_t i = 0; i < panels.size(); ++i) {
        const double top = page.inside.top + static_cast<double>(i) * (height + gap);
        const Plot plot{{page.left, top, page.inside.right, top + height}, xAxis, yAxes[i], page.style};
        drawAxes(canvas, plot, i + 1 == panels.size());
        drawMarks(canvas, plot, spec.marks);
        drawLines(canvas, plot, lines[i], spec);
        drawPanelTitle(canvas, plot, panels[i].title);
    }
}

}  // namespace

void setDash(Canvas& canvas, const std::vector<double>& dashes, double scale) {
    std::vector<double> pattern = dashes;
    std::transform(pattern.begin(), pattern.end(), pattern.begin(), [scale](double length) { return length * scale; });
    cairo_set_dash(canvas.native(), pattern.data(), static_cast<int>(pattern.size()), 0);
}

void fillDot(Canvas& canvas, double x, double y, double radius) {
    cairo_arc(canvas.native(), x, y, radius, 0, kFullTurn);
    cairo_fill(canvas.native());
}

void drawFigure(Canvas& canvas, figure::FigureSpec spec, std::vector<figure::Panel> panels) {
    Page page(spec.size);
    canvas.setColour({1, 1, 1, 1});
    canvas.fillRectangle(0, 0, page.width + 1, page.height + 1);  // a raster has whole dots
    drawTitle(canvas, page, spec.title);
    LegendContent content{{}, figure::notesOf(spec, panels)};
    const std::string xTitle = scaleTime(spec, panels);
    std::vector<std::vector<PlotLine>> lines;
    for (const figure::Panel& panel : panels) {
        lines.push_back(plotLines(panel));
    }
    for (const auto& ofPanel : lines) {
        std::transform(ofPanel.begin(), ofPanel.end(), std::back_inserter(content.lines), [](const PlotLine& line) { return &line; });
    }
    canvas.setFont(page.style.font);
    const Legend legend = makeLegend(canvas, content, page.inside, page.style, page.inside.height() - page.style.font - page.height * kLeastPlotShare);
    drawLegend(canvas, legend, page.style);
    page.inside.top += legend.height + page.style.font * 0.4;
    drawPanels(canvas, page, spec, panels, lines);
    canvas.setColour(kInk);
    canvas.setFont(page.style.font * 1.1);
    canvas.drawText(canvas.elided(xTitle, page.inside.right - page.left), (page.left + page.inside.right) / 2, page.height - page.style.font * 0.9,
                    Align::Centre);
}

}  // namespace rlcm::report
