// The columns of the dialog for new runs: presets, what the run costs and what else is run, and the buttons below.
#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "core/run/presets.h"
#include "ui/runs/config_form.h"
#include "ui/runs/estimate_card.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/vary_card.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"

namespace rlcm::ui {

namespace {
constexpr int kPresetsWidth = 296, kLeastPresetsWidth = 132;
constexpr int kSideWidth = 276;
constexpr int kNoteLines = 7;

QLabel* makeError(const QString& name) {
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setWordWrap(true);
    return label;
}
}  // namespace

QScrollArea* NewRunDialog::makeScroll(QWidget* content) {
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return scroll;
}

QWidget* NewRunDialog::makePresets() {
    auto* box = new QWidget;
    box->setMinimumWidth(kLeastPresetsWidth);
    box->setMaximumWidth(kPresetsWidth);
    m_presets = new QListWidget;
    m_presets->setObjectName(QStringLiteral("presetList"));
    m_presets->setAccessibleName(tr("Presets"));
    m_presets->setStyleSheet(QStringLiteral("QListWidget::item { padding: 4px 6px; border: none; }"));
    m_presets->setWordWrap(true);  // titles differ at their end
    m_presets->setResizeMode(QListView::Adjust);
    m_presets->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    for (const run::Preset& preset : run::presets()) {
        auto* item = new QListWidgetItem(QString::fromStdString(preset.title), m_presets);
        item->setToolTip(QStringLiteral("<p><b>%1</b></p><p>%2</p>").arg(item->text().toHtmlEscaped(), QString::fromStdString(preset.note).toHtmlEscaped()));
    }
    m_note = makeMuted(new QLabel);
    m_note->setObjectName(QStringLiteral("presetNote"));
    m_note->setWordWrap(true);
    m_note->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    QScrollArea* note = makeScroll(m_note);
    note->setFixedHeight(kNoteLines * (note->fontMetrics().height() + 1));
    auto* layout = new QVBoxLayout(box);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(makeHeading(new QLabel(tr("Start from"))));
    layout->addWidget(m_presets, 1);
    layout->addWidget(note);
    // Not the current row: a list that gets the focus makes its first row current by itself.
    connect(m_presets, &QListWidget::itemSelectionChanged, this, [this] {
        if (!m_presets->selectedItems().isEmpty()) {
            applyPreset(m_presets->row(m_presets->selectedItems().front()));
        }
    });
    return box;
}

void NewRunDialog::addBrowse(const char* path, const QString& what, bool isFolder) {
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("browse:") + QLatin1String(path));
    button->setIcon(icon(Icon::Folder));
    button->setToolTip(what);
    button->setAccessibleName(what);
    m_form->setBeside(path, button);
    connect(button, &QToolButton::clicked, this, [this, path, what, isFolder] {
        const QString home = QDir::homePath();
        const QString chosen = isFolder ? FileDialog::chooseFolder(this, what, home) : FileDialog::openFile(this, what, home, QString());
        if (!chosen.isEmpty()) {
            m_form->setField(path, chosen);
        }
    });
}

QWidget* NewRunDialog::makeFit() {
    auto* button = new QPushButton(tr("Fit to a GPU"));
    button->setObjectName(QStringLiteral("fitToGpu"));
    button->setAutoDefault(false);
    button->setToolTip(tr("Sets precision and memory limit for a GPU of this size; what is learned stays the same"));
    auto* menu = new QMenu(button);
    for (const int gigabytes : {12, 16, 24, 80}) {
        menu->addAction(tr("%1 GB").arg(gigabytes), this, [this, gigabytes] { fitToGpu(gigabytes); });
    }
    button->setMenu(menu);
    m_fitHint = makeError(QStringLiteral("fitHint"));
    m_fitHint->hide();
    return button;
}

QWidget* NewRunDialog::makeSide() {
    auto* content = new QWidget;
    m_estimate = new EstimateCard;
    m_vary = new VaryCard;
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kMedium);
    layout->addWidget(m_estimate);
    layout->addWidget(makeFit());
    layout->addWidget(m_fitHint);
    layout->addWidget(m_vary);
    layout->addStretch(1);
    QScrollArea* scroll = makeScroll(content);
    scroll->setFixedWidth(kSideWidth);
    return scroll;
}

QWidget* NewRunDialog::makeButtons() {
    m_summary = makeError(QStringLiteral("newRunSummary"));
    auto* cancel = new QPushButton(tr("Cancel"));
    m_queue = new QPushButton(tr("Add to queue"));
    m_queue->setObjectName(QStringLiteral("addToQueue"));
    m_start = makePrimary(new QPushButton(tr("Start now")));
    m_start->setObjectName(QStringLiteral("startNow"));
    for (QPushButton* button : {cancel, m_queue, m_start}) {
        button->setAutoDefault(false);  // Return in a field must not start a night of training
    }
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_queue, &QPushButton::clicked, this, [this] { submit(false); });
    connect(m_start, &QPushButton::clicked, this, [this] { submit(true); });
    auto* box = new QWidget;
    auto* buttons = new QHBoxLayout(box);
    buttons->setContentsMargins(0, 0, 0, 0);
    buttons->setSpacing(spacing::kSmall);
    buttons->addWidget(m_summary, 1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_queue);
    buttons->addWidget(m_start);
    return box;
}

}  // namespace rlcm::ui
