// The files of the page of images.
#include <algorithm>
#include <filesystem>

#include "core/base/number_text.h"
#include "ui/grid/grid_page_impl.h"

namespace rlcm::ui {

using figure::PivotSlot;

std::optional<ExportSubject> GridPage::exportSubject() const {
    if (m_impl->pivot->summary().images == 0) {
        return std::nullopt;
    }
    ExportSubject subject{.name = tr("Image grid")};
    subject.images = ExportSubject::Images{
        .note = tr("The rows and columns of this page of the grid; a PNG says inside what each image is."),
        .write = [sheet = m_impl->sheet()](const store::StoreReader&, const std::filesystem::path& file,
                                           const report::GridOptions& options) { report::exportSheet(sheet, file, options); },
        .size = [sheet = m_impl->sheet()](const store::StoreReader&, const report::GridOptions& options) { return report::sheetSize(sheet, options); },
        .cellPixels = std::max(64, static_cast<int>(m_impl->view.side * devicePixelRatioF())),
        .hasColumns = false};
    return subject;
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

}  // namespace rlcm::ui
