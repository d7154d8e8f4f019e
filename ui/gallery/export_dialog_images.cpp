// Images in the dialog of exports, how large they would be, and cards for the report.
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QFormLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTabWidget>
#include <QTemporaryDir>
#include <algorithm>
#include <exception>

#include "core/base/files.h"
#include "core/figure/csv.h"
#include "core/figure/panels.h"
#include "core/store/workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/export_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

namespace {

struct GapColour {
    const char* title;
    std::uint8_t level;  ///< of red, green and blue
};
const std::array<GapColour, 3>& gapColours() {
    static const std::array<GapColour, 3> kColours{
        {{QT_TRANSLATE_NOOP("ExportDialog", "White"), 255}, {QT_TRANSLATE_NOOP("ExportDialog", "Grey"), 128}, {QT_TRANSLATE_NOOP("ExportDialog", "Black"), 0}}};
    return kColours;
}

QSpinBox* makeSpin(int low, int high, int value, const QString& name) {
    auto* spin = new QSpinBox;
    spin->setRange(low, high);
    spin->setValue(value);
    spin->setObjectName(name);
    return spin;
}

/// The heads and rows of a table as CSV.
std::string csvOf(const figure::TextTable& table) {
    figure::CsvTable csv;
    const auto add = [&csv](const std::vector<std::string>& cells) {
        for (const std::string& cell : cells) {
            csv.cell(cell);
        }
        csv.endRow();
    };
    add(table.heads);
    std::ranges::for_each(table.rows, add);
    return csv.text();
}

}  // namespace

void ExportDialog::addImages() {
    if (!m_subject.images) {
        return;
    }
    QFormLayout* form = addTab(Tab::Images, tr("Images"), m_subject.images->note);
    m_imageFormat = addFormats(form, QStringLiteral("exportImageFormat"), {QStringLiteral("png"), QStringLiteral("jpg")});
    m_cell = makeSpin(32, 2048, m_subject.images->cellPixels, QStringLiteral("exportCell"));
    m_cell->setSuffix(tr(" px"));
    m_gap = makeSpin(0, 200, report::GridOptions().gapPixels, QStringLiteral("exportGap"));
    m_gap->setSuffix(tr(" px"));
    m_gapColour = new QComboBox;
    m_gapColour->setObjectName(QStringLiteral("exportGapColour"));
    for (const GapColour& one : gapColours()) {
        m_gapColour->addItem(tr(one.title));
    }
    m_columns = makeSpin(0, 64, 0, QStringLiteral("exportColumns"));
    m_columns->setSpecialValueText(tr("near square"));
    m_labels = new QCheckBox(tr("Words under each image"));
    m_labels->setChecked(true);
    m_forecast = makeMuted(new QLabel);
    m_forecast->setObjectName(QStringLiteral("exportForecast"));
    m_forecast->setWordWrap(true);
    form->addRow(tr("Image &size:"), m_cell);
    form->addRow(tr("&Gap:"), m_gap);
    form->addRow(tr("Gap c&olour:"), m_gapColour);
    if (m_subject.images->hasColumns) {
        form->addRow(tr("&Columns:"), m_columns);
        form->addRow(QString(), m_labels);
    }
    form->addRow(tr("It will be:"), m_forecast);
    for (QSpinBox* box : {m_cell, m_gap, m_columns}) {
        connect(box, &QSpinBox::valueChanged, this, &ExportDialog::showForecast);
    }
    connect(m_labels, &QCheckBox::toggled, this, &ExportDialog::showForecast);
}

report::GridOptions ExportDialog::gridOptions() const {
    report::GridOptions options;
    options.cellPixels = m_cell->value();
    options.gapPixels = m_gap->value();
    options.gapColour.fill(gapColours()[static_cast<std::size_t>(m_gapColour->currentIndex())].level);
    options.columns = m_columns->value();
    options.hasLabels = m_labels->isChecked();
    options.mayTile = true;
    return options;
}

/// Told before anything is written: how large, in how many files, or why it cannot be.
void ExportDialog::showForecast() {
    m_store.readAside(
        this, m_forecasts.renew(), [size = m_subject.images->size, options = gridOptions()](const store::StoreReader& reader) { return size(reader, options); },
        [this](const report::GridSize& size) {
            const QString pixels = tr("%1 × %2 pixels").arg(size.width).arg(size.height);
            m_forecast->setText(size.files == 1 ? pixels : tr("%1 files of up to %2").arg(size.files).arg(pixels));
        },
        [this](const QString& problem) { m_forecast->setText(problem); });
}

void ExportDialog::offerReport() {
    m_toReport->show();
}

void ExportDialog::updateReportButton() {
    const bool isShort = tab() != Tab::Numbers || m_subject.words.has_value();
    m_toReport->setEnabled(isShort);
    m_toReport->setToolTip(isShort ? tr("Puts what is chosen here on the page of the report, where it stays as it is now")
                                   : tr("These numbers are too many for a page"));
}

void ExportDialog::addToReport() {
    report::Card card{.title = m_subject.name.toStdString()};
    const auto made = [this](const report::Card& done) {
        endCard({});
        Q_EMIT cardMade(done);
    };
    if (tab() == Tab::Numbers) {
        card.kind = report::CardKind::Table;
        card.words = m_subject.words->table.caption;
        card.content = csvOf(m_subject.words->table);
        made(card);
        return;
    }
    card.kind = tab() == Tab::Figure ? report::CardKind::Figure : report::CardKind::Images;
    if (tab() == Tab::Figure && !m_subject.figure->spec) {
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("card.svg")));
        try {
            const figure::Size size = figureSize();
            m_subject.figure->draw(file.fileName(), QSizeF(size.widthMm, size.heightMm));
            card.content = file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
            made(card);
        } catch (const std::exception& problem) {
            endCard(QString::fromUtf8(problem.what()));
        }
        return;
    }
    m_toReport->setEnabled(false);
    m_busy->show();
    m_store.readAside(this, {}, cardWork(std::move(card)), made, [this](const QString& problem) { endCard(problem); });
}

/// Draws what is chosen now into a card, in the store's threads.
std::function<report::Card(const store::StoreReader&)> ExportDialog::cardWork(report::Card card) const {
    if (card.kind == report::CardKind::Figure) {
        figure::FigureSpec spec = *m_subject.figure->spec;
        spec.size = figureSize();
        return [card, spec](const store::StoreReader& reader) mutable {
            card.content = report::figureSvg(spec, figure::readPanels(reader, spec));
            card.spec = figure::toJson(spec).dump(2) + "\n";
            return card;
        };
    }
    report::GridOptions options = gridOptions();
    options.mayTile = false;  // a page has one picture
    return [card, options, write = m_subject.images->write](const store::StoreReader& reader) mutable {
        const QTemporaryDir folder;
        const std::filesystem::path file = folder.filePath(QStringLiteral("card.png")).toStdString();
        write(reader, file, options);
        card.content = readFile(file);
        return card;
    };
}

void ExportDialog::endCard(const QString& failure) {
    m_busy->hide();
    updateReportButton();
    failure.isEmpty() ? m_message->showMessage(MessageLevel::Success, tr("It is in the report."), {}) : m_message->showMessage(MessageLevel::Error, failure);
}

}  // namespace rlcm::ui
