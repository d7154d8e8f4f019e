#include "ui/charts/chart_export.h"

#include <QBuffer>
#include <QFileInfo>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string_view>

#include "core/base/error.h"
#include "core/base/files.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr double kMmPerInch = 25.4;
constexpr int kVectorUnitsPerInch =
    384;  ///< fine enough that whole font pixels are within 2 % of the size asked for

/// Draws the plot on a device whose bytes go to memory: a figure is written only when it is whole.
void render(QCustomPlot& plot, QPaintDevice& device, int width, int height, bool isVector) {
    QCPPainter painter;
    if (!painter.begin(&device)) throw Error(ErrorKind::Io, "the figure cannot be drawn; choose a smaller size");
    painter.setMode(QCPPainter::pmVectorized, isVector);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.setMode(QCPPainter::pmNonCosmetic);
    plot.toPainter(&painter, width, height);
    if (!painter.end()) throw Error(ErrorKind::Io, "the figure cannot be drawn; choose a smaller size");
}

void writeWhole(const QString& file, const QByteArray& bytes) {
    writeFileAtomically(std::filesystem::path(file.toStdString()),
                        std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
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
        throw Error(ErrorKind::Io, "Cannot write " + file.toStdString() + ": the name must end in .pdf, .svg or .png.");
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
    if (!scene.isReadable()) {
        throw Error(ErrorKind::Config,
                    QCoreApplication::translate("Chart",
                                                "A figure of %1 × %2 mm has no room for %3 curves and their legend. Choose a larger "
                                                "figure, hide some runs or group their seeds.")
                        .arg(std::lround(style.widthMm))
                        .arg(std::lround(style.heightMm))
                        .arg(state.series.size())
                        .toStdString());
    }
    plot.xAxis->setRange(range.x0, range.x1);
    plot.yAxis->setRange(range.y0, range.y1);

    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (isPng) {
        QImage image(width, height, QImage::Format_RGB32);
        image.setDotsPerMeterX(static_cast<int>(std::lround(style.dpi / kMmPerInch * 1000)));
        image.setDotsPerMeterY(image.dotsPerMeterX());
        image.fill(Qt::white);
        render(plot, image, width, height, false);
        image.save(&buffer, "PNG");
    } else if (suffix == QLatin1String("svg")) {
        QSvgGenerator svg;
        svg.setOutputDevice(&buffer);
        svg.setResolution(kVectorUnitsPerInch);
        svg.setSize(QSize(width, height));
        svg.setViewBox(QRect(0, 0, width, height));
        svg.setTitle(state.yTitle);
        svg.setDescription(describe(state));
        render(plot, svg, width, height, true);
    } else {
        QPdfWriter pdf(&buffer);
        pdf.setPageSize(QPageSize(
            QSizeF(style.widthMm, style.heightMm), QPageSize::Millimeter, QString(), QPageSize::ExactMatch));
        pdf.setPageMargins(QMarginsF(0, 0, 0, 0));
        pdf.setResolution(kVectorUnitsPerInch);
        pdf.setTitle(state.yTitle);
        render(plot, pdf, width, height, true);
    }
    writeWhole(file, bytes);
}

void writeCsv(const ChartState& state, const ChartWidget::Range& range, const QString& file) {
    QByteArray out("series,x,raw,smoothed,low,high,runs\n");
    for (std::size_t s = 0; s < state.series.size(); ++s) {
        const Series& series = state.series[s];
        const QString name = quoted(series.label);
        for (std::size_t i = 0; i < series.x.size(); ++i) {
            if (series.x[i] < range.x0 || series.x[i] > range.x1) continue;
            const bool hasBand = !series.bandLow.empty();
            const QStringList row{name,
                                  cell(series.x[i]),
                                  cell(series.y[i]),
                                  cell(state.shown[s][i]),
                                  hasBand ? cell(series.bandLow[i]) : QString(),
                                  hasBand ? cell(series.bandHigh[i]) : QString(),
                                  QString::number(series.counts.empty() ? 1 : series.counts[i])};
            out += row.join(QLatin1Char(',')).toUtf8() + '\n';
        }
    }
    writeWhole(file, out);
}

QString describe(const ChartState& state) {
    const auto tr = [](const char* text) { return QCoreApplication::translate("Chart", text); };
    if (state.series.empty()) return tr("Empty chart. %1").arg(emptyTextOf(state)).trimmed();
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
