#include "ui/widgets/state_badge.h"

#include <QCoreApplication>
#include <QPainter>

namespace rlcm::ui {
namespace {

constexpr int kIconSize = 16;

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
    const QRect textRect = rect.adjusted(kIconSize + 6, 0, 0, 0);
    const QString text = painter.fontMetrics().elidedText(stateText(state), Qt::ElideRight, textRect.width());
    painter.drawText(textRect, Qt::AlignVCenter | Qt::AlignLeft, text);
}

StateBadge::StateBadge(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, qOverload<>(&QWidget::update));
    setAccessibleName(stateText(m_state));
}

void StateBadge::setState(run::RunState state) {
    if (state == m_state) {
        return;
    }
    m_state = state;
    setAccessibleName(stateText(state));
    updateGeometry();
    update();
}

QSize StateBadge::sizeHint() const {
    const QFontMetrics metrics = fontMetrics();
    return {metrics.horizontalAdvance(stateText(m_state)) + kIconSize + 6 + 20, std::max(metrics.height(), kIconSize) + 8};
}

void StateBadge::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour(tintOf(stateRole(m_state))));
    painter.drawRoundedRect(rect(), height() / 2.0, height() / 2.0);
    painter.setPen(colour(Role::Text));
    paintState(painter, rect().adjusted(9, 0, -6, 0), m_state);
}

}  // namespace rlcm::ui
