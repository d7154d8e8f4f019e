#pragma once
// The cases that `rlcm bench` times, shared by our own runs and the comparison with a peer.
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/run/run_config.h"

namespace rlcm::cli {

/// One timed job.
struct BenchCase {
    run::Method method = run::Method::Rlcm;
    std::int64_t steps = 4, images = 16, threads = 1;
    run::Dtype dtype = run::Dtype::Fp32;
    std::string device = "auto";
    run::Switch recordCalls = run::Switch::Off;  ///< as compute.record_calls
    bool isRlcm() const { return method == run::Method::Rlcm; }
    /// "rlcm H4 fp32, 1 thread"
    std::string title() const;
};

/// A temporary text file with the prompts of the benchmark, removed with the object.
class BenchPrompts {
public:
    /// throws: Io.
    BenchPrompts();
    ~BenchPrompts();
    BenchPrompts(const BenchPrompts&) = delete;
    BenchPrompts& operator=(const BenchPrompts&) = delete;
    const std::filesystem::path& file() const { return m_file; }

private:
    std::filesystem::path m_file;
};

/// The published settings: RLCM rank 16, alpha 32, Adam, one update; DDPO rank 4, AdamW, guidance in training, two updates.
run::RunConfig benchConfig(const BenchCase& one, const std::filesystem::path& prompts);
/// Times training rounds of a case in this process. `rounds` 0: chosen.
Json timeRounds(const BenchCase& one, int rounds);
/// Where the time of `rounds` (0: chosen) rounds goes, by torch's profiler, as tools::profileRounds.
Json profile(const BenchCase& one, int rounds);
/// How near `rounds` (0: chosen) rounds come to their convolutions and products alone, as tools::benchLimit.
Json timeLimit(const BenchCase& one, int rounds);
/// Times plain sampling in this process for several batch sizes.
Json timeSampling(const BenchCase& one);
/// Rounds that are timed when nobody says how many.
int defaultRounds(const BenchCase& one);
inline constexpr int kWarmupRounds = 2;

}  // namespace rlcm::cli
