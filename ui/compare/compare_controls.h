#pragma once
#include <QJsonObject>
#include <QWidget>

#include "core/run/measures.h"
#include "ui/compare/compare_data.h"

class QComboBox;
class QDoubleSpinBox;
class QLabel;
class QSlider;
class QToolButton;

namespace rlcm::ui {

/// The strip of choices above the chart. Emits a signal only for choices made by the user.
/// objectNames: scalar, rewardChoice, xAxis, halfLife, halfLifeSlider, raw, logY, outliers, group, band, export.
class CompareControls : public QWidget {
    Q_OBJECT
public:
    explicit CompareControls(QWidget* parent = nullptr);
    /// Offers these scalars; the chosen one stays, even while no run has it.
    void setScalars(const std::vector<std::string>& names);
    std::string scalar() const;
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
    XAxis axis() const;
    void setAxis(XAxis axis);
    /// Length of the x axis, which gives the smoothing slider its range. On a change of the axis the
    /// half-life keeps its share of it.
    void setLongestX(double longest);
    double halfLife() const;  ///< in x units; 0: off
    void setHalfLife(double halfLife);
    bool isRaw() const;
    bool isLogY() const;
    bool areOutliersIgnored() const;
    bool isGrouped() const;
    figure::Band band() const;
    void toggleRaw();
    void toggleLogY();
    void toggleOutliers();
    void toggleGroup();

    QJsonObject state() const;
    void setState(const QJsonObject& state);

Q_SIGNALS:
    void scalarChanged();
    void axisChanged();
    void viewChanged();                         ///< anything else
    void exportRequested(const QString& what);  ///< "column", "page", "slide", "csv", "table"

private:
    QWidget* labelled(const QString& text, std::initializer_list<QWidget*> widgets);
    QToolButton* toggle(const QString& name, const QString& text, const QString& tip);
    void addExportMenu();
    void updateSlider();
    void updateUnit();
    void updateRewardBox();

    double m_longest = 0;
    std::string m_scalar{run::measure::kEvalRewardMean};
    QComboBox* m_scalarBox;
    QComboBox* m_rewardBox;
    QComboBox* m_axisBox;
    QSlider* m_slider;
    QDoubleSpinBox* m_number;
    QToolButton* m_raw;
    QToolButton* m_log;
    QToolButton* m_outliers;
    QToolButton* m_group;
    QComboBox* m_bandBox;
    QToolButton* m_export;
};

}  // namespace rlcm::ui
