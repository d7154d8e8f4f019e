#include "ui/live/chart_panels.h"

#include <QGridLayout>
#include <QSignalBlocker>
#include <algorithm>

#include "core/run/measures.h"
#include "ui/charts/chart_widget.h"
#include "ui/live/measure_panel.h"
#include "ui/theme/theme.h"
#include "ui/view/page.h"

namespace rlcm::ui {

namespace {

constexpr int kLeastWidth = 250, kLeastHeight = 170;  // of a chart with its head
constexpr int kMostColumns = 3;

/// What a further chart shows first: what is not on the page yet.
const std::vector<std::string>& firstChoices() {
    static const std::vector<std::string> kAll{std::string(run::measure::kApproxKl), std::string(run::measure::kGradNorm),
                                               std::string(run::measure::kEvalDiversity), std::string(run::measure::kClipFraction),
                                               std::string(run::measure::kLoss)};
    return kAll;
}

}  // namespace

ChartPanels::ChartPanels(QWidget* parent) : QWidget(parent) {
    m_grid = new QGridLayout(this);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(spacing::kMedium);
    m_grid->setVerticalSpacing(spacing::kSmall);
}

ChartWidget& ChartPanels::chart(std::size_t number) {
    return m_all[number]->chart();
}

void ChartPanels::addWidget() {
    const std::size_t number = m_all.size();
    auto* panel = new MeasurePanel(number, this);
    m_all.push_back(panel);
    connect(&panel->chart(), &ChartWidget::cursorMoved, this, &ChartPanels::cursorMoved);
    connect(&panel->chart(), &ChartWidget::zoomChanged, this, [this, number] { onZoom(number); });
    connect(panel, &MeasurePanel::addAsked, this, [this, number] { add(number); });
    connect(panel, &MeasurePanel::removeAsked, this, [this, number] {
        std::vector<LivePanel> next = m_panels;
        next.erase(next.begin() + static_cast<std::ptrdiff_t>(number));
        Q_EMIT proposed(next, MergeKey::None);
    });
    connect(panel, &MeasurePanel::logAsked, this, [this, number](bool isLogY) {
        std::vector<LivePanel> next = m_panels;
        next[number].isLogY = isLogY;
        if (next[number].zoom) {
            next[number].zoom->hasY = false;  // the other scale may have no place for it
        }
        Q_EMIT proposed(next, MergeKey::None);
    });
    connect(panel, &MeasurePanel::chosen, this, [this, number](const std::vector<std::string>& measures) {
        std::vector<LivePanel> next = m_panels;
        next[number].measures = measures;
        if (next[number].zoom) {
            next[number].zoom->hasY = false;  // of other values
        }
        Q_EMIT proposed(next, MergeKey::None);
    });
}

void ChartPanels::setPanels(const std::vector<LivePanel>& panels, const std::vector<std::string>& names) {
    m_panels = panels;
    m_names = names;
    while (m_all.size() < panels.size()) {
        addWidget();
    }
    if (m_shown != panels.size()) {
        m_shown = panels.size();
        layOut();
    }
    for (std::size_t i = 0; i < m_shown; ++i) {
        m_all[i]->setMeasures(names, measuresOf(i));
        m_all[i]->setRoom(m_shown < kMostPanels, m_shown > 1);
        {
            const QSignalBlocker quiet(chart(i));
            chart(i).setLogY(panels[i].isLogY);
        }
        Page::showZoom(chart(i), panels[i].zoom);
    }
}

std::vector<std::string> ChartPanels::measuresOf(std::size_t number) const {
    const std::vector<std::string>& wanted = m_panels[number].measures;
    const auto has = [this](const std::string& name) { return std::ranges::find(m_names, name) != m_names.end(); };
    if (m_names.empty() || wanted == rewardMeasures() || std::ranges::any_of(wanted, has)) {
        return wanted;
    }
    const auto other =
        std::ranges::find_if(m_names, [](const std::string& name) { return std::ranges::find(rewardMeasures(), name) == rewardMeasures().end(); });
    return other == m_names.end() ? wanted : std::vector<std::string>{*other};
}

/// The others follow along x, and keep what they show of their own values.
void ChartPanels::onZoom(std::size_t number) {
    if (number >= m_shown) {
        return;
    }
    std::vector<LivePanel> next = m_panels;
    const ChartWidget::Range range = chart(number).visibleRange();
    for (std::size_t i = 0; i < next.size(); ++i) {
        if (!chart(number).isZoomed()) {
            next[i].zoom.reset();
        } else if (i == number) {
            next[i].zoom = Zoom{range.x0, range.x1, range.y0, range.y1};
        } else {
            Zoom zoom = next[i].zoom.value_or(Zoom{.hasY = false});
            zoom.x0 = range.x0;
            zoom.x1 = range.x1;
            next[i].zoom = zoom;
        }
    }
    Q_EMIT proposed(next, MergeKey::Zoom);
}

void ChartPanels::add(std::size_t number) {
    std::vector<LivePanel> next = m_panels;
    LivePanel panel{.measures = {firstChoices().back()}};
    const auto isNew = [&](const std::string& name) {
        return std::ranges::find(m_names, name) != m_names.end() &&
               std::ranges::none_of(m_panels, [&](const LivePanel& one) { return std::ranges::find(one.measures, name) != one.measures.end(); });
    };
    if (const auto choice = std::ranges::find_if(firstChoices(), isNew); choice != firstChoices().end()) {
        panel.measures = {*choice};
    }
    panel.zoom = next[number].zoom;
    if (panel.zoom) {
        panel.zoom->hasY = false;
    }
    next.insert(next.begin() + static_cast<std::ptrdiff_t>(number) + 1, panel);
    Q_EMIT proposed(next, MergeKey::None);
}

void ChartPanels::layOut() {
    const int count = static_cast<int>(m_shown);
    const int fitting = std::clamp(width() / kLeastWidth, 1, kMostColumns);
    const int rows = std::max(1, (count + fitting - 1) / fitting);
    m_columns = fitting;
    const int columns = (count + rows - 1) / rows;  // as even as it can be
    for (std::size_t i = 0; i < m_all.size(); ++i) {
        m_grid->removeWidget(m_all[i]);
        m_all[i]->setVisible(i < m_shown);
        if (i < m_shown) {
            m_grid->addWidget(m_all[i], static_cast<int>(i) / columns, static_cast<int>(i) % columns);
        }
    }
    for (int column = 0; column < kMostColumns; ++column) {
        m_grid->setColumnStretch(column, column >= columns ? 0 : count == 2 && column == 0 ? 3 : 2);
    }
    setMinimumSize(kLeastWidth, rows * kLeastHeight + (rows - 1) * spacing::kSmall);
}

void ChartPanels::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (std::clamp(width() / kLeastWidth, 1, kMostColumns) != m_columns) {
        layOut();
    }
}

}  // namespace rlcm::ui
