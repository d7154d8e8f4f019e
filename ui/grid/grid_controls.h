#pragma once
#include <QWidget>
#include <array>
#include <functional>
#include <string>

#include "ui/view/grid_view.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QSlider;
class QToolButton;

namespace rlcm::ui {

/// The strip of choices above the grid. Emits chosen() only for choices made by the user, and shows them for good when they come back as the view. A range that cannot be
/// read is told in the line below it and is not chosen. objectNames: gridRows, gridColumns, gridPages with gridRowsRange and so on, gridPage, gridSwap, gridSize, gridBadge,
/// gridHeat, gridPrompts, gridSort, gridNote.
class GridControls : public QWidget {
    Q_OBJECT
public:
    /// Why a range of an axis cannot be used; empty: it can.
    using Checker = std::function<QString(figure::PivotAxis, const std::string&)>;
    GridControls(Checker checker, QWidget* parent = nullptr);
    void setView(const GridView& view);
    /// Words of the pages; the one that is shown is chosen.
    void setPages(const QStringList& pages, int shown);
    /// What is shown, below the choices. Where a range cannot be read, that.
    void setNote(const QString& note);

Q_SIGNALS:
    void chosen(const rlcm::ui::GridView& view);
    void pageChosen(int page);
    /// Only the size is another; follows the slider.
    void sizeChosen(int side);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Slot {
        QComboBox* axis = nullptr;
        QLineEdit* range = nullptr;
    };
    QWidget* makeSlot(figure::PivotSlot slot, const QString& title, const QString& name);
    QWidget* makePages();
    QComboBox* box(const QString& name, const QString& title, const QStringList& choices, const QString& tip);
    void makeLook();
    void layOut(const std::array<QWidget*, figure::kPivotSlots>& axes);
    void connectAll();
    void chooseRange(figure::PivotSlot slot);
    void turn(int pages);
    void showErrors();
    QString errorOf(figure::PivotSlot slot) const;
    const Slot& slotOf(figure::PivotSlot slot) const { return m_slots[static_cast<std::size_t>(slot)]; }

    Checker m_checker;
    GridView m_view;
    QString m_noteText;
    std::array<Slot, figure::kPivotSlots> m_slots;
    QComboBox *m_page = nullptr, *m_badge = nullptr, *m_heat = nullptr, *m_prompts = nullptr;
    QToolButton *m_before = nullptr, *m_after = nullptr, *m_swap = nullptr, *m_sort = nullptr;
    QSlider* m_size = nullptr;
    QLabel* m_note = nullptr;
};

}  // namespace rlcm::ui
