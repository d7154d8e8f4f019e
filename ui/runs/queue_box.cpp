#include "ui/runs/queue_box.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>
#include <exception>
#include <utility>

#include "core/base/json.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "ui/runs/measured_speed.h"
#include "ui/theme/icons.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

namespace {
QToolButton* makeButton(const QString& text, const QString& tip, const QString& name, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    button->setObjectName(name);
    button->setAutoRaise(true);
    return button;
}
}  // namespace

QueueBox::QueueBox(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("queueBox"));
    m_title = makeHeading(new QLabel(this));
    m_up = makeButton(QStringLiteral("↑"), tr("Earlier"), QStringLiteral("queueUp"), this);
    m_down = makeButton(QStringLiteral("↓"), tr("Later"), QStringLiteral("queueDown"), this);
    m_remove = makeButton({}, tr("Take out of the queue (the run stays in the list)"), QStringLiteral("queueRemove"), this);
    m_remove->setIcon(icon(Icon::Close));
    m_start = new QPushButton(tr("Start queue"), this);
    m_start->setObjectName(QStringLiteral("queueStart"));
    m_hold = new QPushButton(tr("Hold queue"), this);
    m_hold->setObjectName(QStringLiteral("queueHold"));
    m_hold->setCheckable(true);
    m_hold->setToolTip(tr("When the run ends, the next one waits until you start the queue"));
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("queueList"));
    m_list->setAccessibleName(tr("Queue"));
    m_list->setMaximumHeight(132);
    m_list->setDragDropMode(QAbstractItemView::InternalMove);
    m_list->setDefaultDropAction(Qt::MoveAction);
    m_list->setToolTip(tr("Drag a run to change the order"));

    auto* head = new QHBoxLayout;
    head->setSpacing(spacing::kTiny);
    head->addWidget(m_title, 1);
    head->addWidget(m_up);
    head->addWidget(m_down);
    head->addWidget(m_remove);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::kSmall, spacing::kTiny, spacing::kSmall, spacing::kSmall);
    layout->setSpacing(spacing::kTiny);
    layout->addLayout(head);
    layout->addWidget(m_list);
    layout->addWidget(m_start);
    layout->addWidget(m_hold);

    connect(m_up, &QToolButton::clicked, this, [this] { move(-1); });
    connect(m_down, &QToolButton::clicked, this, [this] { move(1); });
    connect(m_remove, &QToolButton::clicked, this, [this] {
        if (m_list->currentRow() >= 0) {
            Q_EMIT removed(m_order[static_cast<std::size_t>(m_list->currentRow())]);
        }
    });
    connect(m_list->model(), &QAbstractItemModel::rowsMoved, this, [this] {
        std::vector<run::RunId> order;
        for (int row = 0; row < m_list->count(); ++row) {
            order.push_back(m_list->item(row)->data(Qt::UserRole).toString().toStdString());
        }
        m_order = order;
        Q_EMIT reordered(order);
    });
    connect(m_start, &QPushButton::clicked, this, &QueueBox::startRequested);
    connect(m_hold, &QPushButton::clicked, this, &QueueBox::holdRequested);
    connect(m_list, &QListWidget::currentRowChanged, this, &QueueBox::updateButtons);
    hide();
}

void QueueBox::setRuns(const std::vector<store::RunRow>& runs, bool isTraining, bool isHeld) {
    std::vector<const store::RunRow*> waiting;
    for (const store::RunRow& run : runs) {
        if (run.queuePosition > 0) {
            waiting.push_back(&run);
        }
    }
    std::sort(waiting.begin(), waiting.end(), [](auto* a, auto* b) { return a->queuePosition < b->queuePosition; });
    setVisible(!waiting.empty());
    m_start->setVisible(!isTraining);
    m_hold->setVisible(isTraining);
    m_hold->setChecked(isHeld);
    std::vector<run::RunId> order;
    for (const auto* run : waiting) {
        order.push_back(run->id);
    }
    if (order != m_order) {
        const int row = m_list->currentRow();
        const run::RunId selected = row >= 0 ? m_order[static_cast<std::size_t>(row)] : run::RunId();
        m_order = order;
        forecast(runs, waiting);
        m_list->clear();
        for (const auto* run : waiting) {
            auto* item = new QListWidgetItem(m_list);
            item->setData(Qt::UserRole, QString::fromStdString(run->id));
        }
        const auto found = std::find(order.begin(), order.end(), selected);
        m_list->setCurrentRow(found == order.end() ? -1 : static_cast<int>(found - order.begin()));
    }
    double total = 0;
    bool isKnown = true;
    for (std::size_t i = 0; i < waiting.size(); ++i) {
        const double seconds = m_seconds[waiting[i]->id];
        total += seconds;
        isKnown = isKnown && seconds >= 0;
        const QString time = seconds < 0 ? QString() : QStringLiteral("  ·  ") + formatDuration(seconds);
        m_list->item(static_cast<int>(i))->setText(oneLine(waiting[i]->name) + time);  // may have been renamed
    }
    const QString head = isTraining && isHeld ? tr("Queue · %1 held") : tr("Queue · %1 waiting");
    m_title->setText(head.arg(waiting.size()) + (isKnown ? tr(" · about %1").arg(formatDuration(total)) : QString()));
    updateButtons();
}

/// By the speed of earlier runs with the same model and device, else by the usual one.
void QueueBox::forecast(const std::vector<store::RunRow>& runs, const std::vector<const store::RunRow*>& waiting) {
    const std::vector<MeasuredSpeed> speeds = waiting.empty() ? std::vector<MeasuredSpeed>() : measuredSpeeds(runs);
    m_seconds.clear();
    for (const store::RunRow* run : waiting) {
        double seconds = -1;
        try {
            const run::RunConfig config = run::configFromJson(parseJson(run->configJson, run->id), run->id);
            const auto speed = speedOf(speeds, config);
            const double left = run->epochs > 0 ? 1 - static_cast<double>(run->counters.epoch) / static_cast<double>(run->epochs) : 1;
            seconds = run::estimate(config).seconds * (speed ? speed->factor : 1) * left;
        } catch (const std::exception&) {  // settings of another version
        }
        m_seconds[run->id] = seconds;
    }
}

void QueueBox::move(int direction) {
    const int row = m_list->currentRow();
    const int to = row + direction;
    if (row < 0 || to < 0 || to >= m_list->count()) {
        return;
    }
    m_list->model()->moveRow({}, row, {}, direction > 0 ? to + 1 : to);  // as a drag does: the next click already counts from here
}

void QueueBox::updateButtons() {
    const int row = m_list->currentRow();
    m_up->setEnabled(row > 0);
    m_down->setEnabled(row >= 0 && row + 1 < m_list->count());
    m_remove->setEnabled(row >= 0);
}

}  // namespace rlcm::ui
