#pragma once
// The same job in Python, alternating with ours.
#include <filesystem>
#include <string>

#include "app/cli/bench_rounds.h"

namespace rlcm::cli {

struct PeerOptions {
    std::filesystem::path folder;  ///< holds rlcm_peer.py and ddpo_peer.py
    std::string python = "python3";
    std::string flags = "default";  ///< default: the published shapes; best: the fastest options that keep the update
    int pairs = 0;                  ///< pairs of runs; 0: chosen
    int rounds = 0;                 ///< timed rounds of each process; 0: chosen
};

/// Runs peer, ours, peer, ours, ... each in a process of its own, and forms the ratio within each pair. Says each pair on standard error.
/// Returns case, ratio {median, low, high, all}, images_per_s of both, and both last records. throws: Io when a process fails.
Json comparePeer(const BenchCase& one, const PeerOptions& options);

}  // namespace rlcm::cli
