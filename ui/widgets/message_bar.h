#pragma once
#include <QFrame>

class QLabel;
class QPushButton;
class QToolButton;

namespace rlcm::ui {

enum class MessageLevel { Info, Success, Warning, Error };

/// Message inside the page with an optional next step; hidden until showMessage(). Used instead of a modal
/// dialog for everything that can be repaired. objectNames: messageBarText, messageBarAction,
/// messageBarDismiss.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    explicit MessageBar(QWidget* parent = nullptr);
    /// Shows or replaces the message. An empty `actionText` means no button.
    void showMessage(MessageLevel level, const QString& text, const QString& actionText = {});
    void dismiss();
    MessageLevel level() const { return m_level; }
    QString text() const;

Q_SIGNALS:
    void actionTriggered();
    void dismissed();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void updateIcon();

    MessageLevel m_level = MessageLevel::Info;
    QLabel* m_icon = nullptr;
    QLabel* m_text = nullptr;
    QPushButton* m_action = nullptr;
    QToolButton* m_dismiss = nullptr;
};

}  // namespace rlcm::ui
