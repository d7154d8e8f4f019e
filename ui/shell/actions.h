#pragma once
// Every action of the window, made once.
#include <QObject>
#include <vector>

class QAction;
class QWidget;

namespace rlcm::ui {

class Page;

/// Text, shortcut, icon and status tip of all actions; what they do is connected by MainWindow.
struct Actions {
    QAction *newRun, *openWorkspace, *deletedRuns, *vote, *quit;
    QAction *pause, *resume, *stopAfterEpoch, *stopNow, *goOn, *stopMenu, *sampleNow, *checkpointNow, *liveSettings;
    QAction *exportFigure, *findImage, *filter, *undo, *redo;
    QAction *showRuns, *fullScreen, *saveLayout;
    std::vector<QAction*> pages;  ///< one for each, in their order
    QAction *themeSystem, *themeLight, *themeDark;
    QAction *firstEpoch, *previousEpoch, *nextEpoch, *newestEpoch, *play;
    QAction *palette, *shortcuts;

    /// All of them, in the order of the shortcut sheet.
    std::vector<QAction*> all() const;
    /// The shortcut as shown to people; the time bar's keys are handled by the window itself, so that text fields and
    /// buttons keep them.
    static QString keyText(const QAction* action);
};
Actions makeActions(QWidget* window, const std::vector<Page*>& pages);

}  // namespace rlcm::ui
