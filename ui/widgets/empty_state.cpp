#include "ui/widgets/empty_state.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace rlcm::ui {

EmptyState::EmptyState(Icon which, const QString& title, const QString& text, const QString& actionText, QWidget* parent)
    : QWidget(parent), m_icon(new QLabel(this)), m_title(new QLabel(this)), m_text(new QLabel(this)), m_action(new QPushButton(this)), m_which(which) {
    m_title->setObjectName(QStringLiteral("emptyStateTitle"));
    m_text->setObjectName(QStringLiteral("emptyStateText"));
    m_action->setObjectName(QStringLiteral("emptyStateAction"));
    makeTitle(m_title);
    makeMuted(m_text);
    makePrimary(m_action);
    m_icon->setAlignment(Qt::AlignCenter);
    m_title->setAlignment(Qt::AlignCenter);
    m_title->setWordWrap(true);
    m_text->setAlignment(Qt::AlignCenter);
    m_text->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(spacing::kHuge, spacing::kHuge, spacing::kHuge, spacing::kHuge);
    column->setSpacing(spacing::kMedium);
    column->addStretch(2);
    column->addWidget(m_icon);
    column->addWidget(m_title);
    column->addWidget(m_text);
    column->addSpacing(spacing::kSmall);
    column->addWidget(m_action, 0, Qt::AlignHCenter);
    column->addStretch(3);
    connect(m_action, &QPushButton::clicked, this, &EmptyState::triggered);
    connect(&ThemeNotifier::instance(), &ThemeNotifier::changed, this,
            [this] { m_icon->setPixmap(icon(m_which, Role::ChartAxis).pixmap(QSize(56, 56), devicePixelRatioF())); });
    setContent(which, title, text, actionText);
}

void EmptyState::setContent(Icon which, const QString& title, const QString& text, const QString& actionText) {
    m_which = which;
    m_icon->setPixmap(icon(which, Role::ChartAxis).pixmap(QSize(56, 56), devicePixelRatioF()));
    m_title->setText(title);
    m_text->setText(text);
    m_action->setText(actionText);
    m_action->setVisible(!actionText.isEmpty());
}

}  // namespace rlcm::ui
