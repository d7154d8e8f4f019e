#pragma once
// The list of runs: find, select, show, rename, colour, delete, resume, clone, and the queue; what changes the list can be undone.
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/bridge/merged_read.h"
#include "ui/bridge/undoable_edits.h"
#include "ui/runs/runs_model.h"

class QAction;
class QLabel;
class QLineEdit;
class QMenu;
class QStackedLayout;
class QTableView;
class QUndoStack;

namespace rlcm::ui {

class EmptyState;
class MessageBar;
class QueueBox;
class RunsFilter;
class StoreService;

/// Reads and edits runs through the StoreService; everything that concerns training is a signal. thread: GUI.
class RunsPanel : public QWidget {
    Q_OBJECT
public:
    /// What is done with runs is a step of `steps`, which must outlive it.
    RunsPanel(StoreService& store, QUndoStack& steps, QWidget* parent = nullptr);
    ~RunsPanel() override;

    RunsModel& model() { return *m_model; }
    /// Reads the list again; calls while a read is under way are merged.
    void refresh();
    bool hasLoaded() const { return m_hasLoaded; }
    const run::RunId& selected() const { return m_selected; }
    /// Selects a run, as soon as it appears if it is not there yet.
    void select(const run::RunId& id);
    /// Selects all of these that the list shows.
    void selectAll(const std::vector<run::RunId>& ids);
    /// What this window trains: drives the row's state and progress, and what the menu offers.
    void setLive(const run::RunId& id, run::RunState state, double epochs);
    /// Whether the queue waits for "Start queue" when the run ends.
    void setQueueHeld(bool isHeld);
    /// Names of the runs that wait, first first.
    std::vector<std::string> waiting() const;
    /// The list has just lost runs and offers to bring them back.
    bool isOfferingUndo() const { return m_isOffering; }
    /// True while the list takes what was read: a selection that changes now was not made by the user.
    bool isTaking() const { return m_isTaking; }
    /// Runs that stand above all others, and the one that others are told against, as the view has them.
    void setMarks(const std::vector<run::RunId>& pinned, const run::RunId& baseline);
    void focusFilter();
    void setFilterText(const QString& text);
    QByteArray saveState() const;
    void restoreState(const QByteArray& state);

    /// Actions on the selected runs, to be placed in menus.
    QAction* resumeAction() { return m_resume; }
    QAction* cloneAction() { return m_clone; }
    QAction* renameAction() { return m_rename; }
    QAction* deleteAction() { return m_delete; }
    QAction* visibleAction() { return m_visible; }
    QAction* enqueueAction() { return m_enqueue; }
    QAction* pinAction() { return m_pin; }
    QAction* baselineAction() { return m_baseline; }
    QAction* sampleAction() { return m_sample; }
    /// All that concern no training, in the order of menus and of the sheet of keys.
    std::vector<QAction*> runActions() const { return {m_sample, m_rename, m_clone, m_enqueue, m_visible, m_pin, m_baseline, m_delete}; }
    QMenu* contextMenu() { return m_menu; }

public Q_SLOTS:
    void deleteSelected();
    void openDeleted();

Q_SIGNALS:
    void loaded();                                      ///< the list was read, changed or not
    void selectionChanged(const rlcm::run::RunId& id);  ///< "" when none
    void resumeRequested(const rlcm::run::RunId& id);
    void sampleRequested(const rlcm::run::RunId& id);
    void cloneRequested(const rlcm::run::RunId& id);
    void pinRequested(const std::vector<rlcm::run::RunId>& ids, bool isPinned);
    void baselineRequested(const rlcm::run::RunId& id);  ///< "": none
    void newRunRequested();
    void queueStartRequested();
    void queueHoldRequested(bool isHeld);
    void offerChanged();  ///< isOfferingUndo()
    void failed(const QString& message);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeSearch();
    void makeActions();
    void fillMenu();
    void makeTable();
    void layOut();
    void connectWidgets();
    void connectStore();
    using Edit = UndoableEdits::Edit;
    void edit(const Edit& what);
    void pushDelete(const std::vector<run::RunId>& ids, const QString& names);
    void offerUndo(const QString& text);
    void endOffer();
    QString namesOf(const std::vector<run::RunId>& ids) const;
    void setVisible(const std::vector<run::RunId>& ids, bool isVisible);
    void fitColumns();
    void take(std::vector<store::RunRow> runs);
    void updateActions();
    void updateStack();
    void onCurrentChanged();
    std::vector<run::RunId> selectedIds() const;
    void setHue(int hue);
    void toggleVisible();
    void enqueueSelected();
    void reorderQueue(const std::vector<run::RunId>& order);

    StoreService& m_store;
    QUndoStack& m_steps;
    UndoableEdits m_edits;
    RunsModel* m_model = nullptr;
    RunsFilter* m_filter = nullptr;
    QLineEdit* m_search = nullptr;
    QLabel* m_filterProblem = nullptr;
    QTableView* m_table = nullptr;
    EmptyState* m_empty = nullptr;
    QStackedLayout* m_stack = nullptr;
    MessageBar* m_undoBar = nullptr;
    QueueBox* m_queue = nullptr;
    QMenu *m_menu = nullptr, *m_colours = nullptr;
    QAction *m_resume = nullptr, *m_clone = nullptr, *m_rename = nullptr, *m_delete = nullptr, *m_visible = nullptr, *m_enqueue = nullptr, *m_pin = nullptr,
            *m_sample = nullptr, *m_baseline = nullptr;
    QTimer m_undoTimeout;
    QTimer m_liveCheck;  // an owner that dies changes nothing in the database
    run::RunId m_selected, m_wanted, m_live;
    MergedRead m_reading;
    bool m_isTaking = false, m_hasLoaded = false, m_isQueueHeld = false, m_isOffering = false;
    bool m_hasProgressGivenWay = false;  // its column is hidden for want of room, not by the user
};

}  // namespace rlcm::ui
