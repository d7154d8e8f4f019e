#pragma once
#include <QWidget>

#include "ui/view/view_state.h"

class QComboBox;
class QLabel;
class QToolButton;

namespace rlcm::ui {

/// The strip of choices above the chart of horizons. Emits chosen() only for choices made by the user, and shows them for good when they come back as the view.
/// objectNames: horizonsReward, horizonsMeasure, horizonsCost, horizonsBand, horizonsDominated, horizonsBase, measureTimes, measureProgress.
class HorizonsControls : public QWidget {
    Q_OBJECT
public:
    explicit HorizonsControls(QWidget* parent = nullptr);
    void setView(const HorizonsView& view);
    /// Offers these measures; the chosen one stays even while no run has it.
    void setMeasures(const std::vector<std::string>& names);
    /// Rewards of the visible runs by key and title, the most frequent first. Hidden when there is one, or values are not in units of the reward.
    void setRewards(const std::vector<std::pair<std::string, QString>>& rewards);
    std::string reward() const;
    /// While it measures the button cancels, and `progress` stands beside it.
    void setMeasuring(bool isMeasuring, const QString& progress = {});
    void setTimes(bool areMeasured);
    /// From now on nothing can be measured, for this reason.
    void forbidMeasuring(const QString& reason);

Q_SIGNALS:
    void chosen(const rlcm::ui::HorizonsView& view);
    void measureAsked();
    void cancelAsked();

private:
    QToolButton* toggle(const QString& name, const QString& text, const QString& tip, bool HorizonsView::* part);
    QComboBox* box(const QString& name, const QString& accessibleName, const QString& tip);
    void connectAll();
    void showRewardBox();
    template <typename Choice>
    void choose(Choice HorizonsView::* part, Choice value);

    HorizonsView m_view;
    std::vector<std::string> m_measures;
    bool m_isMeasuring = false, m_hasTimes = false;
    QString m_whyNot;  // measuring is off, and why
    QComboBox* m_rewardBox = nullptr;
    QComboBox* m_measureBox = nullptr;
    QComboBox* m_costBox = nullptr;
    QComboBox* m_bandBox = nullptr;
    QToolButton* m_dominated = nullptr;
    QToolButton* m_base = nullptr;
    QToolButton* m_measure = nullptr;
    QLabel* m_progress = nullptr;
};

}  // namespace rlcm::ui
