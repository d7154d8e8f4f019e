#include "ui/alarms/alarm_bar.h"

#include <QAccessible>
#include <QCursor>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <algorithm>

#include "ui/alarms/alarm_list.h"
#include "ui/alarms/alarm_words.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/icons.h"
#include "ui/widgets/elided_label.h"

namespace rlcm::ui {
namespace {

constexpr int kLookEveryMs = 100;
constexpr int kRestMs = 1500;     // a mouse that has not moved for so long is not about to click
constexpr int kWideEnough = 860;  // pixels for buttons with words
constexpr int kButtonIcon = 16;

}  // namespace

AlarmBar::AlarmBar(const AlarmList& alarms, const RunsModel& runs, QWidget* parent) : QFrame(parent), m_alarms(alarms), m_runs(runs) {
    setObjectName(QStringLiteral("alarmBar"));
    build();
    m_settles.setInterval(kLookEveryMs);
    connect(&m_settles, &QTimer::timeout, this, &AlarmBar::settle);
    connect(&m_alarms, &AlarmList::changed, this, &AlarmBar::takeAlarms);
    connect(&m_runs, &QAbstractItemModel::dataChanged, this, &AlarmBar::showTexts);  // another name
    connect(&m_runs, &QAbstractItemModel::rowsInserted, this, &AlarmBar::showTexts);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, &AlarmBar::showTexts);
    hide();
    takeAlarms();
}

QToolButton* AlarmBar::addButton(const char* name, const QString& text, const QString& tip) {
    auto* button = new QToolButton(this);
    button->setObjectName(QLatin1String(name));
    button->setText(text);
    button->setToolTip(tip);
    button->setAccessibleName(text.isEmpty() ? tip : text);
    button->setIconSize({kButtonIcon, kButtonIcon});
    button->setFocusPolicy(Qt::TabFocus);
    layout()->addWidget(button);
    return button;
}

void AlarmBar::build() {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(spacing::kMedium, spacing::kTiny, spacing::kSmall, spacing::kTiny);
    row->setSpacing(spacing::kSmall);
    m_icon = new QLabel;
    auto *text = new ElidedLabel, *detail = new ElidedLabel;
    for (ElidedLabel* label : {text, detail}) {
        label->setElideMode(Qt::ElideRight);  // what it is comes first
    }
    m_text = makeHeading(text);
    m_text->setObjectName(QStringLiteral("alarmText"));
    m_detail = makeMuted(detail);
    m_detail->setObjectName(QStringLiteral("alarmDetail"));
    auto* texts = new QVBoxLayout;
    texts->setSpacing(0);
    texts->addWidget(m_text);
    texts->addWidget(m_detail);
    row->addWidget(m_icon);
    row->addSpacing(spacing::kTiny);
    row->addLayout(texts, 1);
    m_previous = addButton("alarmPrevious", {}, tr("Newer alarm"));
    m_count = makeMuted(new QLabel);
    m_count->setObjectName(QStringLiteral("alarmCount"));
    row->addWidget(m_count);
    m_next = addButton("alarmNext", {}, tr("Older alarm"));
    m_go = makeOutlined(addButton("alarmGo", tr("Go there"), tr("Show the run at the epoch of the alarm")));
    m_keep = makeOutlined(addButton("alarmKeep", tr("Keep epoch %1").arg(0), {}));
    m_stop = makeOutlined(addButton("alarmStop", tr("Stop"), tr("Finish the epoch, save, and stop the run; nothing is lost")));
    m_dismiss = addButton("alarmDismiss", {}, tr("Dismiss this alarm; its marks stay"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName(tr("Alarms"));
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(+1); });
    connect(m_go, &QToolButton::clicked, this, [this] { Q_EMIT goRequested(m_shown); });
    connect(m_keep, &QToolButton::clicked, this, [this] { Q_EMIT keepRequested(m_shown); });
    connect(m_stop, &QToolButton::clicked, this, &AlarmBar::stopRequested);
    connect(m_dismiss, &QToolButton::clicked, this, [this] { Q_EMIT dismissed(m_shown); });
}

void AlarmBar::setTraining(const run::RunId& id, bool isStopping) {
    if (m_training != id || m_isStopping != isStopping) {
        m_training = id;
        m_isStopping = isStopping;
        showTexts();
    }
}

void AlarmBar::bringUp(std::int64_t id) {
    if (std::ranges::find(m_fresh, id) != m_fresh.end()) {
        m_shown = id;
        showTexts();
    }
}

/// What is read or about to be clicked stays; otherwise the newest comes to the front.
void AlarmBar::takeAlarms() {
    const std::size_t place = static_cast<std::size_t>(std::ranges::find(m_fresh, m_shown) - m_fresh.begin());
    const std::int64_t newest = m_fresh.empty() ? 0 : m_fresh.front();
    m_fresh.clear();
    for (const Alarm* alarm : m_alarms.fresh()) {
        m_fresh.push_back(alarm->id);
    }
    const bool isThere = std::ranges::find(m_fresh, m_shown) != m_fresh.end();
    const bool isUnderMouse = isVisible() && rect().contains(mapFromGlobal(QCursor::pos()));
    const bool hasNewer = !m_fresh.empty() && m_fresh.front() > newest;
    if (m_fresh.empty()) {
        m_shown = 0;
    } else if (!isThere) {
        m_shown = m_fresh[std::min(place, m_fresh.size() - 1)];
    } else if (hasNewer && !isUnderMouse) {
        m_shown = m_fresh.front();
    }
    if (hasNewer) {
        QAccessibleEvent event(this, QAccessible::Alert);
        QAccessible::updateAccessibility(&event);
    }
    showTexts();
    settle();
}

void AlarmBar::step(int direction) {
    const auto at = std::ranges::find(m_fresh, m_shown) - m_fresh.begin() + direction;
    if (at >= 0 && at < std::ssize(m_fresh)) {
        m_shown = m_fresh[static_cast<std::size_t>(at)];
        showTexts();
    }
}

void AlarmBar::showTexts() {
    const Alarm* alarm = m_alarms.find(m_shown);
    const auto count = std::ssize(m_fresh);
    const auto at = std::ranges::find(m_fresh, m_shown) - m_fresh.begin();
    m_previous->setVisible(count > 1);
    m_next->setVisible(count > 1);
    m_count->setVisible(count > 1);
    m_count->setText(tr("%1 of %2").arg(at + 1).arg(count));
    m_previous->setEnabled(at > 0);
    m_next->setEnabled(at + 1 < count);
    m_previous->setIcon(icon(Icon::Previous));
    m_next->setIcon(icon(Icon::Next));
    m_icon->setPixmap(icon(Icon::Warning, alarm != nullptr ? Role::Danger : Role::MutedText).pixmap(QSize(20, 20), devicePixelRatioF()));
    auto *text = static_cast<ElidedLabel*>(m_text), *detail = static_cast<ElidedLabel*>(m_detail);
    for (QToolButton* button : {m_go, m_keep, m_stop, m_dismiss}) {
        button->setEnabled(alarm != nullptr);
    }
    if (alarm == nullptr) {  // until the bar may go
        text->setFullText(tr("Dismissed"));
        detail->setFullText(tr("Undo brings it back; its marks stay."));
        return;
    }
    const store::RunRow* run = m_runs.find(alarm->alert.id);
    const QString name = oneLine(run != nullptr ? run->name : alarm->alert.id);
    // What, when and the values are never cut.
    text->setFullText(isWide() ? alarmLine(alarm->alert) : alarmTitle(alarm->alert));
    detail->setFullText(isWide() ? name + QStringLiteral(": ") + QString::fromStdString(alarm->alert.text)
                                 : alarmValues(alarm->alert) + QStringLiteral(" · ") + name);
    setAccessibleDescription(name + QStringLiteral(": ") + alarmLine(alarm->alert));
    showButtons(*alarm);
    update();
}

void AlarmBar::showButtons(const Alarm& alarm) {
    m_go->setIcon(icon(Icon::Chart));
    m_keep->setIcon(icon(Icon::Save));
    m_stop->setIcon(icon(Icon::Stop));
    m_dismiss->setIcon(icon(Icon::Close));
    const std::int64_t good = alarm.goodCheckpoint.value_or(alarm.alert.goodEpoch);
    m_keep->setText(alarm.isKept ? tr("Epoch %1 is kept").arg(good) : tr("Keep epoch %1").arg(good));
    m_keep->setAccessibleName(m_keep->text());
    m_keep->setEnabled(alarm.goodCheckpoint.has_value() && !alarm.isKept);
    m_keep->setToolTip(!alarm.goodCheckpoint
                           ? tr("No checkpoint up to epoch %1, the last good one, is left: the setting “Checkpoints kept” says how many stay. "
                                "Its images stay in any case.")
                                 .arg(alarm.alert.goodEpoch)
                       : alarm.isKept ? tr("The checkpoint of epoch %1 is not removed when newer ones come").arg(good)
                                      : tr("Do not remove the checkpoint of epoch %1 when newer ones come: the last one that looks good").arg(good));
    const bool isTraining = alarm.alert.id == m_training;
    m_stop->setVisible(isTraining);
    m_stop->setEnabled(isTraining && !m_isStopping);
}

bool AlarmBar::isCalm() {
    const QWidget* host = parentWidget();
    const QPoint pointer = QCursor::pos();
    if (pointer != m_pointer || !m_rests.isValid()) {
        m_pointer = pointer;
        m_rests.start();
    }
    const bool isAway = host == nullptr || !host->isVisible() || !host->rect().contains(host->mapFromGlobal(pointer));
    return isAway || (QGuiApplication::mouseButtons() == Qt::NoButton && m_rests.elapsed() >= kRestMs);
}

void AlarmBar::settle() {
    const bool isWanted = !m_fresh.empty();
    if (isWanted != isHidden()) {
        m_settles.stop();
    } else if (isCalm()) {
        m_settles.stop();
        setVisible(isWanted);
    } else if (!m_settles.isActive()) {
        m_settles.start();
    }
}

bool AlarmBar::isWide() const {
    return width() >= kWideEnough;
}

void AlarmBar::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    for (QToolButton* button : {m_go, m_keep, m_stop}) {
        button->setToolButtonStyle(isWide() ? Qt::ToolButtonTextBesideIcon : Qt::ToolButtonIconOnly);
    }
    showTexts();
}

void AlarmBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), colour(m_shown != 0 ? Role::DangerTint : Role::Panel));
    painter.setPen(colour(Role::Border));
    painter.drawLine(rect().bottomLeft(), rect().bottomRight());
}

}  // namespace rlcm::ui
