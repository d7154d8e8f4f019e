#include "ui/gallery/export_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDir>
#include <QFormLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QStandardPaths>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QVBoxLayout>
#include <algorithm>
#include <array>
#include <exception>

#include "core/base/files.h"
#include "core/store/workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/figure_preview.h"
#include "ui/theme/theme.h"
#include "ui/widgets/busy_bar.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/within_screen.h"

namespace rlcm::ui {

namespace {

constexpr QSize kWithPreview(600, 620);
constexpr double kPreviewWidth = 900;  ///< pixels: twice as wide as shown, so that thin lines stay

/// Sizes that papers and slides ask for.
struct PrintSize {
    const char* title;
    figure::Size size;
};
const std::array<PrintSize, 4>& printSizes() {
    static const std::array<PrintSize, 4> kSizes{{
        {QT_TRANSLATE_NOOP("ExportDialog", "Two columns of a paper, 174 mm"), {.widthMm = 174, .heightMm = 100, .fontPt = 8, .dpi = 300}},
        {QT_TRANSLATE_NOOP("ExportDialog", "One column of a paper, 84 mm"), {.widthMm = 84, .heightMm = 70, .fontPt = 7, .dpi = 300}},
        {QT_TRANSLATE_NOOP("ExportDialog", "A column and a half, 129 mm"), {.widthMm = 129, .heightMm = 84, .fontPt = 8, .dpi = 300}},
        {QT_TRANSLATE_NOOP("ExportDialog", "A slide, 254 mm"), {.widthMm = 254, .heightMm = 142.9, .fontPt = 14, .dpi = 192}},
    }};
    return kSizes;
}

QString formatTitle(const QString& suffix) {
    static const std::array<std::pair<const char*, const char*>, 9> kTitles{{{"png", QT_TRANSLATE_NOOP("ExportDialog", "PNG image")},
                                                                             {"jpg", QT_TRANSLATE_NOOP("ExportDialog", "JPEG image")},
                                                                             {"pdf", QT_TRANSLATE_NOOP("ExportDialog", "PDF figure")},
                                                                             {"svg", QT_TRANSLATE_NOOP("ExportDialog", "SVG figure")},
                                                                             {"csv", QT_TRANSLATE_NOOP("ExportDialog", "CSV table")},
                                                                             {"md", QT_TRANSLATE_NOOP("ExportDialog", "Markdown table")},
                                                                             {"tex", QT_TRANSLATE_NOOP("ExportDialog", "LaTeX table")},
                                                                             {"json", QT_TRANSLATE_NOOP("ExportDialog", "JSON file")},
                                                                             {"tfevents", QT_TRANSLATE_NOOP("ExportDialog", "TensorBoard events")}}};
    const auto found = std::ranges::find(kTitles, suffix, [](const auto& one) { return QLatin1String(one.first); });
    return ExportDialog::tr(found->second);
}

std::filesystem::path exportPath(const QString& file) {
    return file.toStdString();
}

}  // namespace

ExportDialog::ExportDialog(StoreService& store, ExportSubject subject, Tab first, QWidget* parent)
    : QDialog(parent), m_store(store), m_subject(std::move(subject)) {
    setObjectName(QStringLiteral("exportDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Export %1").arg(m_subject.name));
    m_message = new MessageBar(this);
    m_tabs = new QTabWidget(this);
    m_tabs->setObjectName(QStringLiteral("exportTabs"));
    addImages();
    addFigure();
    addTables();
    if (const auto at = std::ranges::find(m_kinds, first); at != m_kinds.end()) {
        m_tabs->setCurrentIndex(static_cast<int>(at - m_kinds.begin()));
    }

    m_busy = makeBusyBar(this);

    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    buttons->button(QDialogButtonBox::Close)->setIcon({});  // the style's is drawn for light windows
    m_save = makePrimary(buttons->addButton(tr("Save…"), QDialogButtonBox::ActionRole));
    m_save->setObjectName(QStringLiteral("exportSave"));
    m_save->setDefault(true);
    connect(m_save, &QPushButton::clicked, this, &ExportDialog::save);
    m_toReport = buttons->addButton(tr("Add to report"), QDialogButtonBox::ActionRole);
    m_toReport->setObjectName(QStringLiteral("exportToReport"));
    m_toReport->setAutoDefault(false);
    m_toReport->hide();
    connect(m_toReport, &QPushButton::clicked, this, &ExportDialog::addToReport);
    connect(m_tabs, &QTabWidget::currentChanged, this, &ExportDialog::updateReportButton);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);

    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(spacing::kMedium);
    layout->addWidget(m_message);
    layout->addWidget(m_tabs, 1);
    layout->addWidget(m_busy);
    layout->addWidget(buttons);
    resize(withinScreen(*this, m_preview == nullptr ? QSize(480, 400) : kWithPreview));
    if (m_preview != nullptr) {
        showPreview();
    }
    if (m_forecast != nullptr) {
        showForecast();
    }
    updateReportButton();
}

ExportDialog::~ExportDialog() = default;

QFormLayout* ExportDialog::addTab(Tab tab, const QString& title, const QString& note) {
    auto* page = new QWidget;
    auto* form = new QFormLayout(page);
    form->setContentsMargins(spacing::kLarge, spacing::kLarge, spacing::kLarge, spacing::kLarge);
    form->setSpacing(spacing::kMedium);
    form->setLabelAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* words = makeMuted(new QLabel(note));
    words->setObjectName(QStringLiteral("exportNote"));
    words->setWordWrap(true);
    words->setTextFormat(Qt::PlainText);
    form->addRow(words);
    auto* scroll = new QScrollArea;  // on a small screen not all of it is seen at once
    scroll->setWidget(page);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    m_tabs->addTab(scroll, title);
    m_kinds.push_back(tab);
    return form;
}

QComboBox* ExportDialog::addFormats(QFormLayout* form, const QString& name, const QStringList& suffixes) {
    auto* box = new QComboBox;
    box->setObjectName(name);
    for (const QString& suffix : suffixes) {
        box->addItem(formatTitle(suffix), suffix);
    }
    form->addRow(tr("&Format:"), box);
    return box;
}

void ExportDialog::addFigure() {
    if (!m_subject.figure) {
        return;
    }
    QFormLayout* form = addTab(Tab::Figure, tr("Figure"), m_subject.figure->note);
    m_figureFormat = addFormats(form, QStringLiteral("exportFigureFormat"), {QStringLiteral("pdf"), QStringLiteral("svg"), QStringLiteral("png")});
    m_figureSize = new QComboBox;
    m_figureSize->setObjectName(QStringLiteral("exportFigureSize"));
    for (const PrintSize& one : printSizes()) {
        m_figureSize->addItem(tr(one.title));
    }
    form->addRow(tr("&Size:"), m_figureSize);
    m_preview = new FigurePreview;
    form->addRow(m_preview);
    connect(m_figureSize, &QComboBox::currentIndexChanged, this, &ExportDialog::showPreview);
    if (m_subject.figure->spec) {
        m_hasSpec = new QCheckBox(tr("Also its description, from which “rlcm export --spec” draws it again"));
        m_hasSpec->setObjectName(QStringLiteral("exportSpec"));
        form->addRow(m_hasSpec);
    }
}

void ExportDialog::addTables() {
    if (m_subject.words) {
        for (const auto& [suffix, text] : {std::pair("md", figure::markdown(m_subject.words->table)), {"tex", figure::latex(m_subject.words->table)}}) {
            m_subject.tables.push_back({.note = m_subject.words->note,
                                        .suffix = QLatin1String(suffix),
                                        .write = [text](const store::StoreReader&, const std::filesystem::path& file) { writeFileAtomically(file, text); }});
        }
    }
    if (m_subject.tables.empty()) {
        return;
    }
    QFormLayout* form = addTab(Tab::Numbers, tr("Numbers"), m_subject.tables.front().note);
    QStringList suffixes;
    for (const ExportSubject::Table& table : m_subject.tables) {
        suffixes << table.suffix;
    }
    m_table = addFormats(form, QStringLiteral("exportTableFormat"), suffixes);
    auto* note = form->parentWidget()->findChild<QLabel*>(QStringLiteral("exportNote"));
    connect(m_table, &QComboBox::currentIndexChanged, note, [this, note](int at) { note->setText(m_subject.tables[static_cast<std::size_t>(at)].note); });
}

bool ExportDialog::choose(Tab tab, const QString& suffix) {
    const auto at = std::ranges::find(m_kinds, tab);
    QComboBox* box = tab == Tab::Images ? m_imageFormat : tab == Tab::Figure ? m_figureFormat : m_table;
    const int format = box == nullptr ? -1 : box->findData(suffix);
    if (at == m_kinds.end() || format < 0) {
        return false;
    }
    m_tabs->setCurrentIndex(static_cast<int>(at - m_kinds.begin()));
    box->setCurrentIndex(format);
    return true;
}

ExportDialog::Tab ExportDialog::tab() const {
    return m_kinds[static_cast<std::size_t>(m_tabs->currentIndex())];
}

QString ExportDialog::suggestion(const QString& suffix) const {
    QString name = m_subject.name;
    name.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9._-]+")), QStringLiteral("-"));
    const auto place = tab() == Tab::Images ? QStandardPaths::PicturesLocation : QStandardPaths::DocumentsLocation;
    return QDir(QStandardPaths::writableLocation(place)).filePath(name + QLatin1Char('.') + suffix);
}

QString ExportDialog::askForFile(const QString& suffix) {
    return FileDialog::saveFile(this, windowTitle(), suggestion(suffix), tr("%1 (*.%2)").arg(formatTitle(suffix), suffix));
}

void ExportDialog::save() {
    const QComboBox* format = tab() == Tab::Images ? m_imageFormat : tab() == Tab::Figure ? m_figureFormat : m_table;
    const bool isFolder = tab() == Tab::Numbers && m_subject.tables[static_cast<std::size_t>(m_table->currentIndex())].isFolder;
    const QString file = isFolder ? FileDialog::chooseFolder(this, windowTitle(), QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation))
                                  : askForFile(format->currentData().toString());
    if (file.isEmpty()) {
        return;
    }
    if (tab() == Tab::Figure) {
        saveFigure(file);
    } else if (tab() == Tab::Numbers) {
        write(file, m_subject.tables[static_cast<std::size_t>(m_table->currentIndex())].write);
    } else {
        write(file, [work = m_subject.images->write, options = gridOptions()](const store::StoreReader& reader, const std::filesystem::path& path) {
            work(reader, path, options);
        });
    }
}

figure::Size ExportDialog::figureSize() const {
    return printSizes()[static_cast<std::size_t>(m_figureSize->currentIndex())].size;
}

/// The file itself, in fewer pixels: what has no room or no values is told before anything is saved.
void ExportDialog::showPreview() {
    const figure::Size size = figureSize();
    if (!m_subject.figure->spec) {
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("preview.png"));
        try {
            m_subject.figure->draw(file, QSizeF(size.widthMm, size.heightMm));
            m_preview->setPicture(QImage(file));
        } catch (const std::exception& problem) {
            m_preview->setWords(QString::fromUtf8(problem.what()));
        }
        return;
    }
    figure::FigureSpec spec = *m_subject.figure->spec;
    spec.size = size;
    m_store.readAside(
        this, m_previews.renew(),
        [spec, width = static_cast<int>(kPreviewWidth * devicePixelRatioF())](const store::StoreReader& reader) {
            return report::figurePreview(reader, spec, width);
        },
        [this](const std::string& png) { m_preview->setPicture(QImage::fromData(QByteArray::fromStdString(png))); },
        [this](const QString& problem) { m_preview->setWords(problem); });
}

void ExportDialog::saveFigure(const QString& file) {
    const figure::Size size = figureSize();
    if (!m_subject.figure->spec) {
        QString failure;
        try {
            m_subject.figure->draw(file, QSizeF(size.widthMm, size.heightMm));
        } catch (const std::exception& problem) {
            failure = QString::fromUtf8(problem.what());
        }
        endWrite(file, failure);
        return;
    }
    figure::FigureSpec spec = *m_subject.figure->spec;
    spec.size = size;
    write(file, [spec, hasSpec = m_hasSpec->isChecked()](const store::StoreReader& reader, const std::filesystem::path& path) {
        report::exportFigure(reader, spec, path);
        if (hasSpec) {
            writeFileAtomically(path.string() + ".json", figure::toJson(spec).dump(2) + "\n");
        }
    });
}

void ExportDialog::write(const QString& file, ExportWork<> work) {
    m_save->setEnabled(false);
    m_busy->show();
    m_message->dismiss();
    m_store.readAside(
        this, {}, [file, work = std::move(work)](const store::StoreReader& reader) { work(reader, exportPath(file)); }, [this, file] { endWrite(file, {}); },
        [this, file](const QString& failure) { endWrite(file, failure); });
}

void ExportDialog::endWrite(const QString& file, const QString& failure) {
    m_busy->hide();
    m_save->setEnabled(true);
    if (!failure.isEmpty()) {
        m_message->showMessage(MessageLevel::Error, failure);
        return;
    }
    Q_EMIT saved(file);
    accept();
}

}  // namespace rlcm::ui
