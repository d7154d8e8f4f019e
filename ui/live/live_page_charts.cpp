// The two charts of the live page: which measures there are, what is drawn, and the cursor.
#include <QComboBox>
#include <algorithm>
#include <cmath>

#include "ui/alarms/alarm_words.h"
#include "ui/charts/chart_widget.h"
#include "ui/live/live_page.h"
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

void LivePage::fillMeasures() {
    std::vector<std::string> names;
    for (const std::string& name : m_data.names) {
        if (name != kTraining && name != kEvaluation) {
            names.push_back(name);
        }
    }
    bool isSame = m_measure->count() == static_cast<int>(names.size());
    for (int i = 0; isSame && i < m_measure->count(); ++i) {
        isSame = m_measure->itemData(i).toString().toStdString() == names[static_cast<std::size_t>(i)];
    }
    if (isSame) {
        return;
    }
    m_measure->clear();
    for (const std::string& name : names) {
        m_measure->addItem(scalarTitle(name), QString::fromStdString(name));
    }
    m_measure->setCurrentIndex(std::max(0, m_measure->findData(QString::fromStdString(m_view.measure))));
    if (m_measure->currentIndex() >= 0 && !m_data.curves.contains(m_measure->currentData().toString().toStdString())) {
        m_reading.want();  // another measure than the one read
    }
}

std::string LivePage::measure() const {
    return m_measure->currentIndex() < 0 ? m_view.measure : m_measure->currentData().toString().toStdString();
}

void LivePage::drawCharts() {
    const XAxis x = m_view.axis;
    const auto rows = [this](const std::string& name) -> const std::vector<store::ScalarRow>& {
        static const std::vector<store::ScalarRow> none;
        const auto found = m_data.curves.find(name);
        return found == m_data.curves.end() ? none : found->second;
    };
    const QColor own = runColour(m_run.colour);
    std::vector<Series> reward;
    if (!rows(kTraining).empty()) {
        reward.push_back(makeSeries(QStringLiteral("training"), tr("training"), own, rows(kTraining), x));
    }
    if (!rows(kEvaluation).empty()) {
        reward.push_back(makeSeries(QStringLiteral("evaluation"), tr("evaluation set"), colour(Role::Text), rows(kEvaluation), x));
    }
    if (!rows(kHeldOut).empty()) {
        reward.push_back(makeSeries(QStringLiteral("heldOut"), tr("held-out prompts"), colour(Role::MutedText), rows(kHeldOut), x));
        reward.back().isDashed = true;
    }
    const std::string shown = measure();
    std::vector<Series> other;
    if (!rows(shown).empty()) {
        other.push_back(makeSeries(QStringLiteral("measure"), scalarTitle(shown), own, rows(shown), x));
    }
    for (ChartWidget* chart : {m_reward, m_other}) {
        chart->setDurationAxis(isTime(x));
        chart->setPlaceText([x](double place) { return placeText(x, place); });
        chart->setHalfLife(halfLifeInX());
        chart->setRawVisible(true);
    }
    m_reward->setAxisTitles(axisTitle(x), tr("Mean reward"));
    m_other->setAxisTitles(axisTitle(x), scalarTitle(shown));
    m_reward->setSeries(std::move(reward));
    m_other->setSeries(std::move(other));
    drawMarks();
    showCursor(m_epoch);
}

/// What happened in the run, where its curves have points.
void LivePage::drawMarks() {
    std::vector<ChartMark> marks;
    for (const store::EventRow& row : m_data.events) {
        marks.push_back(markOf(row, xAtEpoch(epochOf(row))));
    }
    m_reward->setMarks(marks);
    m_other->setMarks(std::move(marks));
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
