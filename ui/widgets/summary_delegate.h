#pragma once
#include <QStyledItemDelegate>

class QListView;

namespace rlcm::ui {

/// Something in a list: its name, a muted line about it, and a mark when something is wrong with it.
class SummaryDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    /// Roles of the items besides Qt::DisplayRole, the name.
    enum ItemRole { SummaryRole = Qt::UserRole + 1, HasProblemsRole };
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// A list of such things, one of which is chosen. `title` is for programs that read the screen.
QListView* makeSummaryList(QAbstractItemModel* model, const char* name, const QString& title);

}  // namespace rlcm::ui
