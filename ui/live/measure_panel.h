#pragma once
// One chart of the live page with the choice of what it shows.
#include <QWidget>
#include <string>
#include <vector>

class QComboBox;
class QMenu;
class QToolButton;

namespace rlcm::ui {

class ChartWidget;

/// A chart has one value axis, so its measures have one unit: another unit needs another chart. thread: GUI. objectNames: panelMeasure0, panelMenu0 ..., and of the charts
/// rewardChart, measureChart, chart2 ...
class MeasurePanel : public QWidget {
    Q_OBJECT
public:
    MeasurePanel(std::size_t number, QWidget* parent);
    /// `names`: what the run has; `shown`: what of it is drawn.
    void setMeasures(const std::vector<std::string>& names, const std::vector<std::string>& shown);
    /// Whether there may be one more chart, and one less.
    void setRoom(bool canAdd, bool canRemove);
    const std::vector<std::string>& shown() const { return m_shown; }
    ChartWidget& chart() { return *m_chart; }

Q_SIGNALS:
    void chosen(const std::vector<std::string>& measures);
    void logAsked(bool isLogY);
    void addAsked();
    void removeAsked();

private:
    void fillBox();
    void fillMenu();
    void toggle(const std::string& name, bool isShown);

    std::vector<std::string> m_names, m_shown;
    bool m_canAdd = true, m_canRemove = true;
    QComboBox* m_what = nullptr;
    QMenu* m_menu = nullptr;
    ChartWidget* m_chart = nullptr;
};

/// "Reward" for the three rewards, the title of one measure, "Loss + 2" for several.
QString panelTitle(const std::vector<std::string>& measures);
/// What stands on the value axis of such a chart.
QString panelAxisTitle(const std::vector<std::string>& measures);

}  // namespace rlcm::ui
