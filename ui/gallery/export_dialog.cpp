#include "ui/gallery/export_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFormLayout>
#include <QLabel>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QVBoxLayout>

#include "core/report/report.h"
#include "core/run/counters.h"
#include "core/run/measures.h"
#include "core/store/workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::ui {

namespace {

QSpinBox* makeSpin(int low, int high, int value, const QString& name) {
    auto* spin = new QSpinBox;
    spin->setRange(low, high);
    spin->setValue(value);
    spin->setObjectName(name);
    return spin;
}

QFormLayout* makeForm(QWidget* page) {
    auto* form = new QFormLayout(page);
    form->setContentsMargins(spacing::kLarge, spacing::kLarge, spacing::kLarge, spacing::kLarge);
    form->setSpacing(spacing::kMedium);
    form->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);
    return form;
}

}  // namespace

ExportDialog::ExportDialog(StoreService& store, ExportSubject subject, Tab tab, QWidget* parent)
    : QDialog(parent), m_store(store), m_subject(std::move(subject)) {
    setObjectName(QStringLiteral("exportDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Export %1").arg(m_subject.runName));
    m_message = new MessageBar(this);
    m_tabs = new QTabWidget(this);
    m_tabs->setObjectName(QStringLiteral("exportTabs"));
    m_tabs->addTab(makeGridTab(), tr("Image grid"));
    m_tabs->addTab(makeCurvesTab(), tr("Curves"));
    m_tabs->addTab(makeTableTab(), tr("Numbers"));
    m_tabs->setCurrentIndex(static_cast<int>(tab));

    m_busy = new QProgressBar(this);
    m_busy->setRange(0, 0);
    m_busy->setTextVisible(false);
    m_busy->setFixedHeight(spacing::kTiny);
    QSizePolicy keep = m_busy->sizePolicy();
    keep.setRetainSizeWhenHidden(true);
    m_busy->setSizePolicy(keep);
    m_busy->hide();

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setIcon({});  // the style's is drawn for light windows
    m_save = makePrimary(buttons->addButton(tr("Save…"), QDialogButtonBox::ActionRole));
    m_save->setObjectName(QStringLiteral("exportSave"));
    m_save->setDefault(true);
    connect(m_save, &QPushButton::clicked, this, &ExportDialog::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(spacing::kMedium);
    layout->addWidget(m_message);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(m_busy);
    layout->addWidget(buttons);
    resize(460, 400);
}

ExportDialog::~ExportDialog() = default;

QWidget* ExportDialog::makeGridTab() {
    auto* page = new QWidget;
    QFormLayout* form = makeForm(page);
    m_gridFormat = new QComboBox;
    m_gridFormat->setObjectName(QStringLiteral("exportGridFormat"));
    m_gridFormat->addItem(tr("PNG, with prompts and rewards inside the file"), QStringLiteral("png"));
    m_gridFormat->addItem(tr("JPEG"), QStringLiteral("jpg"));
    m_cell = makeSpin(32, 2048, 192, QStringLiteral("exportCell"));
    m_cell->setSuffix(tr(" px"));
    m_columns = makeSpin(0, 64, 0, QStringLiteral("exportColumns"));
    m_columns->setSpecialValueText(tr("near square"));
    m_labels = new QCheckBox(tr("Prompt and reward under each image"));
    m_labels->setChecked(true);
    auto* epoch = makeMuted(new QLabel(tr("the evaluation at or before epoch %1").arg(m_subject.epoch)));
    form->addRow(tr("Images:"), epoch);
    form->addRow(tr("&Format:"), m_gridFormat);
    form->addRow(tr("Image &size:"), m_cell);
    form->addRow(tr("&Columns:"), m_columns);
    form->addRow(QString(), m_labels);
    return page;
}

QWidget* ExportDialog::makeCurvesTab() {
    auto* page = new QWidget;
    QFormLayout* form = makeForm(page);
    m_curveFormat = new QComboBox;
    m_curveFormat->setObjectName(QStringLiteral("exportCurveFormat"));
    for (const auto& format : {QStringLiteral("pdf"), QStringLiteral("svg"), QStringLiteral("png")}) {
        m_curveFormat->addItem(format.toUpper(), format);
    }
    m_curveRuns = new QComboBox;
    m_curveRuns->addItem(tr("This run"));
    m_curveRuns->addItem(tr("All %n visible runs", nullptr, static_cast<int>(m_subject.visibleRuns.size())));
    m_axis = new QComboBox;
    const auto text = [](std::string_view name) { return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size())); };
    for (const run::CounterField& axis : run::counterFields()) {
        m_axis->addItem(text(axis.title), text(axis.name));
    }
    m_scalars = new QListWidget;
    m_scalars->setObjectName(QStringLiteral("exportScalars"));
    for (const std::string& name : m_subject.scalars) {
        auto* item = new QListWidgetItem(QString::fromStdString(run::measureTitle(name)), m_scalars);
        item->setData(Qt::UserRole, QString::fromStdString(name));
        item->setCheckState(name == run::measure::kRewardMean || name == run::measure::kEvalRewardMean ? Qt::Checked : Qt::Unchecked);
    }
    form->addRow(tr("&Format:"), m_curveFormat);
    form->addRow(tr("&Runs:"), m_curveRuns);
    form->addRow(tr("&Against:"), m_axis);
    form->addRow(tr("&Measures:"), m_scalars);
    return page;
}

QWidget* ExportDialog::makeTableTab() {
    auto* page = new QWidget;
    auto* layout = new QVBoxLayout(page);
    layout->setContentsMargins(spacing::kLarge, spacing::kLarge, spacing::kLarge, spacing::kLarge);
    auto* text =
        new QLabel(tr("A CSV file with every measure of this run: one row per epoch, all budgets (images, reward queries, denoiser "
                      "evaluations, seconds) as columns, and numbers that read back exactly."));
    text->setWordWrap(true);
    layout->addWidget(text);
    layout->addStretch(1);
    return page;
}

QString ExportDialog::suggestion(const QString& suffix) const {
    QString name = m_subject.runName.isEmpty() ? QString::fromStdString(m_subject.run) : m_subject.runName;
    name.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9._-]+")), QStringLiteral("-"));
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::PicturesLocation);
    return QDir(folder).filePath(name + QLatin1Char('.') + suffix);
}

void ExportDialog::save() {
    const auto tab = static_cast<Tab>(m_tabs->currentIndex());
    if (tab == Tab::Grid) {
        const QString suffix = m_gridFormat->currentData().toString();
        report::GridOptions options;
        options.epoch = m_subject.epoch;
        options.cellPixels = m_cell->value();
        options.columns = m_columns->value();
        options.hasLabels = m_labels->isChecked();
        const QString file = FileDialog::saveFile(this, tr("Save image grid"), suggestion(suffix),
                                                  suffix == QLatin1String("png") ? tr("PNG image (*.png)") : tr("JPEG image (*.jpg)"));
        write(file, [id = m_subject.run, options](const store::StoreReader& reader, const std::filesystem::path& path) {
            report::exportGrid(reader, id, path, options);
        });
    } else if (tab == Tab::Curves) {
        const QString suffix = m_curveFormat->currentData().toString();
        std::vector<std::string> measures;
        for (int row = 0; row < m_scalars->count(); ++row) {
            if (m_scalars->item(row)->checkState() == Qt::Checked) {
                measures.push_back(m_scalars->item(row)->data(Qt::UserRole).toString().toStdString());
            }
        }
        const auto ids = m_curveRuns->currentIndex() == 0 ? std::vector<run::RunId>{m_subject.run} : m_subject.visibleRuns;
        const figure::FigureSpec spec{.axis = m_axis->currentData().toString().toStdString(), .series = figure::seriesOf(measures, ids)};
        const QString file = FileDialog::saveFile(this, tr("Save curves"), suggestion(suffix), tr("%1 file (*.%2)").arg(suffix.toUpper(), suffix));
        write(file, [spec](const store::StoreReader& reader, const std::filesystem::path& path) { report::exportFigure(reader, spec, path); });
    } else {
        const QString file = FileDialog::saveFile(this, tr("Save numbers"), suggestion(QStringLiteral("csv")), tr("CSV table (*.csv)"));
        write(file, [id = m_subject.run](const store::StoreReader& reader, const std::filesystem::path& path) { report::exportCsv(reader, id, path); });
    }
}

void ExportDialog::write(const QString& file, Work work) {
    if (file.isEmpty()) {
        return;
    }
    m_save->setEnabled(false);
    m_busy->show();
    m_message->dismiss();
    m_store.readAside(
        this, {}, [file, work = std::move(work)](const store::StoreReader& reader) { work(reader, std::filesystem::path(file.toStdString())); },
        [this, file] {
            endWrite();
            Q_EMIT saved(file);
            accept();
        },
        [this](const QString& failure) {
            endWrite();
            m_message->showMessage(MessageLevel::Error, failure);
        });
}

void ExportDialog::endWrite() {
    m_busy->hide();
    m_save->setEnabled(true);
}

}  // namespace rlcm::ui
