#include "ui/shell/welcome_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <initializer_list>

#include "core/run/presets.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {

constexpr int kColumn = 520;

QPushButton* makeButton(Icon shape, const QString& text, const QString& name) {
    auto* button = new QPushButton(icon(shape), text);
    button->setObjectName(name);
    return button;
}

/// The widgets beside each other, in the middle.
QHBoxLayout* centredRow(std::initializer_list<QWidget*> widgets) {
    auto* row = new QHBoxLayout;
    row->setSpacing(spacing::kSmall);
    row->addStretch(1);
    for (QWidget* widget : widgets) {
        row->addWidget(widget);
    }
    row->addStretch(1);
    return row;
}

}  // namespace

WelcomePage::WelcomePage(const QString& workspace, bool hasRecord, QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("welcomePage"));
    auto* title = makeTitle(new QLabel(tr("Teach a few-step image model what you like")));
    title->setObjectName(QStringLiteral("welcomeTitle"));
    auto* text =
        new QLabel(tr("RLCM Workbench fine-tunes consistency models with reinforcement learning and shows every image on the way: "
                      "does the reward rise, what does the horizon cost, and does it hold on prompts it never saw?"));
    auto* note = makeMuted(new QLabel(QString::fromStdString(run::firstStudy().note)));
    for (QLabel* label : {title, text, note}) {
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignHCenter);
        label->setMaximumWidth(kColumn);
    }
    auto* start = makePrimary(new QPushButton(icon(Icon::Play, Role::AccentText), tr("Start the two-minute study")));
    start->setObjectName(QStringLiteral("startStudy"));
    start->setDefault(true);
    start->setStyleSheet(QStringLiteral("min-height: 40px; font-size: 11pt;"));
    start->setMinimumWidth(280);
    auto* newRun = makeButton(Icon::Add, tr("New run…"), QStringLiteral("welcomeNewRun"));
    auto* open = makeButton(Icon::Folder, tr("Open workspace…"), QStringLiteral("welcomeOpen"));
    auto* models = makeButton(Icon::Spark, tr("Models…"), QStringLiteral("welcomeModels"));
    auto* record = makeButton(Icon::Chart, tr("Recorded study"), QStringLiteral("welcomeRecord"));
    record->setToolTip(tr("Finished runs that came with the program, to be looked at"));
    if (!hasRecord) {
        record->hide();
    }
    auto* foot = makeMuted(new QLabel(workspace));
    foot->setToolTip(tr("Runs are kept in this folder"));
    foot->setTextInteractionFlags(Qt::TextSelectableByMouse);
    foot->setAlignment(Qt::AlignHCenter);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::kHuge, spacing::kHuge, spacing::kHuge, spacing::kLarge);
    layout->setSpacing(spacing::kMedium);
    layout->addStretch(3);
    const auto centre = [layout](QWidget* widget) {
        auto* row = new QHBoxLayout;
        row->addStretch(1);
        row->addWidget(widget, 8);
        row->addStretch(1);
        layout->addLayout(row);
    };
    centre(title);
    centre(text);
    layout->addSpacing(spacing::kMedium);
    layout->addWidget(start, 0, Qt::AlignHCenter);
    centre(note);
    layout->addSpacing(spacing::kMedium);
    layout->addLayout(centredRow({newRun, open, models, record}));
    layout->addStretch(4);
    layout->addWidget(foot);
    connect(start, &QPushButton::clicked, this, &WelcomePage::studyRequested);
    connect(newRun, &QPushButton::clicked, this, &WelcomePage::newRunRequested);
    connect(open, &QPushButton::clicked, this, &WelcomePage::openRequested);
    connect(models, &QPushButton::clicked, this, &WelcomePage::modelsRequested);
    connect(record, &QPushButton::clicked, this, &WelcomePage::recordRequested);
}

}  // namespace rlcm::ui
