// The charts of the live page: what is drawn, and the cursor.
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/run_palette.h"
#include "ui/alarms/alarm_words.h"
#include "ui/charts/chart_widget.h"
#include "ui/live/chart_panels.h"
#include "ui/live/live_page.h"
#include "ui/live/measure_panel.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {

Series makeSeries(const QString& id, const QString& label, const QColor& colour, const std::vector<store::ScalarRow>& rows, XAxis axis) {
    Series series;
    series.id = id;
    series.label = label;
    series.colour = colour;
    for (const store::ScalarRow& row : rows) {
        series.x.push_back(xOf(row.counters, axis));
        series.y.push_back(row.value);
    }
    return series;
}

}  // namespace

ChartWidget& LivePage::rewardChart() {
    return m_charts->chart(0);
}

std::vector<std::string> LivePage::wanted() const {
    std::vector<std::string> names{kTraining, kEvaluation};  // where the run is on every axis
    for (std::size_t i = 0; i < m_charts->count(); ++i) {
        const std::vector<std::string> own = m_charts->measuresOf(i);
        names.insert(names.end(), own.begin(), own.end());
    }
    return names;
}

bool LivePage::lacksCurves() const {
    return std::ranges::any_of(
        wanted(), [this](const std::string& name) { return std::ranges::find(m_data.names, name) != m_data.names.end() && !m_data.curves.contains(name); });
}

/// The run's own colour first; beside the rewards of training those of the evaluation are black, those of held-out prompts grey and dashed.
std::vector<Series> LivePage::seriesOf(const std::vector<std::string>& measures) const {
    const bool areRewards = measures == rewardMeasures();
    const std::array<QString, 3> rewardNames{tr("training"), tr("evaluation set"), tr("held-out prompts")};
    const int hue = hueOf(m_run.colour), shade = m_run.colour / kRunHues;
    std::vector<Series> all;
    for (std::size_t i = 0; i < measures.size(); ++i) {
        const auto found = m_data.curves.find(measures[i]);
        if (found == m_data.curves.end() || found->second.empty()) {
            continue;
        }
        const QColor ink = i == 1 ? colour(Role::Text) : i == 2 ? colour(Role::MutedText) : runColour(paletteIndex(hue + static_cast<int>(i), shade));
        all.push_back(makeSeries(QString::fromStdString(measures[i]), areRewards ? rewardNames[i] : scalarTitle(measures[i]), ink, found->second, m_view.axis));
        all.back().isDashed = i == 2;
    }
    return all;
}

void LivePage::drawCharts() {
    const XAxis x = m_view.axis;
    for (std::size_t i = 0; i < m_charts->count(); ++i) {
        ChartWidget& chart = m_charts->chart(i);
        const std::vector<std::string> measures = m_charts->measuresOf(i);
        chart.setDurationAxis(isTime(x));
        chart.setPlaceText([x](double place) { return placeText(x, place); });
        chart.setHalfLife(halfLifeInX());
        chart.setRawVisible(true);
        chart.setLegendVisible(measures.size() > 1);
        chart.setAxisTitles(axisTitle(x), panelAxisTitle(measures));
        chart.setSeries(seriesOf(measures));
    }
    showEmptyTexts();
    drawMarks();
    showCursor(m_epoch);
}

void LivePage::showEmptyTexts() {
    for (std::size_t i = 0; i < m_charts->count(); ++i) {
        m_charts->chart(i).setEmptyText(m_charts->measuresOf(i) == rewardMeasures() ? m_emptyText : tr("No points yet."));
    }
}

/// What happened in the run, where its curves have points.
void LivePage::drawMarks() {
    std::vector<ChartMark> marks;
    for (const store::EventRow& row : m_data.events) {
        marks.push_back(markOf(row, xAtEpoch(epochOf(row))));
    }
    for (std::size_t i = 0; i < m_charts->count(); ++i) {
        m_charts->chart(i).setMarks(marks);
    }
}

double LivePage::xAtEpoch(int epoch) const {
    double x = 0;
    for (const auto& [name, rows] : m_data.curves) {
        const auto after = std::partition_point(rows.begin(), rows.end(), [epoch](const store::ScalarRow& row) { return row.counters.epoch <= epoch; });
        if (after != rows.begin()) {
            x = std::max(x, xOf(std::prev(after)->counters, m_view.axis));  // counters never fall
        }
    }
    return x;
}

void LivePage::onCursor(double x) {
    const store::ScalarRow* nearest = nullptr;
    for (const auto& [name, rows] : m_data.curves) {
        const auto at = std::partition_point(rows.begin(), rows.end(), [&](const store::ScalarRow& row) { return xOf(row.counters, m_view.axis) < x; });
        for (auto near : {at, at == rows.begin() ? at : std::prev(at)}) {
            if (near != rows.end() &&
                (nearest == nullptr || std::abs(xOf(near->counters, m_view.axis) - x) < std::abs(xOf(nearest->counters, m_view.axis) - x))) {
                nearest = &*near;
            }
        }
    }
    if (nearest != nullptr && nearest->counters.epoch != m_epoch) {
        goTo(static_cast<int>(nearest->counters.epoch));
    }
}

void LivePage::goTo(int epoch) {
    Q_EMIT proposed({[epoch](ViewState& state) { state.goTo(epoch); }, MergeKey::Cursor});
}

}  // namespace rlcm::ui
