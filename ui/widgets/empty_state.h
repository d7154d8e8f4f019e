#pragma once
#include <QWidget>

#include "ui/theme/icons.h"

class QLabel;
class QPushButton;

namespace rlcm::ui {

/// What a view shows when it has nothing: icon, title, a sentence, and at most one primary action.
/// objectNames: emptyStateTitle, emptyStateText, emptyStateAction.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(Icon which, const QString& title, const QString& text, const QString& actionText = {}, QWidget* parent = nullptr);
    void setContent(Icon which, const QString& title, const QString& text, const QString& actionText = {});

Q_SIGNALS:
    void triggered();

private:
    QLabel* m_icon = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_text = nullptr;
    QPushButton* m_action = nullptr;
    Icon m_which;
};

}  // namespace rlcm::ui
