#pragma once
#include <QFrame>
#include <QString>
#include <functional>
#include <vector>

#include "core/figure/horizon_table.h"

class QLabel;
class QStandardItemModel;
class QTableView;

namespace rlcm::ui {

/// The groups as numbers, in the order of their cost. Copied with Ctrl+C for a spreadsheet, by its menu as Markdown or LaTeX. objectNames: horizonsTable, copyHorizons, timingNote.
class HorizonsTable : public QFrame {
    Q_OBJECT
public:
    explicit HorizonsTable(QWidget* parent = nullptr);
    /// `placeText` writes the budget that a value comes from when that is not the asked one.
    void setRows(const std::vector<figure::HorizonRow>& rows, const figure::HorizonCaption& caption, const std::function<QString(double)>& placeText);
    /// `interval`: what stands behind ±.
    void setHeading(const QString& text, const QString& interval);
    /// Below the table: where times come from, or what is missing.
    void setNote(const QString& text, bool isWarning);
    /// Marks the row of a group; "" none.
    void setHighlight(const QString& id);

Q_SIGNALS:
    void hovered(const QString& id);  ///< "" when the mouse leaves
    void picked(const QString& id);
    void opened(const QString& id);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeView();
    void setRow(int row, const figure::HorizonRow& what, const std::function<QString(double)>& placeText);
    void fitColumns();

    std::vector<figure::HorizonRow> m_rows;
    figure::HorizonCaption m_caption;
    QLabel* m_heading = nullptr;
    QLabel* m_note = nullptr;
    QStandardItemModel* m_model = nullptr;
    QTableView* m_view = nullptr;
};

}  // namespace rlcm::ui
