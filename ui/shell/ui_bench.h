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
    bool isWaiting = false;               ///< for what other threads read, which counts then
    QString unit = QStringLiteral("ms");  ///< of another kind of figure, which has no part of the GUI thread
    bool isGood() const { return (isWaiting ? median : own) <= limit; }
};

/// How much of everything: by default what the limits are for.
struct BenchSize {
    int times = 9;        ///< of each figure
    int runs = 10000;     ///< in the list
    int studyRuns = 200;  ///< of four horizons
    int curvePoints = 100000;
    int images = 10000;
    double sessionSeconds = 30;  ///< with a run that trains, scrubbing and changes of the page
};

/// Makes workspaces of its own in `folder`, which must be empty, and opens windows on them with `options`; only the session trains a run. `tell` hears of each figure at
/// once. Takes three minutes and the session. thread: GUI.
void benchUi(const QString& folder, const WindowOptions& options, const BenchSize& size, const std::function<void(const UiTime&)>& tell);

}  // namespace rlcm::ui
