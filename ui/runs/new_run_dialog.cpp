#include "ui/runs/new_run_dialog.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/error.h"
#include "core/run/presets.h"
#include "ui/runs/config_form.h"
#include "ui/runs/estimate_card.h"
#include "ui/runs/reward_trial_dialog.h"
#include "ui/runs/run_variants.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {
constexpr int kPresetsWidth = 296;
constexpr int kSideWidth = 284;
constexpr int kNoteLines = 7;

QLabel* makeError(const QString& name) {
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setWordWrap(true);
    return label;
}

void setTone(QLabel* label, Role role) {
    QPalette palette;
    palette.setColor(QPalette::WindowText, colour(role));
    label->setPalette(palette);
}

QScrollArea* makeScroll(QWidget* content) {
    auto* scroll = new QScrollArea;
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    return scroll;
}
}  // namespace

NewRunDialog::NewRunDialog(const run::SpeedHint& speed, run::RewardTester tester, std::filesystem::path workspace, QWidget* parent)
    : QDialog(parent), m_speed(speed), m_tester(std::move(tester)), m_workspace(std::move(workspace)) {
    setObjectName(QStringLiteral("newRunDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("New run"));
    m_form = new ConfigForm;
    m_form->setObjectName(QStringLiteral("configForm"));
    m_tryReward = new QPushButton(tr("Test…"));
    m_tryReward->setObjectName(QStringLiteral("testReward"));
    m_tryReward->setAccessibleName(tr("Test reward"));
    m_tryReward->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_T));
    m_tryReward->setToolTip(tr("Score a handful of pictures with this reward (Ctrl+T)"));
    m_tryReward->setAutoDefault(false);
    m_form->setBeside("reward.terms", m_tryReward);
    connect(m_tryReward, &QPushButton::clicked, this, &NewRunDialog::tryReward);

    auto* columns = new QHBoxLayout;
    columns->setSpacing(spacing::kLarge);
    columns->addWidget(makePresets());
    columns->addWidget(makeScroll(m_form), 1);
    columns->addWidget(makeSide());

    m_summary = makeError(QStringLiteral("newRunSummary"));
    auto* cancel = new QPushButton(tr("Cancel"));
    m_queue = new QPushButton(tr("Add to queue"));
    m_queue->setObjectName(QStringLiteral("addToQueue"));
    m_start = makePrimary(new QPushButton(tr("Start now")));
    m_start->setObjectName(QStringLiteral("startNow"));
    m_start->setDefault(true);
    cancel->setAutoDefault(false);
    m_queue->setAutoDefault(false);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_queue, &QPushButton::clicked, this, [this] { submit(false); });
    connect(m_start, &QPushButton::clicked, this, [this] { submit(true); });
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(spacing::kSmall);
    buttons->addWidget(m_summary, 1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_queue);
    buttons->addWidget(m_start);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::kLarge, spacing::kLarge, spacing::kLarge, spacing::kLarge);
    layout->setSpacing(spacing::kMedium);
    layout->addLayout(columns, 1);
    layout->addLayout(buttons);
    resize(1136, 700);
    setMinimumSize(800, 420);

    connect(m_form, &ConfigForm::edited, this, &NewRunDialog::recheck);
    connect(m_seeds, &QLineEdit::textChanged, this, &NewRunDialog::recheck);
    connect(m_horizons, &QLineEdit::textChanged, this, &NewRunDialog::recheck);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, &NewRunDialog::recheck);
    m_presets->setCurrentRow(0);
}

QWidget* NewRunDialog::makePresets() {
    auto* box = new QWidget;
    box->setFixedWidth(kPresetsWidth);
    m_presets = new QListWidget;
    m_presets->setObjectName(QStringLiteral("presetList"));
    m_presets->setAccessibleName(tr("Presets"));
    m_presets->setStyleSheet(QStringLiteral("QListWidget::item { padding: 4px 6px; border: none; }"));
    m_presets->setTextElideMode(Qt::ElideMiddle);  // titles differ at their end
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
    connect(m_presets, &QListWidget::currentRowChanged, this, [this](int row) {
        if (row >= 0) {
            const run::Preset& preset = run::presets()[static_cast<std::size_t>(row)];
            m_note->setText(QString::fromStdString(preset.note));
            m_form->setConfig(preset.config);
        }
    });
    return box;
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

void NewRunDialog::fitToGpu(int gigabytes) {
    if (!m_form->config()) {
        return;
    }
    run::RunConfig config = *m_form->config();
    QString problem;
    try {
        run::applyMemoryPlan(config, gigabytes);
        m_form->setConfig(config);
    } catch (const Error& error) {
        problem = QString::fromUtf8(error.what());
    }
    m_fitHint->setText(problem.isEmpty() ? tr("Set for %1 GB: bf16, activations in %2 GiB.").arg(gigabytes).arg(config.compute.memoryGib) : problem);
    setTone(m_fitHint, problem.isEmpty() ? Role::MutedText : Role::Danger);
    m_fitHint->show();
}

QWidget* NewRunDialog::makeSide() {
    auto* content = new QWidget;
    m_estimate = new EstimateCard;
    auto* also = makeCard(new QFrame);
    auto* form = new QFormLayout(also);
    form->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    form->setVerticalSpacing(spacing::kSmall);
    form->addRow(makeHeading(new QLabel(tr("Also run"))));
    m_seeds = new QLineEdit;
    m_seeds->setObjectName(QStringLiteral("alsoSeeds"));
    m_seeds->setPlaceholderText(tr("e.g. 0, 1, 2"));
    m_seeds->setToolTip(tr("One run for each seed: a list as 0, 1, 2 or a range as 0-2"));
    m_horizons = new QLineEdit;
    m_horizons->setObjectName(QStringLiteral("alsoHorizons"));
    m_horizons->setPlaceholderText(tr("e.g. 2, 4, 8"));
    m_horizons->setToolTip(tr("One run for each horizon, times the seeds"));
    m_alsoHint = makeError(QStringLiteral("alsoHint"));
    form->addRow(tr("&Seeds"), m_seeds);
    form->addRow(tr("&Horizons"), m_horizons);
    form->addRow(m_alsoHint);
    auto* layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kMedium);
    layout->addWidget(m_estimate);
    layout->addWidget(makeFit());
    layout->addWidget(m_fitHint);
    layout->addWidget(also);
    layout->addStretch(1);
    QScrollArea* scroll = makeScroll(content);
    scroll->setFixedWidth(kSideWidth);
    return scroll;
}

void NewRunDialog::setConfig(const run::RunConfig& config) {
    m_presets->setCurrentRow(-1);
    m_note->setText(tr("The settings of an earlier run."));
    m_form->setConfig(config);
}

void NewRunDialog::setModel(const run::ModelFacts& model) {
    const std::string method = model.kind == run::ModelKind::Diffusion ? "ddpo" : "rlcm";
    const bool isPublished = model.shape != "other";
    const auto& presets = run::presets();
    const auto suits = [&](const run::Preset& preset) { return preset.config.algorithm.method == method && preset.name.starts_with("paper-") == isPublished; };
    const auto found = std::find_if(presets.begin(), presets.end(), suits);
    m_presets->setCurrentRow(static_cast<int>(found - presets.begin()));
    run::RunConfig config = found->config;
    config.name.clear();
    config.model.path = model.name;
    m_form->setConfig(config);
}

void NewRunDialog::setKnownModels(const std::vector<run::ModelFacts>& models) {
    QStringList generators, scorers;
    for (const run::ModelFacts& facts : models) {
        if (facts.kind == run::ModelKind::Consistency || facts.kind == run::ModelKind::Diffusion) {
            generators << QString::fromStdString(facts.name);
        } else if (facts.kind == run::ModelKind::ClipScorer) {
            scorers << QString::fromStdString(facts.name);
        }
    }
    m_form->setOffers("model.path", generators);
    for (const char* path : {"reward.clip_model", "reward.aesthetic_model", "reward.pickscore_model", "reward.hps_model", "evaluation.judge_model"}) {
        m_form->setOffers(path, scorers);
    }
}

void NewRunDialog::tryReward() {
    if (!m_form->config()) {
        return;
    }
    if (!m_trial) {
        m_trial = new RewardTrialDialog(m_tester, m_workspace, this);
    }
    m_trial->setReward(m_form->config()->reward);
    m_trial->show();
    m_trial->raise();
    m_trial->activateWindow();
    m_trial->score();
}

void NewRunDialog::setTraining(bool isTraining) {
    m_isTraining = isTraining;
    recheck();
}

void NewRunDialog::recheck() {
    m_configs.clear();
    m_tryReward->setEnabled(m_form->config().has_value());
    if (m_trial && m_form->config()) {
        m_trial->setReward(m_form->config()->reward);
    }
    QString alsoProblem;
    if (m_form->config()) {
        try {
            m_configs = variants(*m_form->config(), parseNumberList(m_seeds->text(), 0), parseNumberList(m_horizons->text(), 2));
        } catch (const Error& error) {
            alsoProblem = QString::fromUtf8(error.what());
        }
    }
    std::vector<run::Problem> problems = m_form->problems();
    for (const run::RunConfig& config : m_configs) {
        if (const auto found = run::validate(config); problems.empty() && !found.empty()) {
            problems = found;
            problems.front().message = tr("With %1 steps: %2").arg(config.sampling.steps).arg(QString::fromStdString(found.front().message)).toStdString();
        }
    }
    if (!problems.empty() || !alsoProblem.isEmpty()) {
        m_configs.clear();
    }
    std::vector<run::Estimate> estimates;
    for (const run::RunConfig& config : m_configs) {
        estimates.push_back(run::estimate(config, m_speed));
    }
    m_estimate->setEstimates(estimates);
    setTone(m_alsoHint, alsoProblem.isEmpty() ? Role::MutedText : Role::Danger);
    m_alsoHint->setText(!alsoProblem.isEmpty() ? alsoProblem
                        : m_configs.size() > 1 ? tr("%1 runs, one after the other.").arg(m_configs.size())
                                               : tr("Several seeds or horizons make one run each."));

    const bool isReady = !m_configs.empty();
    if (!problems.empty()) {
        const run::Problem& first = problems.front();
        const QString label = first.path.empty() ? QString() : QString::fromStdString(run::fieldAt(first.path).label) + QStringLiteral(": ");
        const QString more = problems.size() > 1 ? tr(" (and %n more)", nullptr, static_cast<int>(problems.size()) - 1) : QString();
        m_summary->setText(label + QString::fromStdString(first.message) + more);
    } else {
        m_summary->setText(alsoProblem.isEmpty() && m_isTraining ? tr("A run is training; new ones wait in the queue.") : QString());
    }
    setTone(m_summary, problems.empty() ? Role::MutedText : Role::Danger);
    m_start->setEnabled(isReady && !m_isTraining);
    m_start->setToolTip(m_isTraining ? tr("Another run is training in this window") : tr("Begin training at once"));
    m_queue->setEnabled(isReady);
}

void NewRunDialog::submit(bool startNow) {
    if (!m_configs.empty()) {
        Q_EMIT submitted(m_configs, startNow);
        accept();
    }
}

}  // namespace rlcm::ui
