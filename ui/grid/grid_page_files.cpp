// The files of the page of images.
#include <QFileInfo>
#include <QStandardPaths>
#include <filesystem>

#include "core/base/number_text.h"
#include "ui/bridge/store_service.h"
#include "ui/grid/grid_page_impl.h"
#include "ui/widgets/dialogs.h"

namespace rlcm::ui {

using figure::PivotSlot;

bool GridPage::exportOwn() {
    if (m_impl->pivot->summary().images == 0) {
        m_impl->bar->showMessage(MessageLevel::Info, tr("There is nothing to export yet."));
        return true;
    }
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    const QString file = FileDialog::saveFile(this, tr("Export grid"), folder + QStringLiteral("/grid.png"), tr("PNG image (*.png);;JPEG image (*.jpg)"));
    if (!file.isEmpty()) {
        m_impl->save(file);
    }
    return true;
}

report::Sheet GridPage::Impl::sheet() const {
    report::Sheet sheet;
    const auto& pages = pivot->grid().headers(PivotSlot::Pages);
    const QString where = rest();
    sheet.title = pages.empty() ? std::string() : pages[static_cast<std::size_t>(pivot->page())].text;
    sheet.title += (where.isEmpty() ? QString() : QStringLiteral("   ") + where).toStdString();
    for (const figure::PivotHeader& column : pivot->grid().headers(PivotSlot::Columns)) {
        sheet.columns.push_back(column.text);
    }
    for (int row = 0; row < pivot->rows(); ++row) {
        sheet.rows.push_back(pivot->grid().headers(PivotSlot::Rows)[static_cast<std::size_t>(pivot->gridRow(row))].text);
        for (int column = 0; column < pivot->columns(); ++column) {
            const figure::PivotCell one = pivot->cell({row, column});
            report::SheetCell cell{.run = one.run == nullptr ? run::RunId() : one.run->run.id, .image = std::nullopt, .words = {}};
            if (one.image == nullptr) {
                cell.words[0] = figure::absenceText(one);
            } else {
                cell.image = *one.image;
                cell.words[0] = valueText(one.image->reward);
                if (const auto change = one.change()) {
                    cell.words[0] += "  (" + changeText(*change, one.first->reward) + ")";
                }
                cell.words[1] = one.isFallback() ? "ep " + std::to_string(one.image->epoch) : std::string();
                cell.words[1] += !one.image->isHeldOut ? "" : cell.words[1].empty() ? "held out" : "  \u00B7 held out";
            }
            sheet.cells.push_back(std::move(cell));
        }
    }
    return sheet;
}

void GridPage::Impl::save(const QString& file) {
    report::GridOptions options;
    options.cellPixels = std::max(64, static_cast<int>(view.side * self->devicePixelRatioF()));
    store.readAside(
        self, {},
        [sheet = sheet(), options, path = std::filesystem::path(file.toStdString())](const store::StoreReader&) { report::exportSheet(sheet, path, options); },
        [this, file] { bar->showMessage(MessageLevel::Success, tr("Saved %1").arg(QFileInfo(file).fileName())); },
        [this](const QString& failure) { fail(failure); });
}

}  // namespace rlcm::ui
