#pragma once
// A model library in memory, with models of every sort.
#include <atomic>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <vector>

#include "core/image/rgb8_image.h"
#include "core/run/model_library.h"
#include "core/run/reward_trial.h"

namespace rlcm::test {

/// Knows "tiny-lcm", "tiny-sd" and "tiny-clip" as bundled and "broken" (a diffusion model with two problems) as added. A folder
/// added becomes a consistency model; a folder whose name holds "nothing" is refused. thread: any.
class FakeLibrary : public run::ModelLibrary {
public:
    FakeLibrary();
    std::vector<run::ModelEntry> list() const override;
    run::ModelEntry add(const std::filesystem::path& folder, std::string_view name, bool isCopied) override;
    void remove(std::string_view name) override;
    run::ModelFacts inspect(std::string_view nameOrFolder) const override;

    /// Inspections wait while this is taken.
    std::binary_semaphore& gate() const { return m_gate; }
    int inspections() const { return m_inspections; }

private:
    mutable std::mutex m_mutex;
    mutable std::binary_semaphore m_gate{1};
    mutable std::atomic<int> m_inspections{0};
    std::vector<run::ModelEntry> m_entries;  // guarded by m_mutex
};

/// A reward tester that answers at once: the total of image i is its mean red, its one term has the name of reward.terms. The
/// reward "server" fails as an unreachable one does.
run::RewardTrial fakeTrial(const run::RewardConfig& reward, const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts);

}  // namespace rlcm::test
