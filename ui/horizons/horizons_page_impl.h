#pragma once
// The inside of HorizonsPage, shared by its source files.
#include <utility>
#include <vector>

#include "core/figure/horizon_table.h"
#include "ui/compare/compare_loader.h"
#include "ui/horizons/budget_bar.h"
#include "ui/horizons/horizons_controls.h"
#include "ui/horizons/horizons_page.h"
#include "ui/horizons/horizons_table.h"
#include "ui/horizons/image_timer.h"
#include "ui/widgets/message_bar.h"

class QSplitter;
class QStackedWidget;

namespace rlcm::ui {

class EmptyState;
class ImageRow;
class ScatterChart;
struct ImageCell;
struct ScatterPoint;

/// What stands beside a point and below an image: "H4", "DDPO 20"; "H4, 0.01" where others of its horizon have other settings.
QString shortLabel(const figure::HorizonGroup& group);

struct HorizonsPage::Impl {
    Impl(HorizonsPage* page, HorizonsSources sources)
        : self(page), store(sources.store), controller(sources.controller), loader(sources.store), timer(sources.timeProgram) {}

    void build();
    void connectAll();
    void connectTimer();
    void askForCurves();
    void askForTimes();
    void takeCurves();
    void show(const HorizonsView& next);
    void propose(HorizonsView next, MergeKey key = MergeKey::None) const;
    void chooseBudget(std::optional<double> budget) const;
    void chooseUnit(XAxis unit) const;
    void pick(const QString& id) const;
    void open(const QString& id) const;
    void chooseRuns(const QStringList& ids) const;
    void light(const QString& id);
    void measure();

    /// Groups anew from what is read: other runs, reward or unit.
    void makeGroups();
    /// Points, table and images at the budget.
    void showBudget();
    void showPoints();
    void showTable();
    void askForImages();
    void showImages();
    void showEmptyState();
    void fail(const QString& message) { bar->showMessage(MessageLevel::Error, message, {}); }

    double budget() const;
    /// Times stand on the horizontal axis: they are wanted, and there is one.
    bool hasTimes() const;
    double costOf(const figure::HorizonRow& row) const;
    std::vector<const RunCurve*> comparable() const;
    std::vector<std::pair<std::string, QString>> rewards() const;
    ScatterPoint pointOf(const figure::HorizonRow& row) const;
    ScatterPoint basePointOf(const figure::HorizonRow& row) const;
    figure::HorizonCaption caption() const;
    QString timingNote(bool& isWarning) const;
    /// The groups whose images are shown.
    std::vector<const figure::HorizonRow*> pictured() const;
    /// The run of a group whose images are shown: the first that has come to the budget.
    const RunCurve* exampleOf(const figure::HorizonGroup& group) const;
    const CompareData& data() const { return loader.data(); }
    bool isReading() const { return data().scalar != view.measure; }

    HorizonsPage* self;
    StoreService& store;
    const RunController& controller;
    CompareLoader loader;
    ImageTimer timer;
    std::vector<figure::InferenceTime> times;
    std::vector<figure::HorizonGroup> groups;
    int madeElsewhere = 0;                 // runs that the budget leaves out, because its seconds are those of another machine
    std::vector<figure::HorizonRow> rows;  // of the groups, cheapest first
    figure::BudgetRange range;
    std::pair<double, double> values{0, 1};  // least and greatest of any budget
    std::vector<RunImages> images;
    std::vector<std::pair<std::string, std::int64_t>> askedImages;
    std::vector<QString> cellGroups;  // the group of each image cell
    HorizonsView view;                // as shown
    bool isStale = true, isLoaded = false, areTimesRead = false, areImagesRead = false;

    MessageBar* bar = nullptr;
    QStackedWidget* stack = nullptr;
    EmptyState* empty = nullptr;
    HorizonsControls* controls = nullptr;
    ScatterChart* chart = nullptr;
    HorizonsTable* table = nullptr;
    ImageRow* row = nullptr;
    BudgetBar* budgetBar = nullptr;
    QSplitter* across = nullptr;
    QSplitter* down = nullptr;
};

}  // namespace rlcm::ui
