#include "ui/alarms/alarm_list.h"

#include <algorithm>

#include "ui/bridge/store_service.h"

namespace rlcm::ui {
namespace {

bool isSame(const Alarm& a, const Alarm& b) {
    return a.id == b.id && a.isSeen == b.isSeen && a.goodCheckpoint == b.goodCheckpoint && a.isKept == b.isKept;
}

/// On the store's thread. Checkpoints are looked for on the disk, so only for the alarms that offer to keep one.
std::vector<Alarm> readAlarms(const store::StoreReader& reader) {
    std::vector<Alarm> alarms;
    for (store::EventRow& row : reader.alarms()) {
        Alarm alarm{.id = row.id, .at = row.at, .isSeen = row.isSeen, .alert = std::get<run::AlertRaised>(std::move(row.event)), .goodCheckpoint = {}};
        if (alarm.isNew()) {
            for (const store::CheckpointRow& checkpoint : reader.checkpoints(alarm.alert.id)) {  // newest first
                if (checkpoint.epoch <= alarm.alert.goodEpoch) {
                    alarm.goodCheckpoint = checkpoint.epoch;
                    alarm.isKept = checkpoint.isKept;
                    break;
                }
            }
        }
        alarms.push_back(std::move(alarm));
    }
    return alarms;
}

}  // namespace

AlarmList::AlarmList(StoreService& store, QUndoStack& steps, QObject* parent) : QObject(parent), m_store(store), m_edits(store, steps) {
    connect(&m_edits, &UndoableEdits::changed, this, &AlarmList::refresh);
    connect(&m_edits, &UndoableEdits::failed, this, &AlarmList::failed);
    connect(&m_store, &StoreService::changed, this, &AlarmList::refresh);
    refresh();
}

void AlarmList::refresh() {
    if (!m_reading.ask()) {
        return;
    }
    m_store.read(
        this, readAlarms, [this](std::vector<Alarm> alarms) { take(std::move(alarms)); },
        [this](const QString& message) {
            m_reading.finish();
            if (message != m_problem) {
                m_problem = message;
                Q_EMIT failed(message);
            }
        });
}

void AlarmList::take(std::vector<Alarm> alarms) {
    m_reading.finish();
    m_problem.clear();
    if (m_store.isRecorded()) {
        std::ranges::for_each(alarms, [](Alarm& alarm) { alarm.isSeen = true; });  // by those who made the record
    }
    const bool isChanged = !std::ranges::equal(alarms, m_alarms, isSame);
    m_alarms = std::move(alarms);
    if (isChanged) {
        Q_EMIT changed();
    }
    if (m_reading.isWanted()) {
        refresh();
    }
}

std::vector<const Alarm*> AlarmList::fresh() const {
    std::vector<const Alarm*> found;
    for (const Alarm& alarm : m_alarms) {
        if (alarm.isNew()) {
            found.push_back(&alarm);
        }
    }
    return found;
}

std::vector<const Alarm*> AlarmList::of(const run::RunId& id) const {
    std::vector<const Alarm*> found;
    for (auto alarm = m_alarms.rbegin(); alarm != m_alarms.rend(); ++alarm) {
        if (alarm->alert.id == id) {
            found.push_back(&*alarm);
        }
    }
    return found;
}

const Alarm* AlarmList::find(std::int64_t id) const {
    const auto found = std::ranges::find(m_alarms, id, &Alarm::id);
    return found == m_alarms.end() ? nullptr : &*found;
}

void AlarmList::dismiss(const std::vector<std::int64_t>& ids) {
    const auto put = [ids](bool isSeen) { return [ids, isSeen](store::StoreEditor& editor) { editor.setAlarmsSeen(ids, isSeen); }; };
    m_edits.change(ids.size() == 1 ? tr("dismissal of an alarm") : tr("dismissal of %1 alarms").arg(ids.size()), put(true), put(false));
}

void AlarmList::keepGood(std::int64_t id) {
    const Alarm* alarm = find(id);
    if (alarm == nullptr || !alarm->goodCheckpoint) {
        return;
    }
    const auto keep = [run = alarm->alert.id, epoch = *alarm->goodCheckpoint](bool isKept) {
        return [run, epoch, isKept](store::StoreEditor& editor) { editor.keepCheckpoint(run, epoch, isKept); };
    };
    m_edits.change(tr("keeping of epoch %1").arg(*alarm->goodCheckpoint), keep(true), keep(false));
}

}  // namespace rlcm::ui
