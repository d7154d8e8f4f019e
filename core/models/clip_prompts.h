#pragma once
// The text side of SD 1.5 and LCM pipelines, one CLIP tower, and of SDXL, two side by side.
#include <filesystem>
#include <memory>

#include "core/models/text_encoder.h"

namespace rlcm::models {

struct ClipPromptsOptions {
    bool hasSecond = false;        ///< tokenizer_2 and text_encoder_2, which also give the pooled text
    bool zerosForNothing = false;  ///< "no prompt" is zeros instead of the empty prompt
};
/// Loads tokenizer and text_encoder of a pipeline's folder, in f32 on `device`. Context is the last hidden state of the tower; of two the last but
/// one of both, side by side, and the projected pooled text of the second. throws: Io, Format also for towers that do not fit each other.
std::unique_ptr<TextEncoder> loadClipPrompts(const std::filesystem::path& folder, const ClipPromptsOptions& options, at::Device device);

}  // namespace rlcm::models
