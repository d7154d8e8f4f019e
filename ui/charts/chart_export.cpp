#include "ui/charts/chart_export.h"

#include <QFileInfo>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr double kMmPerInch = 25.4;
constexpr int kVectorUnitsPerInch =
    384;  ///< fine enough that whole font pixels are within 2 % of the size asked for

[[noreturn]] void fail(const QString& file, const QString& why) {
    throw Error(
        ErrorKind::Io,
        QStringLiteral("Cannot write %1: %2. Choose another folder or name.").arg(file, why).toStdString());
}

void render(
    QCustomPlot& plot, QPaintDevice& device, int width, int height, bool isVector, const QString& file) {
    QCPPainter painter;
    if (!painter.begin(&device)) fail(file, QStringLiteral("the file cannot be opened"));
    painter.setMode(QCPPainter::pmVectorized, isVector);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.setMode(QCPPainter::pmNonCosmetic);
    plot.toPainter(&painter, width, height);
    if (!painter.end()) fail(file, QStringLiteral("writing did not finish"));
}

QString cell(double value) {
    return std::isfinite(value) ? QString::number(value, 'g', 12) : QString();
}

QString quoted(QString text) {
    return QLatin1Char('"') + text.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

}  // namespace

void writeFigure(const ChartState& state,
                 const ChartWidget::Range& range,
                 const QString& file,
                 const FigureStyle& style) {
    const QString suffix = QFileInfo(file).suffix().toLower();
    const bool isPng = suffix == QLatin1String("png");
    if (!isPng && suffix != QLatin1String("pdf") && suffix != QLatin1String("svg")) {
        fail(file, QStringLiteral("the name must end in .pdf, .svg or .png"));
    }
    const int unitsPerInch = isPng ? style.dpi : kVectorUnitsPerInch;
    const int width = static_cast<int>(std::lround(style.widthMm / kMmPerInch * unitsPerInch));
    const int height = static_cast<int>(std::lround(style.heightMm / kMmPerInch * unitsPerInch));

    ChartState figure = state;
    figure.isLegendVisible = style.hasLegend && !state.series.empty();
    QCustomPlot plot;
    plot.setViewport(QRect(0, 0, width, height));
    ChartScene scene(plot, figure);
    QFont font(QStringLiteral("DejaVu Sans"));
    font.setStyleHint(QFont::SansSerif);
    font.setPixelSize(std::max(1, static_cast<int>(std::lround(style.fontPt / 72.0 * unitsPerInch))));
    // Line widths are given for 8 pt text at 96 units an inch.
    scene.applyStyle({.isDark = false,
                      .isFigure = true,
                      .scale = unitsPerInch / 96.0 * (style.fontPt / 10.0),
                      .font = font});
    plot.xAxis->setRange(range.x0, range.x1);
    plot.yAxis->setRange(range.y0, range.y1);

    if (isPng) {
        QImage image(width, height, QImage::Format_RGB32);
        image.setDotsPerMeterX(static_cast<int>(std::lround(style.dpi / kMmPerInch * 1000)));
        image.setDotsPerMeterY(image.dotsPerMeterX());
        image.fill(Qt::white);
        render(plot, image, width, height, false, file);
        if (!image.save(file, "PNG")) fail(file, QStringLiteral("the file cannot be opened"));
    } else if (suffix == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setFileName(file);
        svg.setResolution(kVectorUnitsPerInch);
        svg.setSize(QSize(width, height));
        svg.setViewBox(QRect(0, 0, width, height));
        svg.setTitle(state.yTitle);
        svg.setDescription(describe(state));
        render(plot, svg, width, height, true, file);
    } else {
        QPdfWriter pdf(file);
        pdf.setPageSize(QPageSize(
            QSizeF(style.widthMm, style.heightMm), QPageSize::Millimeter, QString(), QPageSize::ExactMatch));
        pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
        pdf.setResolution(kVectorUnitsPerInch);
        pdf.setTitle(state.yTitle);
        render(plot, pdf, width, height, true, file);
    }
}

void writeCsv(const ChartState& state, const ChartWidget::Range& range, const QString& file) {
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly | QIODevice::Text)) fail(file, out.errorString());
    out.write("series,x,raw,smoothed,low,high\n");
    for (std::size_t s = 0; s < state.series.size(); ++s) {
        const Series& series = state.series[s];
        const QString name = quoted(series.label);
        for (std::size_t i = 0; i < series.x.size(); ++i) {
            if (series.x[i] < range.x0 || series.x[i] > range.x1) continue;
            const bool hasBand = !state.shownLow[s].empty();
            const QStringList row{name,
                                  cell(series.x[i]),
                                  cell(series.y[i]),
                                  cell(state.shown[s][i]),
                                  hasBand ? cell(state.shownLow[s][i]) : QString(),
                                  hasBand ? cell(state.shownHigh[s][i]) : QString()};
            out.write(row.join(QLatin1Char(',')).toUtf8() + '\n');
        }
    }
    if (!out.commit()) fail(file, out.errorString());
}

QString describe(const ChartState& state) {
    const auto tr = [](const char* text) { return QCoreApplication::translate("Chart", text); };
    if (state.series.empty()) return tr("Empty chart. %1").arg(state.emptyText).trimmed();
    QStringList lines;
    lines << tr("%1 against %2, %3 curves.").arg(state.yTitle, state.xTitle).arg(state.series.size());
    for (std::size_t s = 0; s < state.series.size(); ++s) {
        const Series& series = state.series[s];
        const auto& y = state.shown[s];
        const auto last = std::find_if(y.rbegin(), y.rend(), [](double v) { return std::isfinite(v); });
        if (last == y.rend()) {
            lines << tr("%1: no value.").arg(series.label);
            continue;
        }
        const auto first = std::find_if(y.begin(), y.end(), [](double v) { return std::isfinite(v); });
        lines << tr("%1: from %2 to %3.").arg(series.label, formatReward(*first), formatReward(*last));
    }
    return lines.join(QLatin1Char(' '));
}

}  // namespace rlcm::ui
