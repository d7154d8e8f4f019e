#include <algorithm>
#include <utility>

#include "core/base/file_error.h"
#include "core/models/clip_encoder.h"
#include "core/models/component.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

/// Row of each sequence whose state stands for the text. Old configs say eos_token_id 2 although no token has that id
/// there; for them the library takes the first largest id, else the first id equal to it (row 0 when there is none).
at::Tensor endRows(const at::Tensor& ids, std::int64_t eosTokenId) {
    const at::Tensor host = ids.to(at::kCPU).contiguous();
    const std::int64_t rows = host.size(0), length = host.size(1);
    at::Tensor result = at::zeros({rows}, at::kLong);
    for (std::int64_t i = 0; i < rows; ++i) {
        const auto* row = host.data_ptr<std::int64_t>() + i * length;
        const auto* end = eosTokenId == 2 ? std::max_element(row, row + length) : std::find(row, row + length, eosTokenId);
        result.data_ptr<std::int64_t>()[i] = end == row + length ? 0 : end - row;
    }
    return result.to(ids.device());
}

}  // namespace

std::unique_ptr<ClipText::Impl> ClipText::Impl::take(nn::Weights& weights, const shapes::ClipTextShape& config, bool hasProjection, const std::string& prefix) {
    auto impl = std::make_unique<Impl>();
    impl->config = config;
    weights.ignore(prefix + "embeddings.position_ids");
    impl->tokenTable = weights.take(prefix + "embeddings.token_embedding.weight", {config.vocabSize, config.hidden});
    impl->positionTable = weights.take(prefix + "embeddings.position_embedding.weight", {config.positions, config.hidden});
    impl->encoder =
        ClipEncoder::take(weights, prefix + "encoder", {config.hidden, config.intermediate, config.layers, config.heads, config.isQuickGelu, config.normEps});
    impl->finalNorm = nn::LayerNorm::take(weights, prefix + "final_layer_norm", config.hidden, config.normEps);
    if (hasProjection) {
        impl->projection = weights.take("text_projection.weight", {config.projection, config.hidden});
    }
    return impl;
}

ClipText::ClipText(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
ClipText::~ClipText() = default;
ClipText::ClipText(ClipText&&) noexcept = default;
ClipText& ClipText::operator=(ClipText&&) noexcept = default;

const shapes::ClipTextShape& ClipText::config() const {
    return m_impl->config;
}

bool ClipText::hasProjection() const {
    return m_impl->projection.defined();
}

ClipText ClipText::load(const std::filesystem::path& folder, at::ScalarType dtype, at::Device device) {
    return loadFiles(folder / "config.json", findWeightFile(folder, kTransformersStem), dtype, device);
}

ClipText ClipText::loadFiles(const std::filesystem::path& configFile, const std::filesystem::path& file, at::ScalarType dtype, at::Device device) {
    const shapes::ClipTextShape config = shapes::ClipTextShape::fromJson(readPythonJsonFile(configFile), configFile.string());
    nn::StoredWeights weights(file.string(), listTensors(file), dtype, device);
    // Newer transformers write a text model without the prefix.
    const bool isPrefixed = !weights.has("embeddings.token_embedding.weight");
    return build(config, weights.has("text_projection.weight"), isPrefixed ? "text_model." : "", weights);
}

ClipText ClipText::build(const shapes::ClipTextShape& config, bool hasProjection, const std::string& prefix, nn::Weights& weights) {
    auto impl = Impl::take(weights, config, hasProjection, prefix);
    weights.finish();
    return ClipText(std::move(impl));
}

void requireRows(const std::filesystem::path& folder, const data::Tokenizer& tokenizer, const ClipText& encoder) {
    if (tokenizer.idLimit() > encoder.config().vocabSize) {
        throw FileError(ErrorKind::Format, FileFault::Mixed,
                        folder.string() + ": the tokenizer has ids up to " + std::to_string(tokenizer.idLimit() - 1) + ", but the embedding table of " +
                            folder.filename().string() + " has only " + std::to_string(encoder.config().vocabSize) +
                            " rows (vocab_size); the two come from different models, or tokens were added to the tokenizer alone");
    }
}

TextOutput ClipText::forward(const at::Tensor& ids) const {
    const Impl& net = *m_impl;
    if (ids.dim() != 2 || ids.size(1) > net.config.positions || ids.numel() == 0) {
        throw Error(ErrorKind::Shape, "the text encoder takes 1 to " + std::to_string(net.config.positions) + " tokens a row");
    }
    if (ids.min().item<std::int64_t>() < 0 || ids.max().item<std::int64_t>() >= net.config.vocabSize) {
        throw Error(ErrorKind::Shape, "a token id is outside the text encoder's vocabulary of " + std::to_string(net.config.vocabSize) +
                                          "; the tokenizer belongs to another model");
    }
    const at::Tensor here = ids.to(net.tokenTable.device());
    TextOutput output;
    const at::Tensor x = at::embedding(net.tokenTable, here) + net.positionTable.narrow(0, 0, ids.size(1));
    output.lastHidden = net.finalNorm(net.encoder(x, true, &output.hiddenStates));
    output.pooled = output.lastHidden.index({at::arange(ids.size(0), here.options()), endRows(here, net.config.eosTokenId)});
    if (net.projection.defined()) {
        output.embeds = at::linear(output.pooled, net.projection);
    }
    return output;
}

}  // namespace rlcm::models
