// How the live page is put together.
#include <QAbstractItemView>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QSlider>
#include <QSplitter>
#include <QStackedLayout>
#include <QToolButton>
#include <algorithm>

#include "ui/bridge/run_controller.h"
#include "ui/gallery/evaluation_panel.h"
#include "ui/live/chart_panels.h"
#include "ui/live/live_page.h"
#include "ui/theme/icons.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/state_badge.h"

namespace rlcm::ui {

LivePage::LivePage(const Sources& sources, QWidget* parent) : Page(parent), m_store(sources.store), m_runs(sources.runs), m_controller(sources.controller) {
    setObjectName(QStringLiteral("livePage"));
    m_images = new EvaluationPanel(m_store, sources.images, this);
    m_images->setMinimumHeight(120);
    m_charts = new ChartPanels(this);
    m_charts->setPanels(m_view.panels, {});
    makeChoices();
    makeLog();
    layOut();
    showChoices(m_view);
    connectAll();
    connectChoices();
}

void LivePage::layOut() {
    auto* content = new QWidget(this);
    m_problem = new MessageBar(content);
    m_problem->setObjectName(QStringLiteral("runProblem"));
    m_split = new QSplitter(Qt::Vertical, content);
    m_split->setObjectName(QStringLiteral("liveSplit"));
    m_split->setChildrenCollapsible(false);
    m_split->setHandleWidth(spacing::kSmall);
    m_split->addWidget(m_charts);
    m_split->addWidget(m_images);
    m_split->setStretchFactor(0, 10);
    m_split->setStretchFactor(1, 16);
    m_split->setSizes({218, 334});
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

void LivePage::makeChoices() {
    m_axis = new QComboBox;
    m_axis->setObjectName(QStringLiteral("liveAxis"));
    m_axis->setToolTip(tr("What the curves are drawn against"));
    m_axis->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_axis->setMinimumContentsLength(7);
    for (const run::CounterField& field : run::counterFields()) {
        m_axis->addItem(axisTitle(field.counter));
    }
    m_axis->view()->setMinimumWidth(m_axis->view()->sizeHintForColumn(0) + 2 * spacing::kHuge);
    m_smoothing = new QSlider(Qt::Horizontal);
    m_smoothing->setObjectName(QStringLiteral("liveSmoothing"));
    m_smoothing->setRange(0, static_cast<int>(kHalfLives.size()) - 1);
    m_smoothing->setPageStep(1);
    m_smoothing->setFixedWidth(50);
    m_smoothing->setToolTip(tr("Half-life of the smoothing in epochs; the faint line is not smoothed"));
    m_smoothingText = makeMuted(new QLabel);
    m_smoothingText->setFixedWidth(m_smoothingText->fontMetrics().horizontalAdvance(tr("%1 ep").arg(888)) + 4);
    m_logToggle = new QToolButton;
    m_logToggle->setObjectName(QStringLiteral("logToggle"));
    m_logToggle->setCheckable(true);
    m_logToggle->setAutoRaise(true);
    m_logToggle->setText(tr("Log"));
    m_logToggle->setToolTip(tr("What the run has to say"));
}

QWidget* LivePage::makeHeader() {
    auto* header = new QWidget(this);
    m_name = makeHeading(new ElidedLabel);
    m_name->setObjectName(QStringLiteral("liveName"));
    m_badge = new StateBadge;
    auto* facts = new ElidedLabel;
    facts->setHiddenWhenCut(true);
    facts->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);  // the name comes first
    m_facts = makeMuted(facts);
    m_facts->setObjectName(QStringLiteral("liveFacts"));
    auto* axisLabel = new QLabel(tr("&x:"));
    axisLabel->setBuddy(m_axis);
    auto* smoothingLabel = new QLabel(tr("S&mooth:"));
    smoothingLabel->setBuddy(m_smoothing);
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

void LivePage::connectAll() {
    connect(m_images, &EvaluationPanel::imageEpochsChanged, this, &LivePage::epochsChanged);
    connect(m_images, &EvaluationPanel::exportRequested, this, &LivePage::exportRequested);
    connect(m_images, &EvaluationPanel::epochRequested, this, &LivePage::goTo);
    connect(m_charts, &ChartPanels::cursorMoved, this, &LivePage::onCursor);
    connect(&m_controller, &RunController::ended, this, &LivePage::endLive);
    connect(&m_controller, &RunController::changed, this, [this] {
        if (m_controller.isActive() && m_run.id == m_controller.activeRun()) {
            setLiveState(m_controller.state());
            if (pendingText() != m_shownPending) {
                m_shownPending = pendingText();
                updateHeader();
            }
        } else if (!m_controller.isActive()) {
            setLiveState({});  // a start that came to nothing
        }
    });
}

void LivePage::connectChoices() {
    const auto choose = [this](auto part, auto value, MergeKey key = MergeKey::None) {
        Q_EMIT proposed({[part, value](ViewState& state) { state.live.*part = value; }, key});
    };
    connect(m_axis, &QComboBox::currentIndexChanged, this, [choose](int index) { choose(&LiveView::axis, static_cast<XAxis>(index)); });
    connect(m_smoothing, &QSlider::valueChanged, this,
            [choose](int step) { choose(&LiveView::halfLife, kHalfLives[static_cast<std::size_t>(step)], MergeKey::Smoothing); });
    connect(m_charts, &ChartPanels::proposed, this, [choose](const std::vector<LivePanel>& panels, MergeKey key) { choose(&LiveView::panels, panels, key); });
    connect(m_images, &EvaluationPanel::largerChosen, this, [choose](int steps) { choose(&LiveView::imagesLarger, steps, MergeKey::ImageSize); });
    connect(m_logToggle, &QToolButton::toggled, this, [choose](bool isOpen) { choose(&LiveView::isLogOpen, isOpen); });
    keepLayout(m_split, QStringLiteral("live/split"));
}

}  // namespace rlcm::ui
