#pragma once
// The evaluation grid with its heading, loading, empty state and thread to the viewer.
#include <QString>
#include <QWidget>
#include <cstdint>
#include <vector>

#include "ui/bridge/merged_read.h"
#include "ui/gallery/evaluation_grid.h"

class QLabel;
class QSlider;
class QStackedLayout;
class QToolButton;

namespace rlcm::ui {

class ElidedLabel;
class EmptyState;
class ImageLink;
class StoreService;

/// Shows the evaluation at or before an epoch of one run and says so when it is an older one than asked for.
class EvaluationPanel : public QWidget {
    Q_OBJECT
public:
    EvaluationPanel(StoreService& store, ThumbnailCache& cache, QWidget* parent = nullptr);
    /// "" shows the empty state.
    void setRun(const run::RunId& id);
    void setEpoch(std::int64_t epoch);
    /// Reads again; calls while a read is under way are merged.
    void refresh();
    /// Moves the asked epoch to the next or previous one with images, by asking the host to.
    void stepImageEpoch(int direction);
    /// Shows the images so many sizes larger than those of which all fit.
    void setLarger(int steps);
    EvaluationGrid& grid() { return *m_grid; }
    /// Nothing is being read or decoded.
    bool isSettled() const { return !m_reading.isUnderWay() && m_grid->isSettled(); }
    const std::vector<std::int64_t>& imageEpochs() const { return m_epochs; }

Q_SIGNALS:
    void imageEpochsChanged();
    void exportRequested();
    void largerChosen(int steps);
    /// The viewer asks the time bar to go to this epoch.
    void epochRequested(int epoch);

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Loaded;
    void connectViewer();
    void take(const Loaded& loaded);
    void updateHeading();

    StoreService& m_store;
    ThumbnailCache& m_cache;
    run::RunId m_run;
    std::int64_t m_epoch = 0;
    std::vector<std::int64_t> m_epochs;
    MergedRead m_reading;
    QLabel* m_title = nullptr;
    ElidedLabel* m_facts = nullptr;
    QSlider* m_larger = nullptr;
    QToolButton* m_export = nullptr;
    EvaluationGrid* m_grid = nullptr;
    EmptyState* m_empty = nullptr;
    QStackedLayout* m_stack = nullptr;
    ImageLink* m_link = nullptr;  // to the viewer
};

}  // namespace rlcm::ui
