#include "ui/shell/settings.h"

namespace rlcm::ui {

namespace {
constexpr qsizetype kMostRecent = 8;
constexpr const char *kRecent = "recentWorkspaces", *kLayouts = "layouts";

QString versioned(const char* key) {
    return QStringLiteral("v1/") + QLatin1String(key);
}
}  // namespace

QByteArray Settings::bytes(const char* key) const {
    return m_store.value(versioned(key)).toByteArray();
}
void Settings::setBytes(const char* key, const QByteArray& value) {
    m_store.setValue(versioned(key), value);
}
QString Settings::text(const char* key, const QString& fallback) const {
    return m_store.value(versioned(key), fallback).toString();
}
void Settings::setText(const char* key, const QString& value) {
    m_store.setValue(versioned(key), value);
}

QStringList Settings::recentWorkspaces() const {
    return m_store.value(versioned(kRecent)).toStringList();
}

void Settings::addRecentWorkspace(const QString& folder) {
    QStringList folders = recentWorkspaces();
    folders.removeAll(folder);
    folders.prepend(folder);
    m_store.setValue(versioned(kRecent), QStringList(folders.mid(0, kMostRecent)));
}

QStringList Settings::layoutNames() const {
    QStringList names = m_store.value(versioned(kLayouts)).toMap().keys();
    names.sort(Qt::CaseInsensitive);
    return names;
}

QByteArray Settings::layout(const QString& name) const {
    return m_store.value(versioned(kLayouts)).toMap().value(name).toByteArray();
}

void Settings::setLayout(const QString& name, const QByteArray& view) {
    QVariantMap all = m_store.value(versioned(kLayouts)).toMap();
    all[name] = view;
    m_store.setValue(versioned(kLayouts), all);
}

void Settings::removeLayout(const QString& name) {
    QVariantMap all = m_store.value(versioned(kLayouts)).toMap();
    all.remove(name);
    m_store.setValue(versioned(kLayouts), all);
}

Mode Settings::theme() const {
    const QString name = text("theme");
    return name == QLatin1String("light") ? Mode::Light : name == QLatin1String("dark") ? Mode::Dark : Mode::System;
}
void Settings::setTheme(Mode mode) {
    setText("theme", mode == Mode::Light ? QStringLiteral("light") : mode == Mode::Dark ? QStringLiteral("dark") : QStringLiteral("system"));
}

}  // namespace rlcm::ui
