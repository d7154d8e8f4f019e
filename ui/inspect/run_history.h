#pragma once
#include <QString>
#include <QWidget>
#include <optional>
#include <vector>

#include "core/store/workspace.h"
#include "ui/bridge/merged_read.h"
#include "ui/theme/icons.h"

class QLabel;
class QTreeWidget;

namespace rlcm::ui {

class StoreService;

/// Something that happened in a run.
struct HistoryLine {
    double at = 0;  ///< Unix seconds
    std::optional<std::int64_t> epoch;
    Icon symbol = Icon::Info;
    QString what;
};
/// All that the store knows of a run's life, oldest first: when it was made, alarms, edits, checkpoints that are left, log lines and its end. thread: the store's.
std::vector<HistoryLine> readHistory(const store::StoreReader& reader, const run::RunId& id);

/// Events of the selected run as a list. A line with an epoch, chosen with a double click or Return, leads there. objectNames: runEvents.
class RunHistory : public QWidget {
    Q_OBJECT
public:
    /// `store` must outlive it.
    explicit RunHistory(StoreService& store, QWidget* parent = nullptr);
    /// Reads again what the run, "" for none, has; calls while a read is under way are merged.
    void setRun(const run::RunId& id);
    bool isSettled() const { return !m_reading.isUnderWay() && !m_reading.isWanted(); }

Q_SIGNALS:
    void epochChosen(int epoch);

private:
    void refresh();
    void show(const std::vector<HistoryLine>& lines);

    StoreService& m_store;
    run::RunId m_run;
    MergedRead m_reading;
    QTreeWidget* m_list = nullptr;
};

}  // namespace rlcm::ui
