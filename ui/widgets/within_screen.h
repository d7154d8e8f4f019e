#pragma once
#include <QScreen>
#include <QSize>
#include <QWidget>

namespace rlcm::ui {

/// As much of a wanted size as a window has room for, with its frame, on the screen of its parent, or its own.
inline QSize withinScreen(const QWidget& window, const QSize& wanted) {
    constexpr int kFrame = 16;  // of a window manager, at each side; the title takes two
    const QWidget& on = window.parentWidget() != nullptr ? *window.parentWidget() : window;
    return wanted.boundedTo(on.screen()->availableSize() - QSize(kFrame, 2 * kFrame));
}

}  // namespace rlcm::ui
