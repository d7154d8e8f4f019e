#pragma once
// Filter words for runs, as `rlcm H>=4 reward>5.5 seed=1 colour`.
#include <QSortFilterProxyModel>
#include <QString>
#include <functional>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::ui {

/// Shows the runs that match every word: `key op number` (keys h, reward, seed, epoch; ops = < > <= >=), or text found in
/// name, state, algorithm, reward or id, whatever its case. Sorts by RunsModel::SortRole.
class RunsFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit RunsFilter(QObject* parent = nullptr);
    void setText(const QString& text);

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    using Condition = std::function<bool(const store::RunRow&)>;
    std::vector<Condition> m_conditions;
};

}  // namespace rlcm::ui
