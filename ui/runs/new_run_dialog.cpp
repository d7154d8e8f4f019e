#include "ui/runs/new_run_dialog.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScreen>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QTableWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <iterator>

#include "core/base/error.h"
#include "core/run/presets.h"
#include "ui/runs/arithmetic_hint.h"
#include "ui/runs/config_form.h"
#include "ui/runs/estimate_card.h"
#include "ui/runs/reward_trial_dialog.h"
#include "ui/runs/vary_card.h"
#include "ui/theme/theme.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/within_screen.h"

namespace rlcm::ui {

namespace {
constexpr int kWidth = 1136, kHeight = 700;
}  // namespace

void NewRunDialog::setTone(QLabel* label, Role role) {
    QPalette palette;
    palette.setColor(QPalette::WindowText, colour(role));
    label->setPalette(palette);
}

NewRunDialog::NewRunDialog(run::RewardTester tester, StoreService* store, QWidget* parent) : QDialog(parent), m_tester(std::move(tester)), m_store(store) {
    setObjectName(QStringLiteral("newRunDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("New run"));
    m_arithmetic = new ArithmeticHint(this);
    m_form = new ConfigForm;
    m_form->setObjectName(QStringLiteral("configForm"));
    m_tryReward = new QPushButton(tr("Test…"));
    m_tryReward->setObjectName(QStringLiteral("testReward"));
    m_tryReward->setAccessibleName(tr("Test reward"));
    m_tryReward->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_T));
    m_tryReward->setAutoDefault(false);
    m_form->setBeside("reward.terms", m_tryReward);
    connect(m_tryReward, &QPushButton::clicked, this, &NewRunDialog::tryReward);

    addBrowse("model.path", tr("Choose the folder of a model"), true);
    addBrowse("prompts.train", tr("Choose a text file with one prompt a line"), false);
    addBrowse("prompts.held_out", tr("Choose a text file with one prompt a line"), false);
    addBrowse("reward.aesthetic_head", tr("Choose the file of a score head"), false);
    addBrowse("lora.start", tr("Choose a LoRA file"), false);

    auto* columns = new QHBoxLayout;
    columns->setSpacing(spacing::kMedium);
    columns->addWidget(makePresets(), 1);
    m_formScroll = makeScroll(m_form);
    columns->addWidget(m_formScroll, 2);
    columns->addWidget(makeSide());

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    layout->setSpacing(spacing::kMedium);
    layout->addLayout(columns, 1);
    layout->addWidget(m_vary->matrix());
    QWidget* buttons = makeButtons();
    layout->addWidget(buttons);
    m_putBack = new MessageBar;
    m_putBack->setObjectName(QStringLiteral("replacedBar"));
    m_putBack->floatOver(this, buttons->sizeHint().height() + spacing::kSmall);
    connect(m_putBack, &MessageBar::actionTriggered, this, &NewRunDialog::putBack);
    const QSize size = parent != nullptr ? withinScreen(*this, {kWidth, kHeight}) : QSize(kWidth, kHeight);
    setMinimumSize(QSize(800, 420).boundedTo(size));
    resize(size);

    connect(m_arithmetic, &ArithmeticHint::changed, this, &NewRunDialog::recheck);
    connect(m_form, &ConfigForm::edited, this, [this] {
        if (!m_isReplacing) {
            m_putBack->dismiss();  // putting back now would lose what is typed since
            m_refusal.clear();
        }
        recheck();
    });
    connect(m_vary, &VaryCard::edited, this, &NewRunDialog::recheck);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, &NewRunDialog::recheck);
    choosePreset(0);
    applyPreset(0);
}

void NewRunDialog::showEvent(QShowEvent* event) {
    // Its columns are as wide as they must be, which is known now that it has its style.
    m_formScroll->setMinimumWidth(m_form->minimumSizeHint().width() + m_formScroll->verticalScrollBar()->sizeHint().width());
    QDialog::showEvent(event);
}

void NewRunDialog::keyPressEvent(QKeyEvent* event) {
    if (event->key() != Qt::Key_Return && event->key() != Qt::Key_Enter) {
        QDialog::keyPressEvent(event);
        return;
    }
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        m_start->click();
    } else if (auto* button = qobject_cast<QPushButton*>(focusWidget())) {
        button->click();
    }
}

void NewRunDialog::changeEvent(QEvent* event) {
    QDialog::changeEvent(event);
    if (event->type() == QEvent::ActivationChange && isActiveWindow() && m_form != nullptr) {
        m_isReplacing = true;  // nothing was typed
        m_form->check();
        m_isReplacing = false;
    }
}

void NewRunDialog::fitToGpu(int gigabytes) {
    if (!m_form->config()) {
        return;
    }
    run::RunConfig config = *m_form->config();
    QString problem;
    try {
        run::applyMemoryPlan(config, gigabytes);
        m_form->changeTo(config);
    } catch (const Error& error) {
        problem = QString::fromUtf8(error.what());
    }
    m_fitHint->setText(problem.isEmpty() ? tr("Set for %1 GB: bf16, activations in %2 GiB.").arg(gigabytes).arg(config.compute.memoryGib) : problem);
    setTone(m_fitHint, problem.isEmpty() ? Role::MutedText : Role::Danger);
    m_fitHint->show();
}

void NewRunDialog::applyPreset(int row) {
    const run::Preset& preset = run::presets()[static_cast<std::size_t>(row)];
    replaceWith(preset.config, tr("“%1”").arg(QString::fromStdString(preset.title)), row);
    m_note->setText(QString::fromStdString(preset.note));
}

/// Marks a preset without applying it; -1: none.
void NewRunDialog::choosePreset(int row) {
    const QSignalBlocker quiet(m_presets);
    m_presets->setCurrentRow(row);
    if (row < 0) {
        m_presets->clearSelection();
    }
    m_preset = row;
}

void NewRunDialog::replaceWith(const run::RunConfig& config, const QString& origin, int preset) {
    const int changes = m_form->changes();
    if (changes > 0) {
        m_replaced = {m_form->texts(), m_preset, m_note->text()};
    }
    m_isReplacing = true;
    m_form->setConfig(config);
    m_isReplacing = false;
    m_preset = preset;
    if (changes > 0) {
        m_putBack->showMessage(
            MessageLevel::Info,
            changes == 1 ? tr("%1 has replaced one change of yours.").arg(origin) : tr("%1 has replaced %2 changes of yours.").arg(origin).arg(changes),
            tr("Undo"));
    }
}

void NewRunDialog::putBack() {
    choosePreset(m_replaced.preset);
    m_note->setText(m_replaced.note);
    if (m_replaced.preset >= 0) {
        m_form->setConfig(run::presets()[static_cast<std::size_t>(m_replaced.preset)].config);
    }
    m_form->setTexts(m_replaced.texts);
    m_putBack->dismiss();
}

void NewRunDialog::setConfig(const run::RunConfig& config, const QString& origin) {
    choosePreset(-1);
    replaceWith(config, origin, -1);
    m_note->setText(tr("The settings of %1.").arg(origin));
    m_form->setFocus(Qt::OtherFocusReason);
}

void NewRunDialog::setModel(const run::ModelFacts& model) {
    const run::Method method = model.kind == run::ModelKind::Diffusion ? run::Method::Ddpo : run::Method::Rlcm;
    const bool isPublished = model.shape != "other";
    const auto& presets = run::presets();
    const auto suits = [&](const run::Preset& preset) { return preset.config.algorithm.method == method && preset.name.starts_with("paper-") == isPublished; };
    const auto found = std::find_if(presets.begin(), presets.end(), suits);
    const int row = static_cast<int>(found - presets.begin());
    choosePreset(row);
    m_note->setText(QString::fromStdString(found->note));
    run::RunConfig config = found->config;
    config.name.clear();
    config.model.path = model.name;
    replaceWith(config, tr("The form for %1").arg(QString::fromStdString(model.name)), row);
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
    for (const run::Field& field : run::fieldTable()) {
        if (field.path.ends_with("_model")) {
            m_form->setOffers(field.path, scorers);
        }
    }
}

void NewRunDialog::tryReward() {
    if (!m_trial) {
        m_trial = new RewardTrialDialog(m_tester, m_store, this);
    }
    m_trial->setReward(m_form->readable().reward);
    m_trial->show();
    m_trial->raise();
    m_trial->activateWindow();
    m_trial->score();
}

void NewRunDialog::setTraining(bool isTraining) {
    if (isTraining != m_isTraining) {
        m_isTraining = isTraining;
        recheck();
    }
}

void NewRunDialog::setSpeeds(std::vector<MeasuredSpeed> speeds) {
    m_speeds = std::move(speeds);
    recheck();
}

void NewRunDialog::setArithmeticTimer(run::ArithmeticTimer timer) {
    m_arithmetic->setTimer(std::move(timer));
    recheck();
}

void NewRunDialog::showArithmetic() {
    m_arithmetic->look(m_form->readable());
    m_form->setSummary("compute.dtype", m_arithmetic->text(m_form->readable().compute.dtype));
}

void NewRunDialog::recheck() {
    m_configs.clear();
    const std::vector<run::Problem>& problems = m_form->problems();
    const bool hasReward = std::none_of(problems.begin(), problems.end(), [](const run::Problem& one) { return one.path.starts_with("reward."); });
    m_tryReward->setEnabled(hasReward);
    m_tryReward->setToolTip(hasReward ? tr("Score a handful of pictures with this reward (Ctrl+T)") : tr("Correct the settings of the reward first"));
    if (m_trial && hasReward) {
        m_trial->setReward(m_form->readable().reward);
    }
    m_vary->setForm(m_form->readable());
    if (problems.empty() && m_vary->problems().isEmpty()) {
        m_configs = m_vary->configs();
    }
    showArithmetic();
    showEstimate();
    showSummary(problems);
    const bool isReady = !m_configs.empty() && !m_isSubmitted;
    m_start->setEnabled(isReady && !m_isTraining);
    m_start->setToolTip(m_isTraining ? tr("Another run is training in this window") : tr("Begin training at once (Ctrl+Return)"));
    m_queue->setEnabled(isReady);
}

run::Estimate NewRunDialog::estimateOf(const run::RunConfig& config) const {
    const run::RunConfig decided = m_arithmetic->decided(config);
    const std::optional<MeasuredSpeed> speed = speedOf(m_speeds, decided);
    run::Estimate estimate = run::estimate(decided);
    estimate.seconds *= speed ? speed->factor : 1.0;
    return estimate;
}

void NewRunDialog::showEstimate() {
    std::vector<run::Estimate> costs, all;
    const std::vector<run::RunConfig> kinds = m_configs.empty() ? std::vector<run::RunConfig>() : m_vary->kinds();
    std::ranges::transform(kinds, std::back_inserter(costs), [this](const run::RunConfig& config) { return estimateOf(config); });
    m_vary->showCosts(costs);
    if (!m_configs.empty()) {
        std::ranges::transform(m_vary->kindsOfConfigs(), std::back_inserter(all), [&costs](std::size_t kind) { return costs[kind]; });
    }
    const std::optional<MeasuredSpeed> speed = m_configs.empty() ? std::nullopt : speedOf(m_speeds, m_arithmetic->decided(m_configs.front()));
    QString source;
    if (!m_configs.empty()) {
        const run::RunConfig& config = m_configs.front();
        const QString model = QString::fromStdString(config.model.path);
        const bool isCpu = run::runsOnCpu(config);
        source = speed ? tr("Time as “%1” took here, with %2 on %3.").arg(QString::fromStdString(speed->run), model, isCpu ? tr("this CPU") : tr("this GPU"))
                       : tr("Time is a typical one for %1 on %2; no run with it has been measured here yet.")
                             .arg(model, isCpu ? tr("two CPU cores") : tr("a data-centre GPU"));
    }
    m_estimate->setEstimates(all, source);
}

void NewRunDialog::showSummary(const std::vector<run::Problem>& problems) {
    const run::Dtype dtype = m_form->readable().compute.dtype;
    const bool isSlow = m_arithmetic->isSlow(dtype);
    if (!problems.empty()) {
        const run::Problem& first = problems.front();
        const QString label = first.path.empty() ? QString() : QString::fromStdString(run::fieldAt(first.path).label) + QStringLiteral(": ");
        const QString more = problems.size() > 1 ? tr(" (and %1 more)").arg(problems.size() - 1) : QString();
        m_summary->setText(label + QString::fromStdString(first.message) + more);
    } else {
        m_summary->setText(!m_refusal.isEmpty()                           ? m_refusal
                           : isSlow                                       ? m_arithmetic->text(dtype)
                           : m_vary->problems().isEmpty() && m_isTraining ? tr("A run is training; new ones wait in the queue.")
                                                                          : QString());
    }
    setTone(m_summary, !problems.empty() || !m_refusal.isEmpty() ? Role::Danger : isSlow ? Role::Warning : Role::MutedText);
}

void NewRunDialog::submit(bool startNow) {
    if (!m_configs.empty() && !m_isSubmitted) {
        m_isSubmitted = true;
        m_refusal.clear();
        const std::vector<run::RunConfig> configs = m_configs;
        recheck();  // no second time while the first is under way
        Q_EMIT submitted(configs, startNow);
    }
}

void NewRunDialog::refuse(const QString& reason) {
    m_isSubmitted = false;
    m_refusal = reason;
    recheck();
}

}  // namespace rlcm::ui
