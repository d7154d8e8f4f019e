#pragma once
// The runs of a workspace as a table.
#include <QAbstractTableModel>
#include <optional>
#include <unordered_set>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::ui {

/// One row per run, newest first. Keeps rows across updates, so that selection and scroll position stay. thread: GUI.
class RunsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Visible, Name, State, LastReward, BestReward, Progress, Method, Steps, Reward, Tags, kColumns };
    /// What the sort order and the delegate read beside the usual roles.
    enum Role { SortRole = Qt::UserRole, StateRole, ColourRole, FractionRole, AlarmsRole, NewAlarmsRole, PinnedRole, BaselineRole, BriefNameRole };

    using QAbstractTableModel::QAbstractTableModel;

    /// Replaces the content; rows that stay keep their index objects.
    void setRuns(std::vector<store::RunRow> runs);
    /// Newer knowledge about the run of this window than the store has: its state and epochs with fraction.
    void setLive(const run::RunId& id, run::RunState state, double epochs);
    /// Runs that stand above all others, and the one that others are told against; empty: none.
    void setMarks(const std::vector<run::RunId>& pinned, const run::RunId& baseline);
    bool isPinned(const run::RunId& id) const { return m_pinned.contains(id); }
    const run::RunId& baseline() const { return m_baseline; }
    /// Where only its icon has room the column of states has no title, rather than a cut one.
    void setStateIcons(bool hasIcons);
    const std::vector<store::RunRow>& runs() const { return m_runs; }
    const store::RunRow& at(int row) const { return m_runs.at(static_cast<std::size_t>(row)); }
    const store::RunRow* find(const run::RunId& id) const;
    int rowOf(const run::RunId& id) const;  ///< -1: none

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;

Q_SIGNALS:
    void renamed(const rlcm::run::RunId& id, const QString& before, const QString& name);
    void visibilityChanged(const rlcm::run::RunId& id, bool isVisible);

private:
    run::RunState shownState(const store::RunRow& run) const;
    QString text(const store::RunRow& run, int column) const;
    QString spokenText(const store::RunRow& run, int column) const;
    QVariant sortKey(const store::RunRow& run, int column) const;
    QString toolTip(const store::RunRow& run, int column) const;

    /// Takes new rows in, and out what is not among them. Returns whether there are other names now: of thousands that takes a while to look through.
    bool merge(std::vector<store::RunRow> runs);
    /// What the names are without what all of them share.
    void nameBriefly();

    std::vector<store::RunRow> m_runs;
    std::vector<QString> m_briefNames;  // of the rows
    std::unordered_set<run::RunId> m_pinned;
    run::RunId m_baseline;
    run::RunId m_liveRun;
    run::RunState m_liveState = run::RunState::Preparing;
    double m_liveEpochs = 0;
    bool m_hasStateIcons = false;
};

}  // namespace rlcm::ui
