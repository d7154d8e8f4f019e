#include "core/figure/pivot_images.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/figure/lines.h"
#include "core/run/measures.h"

namespace rlcm::figure {

PivotRun readPivotRun(const store::StoreReader& reader, const store::RunRow& row) {
    PivotRun run{.run = row, .rewardKey = rewardKey(row), .samples = {}};
    for (const std::int64_t epoch : reader.sampleEpochs(row.id)) {
        std::vector<store::SampleRow> samples = reader.samples(row.id, epoch);
        std::move(samples.begin(), samples.end(), std::back_inserter(run.samples));
    }
    for (const store::ScalarRow& judged : reader.scalars(row.id, run::measure::kEvalJudgeAccuracy)) {
        run.judge[judged.counters.epoch] = judged.value;
    }
    return run;
}

PivotImages::PivotImages(std::vector<std::shared_ptr<const PivotRun>> runs) : m_runs(std::move(runs)), m_histories(m_runs.size()) {
    std::unordered_map<std::string, int> known;
    std::set<std::int64_t> epochs;
    for (std::size_t run = 0; run < m_runs.size(); ++run) {
        for (const store::SampleRow& sample : m_runs[run]->samples) {
            const auto [entry, isNew] = known.try_emplace(sample.prompt, static_cast<int>(m_prompts.size()));
            if (isNew) {
                m_prompts.push_back({sample.prompt, sample.isHeldOut, {}});
            }
            std::vector<std::uint64_t>& noises = m_prompts[static_cast<std::size_t>(entry->second)].noises;
            const auto noise = std::find(noises.begin(), noises.end(), sample.noiseSeed);
            const auto number = static_cast<int>(noise - noises.begin());
            if (noise == noises.end()) {
                noises.push_back(sample.noiseSeed);
            }
            m_histories[run][{entry->second, number}].emplace_back(sample.epoch, &sample);
            epochs.insert(sample.epoch);
            m_noises = std::max(m_noises, number + 1);
        }
        m_images += m_runs[run]->samples.size();
        for (auto& [key, history] : m_histories[run]) {
            std::stable_sort(history.begin(), history.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        }
    }
    m_epochs.assign(epochs.begin(), epochs.end());
}

const PivotImages::History& PivotImages::history(int run, const PivotKey& key) const {
    static const History kNone;
    const auto& all = m_histories[static_cast<std::size_t>(run)];
    const auto found = all.find(key);
    return found == all.end() ? kNone : found->second;
}

const store::SampleRow* imageAt(const PivotImages::History& history, std::int64_t epoch) {
    const auto after = std::upper_bound(history.begin(), history.end(), epoch, [](std::int64_t asked, const auto& one) { return asked < one.first; });
    return after == history.begin() ? nullptr : std::prev(after)->second;
}

}  // namespace rlcm::figure
