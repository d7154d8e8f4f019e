#include "ui/live/live_data.h"

#include <algorithm>

namespace rlcm::ui {

LiveUpdate readLive(const store::StoreReader& reader, const LiveQuery& query) {
    LiveUpdate update;
    update.run = query.run;
    update.names = reader.scalarNames(query.run);
    for (const std::string& name : query.wanted) {
        if (std::find(update.names.begin(), update.names.end(), name) != update.names.end()) {
            const auto known = query.known.find(name);
            const LiveQuery::Known from = known == query.known.end() ? LiveQuery::Known() : known->second;
            update.curves[name] = {from.points, reader.scalarsAfter(query.run, name, from.last)};
        }
    }
    for (const store::CheckpointRow& checkpoint : reader.checkpoints(query.run)) {
        update.checkpointEpochs.push_back(static_cast<int>(checkpoint.epoch));
    }
    std::sort(update.checkpointEpochs.begin(), update.checkpointEpochs.end());
    update.events = reader.events(query.run);
    update.newLog = reader.log(query.run, query.afterLog);
    return update;
}

std::vector<double> LiveData::places(int last, XAxis axis) const {
    std::vector<double> places(static_cast<std::size_t>(last) + 1, 0);
    for (const auto& [name, rows] : curves) {
        for (const store::ScalarRow& row : rows) {
            if (row.counters.epoch >= 0 && row.counters.epoch <= last) {
                double& place = places[static_cast<std::size_t>(row.counters.epoch)];
                place = std::max(place, xOf(row.counters, axis));
            }
        }
    }
    for (std::size_t i = 1; i < places.size(); ++i) {
        places[i] = std::max(places[i], places[i - 1]);  // counters never fall
    }
    return places;
}

LiveQuery LiveData::query(const run::RunId& run, std::vector<std::string> wanted, std::int64_t afterLog) const {
    LiveQuery query{run, std::move(wanted), {}, afterLog};
    for (const auto& [name, rows] : curves) {
        if (!rows.empty()) {
            query.known[name] = {rows.size(), rows.back()};
        }
    }
    return query;
}

LiveData::Change LiveData::apply(const LiveUpdate& update) {
    for (const auto& [name, tail] : update.curves) {
        if (!tail.curve.isWhole && curves[name].size() != tail.after) {
            return Change::Misfit;
        }
    }
    const bool hasSameEvents = std::ranges::equal(events, update.events, {}, &store::EventRow::id, &store::EventRow::id);
    bool isChanged = names != update.names || checkpointEpochs != update.checkpointEpochs || !hasSameEvents;
    names = update.names;
    checkpointEpochs = update.checkpointEpochs;
    events = update.events;
    // Curves of measures that are no longer shown go.
    isChanged = std::erase_if(curves, [&](const auto& entry) { return !update.curves.contains(entry.first); }) > 0 || isChanged;
    for (const auto& [name, tail] : update.curves) {
        std::vector<store::ScalarRow>& rows = curves[name];
        isChanged = isChanged || tail.curve.isWhole || !tail.curve.rows.empty();
        if (tail.curve.isWhole) {
            rows = tail.curve.rows;
        } else {
            rows.insert(rows.end(), tail.curve.rows.begin(), tail.curve.rows.end());
        }
    }
    return isChanged ? Change::Some : Change::None;
}

}  // namespace rlcm::ui
