// What the page of horizons shows once curves and times are there.
#include <QDateTime>
#include <QFileInfo>
#include <QStackedWidget>
#include <QStandardPaths>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/files.h"
#include "core/base/number_text.h"
#include "core/figure/panels.h"
#include "core/run/measures.h"
#include "ui/bridge/store_service.h"
#include "ui/charts/scatter_chart.h"
#include "ui/compare/image_row.h"
#include "ui/horizons/horizons_page_impl.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

constexpr int kLooksAtValues = 24;  // along the budget, for a vertical axis that stands still while it plays
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

QString text(const std::string& value) {
    return QString::fromStdString(value);
}

bool isLowBetter(const std::string& measure) {
    const run::Measure* known = run::findMeasure(measure);
    return known != nullptr && known->better == run::Better::Lower;
}

QString bandText(figure::Band band) {
    switch (band) {
        case figure::Band::MinMax:
            return HorizonsPage::tr("min to max of the seeds");
        case figure::Band::StandardDeviation:
            return HorizonsPage::tr("± standard deviation of the seeds");
        case figure::Band::Confidence95:
            return HorizonsPage::tr("95 % t interval of the seeds' mean");
    }
    return {};
}

/// What a run had cost when it came to a budget.
QString trainingText(const RunCurve& run, XAxis unit, double budget) {
    const store::ScalarRow* last = nullptr;
    for (const store::ScalarRow& point : run.points) {
        last = last == nullptr || xOf(point.counters, unit) <= budget ? &point : last;
    }
    return last == nullptr
               ? QString()
               : HorizonsPage::tr("training: %1 images, %2 denoiser evaluations, %3")
                     .arg(formatCount(last->counters.images), formatCount(last->counters.denoiserEvaluations), formatDuration(last->counters.activeSeconds));
}

/// Least and greatest value at any budget, with as much of the intervals as half of what the means span: two seeds early in training may have any.
std::pair<double, double> valuesAlong(const std::vector<figure::HorizonGroup>& groups, const figure::BudgetRange& range, figure::Band band) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double low = kInfinity, high = -kInfinity, lowest = kInfinity, highest = -kInfinity;
    for (const figure::HorizonGroup& group : groups) {
        for (int look = 0; look <= kLooksAtValues; ++look) {
            const figure::HorizonValue value = figure::valueAt(group, range.first + (range.longest - range.first) * look / kLooksAtValues, band);
            low = std::min(low, value.mean);
            high = std::max(high, value.mean);
            lowest = std::min(lowest, value.low);
            highest = std::max(highest, value.high);
        }
    }
    const double most = (high - low) / 2;
    return {std::max(lowest, low - most), std::min(highest, high + most)};
}

}  // namespace

QString shortLabel(const figure::HorizonGroup& group) {
    const QString label = (group.method == run::Method::Rlcm ? QStringLiteral("H") : QStringLiteral("DDPO ")) + QString::number(group.steps);
    return group.apart.empty() ? label : HorizonsPage::tr("%1, %2").arg(label, text(group.apart));
}

// --- data
// -----------------------------------------------------------------------------------------------------------

void HorizonsPage::Impl::askForCurves() {
    if (!self->isVisible()) {
        isStale = true;
        return;
    }
    isStale = false;
    loader.loadCurves(view.measure);
}

void HorizonsPage::Impl::askForTimes() {
    store.readAside(
        self, {}, [](const store::StoreReader& reader) { return figure::readInferenceTimes(reader.workspace()); },
        [this](std::vector<figure::InferenceTime> read) {
            times = std::move(read);
            areTimesRead = true;
            showBudget();
        },
        [this](const QString& problem) {
            areTimesRead = true;
            fail(problem);
        });
}

void HorizonsPage::Impl::takeCurves() {
    isLoaded = true;
    std::vector<std::string> measures;
    for (const run::Measure& measure : run::measures()) {
        const std::string name(measure.name);
        if (measure.at == run::MeasuredAt::Evaluation && name != run::measure::kEvalImages &&
            std::binary_search(data().scalarNames.begin(), data().scalarNames.end(), name)) {
            measures.push_back(name);
        }
    }
    controls->setMeasures(measures);
    controls->setRewards(rewards());
    makeGroups();
    showEmptyState();
    showBudget();
}

std::vector<std::pair<std::string, QString>> HorizonsPage::Impl::rewards() const {
    std::vector<std::pair<std::string, QString>> list;
    std::vector<int> counts;
    for (const RunCurve& run : data().runs) {
        const auto at = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.first == run.rewardKey; });
        if (at == list.end()) {
            list.emplace_back(run.rewardKey, text(figure::rewardTitle(run.run)));
            counts.push_back(1);
        } else {
            ++counts[static_cast<std::size_t>(at - list.begin())];
        }
    }
    if (const auto most = std::max_element(counts.begin(), counts.end()); most != counts.end()) {
        std::rotate(list.begin(), list.begin() + (most - counts.begin()), list.begin() + (most - counts.begin()) + 1);
    }
    return list;
}

std::vector<const RunCurve*> HorizonsPage::Impl::comparable() const {
    return comparableRuns(data(), view.measure, controls->reward());
}

void HorizonsPage::Impl::makeGroups() {
    if (isReading()) {
        return;  // those of another measure
    }
    std::vector<figure::EvaluatedRun> runs;
    for (const RunCurve* run : comparable()) {
        runs.push_back({run->run, run->points});
    }
    groups = figure::horizonGroups(runs, run::counterField(view.unit));
    const auto hasValue = [](const figure::EvaluatedRun& run) {
        return std::any_of(run.values.begin(), run.values.end(), [](const store::ScalarRow& row) { return std::isfinite(row.value); });
    };
    madeElsewhere = static_cast<int>(std::count_if(runs.begin(), runs.end(), hasValue));
    for (const figure::HorizonGroup& group : groups) {
        madeElsewhere -= static_cast<int>(group.runs.size());
    }
    range = figure::budgetRange(groups);
    values = valuesAlong(groups, range, view.band);
}

double HorizonsPage::Impl::budget() const {
    return std::clamp(view.budget.value_or(range.shared), range.first, std::max(range.first, range.longest));
}

bool HorizonsPage::Impl::hasTimes() const {
    return view.cost == InferenceCost::Milliseconds &&
           std::any_of(groups.begin(), groups.end(), [this](const figure::HorizonGroup& group) { return figure::findTime(times, group.timing).has_value(); });
}

double HorizonsPage::Impl::costOf(const figure::HorizonRow& one) const {
    if (!hasTimes()) {
        return static_cast<double>(one.group.denoiserEvaluations);
    }
    return one.time ? one.time->medianMs : kNothing;
}

// --- the budget
// -----------------------------------------------------------------------------------------------------

void HorizonsPage::Impl::showBudget() {
    rows.clear();
    std::vector<double> costs, worths;
    for (const figure::HorizonGroup& group : groups) {
        rows.push_back({.group = group, .value = figure::valueAt(group, budget(), view.band), .time = figure::findTime(times, group.timing)});
    }
    const bool wantsTimes = hasTimes();
    const auto cost = [&](const figure::HorizonRow& one) {
        return wantsTimes ? (one.time ? one.time->medianMs : kNothing) : static_cast<double>(one.group.denoiserEvaluations);
    };
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const figure::HorizonRow& a, const figure::HorizonRow& b) { return std::isnan(cost(b)) ? !std::isnan(cost(a)) : cost(a) < cost(b); });
    for (const figure::HorizonRow& one : rows) {
        costs.push_back(cost(one));
        worths.push_back(one.value.hasEnded ? kNothing : isLowBetter(view.measure) ? -one.value.mean : one.value.mean);
    }
    const std::vector<bool> front = figure::paretoFront(costs, worths);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].isOnFront = front[i];
    }
    budgetBar->setUnit(view.unit);
    budgetBar->setRange(range);
    budgetBar->setBudget(budget(), !view.budget);
    controls->setTimes(!times.empty());
    showPoints();
    showTable();
    askForImages();
}

ScatterPoint HorizonsPage::Impl::pointOf(const figure::HorizonRow& one) const {
    const figure::HorizonValue& value = one.value;
    const bool isPinned = std::find(view.pinned.begin(), view.pinned.end(), one.group.id) != view.pinned.end();
    ScatterPoint point{.id = text(one.group.id), .label = shortLabel(one.group), .colour = runColour(one.group.colour), .x = costOf(one), .y = value.mean};
    point.yLow = value.low;
    point.yHigh = value.runs > 1 ? value.high : value.low;
    if (hasTimes() && one.time) {
        point.xLow = one.time->quarterMs;
        point.xHigh = one.time->threeQuarterMs;
    }
    point.isDiamond = one.group.method == run::Method::Ddpo;
    point.isHollow = value.hasEnded;
    point.isDimmed = !one.isOnFront && !value.hasEnded;
    point.isOnFront = one.isOnFront;
    point.isPinned = isPinned;
    QStringList lines{text(one.group.label), tr("%1, n = %2").arg(text(figure::valueWithBand(value))).arg(value.runs)};
    if (one.time) {
        lines
            << tr("%1 ms an image (%2 to %3)").arg(formatReward(one.time->medianMs), formatReward(one.time->quarterMs), formatReward(one.time->threeQuarterMs));
    }
    lines << tr("%1 denoiser evaluations an image").arg(one.group.denoiserEvaluations);
    lines << (value.hasEnded ? tr("ended at %1").arg(placeText(view.unit, value.at)) : tr("at %1 of training").arg(placeText(view.unit, value.at)));
    if (const RunCurve* run = exampleOf(one.group)) {
        lines << trainingText(*run, view.unit, value.at);
    }
    lines << tr("%1 before training").arg(formatReward(value.base));
    if (value.hasEnded) {
        point.label += tr(" · ended at %1").arg(placeText(view.unit, value.at));
    }
    point.tip = lines.join(QLatin1Char('\n'));
    return point;
}

ScatterPoint HorizonsPage::Impl::basePointOf(const figure::HorizonRow& one) const {
    ScatterPoint point{.id = text(one.group.id), .colour = runColour(one.group.colour), .x = costOf(one), .y = one.value.base};
    point.tip = tr("%1 before training\n%2").arg(text(one.group.label), formatReward(one.value.base));
    point.isDiamond = one.group.method == run::Method::Ddpo;
    point.isHollow = point.isSmall = true;
    return point;
}

void HorizonsPage::Impl::showPoints() {
    std::vector<ScatterPoint> points;
    for (const figure::HorizonRow& one : rows) {
        if (view.hasDominated || one.isOnFront || one.value.hasEnded) {
            points.push_back(pointOf(one));
        }
    }
    for (const figure::HorizonRow& one : rows) {
        if (view.hasBase) {
            points.push_back(basePointOf(one));
        }
    }
    const std::vector<const RunCurve*> runs = comparable();
    const std::string value = runs.empty() ? run::measureTitle(view.measure) : figure::valueTitle(view.measure, runs.front()->run);
    const QString evaluations = tr("Denoiser evaluations per image");
    chart->setAxisTitles(hasTimes()                                 ? tr("Time per image (ms, measured)")
                         : view.cost == InferenceCost::Milliseconds ? tr("Denoiser evaluations (no times yet)")
                                                                    : evaluations,
                         text(value));
    chart->setValueRange(values.first <= values.second ? std::optional(values) : std::nullopt);
    chart->setEmptyText(isReading() ? tr("Reading “%1”…").arg(scalarTitle(view.measure)) : tr("No visible run has this value yet."));
    chart->setPoints(isReading() ? std::vector<ScatterPoint>() : std::move(points));
}

figure::HorizonCaption HorizonsPage::Impl::caption() const {
    const std::vector<const RunCurve*> runs = comparable();
    figure::HorizonCaption caption;
    caption.value = runs.empty() ? run::measureTitle(view.measure) : figure::valueTitle(view.measure, runs.front()->run);
    caption.budget = placeText(view.unit, budget()).toStdString();
    caption.band = bandText(view.band).toStdString();
    for (const figure::HorizonRow& one : rows) {
        if (one.time && caption.timing.empty()) {
            caption.timing = one.time->device + ", " + one.time->dtype + ", batch " + std::to_string(one.time->batch);
        }
    }
    return caption;
}

QString HorizonsPage::Impl::timingNote(bool& isWarning) const {
    isWarning = false;
    int missing = 0, busy = 0;
    double newest = 0;
    for (const figure::HorizonRow& one : rows) {
        missing += one.time ? 0 : 1;
        busy += one.time && one.time->isBusy ? 1 : 0;
        newest = std::max(newest, one.time ? one.time->measuredAt : 0.0);
    }
    if (rows.empty()) {
        return {};
    }
    if (missing == static_cast<int>(rows.size())) {
        return store.isRecorded() ? tr("What an image takes was not measured for these recorded runs.")
                                  : tr("What an image takes has not been measured here: “Measure times” does it, half a minute or so.");
    }
    const QString when = QDateTime::fromSecsSinceEpoch(static_cast<qint64>(newest)).toString(QStringLiteral("d MMM yyyy HH:mm"));
    QString note = tr("Timed on %1, decoding included, %2.").arg(text(caption().timing), when);
    if (busy > 0) {
        isWarning = true;
        note += tr(" The machine was busy, so times are too long: measure again when it is idle.");
    }
    if (missing > 0) {
        isWarning = isWarning || hasTimes();
        note += missing == 1 ? tr(" One horizon is not measured yet and has no place on this axis.")
                             : tr(" %1 horizons are not measured yet and have no place on this axis.").arg(missing);
    }
    return note;
}

void HorizonsPage::Impl::showTable() {
    table->setHeading(tr("At %1").arg(placeText(view.unit, budget())), bandText(view.band));
    table->setRows(isReading() ? std::vector<figure::HorizonRow>() : rows, caption(), [unit = view.unit](double at) { return placeText(unit, at); });
    bool isWarning = false;
    QString note = timingNote(isWarning);
    if (madeElsewhere > 0) {
        isWarning = true;
        note += tr(" Seconds compare only runs of one machine: %1 that another one made are left out.").arg(madeElsewhere);
    }
    table->setNote(note.trimmed(), isWarning);
}

void HorizonsPage::Impl::showEmptyState() {
    if (!groups.empty() || (isLoaded && isReading())) {
        stack->setCurrentIndex(1);
        return;
    }
    stack->setCurrentIndex(0);
    if (!isLoaded) {
        empty->setContent(Icon::Spark, tr("Reading runs…"), {});
    } else if (data().runs.empty() && data().hiddenRuns > 0) {
        empty->setContent(Icon::EyeOff, tr("All runs are hidden"), tr("Tick the eye of a run in the list on the left to draw it here."));
    } else if (data().runs.empty()) {
        empty->setContent(Icon::Spark, tr("No horizons yet"),
                          tr("Train the same reward with two or more horizons, RLCM or DDPO: here you see what each brings at an equal budget, and what an "
                             "image costs with it."),
                          tr("Plan a study…"));
    } else {
        empty->setContent(Icon::Spark, tr("No evaluation yet"), tr("The first point comes with the evaluation before training."));
    }
}

}  // namespace rlcm::ui
