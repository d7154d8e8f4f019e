#include "core/figure/pivot_images.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/base/json.h"
#include "core/base/plain_text.h"
#include "core/figure/lines.h"
#include "core/run/field_table.h"
#include "core/run/measures.h"

namespace rlcm::figure {

namespace {

/// Every setting of a run as text, by its path; empty where they cannot be read.
std::map<std::string, std::string> comparedSettings(const store::RunRow& run) {
    std::map<std::string, std::string> settings;
    const Json all = Json::parse(run.configJson, nullptr, false);
    if (!all.is_object()) {
        return settings;
    }
    const Json flat = all.flatten();
    for (const auto& [pointer, value] : flat.items()) {
        const std::string path = replaced(pointer.substr(1), "/", ".");
        const bool isElsewhere = path == "name" || path == "seed" || path == "algorithm.method" || path == "sampling.steps" || path.starts_with("compute.") ||
                                 path.starts_with("health.");
        if (!isElsewhere) {
            settings[path] = value.is_string() ? value.get<std::string>() : value.dump();
        }
    }
    return settings;
}

std::vector<std::string> differencesOf(const std::vector<std::shared_ptr<const PivotRun>>& runs) {
    std::vector<std::map<std::string, std::string>> all;
    std::map<std::string, std::set<std::string>> values;
    for (const auto& run : runs) {
        all.push_back(comparedSettings(run->run));
        for (const auto& [path, value] : all.back()) {
            values[path].insert(value);
        }
    }
    std::vector<std::string> differences;
    for (const auto& settings : all) {
        std::string text;
        for (const auto& [path, value] : settings) {
            text += values[path].size() < 2 ? "" : (text.empty() ? "" : ", ") + run::fieldLabel(path) + " " + (value.empty() ? "none" : value);
        }
        differences.push_back(std::move(text));
    }
    return differences;
}

}  // namespace

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
    m_differences = differencesOf(m_runs);
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
