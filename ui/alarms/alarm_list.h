#pragma once
// The alarms of a workspace, as the window shows them.
#include <QObject>
#include <QString>
#include <optional>
#include <vector>

#include "core/store/workspace.h"
#include "ui/bridge/merged_read.h"
#include "ui/bridge/undoable_edits.h"

class QUndoStack;

namespace rlcm::ui {

class StoreService;

/// One alarm, with what can still be kept of the epoch before it.
struct Alarm {
    std::int64_t id = 0;
    double at = 0;  ///< Unix seconds
    bool isSeen = false;
    run::AlertRaised alert;
    std::optional<std::int64_t> goodCheckpoint;  ///< newest one on disk that is not after the last good epoch
    bool isKept = false;                         ///< that checkpoint stays
    /// Told and put aside by nobody.
    bool isNew() const { return alert.isTold && !isSeen; }
};

/// Owner of all alarms, live and recorded alike: they come from the store. Putting them aside and keeping a checkpoint are steps to undo. thread: GUI.
class AlarmList : public QObject {
    Q_OBJECT
public:
    /// Both must outlive the list.
    AlarmList(StoreService& store, QUndoStack& steps, QObject* parent = nullptr);

    /// Reads again; calls while a read is under way are merged.
    void refresh();
    /// Newest first.
    const std::vector<Alarm>& all() const { return m_alarms; }
    /// Those that are new, newest first.
    std::vector<const Alarm*> fresh() const;
    /// Of a run, oldest first.
    std::vector<const Alarm*> of(const run::RunId& id) const;
    const Alarm* find(std::int64_t id) const;  ///< nullptr: none
    /// Puts them aside.
    void dismiss(const std::vector<std::int64_t>& ids);
    /// Keeps the checkpoint `goodCheckpoint` of an alarm when newer ones come.
    void keepGood(std::int64_t id);

Q_SIGNALS:
    void changed();
    void failed(const QString& message);

private:
    void take(std::vector<Alarm> alarms);

    StoreService& m_store;
    UndoableEdits m_edits;
    std::vector<Alarm> m_alarms;
    QString m_problem;  // told once
    MergedRead m_reading;
};

}  // namespace rlcm::ui
