#include "core/shapes/clip_shape.h"

#include "core/shapes/config_reader.h"

namespace rlcm::shapes {
namespace {

bool readActivation(const ConfigReader& reader) {
    reader.only("hidden_act", {"quick_gelu", "gelu"});
    return reader.text("hidden_act", "quick_gelu") == "quick_gelu";
}

void checkHeads(const ConfigReader& reader, std::int64_t hidden, std::int64_t heads) {
    if (hidden % heads != 0) {
        reader.refuse("num_attention_heads", "it must divide hidden_size, " + std::to_string(hidden));
    }
}

}  // namespace

ClipTextShape ClipTextShape::fromJson(const Json& json, std::string_view where) {
    const ConfigReader reader(json, where);
    reader.only("model_type", {"clip_text_model", "clip"});
    ClipTextShape config;
    config.vocabSize = reader.integer("vocab_size", config.vocabSize, 1, 1 << 24);
    config.hidden = reader.integer("hidden_size", config.hidden);
    config.intermediate = reader.integer("intermediate_size", config.intermediate);
    config.layers = reader.integer("num_hidden_layers", config.layers, 1, 512);
    config.heads = reader.integer("num_attention_heads", config.heads);
    config.positions = reader.integer("max_position_embeddings", config.positions);
    config.projection = reader.integer("projection_dim", config.projection);
    config.eosTokenId = reader.integer("eos_token_id", config.eosTokenId, 0, 1 << 24);
    config.isQuickGelu = readActivation(reader);
    config.normEps = reader.number("layer_norm_eps", config.normEps);
    checkHeads(reader, config.hidden, config.heads);
    return config;
}

std::int64_t ClipTextShape::parameters() const {
    const std::int64_t layer = 4 * (hidden * hidden + hidden) + 2 * hidden * intermediate + intermediate + hidden + 4 * hidden;
    return (vocabSize + positions) * hidden + layers * layer + 2 * hidden;
}

ClipVisionShape ClipVisionShape::fromJson(const Json& json, std::string_view where) {
    const ConfigReader reader(json, where);
    ClipVisionShape config;
    reader.only("model_type", {"clip_vision_model", "clip"});
    reader.only("num_channels", {3});
    config.hidden = reader.integer("hidden_size", config.hidden);
    config.intermediate = reader.integer("intermediate_size", config.intermediate);
    config.layers = reader.integer("num_hidden_layers", config.layers, 1, 512);
    config.heads = reader.integer("num_attention_heads", config.heads);
    config.imageSize = reader.square("image_size", config.imageSize);
    config.patchSize = reader.square("patch_size", config.patchSize);
    config.projection = reader.integer("projection_dim", config.projection);
    config.isQuickGelu = readActivation(reader);
    config.normEps = reader.number("layer_norm_eps", config.normEps);
    checkHeads(reader, config.hidden, config.heads);
    if (config.patchSize > config.imageSize) {
        reader.refuse("patch_size", "it must not be larger than image_size");
    }
    return config;
}

}  // namespace rlcm::shapes
