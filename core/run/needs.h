#pragma once
#include <cstdint>

namespace rlcm::run {

struct TrainingConfig;

/// What an update rule asks of the networks beyond the log-probabilities of its rows: what it costs follows from here.
struct Needs {
    bool referenceForward = false;  ///< each trained row passes the network a second time, as the reference
    bool decoderGraph = false;      ///< the gradient of the reward goes through the decoder and one row of an image
    bool oldMeans = false;          ///< the means of the sampled transitions are kept: a latent for each trained row
    bool twins = false;             ///< images of a prompt are trained in twos; where the policy has moved, rows pass the network once before their update
    bool stepRewards = false;       ///< the rewards of three of a trajectory's predictions

    /// Rows that an image passes the network with in an update that trains so many of its steps.
    std::int64_t trainedRows(std::int64_t steps) const { return steps * (referenceForward ? 2 : 1) + (decoderGraph ? 1 : 0); }
    /// Reward queries of an image with so many steps: of two steps none lies between the ends.
    std::int64_t queries(std::int64_t steps) const { return stepRewards ? (steps > 2 ? 3 : 2) : 1; }
    bool operator==(const Needs&) const = default;
};

/// Of the update rule that a config chooses.
Needs needsOf(const TrainingConfig& training);

}  // namespace rlcm::run
