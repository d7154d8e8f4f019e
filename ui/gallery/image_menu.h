#pragma once
#include <QPoint>
#include <QString>
#include <functional>

class QWidget;

namespace rlcm::ui {

/// What can be done with an image, the same everywhere; an action without a function is not offered.
struct ImageActions {
    std::function<void()> open, chooseA, compareB, copy;
};
/// The menu of an image at a place on the screen; it goes by itself. `owner` must outlive what the actions need. thread: GUI.
void showImageMenu(QWidget* owner, const QPoint& place, const ImageActions& actions);
/// Puts an image on the clipboard as it is stored, whatever the size in which it is shown.
void copyStoredImage(const QString& file);

}  // namespace rlcm::ui
