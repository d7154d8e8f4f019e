#pragma once
// The list of runs as a query wants it.
#include <QSortFilterProxyModel>
#include <QString>
#include <memory>

#include "ui/runs/run_query.h"

namespace rlcm::ui {

/// Shows the runs that a RunQuery accepts; sorts by RunsModel::SortRole.
class RunsFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit RunsFilter(QObject* parent = nullptr);
    void setText(const QString& text);
    /// RunQuery::problem of the text.
    const QString& problem() const { return m_query.problem(); }
    /// This run is shown whatever the text: its name is being edited. "": none.
    void setKept(const run::RunId& id);
    /// The model's pinned runs have changed: they are shown whatever the text, above all others whatever the order.
    void pinsChanged() { invalidate(); }
    /// Column -1: newest first.
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

protected:
    bool filterAcceptsRow(int row, const QModelIndex& parent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    std::shared_ptr<SettingTexts> m_settings = std::make_shared<SettingTexts>();
    RunQuery m_query;
    run::RunId m_kept;
    bool m_isNewestFirst = true;
};

}  // namespace rlcm::ui
