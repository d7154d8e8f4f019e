#include "ui/widgets/message_bar.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/message_icon.h"

namespace rlcm::ui {
namespace {

constexpr int kWidestFloat = 760;
constexpr int kSuccessMs = 12000;

struct BarLook {
    Icon icon;
    Role line, tint;
};

BarLook lookOf(MessageLevel level) {
    switch (level) {
        case MessageLevel::Success:
            return {Icon::Check, Role::Success, Role::SuccessTint};
        case MessageLevel::Warning:
            return {Icon::Warning, Role::Warning, Role::WarningTint};
        case MessageLevel::Error:
            return {Icon::Error, Role::Danger, Role::DangerTint};
        case MessageLevel::Info:
            break;
    }
    return {Icon::Info, Role::Info, Role::InfoTint};
}

}  // namespace

QIcon iconOf(MessageLevel level) {
    const BarLook look = lookOf(level);
    return icon(look.icon, look.line);
}

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent), m_icon(new QLabel(this)), m_text(new QLabel(this)), m_action(new QPushButton(this)), m_dismiss(new QToolButton(this)) {
    m_text->setObjectName(QStringLiteral("messageBarText"));
    m_text->setWordWrap(true);
    m_text->setTextFormat(Qt::PlainText);  // names and prompts may hold anything
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_action->setObjectName(QStringLiteral("messageBarAction"));
    m_dismiss->setObjectName(QStringLiteral("messageBarDismiss"));
    m_dismiss->setIcon(icon(Icon::Close));
    m_dismiss->setToolTip(tr("Dismiss"));
    m_dismiss->setAccessibleName(tr("Dismiss this message"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(spacing::kMedium, spacing::kSmall, spacing::kSmall, spacing::kSmall);
    row->setSpacing(spacing::kMedium);
    row->addWidget(m_icon, 0, Qt::AlignVCenter);
    row->addWidget(m_text, 1);
    row->addWidget(m_action);
    row->addWidget(m_dismiss);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    connect(m_action, &QPushButton::clicked, this, &MessageBar::actionTriggered);
    connect(m_dismiss, &QToolButton::clicked, this, &MessageBar::dismiss);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this, &MessageBar::updateIcon);
    m_goes.setSingleShot(true);
    m_goes.setInterval(kSuccessMs);
    connect(&m_goes, &QTimer::timeout, this, &MessageBar::dismiss);
    hide();
}

void MessageBar::leaveSoon() {
    m_goes.start();
}

void MessageBar::showMessage(MessageLevel level, const QString& text, const QString& actionText) {
    m_level = level;
    m_text->setText(text);
    m_action->setText(actionText);
    m_action->setVisible(!actionText.isEmpty());
    setAccessibleName(text);
    updateIcon();
    place();
    show();
    // What went well has nothing to be done about, and lies over the page.
    level == MessageLevel::Success&& m_host != nullptr ? m_goes.start() : m_goes.stop();
    QAccessibleEvent event(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
}

void MessageBar::floatOver(QWidget* host, int above) {
    m_host = host;
    m_above = above;
    setParent(host);
    hide();
    host->installEventFilter(this);
}

bool MessageBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_host && event->type() == QEvent::Resize) {
        place();
    }
    return QFrame::eventFilter(watched, event);
}

void MessageBar::place() {
    if (m_host == nullptr) {
        return;
    }
    const int width = std::min(m_host->width() - 2 * spacing::kLarge, kWidestFloat);
    const int height = std::min(layout()->totalHeightForWidth(width), m_host->height());
    setGeometry((m_host->width() - width) / 2, std::max(0, m_host->height() - height - spacing::kLarge - m_above), width, height);
    raise();
}

void MessageBar::dismiss() {
    if (isHidden()) {
        return;
    }
    hide();
    Q_EMIT dismissed();
}

QString MessageBar::text() const {
    return m_text->text();
}

void MessageBar::updateIcon() {
    m_icon->setPixmap(iconOf(m_level).pixmap(QSize(20, 20), devicePixelRatioF()));
    update();
}

void MessageBar::paintEvent(QPaintEvent*) {
    const BarLook look = lookOf(m_level);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor line = colour(look.line);
    line.setAlphaF(m_host != nullptr ? 0.9F : 0.45F);
    painter.setPen(QPen(line, 1));
    painter.setBrush(colour(look.tint));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), spacing::kRadius, spacing::kRadius);
}

}  // namespace rlcm::ui
