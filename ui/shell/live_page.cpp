#include "ui/shell/live_page.h"

#include <QAbstractItemView>
#include <QComboBox>
#include <QDateTime>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSlider>
#include <QSplitter>
#include <QStackedLayout>
#include <QToolButton>
#include <algorithm>

#include "ui/bridge/store_service.h"
#include "ui/charts/chart_widget.h"
#include "ui/gallery/evaluation_panel.h"
#include "ui/shell/settings.h"
#include "ui/theme/icons.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/state_badge.h"

namespace rlcm::ui {

namespace {

constexpr int kHalfLives[] = {0, 1, 2, 3, 5, 8, 12, 20, 40, 80, 160, 320, 640};  // epochs
}  // namespace

LivePage::LivePage(StoreService& store, ThumbnailCache& cache, QWidget* parent) : QWidget(parent), m_store(store) {
    setObjectName(QStringLiteral("livePage"));
    auto* content = new QWidget(this);
    m_problem = new MessageBar(content);
    m_problem->setObjectName(QStringLiteral("runProblem"));
    m_images = new EvaluationPanel(store, cache, content);
    connect(m_images, &EvaluationPanel::imageEpochsChanged, this, &LivePage::ticksChanged);
    connect(m_images, &EvaluationPanel::exportRequested, this, &LivePage::exportRequested);
    connect(m_images, &EvaluationPanel::epochRequested, this, &LivePage::epochRequested);

    m_split = new QSplitter(Qt::Vertical, content);
    m_split->setObjectName(QStringLiteral("liveSplit"));
    m_split->setChildrenCollapsible(false);
    m_split->setHandleWidth(spacing::kSmall);
    m_split->addWidget(makeCharts());
    m_split->addWidget(m_images);
    m_split->setStretchFactor(0, 10);
    m_split->setStretchFactor(1, 16);
    m_split->setSizes({218, 334});
    m_images->setMinimumHeight(120);

    makeLog();
    auto* column = new QVBoxLayout(content);
    column->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kMedium, spacing::kTiny);
    column->setSpacing(spacing::kSmall);
    column->addWidget(makeHeader());
    column->addWidget(m_problem);
    column->addWidget(m_split, 1);
    column->addWidget(m_log);

    m_empty = new EmptyState(Icon::Chart, tr("No run selected"), tr("Select a run on the left to see its curves and images."), {}, this);
    m_stack = new QStackedLayout(this);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(content);
}

QWidget* LivePage::makeHeader() {
    auto* header = new QWidget(this);
    m_logToggle = new QToolButton;
    m_logToggle->setObjectName(QStringLiteral("logToggle"));
    m_logToggle->setCheckable(true);
    m_logToggle->setAutoRaise(true);
    m_logToggle->setText(tr("Log"));
    m_logToggle->setToolTip(tr("What the run has to say"));
    connect(m_logToggle, &QToolButton::toggled, this, [this](bool isOpen) { m_log->setVisible(isOpen); });
    m_name = makeHeading(new ElidedLabel);
    m_name->setObjectName(QStringLiteral("liveName"));
    m_badge = new StateBadge;
    auto* facts = new ElidedLabel;
    facts->setHiddenWhenCut(true);
    m_facts = makeMuted(facts);
    m_facts->setObjectName(QStringLiteral("liveFacts"));
    m_axis = new QComboBox;
    m_axis->setObjectName(QStringLiteral("liveAxis"));
    m_axis->setToolTip(tr("What the curves are drawn against"));
    m_axis->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_axis->setMinimumContentsLength(8);
    for (int axis = 0; axis < kXAxes; ++axis) {
        m_axis->addItem(axisTitle(static_cast<XAxis>(axis)));
    }
    m_axis->view()->setMinimumWidth(m_axis->fontMetrics().horizontalAdvance(tr("Denoiser evaluations")) + 2 * spacing::kHuge);
    auto* axisLabel = new QLabel(tr("&x:"));
    axisLabel->setBuddy(m_axis);
    m_smoothing = new QSlider(Qt::Horizontal);
    m_smoothing->setObjectName(QStringLiteral("liveSmoothing"));
    m_smoothing->setRange(0, static_cast<int>(std::size(kHalfLives)) - 1);
    m_smoothing->setPageStep(1);
    m_smoothing->setFixedWidth(76);
    m_smoothing->setValue(2);
    m_smoothing->setToolTip(tr("Half-life of the smoothing in epochs; the faint line is not smoothed"));
    auto* smoothingLabel = new QLabel(tr("S&mooth:"));
    smoothingLabel->setBuddy(m_smoothing);
    m_smoothingText = makeMuted(new QLabel);
    m_smoothingText->setFixedWidth(m_smoothingText->fontMetrics().horizontalAdvance(tr("%1 ep").arg(888)) + 4);
    const auto showSmoothing = [this] {
        const int epochs = kHalfLives[m_smoothing->value()];
        m_smoothingText->setText(epochs == 0 ? tr("off") : tr("%1 ep").arg(epochs));
    };
    showSmoothing();
    connect(m_smoothing, &QSlider::valueChanged, this, [this, showSmoothing] {
        showSmoothing();
        drawCharts();
    });
    connect(m_axis, &QComboBox::currentIndexChanged, this, [this] { drawCharts(); });

    auto* row = new QHBoxLayout(header);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::kSmall);
    row->addWidget(m_name);
    row->addWidget(m_badge);
    row->addWidget(m_facts, 1);
    row->addWidget(m_logToggle);
    row->addWidget(smoothingLabel);
    row->addWidget(m_smoothing);
    row->addWidget(m_smoothingText);
    row->addWidget(axisLabel);
    row->addWidget(m_axis);
    return header;
}

QWidget* LivePage::makeCharts() {
    auto* box = new QWidget(this);
    m_reward = new ChartWidget;
    m_reward->setObjectName(QStringLiteral("rewardChart"));
    m_reward->setAccessibleName(tr("Reward"));
    m_reward->setLegendVisible(true);
    m_other = new ChartWidget;
    m_other->setObjectName(QStringLiteral("measureChart"));
    m_other->setAccessibleName(tr("Another measure"));
    m_other->setEmptyText(tr("No points yet."));
    m_measure = new QComboBox;
    m_measure->setObjectName(QStringLiteral("liveMeasure"));
    m_measure->setToolTip(tr("Measure in the right chart"));
    m_measure->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_measure->setMinimumContentsLength(14);
    connect(m_measure, &QComboBox::activated, this, [this] {
        m_wantedMeasure = m_measure->currentData().toString();
        refresh();
    });
    connect(m_reward, &ChartWidget::cursorMoved, this, &LivePage::onCursor);
    connect(m_other, &ChartWidget::cursorMoved, this, &LivePage::onCursor);

    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::kMedium);
    const auto add = [row](QWidget* title, ChartWidget* chart, int stretch) {
        auto* column = new QVBoxLayout;
        column->setSpacing(spacing::kTiny);
        title->setFixedHeight(spacing::kControlHeight);
        column->addWidget(title);
        column->addWidget(chart, 1);
        row->addLayout(column, stretch);
    };
    add(makeHeading(new QLabel(tr("Reward"))), m_reward, 3);
    add(m_measure, m_other, 2);
    box->setMinimumHeight(170);
    return box;
}

void LivePage::makeLog() {
    m_log = new QPlainTextEdit;
    m_log->setObjectName(QStringLiteral("liveLog"));
    m_log->setAccessibleName(tr("Log"));
    m_log->setReadOnly(true);
    m_log->setMaximumBlockCount(2000);
    m_log->setFixedHeight(120);
    m_log->setTabChangesFocus(true);
    m_log->hide();
}

void LivePage::setRun(const store::RunRow* run) {
    const run::RunId id = run != nullptr ? run->id : run::RunId();
    const bool isOther = id != m_run.id;
    if (run != nullptr && *run == m_run) {
        return;
    }
    m_run = run != nullptr ? *run : store::RunRow();
    if (isOther) {
        m_liveState.reset();
        m_data = {};
        m_lastLog = 0;
        m_log->clear();
        m_reward->resetZoom();
        m_other->resetZoom();
        m_images->setRun(id);
        drawCharts();
        refresh();
    }
    m_stack->setCurrentIndex(id.empty() ? 0 : 1);
    updateHeader();
}

void LivePage::setLiveState(std::optional<run::RunState> state) {
    if (m_liveState != state) {
        m_liveState = state;
        updateHeader();
    }
}

void LivePage::endLive(const run::RunId& id, run::RunState state, const std::string& error) {
    m_liveState.reset();
    if (id == m_run.id) {
        m_run.state = state;
        m_run.error = error;
        updateHeader();
    }
}

void LivePage::updateHeader() {
    static_cast<ElidedLabel*>(m_name)->setFullText(oneLine(m_run.name));
    const run::RunState state = m_liveState.value_or(m_run.state);
    m_badge->setState(state);
    const bool isFailed = state == run::RunState::Failed && !m_run.error.empty();
    const QString reason = QString::fromStdString(m_run.error);
    m_badge->setToolTip(isFailed ? plainToolTip(reason) : QString());
    const QString trained = m_run.counters.activeSeconds > 0 ? tr("%1 trained").arg(formatDuration(m_run.counters.activeSeconds)) : QString();
    auto* facts = static_cast<ElidedLabel*>(m_facts);
    facts->setHiddenWhenCut(!isFailed);
    facts->setFullText(isFailed ? reason : trained);  // stays when the message is dismissed
    if (m_liveState) {
        m_shownProblem.clear();  // the next failure is another one
    }
    if (!isFailed) {
        m_problem->dismiss();
    } else if (m_shownProblem != m_run.id + m_run.error) {
        m_shownProblem = m_run.id + m_run.error;  // dismissed once, it stays so
        m_problem->showMessage(MessageLevel::Error, tr("This run failed: %1").arg(reason));
    }
    m_reward->setEmptyText(run::isLive(state) || state == run::RunState::Queued ? tr("The first point comes with the evaluation before training.")
                                                                               : tr("The run ended before its first evaluation."));
}

void LivePage::refresh() {
    m_isDirty = true;
    if (m_isReading || m_run.id.empty()) {
        return;
    }
    m_isDirty = false;
    m_isReading = true;
    std::vector<std::string> wanted{kTraining, kEvaluation, kHeldOut};
    wanted.push_back(measure());
    m_store.read(
        this, [query = m_data.query(m_run.id, wanted, m_lastLog)](const store::StoreReader& reader) { return readLive(reader, query); },
        [this](const LiveUpdate& live) { take(live); },
        [this](const QString& message) {
            m_isReading = false;
            Q_EMIT failed(message);
        });
    m_images->refresh();
}

void LivePage::take(const LiveUpdate& live) {
    m_isReading = false;
    if (live.run == m_run.id) {
        const bool hasNewTicks = live.checkpointEpochs != m_data.checkpointEpochs;
        const LiveData::Change change = m_data.apply(live);
        if (change == LiveData::Change::Misfit) {
            m_isDirty = true;  // another run was shown while this was read
        } else {
            appendLog(live.newLog);
        }
        if (change == LiveData::Change::Some) {
            fillMeasures();
            drawCharts();
            if (hasNewTicks) {
                Q_EMIT ticksChanged();
            }
        }
    }
    if (m_isDirty) {
        refresh();
    }
}

double LivePage::halfLifeInX() const {
    const double perEpoch = m_run.counters.epoch > 0 ? xOf(m_run.counters, axis()) / static_cast<double>(m_run.counters.epoch) : 1.0;
    return kHalfLives[m_smoothing->value()] * perEpoch;
}

void LivePage::setEpoch(int epoch) {
    m_epoch = epoch;
    const double x = xAtEpoch(epoch);
    m_reward->setCursor(x);
    m_other->setCursor(x);
    m_images->setEpoch(epoch);
}

void LivePage::appendLog(const std::vector<store::LogRow>& rows) {
    static const char* const kLevels[] = {"debug: ", "", "warning: ", "error: "};
    for (const store::LogRow& row : rows) {
        m_lastLog = std::max(m_lastLog, row.id);
        const QString time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(row.at * 1000)).toString(QStringLiteral("hh:mm:ss"));
        m_log->appendPlainText(time + QStringLiteral("  ") + QLatin1String(kLevels[std::clamp(row.level, 0, 3)]) + QString::fromStdString(row.text));
    }
    const int lines = m_log->document()->isEmpty() ? 0 : m_log->blockCount();
    m_logToggle->setText(lines > 0 ? tr("Log (%1)").arg(lines) : tr("Log"));
}

bool LivePage::isShowingData() const {
    return !m_run.id.empty() && !m_isReading && !m_isDirty && curvePoints(kTraining) + curvePoints(kEvaluation) > 0 && m_images->isSettled() &&
           !m_images->grid().content().samples.empty();
}

std::size_t LivePage::curvePoints(const std::string& name) const {
    const auto found = m_data.curves.find(name);
    return found == m_data.curves.end() ? 0 : found->second.size();
}

void LivePage::save(Settings& settings) const {
    settings.setBytes("live/split", m_split->saveState());
    settings.setNumber("live/axis", m_axis->currentIndex());
    settings.setNumber("live/smoothing", m_smoothing->value());
    settings.setText("live/measure", m_wantedMeasure);
    settings.setText("live/log", m_logToggle->isChecked() ? QStringLiteral("open") : QStringLiteral("closed"));
}

void LivePage::restore(const Settings& settings) {
    m_split->restoreState(settings.bytes("live/split"));
    m_axis->setCurrentIndex(std::clamp(static_cast<int>(settings.number("live/axis", 0)), 0, kXAxes - 1));
    m_smoothing->setValue(static_cast<int>(settings.number("live/smoothing", m_smoothing->value())));
    m_wantedMeasure = settings.text("live/measure", m_wantedMeasure);
    m_logToggle->setChecked(settings.text("live/log") == QLatin1String("open"));
}

}  // namespace rlcm::ui
