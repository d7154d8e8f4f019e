#pragma once
// The inside of ComparePage, shared by its source files.
#include <limits>
#include <vector>

#include "ui/charts/chart_widget.h"
#include "ui/compare/compare_controls.h"
#include "ui/compare/compare_loader.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/cursor_table.h"
#include "ui/compare/image_row.h"
#include "ui/widgets/message_bar.h"

class QSplitter;
class QStackedWidget;
class QToolButton;

namespace rlcm::ui {

class EmptyState;

struct ComparePage::Impl {
    Impl(ComparePage* page, StoreService& service, const RunsModel& allRuns) : self(page), store(service), list(allRuns), loader(service) {}

    void build();
    void connectAll();
    void askForCurves();
    void takeCurves();
    void takeImages(const std::vector<RunImages>& loaded);
    void show(const ViewState& state);
    void showAxis();
    void placeCursor();
    void choose(CompareView next);
    void chooseCursor(double x);
    void showCurves();
    void showReading();
    void showCursor();
    void askForImages();
    void showImages();
    void showEmptyState();
    void fail(const QString& message) { bar->showMessage(MessageLevel::Error, message, QObject::tr("Try again")); }
    std::optional<ExportSubject> subject() const;
    /// What the page shows, as a figure.
    figure::FigureSpec figureSpec() const;
    /// x of the cursor, or NaN for "newest".
    double cursorX() const { return chart->cursor().value_or(std::numeric_limits<double>::quiet_NaN()); }
    QString imagePlace(const ImageChoice& choice) const;
    /// The visible runs that share an axis: with values in units of a reward, those with the reward chosen.
    std::vector<const RunCurve*> comparable() const;
    /// Rewards of the visible runs and how many runs have each, the most frequent first.
    std::vector<CompareControls::RewardChoice> rewards() const;
    /// Seeds are drawn as one curve: as chosen, or because there are many.
    bool isGrouped() const { return view.isGrouped.value_or(areBetterGrouped(comparable())); }
    /// Id of the curve that the baseline is drawn as; empty: it is not drawn, or there is none.
    QString baselineCurve() const;
    bool isReading() const { return data().scalar != view.measure; }
    const CompareData& data() const { return loader.data(); }

    ComparePage* self;
    StoreService& store;
    const RunsModel& list;
    CompareLoader loader;
    std::vector<RunImages> images;
    std::vector<std::pair<std::string, std::int64_t>> askedImages;
    CompareView view;  // as shown
    EpochRange range;  // of the curves shown
    XAxis drawnAxis = XAxis::Epoch;
    Cursor cursor;
    run::RunId baseline;
    bool isStale = true, isLoaded = false;
    bool isCursorPlaced = true;  // false: there is nothing yet by which its place on the axis could be found

    MessageBar* bar = nullptr;
    QStackedWidget* stack = nullptr;
    EmptyState* empty = nullptr;
    CompareControls* controls = nullptr;
    ChartWidget* chart = nullptr;
    CursorTable* table = nullptr;
    ImageRow* row = nullptr;
    QToolButton* vote = nullptr;
    QSplitter* across = nullptr;
    QSplitter* down = nullptr;
};

}  // namespace rlcm::ui
