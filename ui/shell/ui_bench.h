#pragma once
// How long the window takes for what people wait for.
#include <QString>
#include <functional>
#include <vector>

#include "ui/shell/main_window.h"

namespace rlcm::ui {

/// One of them: the median of several times, what of it the GUI thread itself computed, and what it should be at most, in milliseconds.
struct UiTime {
    QString what;
    double median = 0, own = 0, limit = 0;
    bool isWaiting = false;  ///< for what other threads read, which counts then
    bool isGood() const { return (isWaiting ? median : own) <= limit; }
};

/// Makes workspaces of its own in `folder`, which must be empty, and opens windows on them with `options`; nothing trains. `tell` hears of each time at once.
/// Takes about a minute. thread: GUI.
void benchUi(const QString& folder, const WindowOptions& options, const std::function<void(const UiTime&)>& tell);

}  // namespace rlcm::ui
