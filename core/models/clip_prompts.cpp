#include "core/models/clip_prompts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/data/tokenizer.h"
#include "core/models/clip.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

namespace fs = std::filesystem;

/// One tower with the tokenizer that it was trained with.
struct Tower {
    data::Tokenizer tokenizer;
    ClipText encoder;

    static Tower load(const fs::path& folder, const std::string& tokenizerName, const std::string& encoderName, at::Device device) {
        Tower tower{data::Tokenizer::load(folder / tokenizerName), ClipText::load(folder / encoderName, at::kFloat, device)};
        requireRows(folder / encoderName, tower.tokenizer, tower.encoder);
        return tower;
    }
    /// Ids in a row: as many as both the tokenizer and the encoder allow.
    std::int64_t length() const { return std::min(tokenizer.maxLength(), encoder.config().positions); }
    TextOutput forward(const std::vector<std::string>& prompts) const {
        std::vector<at::Tensor> rows;
        for (const std::string& prompt : prompts) {
            rows.push_back(at::tensor(tokenizer.encodePadded(prompt, length()), at::kLong));
        }
        return encoder.forward(at::stack(rows));
    }
    bool isTooLong(const std::string& prompt) const { return static_cast<std::int64_t>(tokenizer.encode(prompt).size()) > length(); }
};

/// SDXL conditions on the state before the last layer, without the final norm.
at::Tensor lastButOne(const TextOutput& output) {
    return output.hiddenStates[output.hiddenStates.size() - 2];
}

void requirePair(const std::string& where, const Tower& first, const Tower& second) {
    if (first.length() != second.length()) {
        throw Error(ErrorKind::Format, where + ": text_encoder takes " + std::to_string(first.length()) + " tokens, text_encoder_2 " +
                                           std::to_string(second.length()) + "; they must take the same number (model_max_length, max_position_embeddings)");
    }
    if (!second.encoder.hasProjection()) {
        throw Error(ErrorKind::Format, where + ": text_encoder_2 has no text_projection.weight; a CLIPTextModelWithProjection is wanted there");
    }
}

/// The first bytes of UTF-8, not cut inside a character.
std::string shortened(const std::string& text, std::size_t bytes) {
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
        --bytes;
    }
    return text.substr(0, bytes);
}

class ClipPrompts final : public TextEncoder {
public:
    ClipPrompts(Tower first, std::optional<Tower> second, bool zerosForNothing)
        : m_first(std::move(first)), m_second(std::move(second)), m_zerosForNothing(zerosForNothing) {}

    std::int64_t contextWidth() const override { return m_first.encoder.config().hidden + (m_second ? m_second->encoder.config().hidden : 0); }
    std::int64_t pooledWidth() const override { return m_second ? m_second->encoder.config().projection : 0; }

    PromptEmbeddings encode(const std::vector<std::string>& prompts) const override {
        const at::NoGradGuard noGrad;
        const TextOutput first = m_first.forward(prompts);
        if (!m_second) {
            return {first.lastHidden, {}};
        }
        const TextOutput second = m_second->forward(prompts);
        return {at::cat({lastButOne(first), lastButOne(second)}, 2), second.embeds};
    }

    PromptEmbeddings encodeNothing() const override {
        const PromptEmbeddings empty = encode({""});
        return m_zerosForNothing ? PromptEmbeddings{at::zeros_like(empty.context), at::zeros_like(empty.pooled)} : empty;
    }

    std::string promptKey(const std::string& prompt, std::int64_t tokens) const override { return m_first.tokenizer.promptKey(prompt, tokens); }

    std::string describeTooLong(const std::vector<std::string>& prompts) const override {
        constexpr std::size_t kShown = 80;
        const auto isTooLong = [&](const std::string& prompt) { return m_first.isTooLong(prompt) || (m_second && m_second->isTooLong(prompt)); };
        const auto first = std::find_if(prompts.begin(), prompts.end(), isTooLong);
        if (first == prompts.end()) {
            return "";
        }
        const auto count = std::count_if(first, prompts.end(), isTooLong);
        return std::to_string(count) + (count == 1 ? " prompt is" : " prompts are") + " longer than the " + std::to_string(m_first.length()) +
               " tokens that the model reads (start and end counted); what comes later has no effect: \"" +
               (first->size() > kShown ? shortened(*first, kShown) + "..." : *first) + "\"" + (count == 1 ? "" : " and others");
    }

private:
    Tower m_first;
    std::optional<Tower> m_second;
    bool m_zerosForNothing;
};

}  // namespace

std::unique_ptr<TextEncoder> loadClipPrompts(const fs::path& folder, const ClipPromptsOptions& options, at::Device device) {
    Tower first = Tower::load(folder, "tokenizer", "text_encoder", device);
    std::optional<Tower> second;
    if (options.hasSecond) {
        second.emplace(Tower::load(folder, "tokenizer_2", "text_encoder_2", device));
        requirePair(folder.string(), first, *second);
    }
    return std::make_unique<ClipPrompts>(std::move(first), std::move(second), options.zerosForNothing);
}

}  // namespace rlcm::models
