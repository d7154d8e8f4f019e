#pragma once
// Filter words for runs, as `rlcm H>=4 reward > 5.5 seed=1 "two words"`.
#include <QSortFilterProxyModel>
#include <QString>
#include <functional>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::ui {

/// Shows the runs that match every word: `key op number` (keys h, reward, seed, epoch; ops = == != < > <= >=; blanks around the
/// op and a comma in the number are allowed), `tag:paper` or `tag:"two words"` (a whole tag; `tag:` alone any), or text found in name, state, algorithm, reward, id, tags or notes, whatever its case; "in
/// quotes" with blanks. "and" between words means what it means anyway. Sorts by RunsModel::SortRole.
class RunsFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit RunsFilter(QObject* parent = nullptr);
    void setText(const QString& text);
    /// What of the text looks like a comparison and is none, and how one is written; empty when all is understood. Such a part
    /// is left out of the filter.
    const QString& problem() const { return m_problem; }
    /// This run is shown whatever the text: its name is being edited. "": none.
    void setKept(const run::RunId& id);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    using Condition = std::function<bool(const store::RunRow&)>;
    std::vector<Condition> m_conditions;
    QString m_problem;
    run::RunId m_kept;
};

}  // namespace rlcm::ui
