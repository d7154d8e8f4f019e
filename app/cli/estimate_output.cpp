#include "app/cli/estimate_output.h"

#include <ostream>
#include <thread>

#include "app/cli/text_table.h"
#include "core/run/derive.h"

namespace rlcm::cli {
namespace {

std::string gib(std::int64_t bytes) {
    return shortNumber(static_cast<double>(bytes) / (1024.0 * 1024.0 * 1024.0), 3) + " GiB";
}

Json memoryJson(const run::MemoryEstimate& memory) {
    if (!memory.isKnown) {
        return nullptr;
    }
    return {{"weights_bytes", memory.parts.weights},
            {"adapter_bytes", memory.parts.adapter},
            {"row_bytes", memory.parts.trainedRow(false)},
            {"row_bytes_with_checkpointing", memory.parts.trainedRow(true)},
            {"decoded_image_bytes", memory.parts.decodedImage},
            {"rows", memory.plan.rows},
            {"gradient_checkpointing", memory.plan.isCheckpointed},
            {"activation_bytes", memory.plan.activations},
            {"fits", memory.plan.fits},
            {"total_bytes", memory.total}};
}

}  // namespace

Json countsJson(const run::Derived& derived) {
    return {{"images", derived.imagesTotal},
            {"reward_queries", derived.rewardQueriesTotal},
            {"evaluation_reward_queries", derived.evaluationQueriesTotal},
            {"nominal_denoiser_evaluations", derived.nominalDenoiserEvaluationsTotal},
            {"optimizer_steps", derived.optimizerStepsTotal}};
}

Json estimateJson(const run::RunConfig& config) {
    const run::Estimate estimate = run::estimate(config);
    Json json = countsJson(estimate.derived);
    json["seconds"] = estimate.seconds;
    json["disk_bytes"] = estimate.diskBytes;
    json["memory"] = memoryJson(estimate.memory);
    return json;
}

void printEstimate(std::ostream& out, const run::RunConfig& config) {
    const run::Estimate estimate = run::estimate(config);
    const run::Derived& d = estimate.derived;
    out << d.imagesTotal << " images, " << d.rewardQueriesTotal << " reward queries and " << d.evaluationQueriesTotal << " more in evaluations, "
        << d.optimizerStepsTotal << " optimiser steps, up to " << d.nominalDenoiserEvaluationsTotal << " denoiser evaluations\nabout "
        << durationText(estimate.seconds) << ", " << gib(estimate.diskBytes) << " on disk\n";
    const run::MemoryEstimate& memory = estimate.memory;
    if (!memory.isKnown) {
        out << "memory: unknown, because the sizes of \"" << config.model.path << "\" cannot be read\n";
        return;
    }
    out << "memory: " << gib(memory.total) << " = weights " << gib(memory.parts.weights) << ", LoRA and optimiser " << gib(memory.parts.adapter)
        << ", activations and gradients " << gib(memory.plan.activations) << '\n'
        << "  up to " << memory.plan.rows << " rows in a call" << (memory.plan.isCheckpointed ? ", gradient checkpointing" : "") << "; a row takes "
        << gib(memory.parts.trainedRow(false)) << " in training, " << gib(memory.parts.trainedRow(true)) << " with gradient checkpointing; decoding an image "
        << gib(memory.parts.decodedImage) << '\n';
    if (!memory.plan.fits) {
        out << "  this is more than there is: lower compute.chunk_images or compute.threads, or use a smaller model\n";
    }
}

}  // namespace rlcm::cli
