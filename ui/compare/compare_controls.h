#pragma once
#include <QWidget>

#include "core/run/measures.h"
#include "ui/compare/compare_data.h"
#include "ui/view/view_state.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSlider;
class QToolButton;

namespace rlcm::ui {

/// The strip of choices above the chart. Emits chosen() only for choices made by the user, and shows them for good when they
/// come back as the view. objectNames: scalar, rewardChoice, xAxis, smoother, halfLife, halfLifeSlider, raw, logY, outliers, group, band, export.
class CompareControls : public QWidget {
    Q_OBJECT
public:
    explicit CompareControls(QWidget* parent = nullptr);
    void setView(const CompareView& view);
    /// Offers these scalars; the chosen one stays, even while no run has it.
    void setScalars(const std::vector<std::string>& names);
    /// A reward that some of the visible runs have.
    struct RewardChoice {
        std::string key;
        QString title;
        int runs = 0;
    };
    /// Offers these rewards: unlike ones share no axis. The chosen one stays while it is there, else the first is taken; hidden
    /// when there is one, or the scalar is not in units of the reward.
    void setRewards(const std::vector<RewardChoice>& rewards);
    std::string reward() const;
    /// What a view without a choice of its own means: seeds are grouped, or not.
    void setGroupedByItself(bool isGrouped);
    /// Length of the x axis, which gives the smoothing slider its range.
    void setLongestX(double longest);
    /// As exact as the number field shows it.
    static double shownHalfLife(double halfLife);

Q_SIGNALS:
    void chosen(const rlcm::ui::CompareView& view);

private:
    void makeBoxes();
    void makeSmoothing();
    void makeToggles();
    void layOut();
    void connectAll();
    template <typename Choice>
    QToolButton* toggle(const QString& name, const QString& text, const QString& tip, Choice CompareView::* choice);
    template <typename Choice>
    void choose(Choice CompareView::* part, Choice value);
    void updateGroup();
    void updateSlider();
    void updateUnit();
    void updateRewardBox();

    CompareView m_view;
    std::vector<std::string> m_scalars;
    double m_longest = 0;
    bool m_isGroupedByItself = false;
    QComboBox* m_scalarBox = nullptr;
    QComboBox* m_rewardBox = nullptr;
    QComboBox* m_axisBox = nullptr;
    QComboBox* m_smootherBox = nullptr;
    QSlider* m_slider = nullptr;
    QDoubleSpinBox* m_number = nullptr;
    QToolButton* m_raw = nullptr;
    QToolButton* m_log = nullptr;
    QToolButton* m_outliers = nullptr;
    QToolButton* m_group = nullptr;
    QComboBox* m_bandBox = nullptr;
};

}  // namespace rlcm::ui
