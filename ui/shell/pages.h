#pragma once
// The pages of the window: the only place that knows each of them.
#include <QString>
#include <filesystem>
#include <vector>

class QUndoStack;

namespace rlcm::ui {

class ModelService;
class Page;
class ReportDesk;
class RunController;
class RunsModel;
class StoreService;
class ThumbnailCache;

/// What pages are made from; outlives them.
struct PageSources {
    StoreService& store;
    ThumbnailCache& images;
    const RunsModel& runs;
    const RunController& controller;
    ModelService& models;
    QUndoStack& steps;
    ReportDesk& report;
    QString timeProgram;          ///< the file of `rlcm`, which measures times
    std::filesystem::path votes;  ///< where tables of votes are kept
};
/// One of each, in the order of the tabs. The first shows the selected run.
std::vector<Page*> makePages(const PageSources& sources);

}  // namespace rlcm::ui
