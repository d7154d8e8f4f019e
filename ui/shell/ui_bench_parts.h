#pragma once
// What the parts of the bench share. Private to ui/shell.
#include <memory>

#include "ui/shell/ui_bench.h"

namespace rlcm::ui {

struct Bench {
    QString folder;  ///< of all workspaces
    const WindowOptions& options;
    BenchSize size;
    std::function<void(const UiTime&)> tell;

    QString workspace(const char* name) const;
    std::unique_ptr<MainWindow> open(const QString& workspace, const QString& page) const;
    /// Once to warm up, then `times` times; the work gets their number.
    UiTime measured(const QString& what, double limit, int times, const std::function<void(int)>& work) const;
};

/// Processor time of this thread, whatever else the machine does, in milliseconds.
double ownMilliseconds();
/// Handles events until something is so, at most a minute.
void waitFor(const std::function<bool()>& isDone);
/// The same figure, as one that other threads are waited for.
UiTime waiting(UiTime time);

/// Scrubbing and scrolling through many images, and the session beside a run that trains.
void benchImages(const Bench& bench);
/// Another measure of long curves, whose workspace stays for the next.
void benchMeasure(const Bench& bench);
/// Files of one of them.
void benchExport(const Bench& bench);
/// Of a run that is not trained.
run::Counters countersAt(std::int64_t epoch);
/// A run that has ended, with what `tellEpochs` tells of it.
run::RunId makeRun(const QString& folder, int epochs, const std::function<void(run::RunObserver&, const run::RunId&)>& tellEpochs);

}  // namespace rlcm::ui
