// What the compare page has to say to the time bar.
#include <algorithm>
#include <cmath>

#include "ui/alarms/alarm_words.h"
#include "ui/compare/compare_data.h"

namespace rlcm::ui {
namespace {

constexpr double kMostStops = 400;

void sortUnique(std::vector<double>& places) {
    std::ranges::sort(places);
    const auto rest = std::ranges::unique(places);
    places.erase(rest.begin(), rest.end());
}

/// Ascending places at least a share of their range apart; the last one stays.
std::vector<double> thinned(std::vector<double> places) {
    sortUnique(places);
    const double apart = places.empty() ? 0 : (places.back() - places.front()) / kMostStops;
    std::vector<double> kept;
    for (const double place : places) {
        if (kept.empty() || place - kept.back() >= apart) {
            kept.push_back(place);
        }
    }
    if (!kept.empty() && kept.back() != places.back()) {
        kept.back() = places.back();
    }
    return kept;
}

void addMarks(TimeMarks& marks, const RunCurve& run, XAxis axis) {
    for (const std::int64_t epoch : run.sampleEpochs) {
        marks.images.push_back(xAtEpoch(run, epoch, axis));
    }
    for (const std::int64_t epoch : run.checkpoints) {
        marks.checkpoints.push_back(xAtEpoch(run, epoch, axis));
    }
    for (const store::EventRow& event : run.events) {
        const bool isAlarm = std::holds_alternative<run::AlertRaised>(event.event);
        (isAlarm ? marks.alarms : marks.edits).push_back(xAtEpoch(run, epochOf(event), axis));
    }
}

}  // namespace

EpochRange makeRange(const std::vector<const RunCurve*>& runs, XAxis axis) {
    EpochRange range{.unit = axis, .areEpochs = axis == XAxis::Epoch};
    std::vector<double> places;
    for (const RunCurve* run : runs) {
        range.last = std::max(range.last, static_cast<int>(run->run.counters.epoch));
        range.planned = std::max(range.planned, static_cast<int>(run->run.epochs));
        addMarks(range.marks, *run, axis);
        if (axis == XAxis::Epoch || run->points.empty()) {
            continue;
        }
        for (const store::ScalarRow& point : run->points) {
            places.push_back(xOf(point.counters, axis));
        }
        const auto done = static_cast<double>(std::max<std::int64_t>(1, run->points.back().counters.epoch));
        range.end = std::max(range.end, places.back() * std::max(1.0, static_cast<double>(run->run.epochs) / done));
    }
    for (std::vector<double>* marks : {&range.marks.images, &range.marks.checkpoints, &range.marks.alarms, &range.marks.edits}) {
        sortUnique(*marks);
    }
    if (axis != XAxis::Epoch) {
        places.push_back(0);
        range.places = thinned(std::move(places));
    }
    return range;
}

}  // namespace rlcm::ui
