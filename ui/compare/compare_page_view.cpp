// What the compare page shows once curves and images are there, and its files.
#include <QFileInfo>
#include <QStackedWidget>
#include <QStandardPaths>
#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/error.h"
#include "ui/compare/compare_page_impl.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/empty_state.h"

namespace rlcm::ui {

void ComparePage::Impl::showEmptyState() {
    if (!data.runs.empty()) {
        stack->setCurrentIndex(1);
        return;
    }
    stack->setCurrentIndex(0);
    if (!isLoaded && !workspace.empty())
        empty->setContent(Icon::Chart, tr("Reading runs…"), {});
    else if (data.hiddenRuns > 0)
        empty->setContent(Icon::EyeOff,
                          tr("All runs are hidden"),
                          tr("Tick the eye of a run in the list on the left to draw it here."));
    else
        empty->setContent(
            Icon::Chart,
            tr("Nothing to compare yet"),
            tr("Curves of all visible runs appear here, on any axis, with their images side by side."),
            tr("New run"));
}

void ComparePage::Impl::showCurves() {
    const QString title = scalarTitle(controls->scalar());
    chart->setAxisTitles(axisTitle(shownAxis), title, axisUnit(shownAxis));
    chart->setHalfLife(controls->halfLife());
    chart->setRawVisible(controls->isRaw());
    chart->setRobustRange(controls->areOutliersIgnored());
    chart->setLogY(controls->isLogY());
    chart->setSeries(
        makeSeries(data, {.axis = shownAxis, .isGrouped = controls->isGrouped(), .band = controls->band()}));
    showCursor();
}

void ComparePage::Impl::showCursor() {
    const double x = cursorX();
    const bool isNewest = !std::isfinite(x);
    std::vector<CursorRow> rows;
    const auto& all = chart->series();
    for (const CursorValue& value : chart->valuesAt(isNewest ? std::numeric_limits<double>::infinity() : x)) {
        const auto series =
            std::find_if(all.begin(), all.end(), [&](const Series& s) { return s.id == value.id; });
        const auto first =
            std::find_if(series->y.begin(), series->y.end(), [](double y) { return std::isfinite(y); });
        rows.push_back({value.id,
                        series->label,
                        series->label,
                        series->colour,
                        value.x,
                        value.raw,
                        value.smoothed,
                        first == series->y.end() ? std::numeric_limits<double>::quiet_NaN() : *first});
    }
    std::vector<QString> names;
    for (const CursorRow& entry : rows) names.push_back(entry.label);
    names = shortNames(names);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].label = names[i];
    table->setRows(std::move(rows));
    table->setHeading(isNewest ? tr("Newest values")
                               : tr("At %1 %2").arg(axisTitle(shownAxis).toLower(), axisValue(shownAxis, x)));
    askForImages();
}

void ComparePage::Impl::askForImages() {
    std::vector<std::pair<std::string, std::int64_t>> places;
    for (const RunCurve& run : data.runs)
        places.emplace_back(run.run.id, imagesAt(run, shownAxis, cursorX()).epoch);
    if (workspace.empty()) return;
    if (self->isVisible())
        loader.loadImages(workspace, std::move(places));
    else
        isStale = true;
}

QString ComparePage::Impl::placeText(const ImageChoice& choice) const {
    if (choice.epoch < 0) return {};
    if (choice.isExact) return tr("ep %1").arg(choice.epoch);
    return tr("ep %1 (asked %2)").arg(choice.epoch).arg(axisValue(shownAxis, cursorX()));
}

void ComparePage::Impl::showImages() {
    std::vector<ImageCell> cells;
    std::int64_t count = 0;
    const int wanted = row->imageIndex();
    std::vector<QString> names;
    for (const RunCurve& run : data.runs) names.push_back(QString::fromStdString(run.run.name));
    const std::vector<QString> brief = shortNames(names);
    for (const RunCurve& run : data.runs) {
        const auto loaded = std::find_if(
            images.begin(), images.end(), [&](const RunImages& i) { return i.runId == run.run.id; });
        ImageCell cell{
            .run = brief[cells.size()], .fullName = names[cells.size()], .colour = runColour(run.run.colour)};
        if (loaded != images.end()) {
            const ImageChoice choice = imagesAt(run, shownAxis, cursorX());
            cell.place = placeText(choice);
            cell.isFallback = choice.epoch >= 0 && !choice.isExact;
            for (const store::SampleRow& sample : loaded->samples) {
                count = std::max(count, sample.index + 1);
                if (sample.index != wanted) continue;
                cell.file = QString::fromStdString(sample.file.string());
                cell.prompt = QString::fromStdString(sample.prompt);
                cell.reward = sample.reward;
            }
        }
        cells.push_back(std::move(cell));
    }
    row->setCells(std::move(cells), static_cast<int>(count));
}

// --- export
// ------------------------------------------------------------------------------------------------------

void ComparePage::Impl::exportAs(const QString& what) {
    if (what == QLatin1String("table")) {
        table->copy();
        return;
    }
    const QString pictures = tr("PDF figure (*.pdf);;SVG figure (*.svg);;PNG image (*.png)");
    const QString csv = tr("CSV table (*.csv)");
    const bool isCsv = what == QLatin1String("csv");
    const QString name = QString::fromStdString(controls->scalar()) +
                         (isCsv ? QStringLiteral(".csv") : QStringLiteral(".pdf"));
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    const QString file = FileDialog::saveFile(self,
                                              isCsv ? tr("Export data") : tr("Export figure"),
                                              folder + QLatin1Char('/') + name,
                                              isCsv ? csv : pictures + QStringLiteral(";;") + csv);
    if (!file.isEmpty()) writeFigure(file, what);
}

void ComparePage::Impl::writeFigure(const QString& file, const QString& what) {
    FigureStyle style;
    if (what == QLatin1String("column")) style = {.widthMm = 84, .heightMm = 70, .fontPt = 7};
    if (what == QLatin1String("slide")) style = {.widthMm = 254, .heightMm = 142.9, .fontPt = 14, .dpi = 192};
    try {
        if (QFileInfo(file).suffix().toLower() == QLatin1String("csv"))
            chart->exportCsv(file);
        else
            chart->exportTo(file, style);
        bar->showMessage(MessageLevel::Success, tr("Saved %1").arg(file));
    } catch (const Error& error) {
        fail(QString::fromUtf8(error.what()));
    }
}

}  // namespace rlcm::ui
