#include "ui/widgets/state_badge.h"

#include <QCoreApplication>
#include <QPainter>

namespace rlcm::ui {
namespace {

constexpr int kIconSize = 16, kGap = 6;
constexpr int kSign = 14, kSmallSign = 11;  // of alarms: behind the word, on the icon
constexpr int kLeastWord = 24;              // of the state, cut short

struct Look {
    const char* text;
    Icon icon;
    Role role;
};

Look lookOf(run::RunState state) {
    using run::RunState;
    switch (state) {
        case RunState::Queued:
            return {QT_TRANSLATE_NOOP("RunState", "Queued"), Icon::Queue, Role::MutedText};
        case RunState::Preparing:
            return {QT_TRANSLATE_NOOP("RunState", "Preparing"), Icon::Clock, Role::Info};
        case RunState::Sampling:
            return {QT_TRANSLATE_NOOP("RunState", "Sampling"), Icon::Spark, Role::Info};
        case RunState::Rewarding:
            return {QT_TRANSLATE_NOOP("RunState", "Rewarding"), Icon::Chart, Role::Info};
        case RunState::Updating:
            return {QT_TRANSLATE_NOOP("RunState", "Updating"), Icon::Refresh, Role::Info};
        case RunState::Paused:
            return {QT_TRANSLATE_NOOP("RunState", "Paused"), Icon::Pause, Role::Warning};
        case RunState::Stopping:
            return {QT_TRANSLATE_NOOP("RunState", "Stopping"), Icon::StopAfter, Role::Warning};
        case RunState::Finished:
            return {QT_TRANSLATE_NOOP("RunState", "Finished"), Icon::Check, Role::Success};
        case RunState::Stopped:
            return {QT_TRANSLATE_NOOP("RunState", "Stopped"), Icon::Stop, Role::MutedText};
        case RunState::Failed:
            return {QT_TRANSLATE_NOOP("RunState", "Failed"), Icon::Error, Role::Danger};
        case RunState::Interrupted:
            return {QT_TRANSLATE_NOOP("RunState", "Interrupted"), Icon::Warning, Role::Warning};
    }
    return {"", Icon::Info, Role::MutedText};
}

int alarmsWidth(const QFontMetrics& metrics, std::int64_t alarms) {
    return kSign + kGap / 2 + metrics.horizontalAdvance(QString::number(alarms)) + 2;
}

Role tintOf(Role role) {
    switch (role) {
        case Role::Success:
            return Role::SuccessTint;
        case Role::Warning:
            return Role::WarningTint;
        case Role::Danger:
            return Role::DangerTint;
        case Role::Info:
            return Role::InfoTint;
        default:
            return Role::Hover;
    }
}

}  // namespace

QString stateText(run::RunState state) {
    return QCoreApplication::translate("RunState", lookOf(state).text);
}

Icon stateIcon(run::RunState state) {
    return lookOf(state).icon;
}

Role stateRole(run::RunState state) {
    return lookOf(state).role;
}

void paintState(QPainter& painter, const QRect& rect, run::RunState state) {
    const QRect iconRect(rect.left(), rect.top() + (rect.height() - kIconSize + 1) / 2, kIconSize, kIconSize);
    icon(stateIcon(state), stateRole(state)).paint(&painter, iconRect);
    const QRect textRect = rect.adjusted(kIconSize + kGap, 0, 0, 0);
    const QString text = painter.fontMetrics().elidedText(stateText(state), Qt::ElideRight, textRect.width());
    painter.drawText(textRect, Qt::AlignVCenter | Qt::AlignLeft, text);
}

QString alarmsText(std::int64_t alarms) {
    return alarms == 0   ? QString()
           : alarms == 1 ? QCoreApplication::translate("RunState", "1 alarm")
                         : QCoreApplication::translate("RunState", "%1 alarms").arg(alarms);
}

void paintState(QPainter& painter, const QRect& rect, run::RunState state, std::int64_t alarms, bool isNew) {
    if (alarms == 0) {
        paintState(painter, rect, state);
        return;
    }
    const QIcon sign = icon(Icon::Warning, isNew ? Role::Danger : Role::MutedText);
    const int middle = rect.top() + rect.height() / 2;
    const int width = alarmsWidth(painter.fontMetrics(), alarms);
    if (rect.width() < kIconSize + kGap + width + kLeastWord) {
        paintState(painter, QRect(rect.topLeft(), QSize(kIconSize, rect.height())), state);
        sign.paint(&painter, QRect(rect.left() + kIconSize - kSmallSign / 2 - 2, middle - kIconSize / 2 - 2, kSmallSign, kSmallSign));
        return;
    }
    paintState(painter, rect.adjusted(0, 0, -width - kGap, 0), state);
    const QRect place(rect.right() - width + 1, middle - kSign / 2, kSign, kSign);
    sign.paint(&painter, place);
    painter.drawText(QRect(place.right() + kGap / 2, rect.top(), width, rect.height()), Qt::AlignVCenter | Qt::AlignLeft, QString::number(alarms));
}

StateBadge::StateBadge(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, qOverload<>(&QWidget::update));
    setAccessibleName(stateText(m_state));
}

void StateBadge::setState(run::RunState state) {
    if (state != m_state) {
        m_state = state;
        showState();
    }
}

void StateBadge::setAlarms(std::int64_t alarms) {
    if (alarms != m_alarms) {
        m_alarms = alarms;
        showState();
    }
}

void StateBadge::showState() {
    setAccessibleName(m_alarms == 0 ? stateText(m_state) : stateText(m_state) + QStringLiteral(", ") + alarmsText(m_alarms));
    updateGeometry();
    update();
}

QSize StateBadge::sizeHint() const {
    const QFontMetrics metrics = fontMetrics();
    const int alarms = m_alarms == 0 ? 0 : alarmsWidth(metrics, m_alarms) + kGap;
    return {metrics.horizontalAdvance(stateText(m_state)) + kIconSize + kGap + alarms + 20, std::max(metrics.height(), kIconSize) + 8};
}

void StateBadge::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour(tintOf(stateRole(m_state))));
    painter.drawRoundedRect(rect(), height() / 2.0, height() / 2.0);
    painter.setPen(colour(Role::Text));
    paintState(painter, rect().adjusted(9, 0, -8, 0), m_state, m_alarms, true);
}

}  // namespace rlcm::ui
