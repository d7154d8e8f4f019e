#include "ui/alarms/desktop_notice.h"

#include <QApplication>
#include <QDateTime>
#include <QSystemTrayIcon>
#include <QWidget>
#include <algorithm>

#include "ui/alarms/alarm_list.h"
#include "ui/alarms/alarm_words.h"
#include "ui/theme/icons.h"

namespace rlcm::ui {

DesktopNotice::DesktopNotice(const AlarmList& alarms, QWidget* window)
    : QObject(window), m_alarms(alarms), m_window(window), m_since(static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000) {
    connect(&alarms, &AlarmList::changed, this, &DesktopNotice::look);
}

void DesktopNotice::look() {
    const std::vector<const Alarm*> fresh = m_alarms.fresh();
    const auto newest = std::ranges::find_if(fresh, [this](const Alarm* alarm) { return alarm->id > m_last && alarm->at >= m_since; });
    if (newest == fresh.end()) {
        return;
    }
    m_last = (*newest)->id;
    if (!m_window->isActiveWindow()) {
        tell(alarmTitle((*newest)->alert), alarmValues((*newest)->alert));
    }
}

void DesktopNotice::tell(const QString& title, const QString& text) {
    QApplication::alert(m_window);
    if (QSystemTrayIcon::isSystemTrayAvailable() && QSystemTrayIcon::supportsMessages()) {
        if (m_tray == nullptr) {
            m_tray = new QSystemTrayIcon(icon(Icon::Warning), this);
            m_tray->setToolTip(m_window->windowTitle());
            connect(m_tray, &QSystemTrayIcon::messageClicked, this, [this] { Q_EMIT clicked(m_last); });
            connect(m_tray, &QSystemTrayIcon::activated, this, [this] { Q_EMIT clicked(m_last); });
        }
        m_tray->show();
        m_tray->showMessage(title, text, QSystemTrayIcon::Warning);
    }
    Q_EMIT told(title, text);
}

}  // namespace rlcm::ui
