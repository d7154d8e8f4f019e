#pragma once
#include <QObject>
#include <QString>
#include <cstdint>

class QSystemTrayIcon;
class QWidget;

namespace rlcm::ui {

class AlarmList;

/// Tells the desktop of alarms that are raised while the user looks elsewhere: the window asks for attention, and where the desktop has a tray a message comes up. What
/// was raised before it was made, and what the window that is looked at shows anyway, is not told. thread: GUI.
class DesktopNotice : public QObject {
    Q_OBJECT
public:
    /// Both must outlive it; its parent is the window.
    DesktopNotice(const AlarmList& alarms, QWidget* window);

Q_SIGNALS:
    void told(const QString& title, const QString& text);
    /// The user clicked on the message of this alarm.
    void clicked(std::int64_t id);

private:
    void look();
    void tell(const QString& title, const QString& text);

    const AlarmList& m_alarms;
    QWidget* m_window;
    QSystemTrayIcon* m_tray = nullptr;  // made with the first message
    double m_since;                     // Unix seconds
    std::int64_t m_last = 0;
};

}  // namespace rlcm::ui
