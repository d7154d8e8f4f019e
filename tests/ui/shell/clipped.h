#pragma once
#include <QAbstractButton>
#include <QLabel>
#include <QStringList>
#include <QWidget>

namespace rlcm::test {

/// Visible buttons and labels that are smaller than what they have to show; labels whose width is ignored are meant to give way.
inline QStringList clipped(const QWidget& window) {
    QStringList found;
    for (const auto* button : window.findChildren<QAbstractButton*>()) {
        if (button->isVisible() && !button->text().isEmpty() && button->width() < button->minimumSizeHint().width()) {
            found << button->objectName() + QLatin1Char(':') + button->text();
        }
    }
    for (const auto* label : window.findChildren<QLabel*>()) {
        const bool givesWay = label->wordWrap() || label->sizePolicy().horizontalPolicy() == QSizePolicy::Ignored;
        if (label->isVisible() && !label->text().isEmpty() && !givesWay && label->width() < label->minimumSizeHint().width()) {
            found << label->objectName() + QLatin1Char(':') + label->text();
        }
    }
    return found;
}

}  // namespace rlcm::test
