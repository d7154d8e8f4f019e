#pragma once
#include <QStyledItemDelegate>

namespace rlcm::ui {

/// Paints the runs table: eye, colour swatch with name, state with icon and word, and a quiet progress bar.
class RunsDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option, const QModelIndex& index) override;
    /// Fills an editor once: what is typed stays while the run under it changes.
    void setEditorData(QWidget* editor, const QModelIndex& index) const override;
    void updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// A filled square in a run's colour, for menus.
QIcon swatch(int colourIndex);

}  // namespace rlcm::ui
