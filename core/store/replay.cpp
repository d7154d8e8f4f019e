#include "core/store/replay.h"

#include <map>

#include "core/run/measures.h"
#include "core/store/counter_columns.h"
#include "core/store/query.h"
#include "core/store/run_events.h"

namespace rlcm::store {
namespace {

/// Values by epoch and name of one table of scalars.
using ScalarsByEpoch = std::map<std::int64_t, std::vector<std::pair<std::string, double>>>;

class Replay {
public:
    Replay(const StoreReader& reader, SQLite::Database& database, run::RunId id, run::RunObserver& observer)
        : m_reader(reader), m_database(database), m_id(std::move(id)), m_observer(observer) {}

    void tell(const RunRow& row) {
        m_epochScalars = readScalars("epoch_scalar");
        m_evaluationScalars = readScalars("evaluation_scalar");
        readEvaluations();
        for (EventRow& stored : readRunEvents(m_database, m_id)) {
            const std::int64_t epoch = std::visit([](const auto& one) { return epochOf(one); }, stored.event);
            m_events[epoch].push_back(std::move(stored.event));
        }
        send(run::RunStarted{.id = m_id, .environmentJson = row.environmentJson, .firstEpoch = 0, .configJson = row.configJson});
        tellEpoch(0, false);
        tellAround(0);
        query(
            m_database, ("SELECT " + counterColumns("epoch") + " FROM epoch WHERE run_id = ?1 ORDER BY epoch").c_str(),
            [&](SQLite::Statement& counters) {
                const run::Counters after = readCounters(counters, 0);
                tellEpoch(after.epoch, false);  // the evaluation that belongs to an epoch comes before it
                send(epochDone(after));
                tellAround(after.epoch);
            },
            runIdNumber(m_id));
        if (row.state == run::RunState::Finished || row.state == run::RunState::Stopped || row.state == run::RunState::Failed) {
            send(run::RunFinished{m_id, row.state, row.error, row.counters});
        }
    }

private:
    static std::int64_t epochOf(const run::AlertRaised& event) { return event.epoch; }
    static std::int64_t epochOf(const run::SettingEdited& event) { return event.epoch; }
    template <typename Other>
    static std::int64_t epochOf(const Other&) {
        return 0;
    }

    void send(run::RunEvent event) { m_observer.onEvent(event); }

    ScalarsByEpoch readScalars(const std::string& table) {
        ScalarsByEpoch scalars;
        query(
            m_database,
            ("SELECT s.epoch, m.name, s.value FROM " + table + " s JOIN metric m ON m.id = s.metric_id WHERE s.run_id = ?1 ORDER BY s.epoch, m.id").c_str(),
            [&](SQLite::Statement& row) { scalars[row.getColumn(0).getInt64()].emplace_back(row.getColumn(1).getString(), numberIn(row.getColumn(2))); },
            runIdNumber(m_id));
        return scalars;
    }

    void readEvaluations() {
        query(
            m_database, ("SELECT " + counterColumns("evaluation") + ", is_extra, seconds FROM evaluation WHERE run_id = ?1").c_str(),
            [&](SQLite::Statement& row) {
                run::EvaluationDone event{
                    .id = m_id, .epoch = 0, .counters = readCounters(row, 0), .isExtra = false, .seconds = 0, .scalars = {}, .images = {}};
                event.epoch = event.counters.epoch;
                event.isExtra = row.getColumn(counterCount()).getInt() != 0;
                event.seconds = row.getColumn(counterCount() + 1).getDouble();
                event.scalars = m_evaluationScalars[event.epoch];
                m_evaluations.emplace(event.epoch, std::move(event));
            },
            runIdNumber(m_id));
    }

    run::EpochDone epochDone(const run::Counters& after) {
        run::EpochDone event{
            .id = m_id, .epoch = after.epoch - 1, .counters = after, .seconds = {}, .scalars = {}, .images = m_reader.trainingImages(m_id, after.epoch)};
        for (auto& [name, value] : m_epochScalars[after.epoch]) {
            if (!name.starts_with(run::measure::kSecondsPrefix)) {
                event.scalars.emplace_back(name, value);
                continue;
            }
            for (const run::PhaseField& phase : run::phaseFields()) {
                if (name.substr(run::measure::kSecondsPrefix.size()) == phase.name) {
                    event.seconds.*phase.member = value;
                }
            }
        }
        return event;
    }

    void tellEpoch(std::int64_t epoch, bool isExtra) {
        const auto found = m_evaluations.find(epoch);
        if (found == m_evaluations.end() || found->second.isExtra != isExtra) {
            return;
        }
        run::EvaluationDone event = found->second;
        for (const SampleRow& sample : m_reader.samples(m_id, epoch)) {
            event.images.push_back({.index = sample.index,
                                    .prompt = sample.prompt,
                                    .isHeldOut = sample.isHeldOut,
                                    .noiseSeed = sample.noiseSeed,
                                    .reward = sample.reward,
                                    .width = sample.width,
                                    .height = sample.height,
                                    .png = nullptr});
        }
        send(std::move(event));
    }

    /// What follows an epoch: alerts and edits, its checkpoint, an evaluation that was asked for.
    void tellAround(std::int64_t epoch) {
        for (const run::RunEvent& event : m_events[epoch]) {
            m_observer.onEvent(event);
        }
        query(
            m_database, "SELECT folder, bytes FROM checkpoint WHERE run_id = ?1 AND epoch = ?2",
            [&](SQLite::Statement& row) { send(run::CheckpointSaved{m_id, epoch, row.getColumn(0).getString(), row.getColumn(1).getInt64()}); },
            runIdNumber(m_id), epoch);
        tellEpoch(epoch, true);
    }

    const StoreReader& m_reader;
    SQLite::Database& m_database;
    run::RunId m_id;
    run::RunObserver& m_observer;
    ScalarsByEpoch m_epochScalars, m_evaluationScalars;
    std::map<std::int64_t, run::EvaluationDone> m_evaluations;
    std::map<std::int64_t, std::vector<run::RunEvent>> m_events;
};

}  // namespace

void replayRun(const StoreReader& reader, SQLite::Database& database, const RunRow& row, run::RunObserver& observer) {
    Replay(reader, database, row.id, observer).tell(row);
}

}  // namespace rlcm::store
