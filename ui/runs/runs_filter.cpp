#include "ui/runs/runs_filter.h"

#include "ui/runs/runs_model.h"

namespace rlcm::ui {

RunsFilter::RunsFilter(QObject* parent) : QSortFilterProxyModel(parent) {
    setSortRole(RunsModel::SortRole);
    setDynamicSortFilter(true);
}

void RunsFilter::setText(const QString& text) {
    m_query = RunQuery(text, m_settings);
    invalidateFilter();
}

void RunsFilter::setKept(const run::RunId& id) {
    m_kept = id;
    invalidateFilter();
}

bool RunsFilter::filterAcceptsRow(int row, const QModelIndex&) const {
    const auto* runs = qobject_cast<const RunsModel*>(sourceModel());
    if (runs == nullptr) {
        return false;
    }
    const store::RunRow& run = runs->at(row);
    return (!m_kept.empty() && run.id == m_kept) || runs->isPinned(run.id) || m_query.accepts(run);
}

void RunsFilter::sort(int column, Qt::SortOrder order) {
    m_isNewestFirst = column < 0;
    QSortFilterProxyModel::sort(m_isNewestFirst ? 0 : column, m_isNewestFirst ? Qt::AscendingOrder : order);
    invalidate();  // the column alone does not tell
}

bool RunsFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const {
    const bool isLeftPinned = left.data(RunsModel::PinnedRole).toBool(), isRightPinned = right.data(RunsModel::PinnedRole).toBool();
    if (isLeftPinned != isRightPinned) {
        return sortOrder() == Qt::AscendingOrder ? isLeftPinned : isRightPinned;
    }
    return m_isNewestFirst ? left.row() < right.row() : QSortFilterProxyModel::lessThan(left, right);
}

}  // namespace rlcm::ui
