#pragma once
// The evaluation images of several runs, found by run, prompt, noise and epoch.
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/store/workspace.h"

namespace rlcm::figure {

/// A run with all its evaluation images.
struct PivotRun {
    store::RunRow run;
    std::string rewardKey;                   ///< see figure::rewardKey
    std::vector<store::SampleRow> samples;   ///< by epoch, then index
    std::map<std::int64_t, double> judge{};  ///< judge's accuracy by evaluated epoch, where there is a judge
    bool operator==(const PivotRun&) const = default;
};
/// Reads a run's evaluation images. throws: Store.
PivotRun readPivotRun(const store::StoreReader& reader, const store::RunRow& row);

/// What is asked of a run's images: a prompt and which noise of it, as numbers from 0.
struct PivotKey {
    int prompt = 0, noise = 0;
    auto operator<=>(const PivotKey&) const = default;
};

/// Immutable; thread: any. Images are the same by prompt and noise, whatever their place in a run's set.
class PivotImages {
public:
    struct Prompt {
        std::string text;
        bool isHeldOut = false;
        std::vector<std::uint64_t> noises;  ///< in the order in which the runs have them
    };
    /// Epoch and image, ascending.
    using History = std::vector<std::pair<std::int64_t, const store::SampleRow*>>;

    PivotImages() = default;
    explicit PivotImages(std::vector<std::shared_ptr<const PivotRun>> runs);
    const std::vector<std::shared_ptr<const PivotRun>>& runs() const { return m_runs; }
    /// Of each run in which settings it is unlike the others, as "Rank 4, Learning rate 0.001": without name, seed, method, horizon and what it was computed on.
    const std::vector<std::string>& differences() const { return m_differences; }
    /// In the order in which the runs have them.
    const std::vector<Prompt>& prompts() const { return m_prompts; }
    /// Epochs at which any run has images, ascending.
    const std::vector<std::int64_t>& epochs() const { return m_epochs; }
    /// Most noises of any prompt.
    int noises() const { return m_noises; }
    /// All images of a key in a run; empty: none.
    const History& history(int run, const PivotKey& key) const;
    /// The images of a run, each key once.
    const std::map<PivotKey, History>& keys(int run) const { return m_histories[static_cast<std::size_t>(run)]; }
    std::size_t images() const { return m_images; }

private:
    std::vector<std::shared_ptr<const PivotRun>> m_runs;
    std::vector<std::string> m_differences;
    std::vector<Prompt> m_prompts;
    std::vector<std::int64_t> m_epochs;
    std::vector<std::map<PivotKey, History>> m_histories;  // of each run
    int m_noises = 0;
    std::size_t m_images = 0;
};

/// The latest image at or before an epoch; nullptr: none.
const store::SampleRow* imageAt(const PivotImages::History& history, std::int64_t epoch);

}  // namespace rlcm::figure
