#pragma once
#include <cstdint>
#include <vector>

#include "core/sampling/sampler.h"

namespace rlcm::learn {

/// Bytes of the tensors that stay while the backward graph of one image row's denoiser call is kept. Measured, not modelled: those that a call makes are
/// counted. CPU only. thread: the trainer's.
std::int64_t graphBytesPerImage(const sampling::Sampler& sampler, const sampling::PromptTable& prompts, const std::vector<nn::MergedProjection>& projections);
/// Bytes that a run may keep graphs in while nobody says how many: a share of what is free now, and no more than a share of the whole machine, so that runs
/// which start one after the other on an empty machine leave each other room.
double graphBudget(std::int64_t freeBytes, std::int64_t totalBytes);

/// Whether a round keeps the sampling graph of its first update: as long as that leaves a tenth of the machine to others, who may have started since the run
/// was planned.
class GraphKeeping {
public:
    GraphKeeping() = default;
    explicit GraphKeeping(std::int64_t graphBytes) : m_graphBytes(graphBytes) {}
    /// For the next round, from the bytes that are free now and those that the machine has. What the last round kept lies ready in the heap, and is not free.
    bool decide(std::int64_t freeBytes, std::int64_t totalBytes);
    bool isKept() const { return m_isKept; }

private:
    std::int64_t m_graphBytes = 0;
    bool m_isKept = false;
};

}  // namespace rlcm::learn
