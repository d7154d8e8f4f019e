#pragma once
#include <QTimer>
#include <QWidget>
#include <vector>

#include "core/figure/horizons.h"
#include "ui/view/x_axis.h"

class QComboBox;
class QLabel;
class QSlider;
class QToolButton;

namespace rlcm::ui {

/// The budget that groups are compared at: a slider over what has been trained, its unit, and a button that plays from the start to the end. Emits only what the user does.
/// objectNames: budgetSlider, budgetPlay, budgetShared, budgetUnit, budgetLabel.
class BudgetBar : public QWidget {
    Q_OBJECT
public:
    explicit BudgetBar(QWidget* parent = nullptr);
    void setUnit(XAxis unit);
    void setRange(const figure::BudgetRange& range);
    /// `isShared`: it follows the largest budget that all groups have reached.
    void setBudget(double budget, bool isShared);
    bool isPlaying() const { return m_play.isActive(); }
    void setPlaying(bool isPlaying);
    /// One part in fifty back or on.
    void step(int direction);

Q_SIGNALS:
    void chosen(double budget);
    void sharedChosen();
    void unitChosen(rlcm::ui::XAxis unit);

protected:
    void hideEvent(QHideEvent* event) override;

private:
    void advance();
    void showPlaying();
    double budgetAt(int step) const;

    figure::BudgetRange m_range;
    XAxis m_unit = XAxis::RewardQueries;
    double m_budget = 0;
    QTimer m_play;
    QToolButton* m_playButton = nullptr;
    QSlider* m_slider = nullptr;
    QLabel* m_label = nullptr;
    QToolButton* m_shared = nullptr;
    QComboBox* m_unitBox = nullptr;
};

}  // namespace rlcm::ui
