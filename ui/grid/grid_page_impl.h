#pragma once
// The inside of GridPage, shared by its source files.
#include <memory>
#include <vector>

#include "core/report/report.h"
#include "ui/bridge/merged_read.h"
#include "ui/gallery/image_viewer.h"
#include "ui/grid/grid_controls.h"
#include "ui/grid/grid_page.h"
#include "ui/grid/pivot_view.h"
#include "ui/widgets/message_bar.h"

class QStackedWidget;

namespace rlcm::ui {

class EmptyState;

struct GridPage::Impl {
    /// What a read has found.
    struct Loaded {
        std::shared_ptr<const figure::PivotImages> images;
        int hidden = 0, leftOut = 0;  ///< runs
    };

    Impl(GridPage* page, StoreService& service) : self(page), store(service) { reading.want(); }

    void build();
    void connectAll();
    void connectViewer();
    static Loaded readRuns(const store::StoreReader& reader, const std::shared_ptr<const figure::PivotImages>& before);
    void read();
    void take(const Loaded& loaded);
    void show(const ViewState& state);
    void propose(const GridView& next, MergeKey key = MergeKey::None) const;
    void makeGrid();
    void choosePage(int page) const;
    void goTo(figure::PivotAxis axis, std::int64_t value) const;
    void resize(int direction) const;
    int pageOf(const figure::PivotGrid& grid) const;
    void showEmptyState();
    QString note() const;
    QString rest() const;
    report::Sheet sheet() const;
    void fail(const QString& message) { bar->showMessage(MessageLevel::Error, message); }

    GridPage* self;
    StoreService& store;
    Loaded data{std::make_shared<const figure::PivotImages>()};
    GridView view;  // as shown
    Cursor cursor;
    run::RunId run;
    MergedRead reading;
    bool isLoaded = false;

    ImageLink* link = nullptr;
    MessageBar* bar = nullptr;
    QStackedWidget* stack = nullptr;
    EmptyState* empty = nullptr;
    GridControls* controls = nullptr;
    PivotView* pivot = nullptr;
};

}  // namespace rlcm::ui
