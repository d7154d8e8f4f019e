#pragma once
// The charts of the live page side by side, in as many rows as the width needs.
#include <QWidget>
#include <vector>

#include "ui/view/view_model.h"

class QGridLayout;

namespace rlcm::ui {

class ChartWidget;
class MeasurePanel;

/// Cursor, axis and what is zoomed into along x are those of all charts. Shows a choice and proposes the next one. thread: GUI.
class ChartPanels : public QWidget {
    Q_OBJECT
public:
    explicit ChartPanels(QWidget* parent = nullptr);
    /// As many charts as there are panels, each with what it has to show; `names`: what the run has.
    void setPanels(const std::vector<LivePanel>& panels, const std::vector<std::string>& names);
    std::size_t count() const { return m_shown; }
    MeasurePanel& panel(std::size_t number) { return *m_all[number]; }
    ChartWidget& chart(std::size_t number);
    /// Of one chart: those of its measures that the run has; where it has none of them, something that it has.
    std::vector<std::string> measuresOf(std::size_t number) const;

Q_SIGNALS:
    void proposed(const std::vector<rlcm::ui::LivePanel>& panels, rlcm::ui::MergeKey key);
    void cursorMoved(double x);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void addWidget();
    void layOut();
    void onZoom(std::size_t number);
    void add(std::size_t number);

    std::vector<LivePanel> m_panels;
    std::vector<std::string> m_names;
    std::vector<MeasurePanel*> m_all;  // more than are shown, after some were removed
    std::size_t m_shown = 0;
    int m_columns = 0;
    QGridLayout* m_grid = nullptr;
};

}  // namespace rlcm::ui
