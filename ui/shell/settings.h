#pragma once
// What the window remembers between starts. Keys carry a version, so that a later layout never reads an old one.
#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>

#include "ui/theme/theme.h"

namespace rlcm::ui {

/// Typed view of an ini file. thread: GUI.
class Settings {
public:
    /// `file`: an ini file, made when absent.
    explicit Settings(const QString& file) : m_store(file, QSettings::IniFormat) {}

    QByteArray bytes(const char* key) const;
    void setBytes(const char* key, const QByteArray& value);
    QString text(const char* key, const QString& fallback = {}) const;
    void setText(const char* key, const QString& value);
    /// Folders of the workspaces opened last, newest first, at most eight.
    QStringList recentWorkspaces() const;
    void addRecentWorkspace(const QString& folder);
    /// Views that were kept under a name, as JSON; names in order of the alphabet.
    QStringList layoutNames() const;
    QByteArray layout(const QString& name) const;
    void setLayout(const QString& name, const QByteArray& view);
    void removeLayout(const QString& name);
    Mode theme() const;
    void setTheme(Mode mode);

private:
    QSettings m_store;
};

}  // namespace rlcm::ui
