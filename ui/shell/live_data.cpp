#include "ui/shell/live_data.h"

#include <algorithm>

namespace rlcm::ui {

namespace {
bool isSamePoint(const store::ScalarRow& a, const store::ScalarRow& b) {
    return a.counters == b.counters && (a.value == b.value || (a.value != a.value && b.value != b.value));
}
}  // namespace

bool LiveData::operator==(const LiveData& other) const {
    if (run != other.run || names != other.names || checkpointEpochs != other.checkpointEpochs || curves.size() != other.curves.size()) {
        return false;
    }
    return std::equal(curves.begin(), curves.end(), other.curves.begin(), [](const auto& a, const auto& b) {
        return a.first == b.first && std::equal(a.second.begin(), a.second.end(), b.second.begin(), b.second.end(), isSamePoint);
    });
}

LiveData readLiveData(const store::StoreReader& reader, const run::RunId& id, const std::vector<std::string>& wanted, std::int64_t afterLog) {
    LiveData data;
    data.run = id;
    data.names = reader.scalarNames(id);
    for (const std::string& name : wanted) {
        if (std::find(data.names.begin(), data.names.end(), name) != data.names.end()) {
            data.curves[name] = reader.scalars(id, name);
        }
    }
    for (const store::CheckpointRow& checkpoint : reader.checkpoints(id)) {
        data.checkpointEpochs.push_back(static_cast<int>(checkpoint.epoch));
    }
    std::sort(data.checkpointEpochs.begin(), data.checkpointEpochs.end());
    data.newLog = reader.log(id, afterLog);
    return data;
}

}  // namespace rlcm::ui
