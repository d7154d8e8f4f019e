#pragma once
#include <QAbstractTableModel>
#include <QColor>
#include <QFrame>
#include <vector>

#include "core/figure/text_table.h"

class QLabel;
class QSortFilterProxyModel;
class QTableView;

namespace rlcm::ui {

/// One curve at the cursor.
struct CursorRow {
    QString id = {}, label = {}, fullLabel = {};  ///< `label` may leave out words that all rows share
    QString place = {};                           ///< where the value comes from when that is not the cursor: "ep 6"
    QColor colour = {};
    double x = 0, raw = 0, smoothed = 0;
    double best = 0, against = 0;  ///< the best so far, NaN: nobody can say; what the change is from
    bool isHere = true;            ///< false: from too far away to be ranked with the others
    bool operator==(const CursorRow&) const = default;
};

class CursorModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Raw, Smoothed, Delta, Best, ColumnCount };
    /// What changes are from: the curve's own first value, or what the baseline has at the cursor.
    enum class DeltaOf { First, Baseline };
    void setRows(std::vector<CursorRow> rows);
    void setDeltaOf(DeltaOf what);
    const std::vector<CursorRow>& rows() const { return m_rows; }
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// Number behind a cell; NaN when there is none.
    static double number(const CursorRow& row, int column);

private:
    std::vector<CursorRow> m_rows;
    DeltaOf m_deltaOf = DeltaOf::First;
};

/// Table of the curves' values at the cursor: sortable, copied as TSV with Ctrl+C (selected rows, else all).
/// objectName of the view: cursorTable.
class CursorTable : public QFrame {
    Q_OBJECT
public:
    explicit CursorTable(QWidget* parent = nullptr);
    void setHeading(const QString& text);
    void setRows(std::vector<CursorRow> rows);
    void setDeltaOf(CursorModel::DeltaOf what) { m_model->setDeltaOf(what); }
    /// Rows in the order shown, numbers in full precision, with a header line.
    QString toTsv() const;
    void copy() const;
    /// Rows in the order shown, as people read them.
    figure::TextTable toTable() const;

Q_SIGNALS:
    void activated(const QString& id);
    /// The curves of the rows that are selected, or of the one under the pointer; none: neither.
    void pointed(const QStringList& ids);

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fitColumns();
    void point(const QModelIndex& under);

    CursorModel* m_model;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_view;
    QLabel* m_heading;
};

}  // namespace rlcm::ui
