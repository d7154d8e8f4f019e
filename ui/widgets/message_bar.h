#pragma once
#include <QFrame>
#include <QTimer>

class QLabel;
class QPushButton;
class QToolButton;

namespace rlcm::ui {

enum class MessageLevel { Info, Success, Warning, Error };

/// Message inside the page with an optional next step; hidden until showMessage(). Used instead of a modal
/// dialog for everything that can be repaired. It stands in a layout, or floats over a widget so that nothing moves when
/// it comes and goes; a floating message of success goes by itself. Text is plain, never markup. objectNames: messageBarText, messageBarAction, messageBarDismiss.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    explicit MessageBar(QWidget* parent = nullptr);
    /// Shows or replaces the message. An empty `actionText` means no button.
    void showMessage(MessageLevel level, const QString& text, const QString& actionText = {});
    void dismiss();
    /// The message shown now is dismissed after a while, whatever its level.
    void leaveSoon();
    /// From now on a child of `host`, centred near its bottom, `above` pixels higher than usual.
    void floatOver(QWidget* host, int above = 0);
    MessageLevel level() const { return m_level; }
    QString text() const;
    /// Whether the message shown now will be dismissed after a while.
    bool goesByItself() const { return m_goes.isActive(); }

Q_SIGNALS:
    void actionTriggered();
    void dismissed();

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void updateIcon();
    void place();

    MessageLevel m_level = MessageLevel::Info;
    QLabel* m_icon = nullptr;
    QLabel* m_text = nullptr;
    QPushButton* m_action = nullptr;
    QToolButton* m_dismiss = nullptr;
    QWidget* m_host = nullptr;  ///< floats over it; none: stands in a layout
    int m_above = 0;
    QTimer m_goes;
};

}  // namespace rlcm::ui
