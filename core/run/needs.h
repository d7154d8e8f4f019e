#pragma once
#include <cstdint>

namespace rlcm::run {

struct TrainingConfig;

/// What an update rule asks of the networks beyond the log-probabilities of its rows: what it costs follows from here.
struct Needs {
    bool referenceForward = false;  ///< each trained row passes the network a second time, as the reference
    bool decoderGraph = false;      ///< the gradient goes through the decoder
    bool oldMeans = false;          ///< the means of the sampled transitions are kept: a latent for each trained row
    bool twins = false;             ///< images of a prompt are trained in twos; where the policy has moved, rows pass the network once before their update

    /// Passes of a trained row through the network.
    std::int64_t forwards() const { return referenceForward ? 2 : 1; }
    bool operator==(const Needs&) const = default;
};

/// Of the update rule that a config chooses.
Needs needsOf(const TrainingConfig& training);

}  // namespace rlcm::run
