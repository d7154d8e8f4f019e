#include "core/models/ldm_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace rlcm::models {
namespace {

/// One layer in both layouts.
struct Pair {
    std::string_view ours, theirs;
};
constexpr std::array<Pair, 6> kOutsideBlocks{{{"conv_in", "input_blocks.0.0"},
                                              {"conv_out", "out.2"},
                                              {"time_embedding.linear_1", "time_embed.0"},
                                              {"time_embedding.linear_2", "time_embed.2"},
                                              {"add_embedding.linear_1", "label_emb.0.0"},
                                              {"add_embedding.linear_2", "label_emb.0.2"}}};
constexpr std::array<Pair, 4> kInResnets{
    {{"conv1", "in_layers.2"}, {"time_emb_proj", "emb_layers.1"}, {"conv2", "out_layers.3"}, {"conv_shortcut", "skip_connection"}}};

/// "" when it is not in the table.
std::string theirName(std::span<const Pair> table, std::string_view ours) {
    const auto found = std::find_if(table.begin(), table.end(), [ours](const Pair& pair) { return pair.ours == ours; });
    return found == table.end() ? std::string() : std::string(found->theirs);
}

enum class Stage { Down, Mid, Up };

/// "down_blocks.1.attentions.0.proj_in", taken apart.
struct BlockPlace {
    Stage stage = Stage::Mid;
    int level = 0;          ///< 1; the middle has none
    std::string_view kind;  ///< "attentions"
    int index = 0;          ///< 0
    std::string_view rest;  ///< "proj_in"
};

std::string_view takeWord(std::string_view& path) {
    const std::string_view word = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(path.size(), word.size() + 1));
    return word;
}

bool takeNumber(std::string_view& path, int& number) {
    const std::string_view word = takeWord(path);
    const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
    return problem == std::errc() && end == word.data() + word.size();
}

std::optional<BlockPlace> placeOf(std::string_view path) {
    const std::string_view block = takeWord(path);
    BlockPlace place;
    place.stage = block == "down_blocks" ? Stage::Down : block == "up_blocks" ? Stage::Up : Stage::Mid;
    if (place.stage == Stage::Mid ? block != "mid_block" : !takeNumber(path, place.level)) {
        return std::nullopt;
    }
    place.kind = takeWord(path);
    if (!takeNumber(path, place.index)) {
        return std::nullopt;
    }
    place.rest = path;
    return place;
}

/// The levels on one side of the network.
class Levels {
public:
    void show(const BlockPlace& place) {
        Level& level = m_levels[place.level];
        level.layers = std::max(level.layers, place.index + 1);
        level.hasAttention = level.hasAttention || place.kind == "attentions";
    }
    bool hasAttention(int level) const {
        const auto shown = m_levels.find(level);
        return shown != m_levels.end() && shown->second.hasAttention;
    }
    /// None where it is not shown and open.
    std::optional<int> layers(int level) const {
        const auto shown = m_levels.find(level);
        return shown == m_levels.end() ? usual() : shown->second.layers;
    }
    /// Blocks of all levels before this one, which have `more` blocks besides their layers.
    std::optional<int> blocksBefore(int level, int more) const {
        int sum = 0;
        for (int i = 0; i < level; ++i) {
            const std::optional<int> count = layers(i);
            if (!count) {
                return std::nullopt;
            }
            sum += *count + more;
        }
        return sum;
    }

private:
    struct Level {
        int layers = 0;
        bool hasAttention = false;
    };
    /// The number of layers that all levels shown have.
    std::optional<int> usual() const {
        const auto isOther = [&](const auto& entry) { return entry.second.layers != m_levels.begin()->second.layers; };
        const bool isOpen = m_levels.empty() || std::any_of(m_levels.begin(), m_levels.end(), isOther);
        return isOpen ? std::nullopt : std::optional(m_levels.begin()->second.layers);
    }
    std::map<int, Level> m_levels;
};

class Namer {
public:
    explicit Namer(const std::vector<nn::Projection>& layers) {
        for (const nn::Projection& layer : layers) {
            const std::optional<BlockPlace> place = placeOf(layer.path);
            if (place && place->stage != Stage::Mid && (place->kind == "resnets" || place->kind == "attentions")) {
                (place->stage == Stage::Down ? m_down : m_up).show(*place);
            }
        }
    }
    /// "" for a layer without a name.
    std::string name(const std::string& path) const {
        if (std::string name = theirName(kOutsideBlocks, path); !name.empty()) {
            return name;
        }
        const std::optional<BlockPlace> place = placeOf(path);
        const std::string block = place ? blockName(*place) : std::string(), inside = place ? insideName(*place) : std::string();
        return block.empty() || inside.empty() ? std::string() : block + "." + inside;
    }

private:
    /// "input_blocks.4.1". A block holds a resnet as 0, the attention behind it as 1 and what upsamples after them; a downsampler has its own.
    std::string blockName(const BlockPlace& place) const {
        const int slot = place.kind == "attentions" ? 1 : 0;
        if (place.stage == Stage::Mid) {
            return "middle_block." + std::to_string(2 * place.index + slot);
        }
        const bool isDown = place.stage == Stage::Down;
        const Levels& levels = isDown ? m_down : m_up;
        const std::optional<int> before = levels.blocksBefore(place.level, isDown ? 1 : 0), layers = levels.layers(place.level);
        if (!before || !layers) {
            return {};
        }
        if (place.kind == "upsamplers") {
            return "output_blocks." + std::to_string(*before + *layers - 1) + (levels.hasAttention(place.level) ? ".2" : ".1");
        }
        const int block = *before + (place.kind == "downsamplers" ? *layers : place.index);
        // The first input block is conv_in.
        return (isDown ? "input_blocks." + std::to_string(block + 1) : "output_blocks." + std::to_string(block)) + "." + std::to_string(slot);
    }
    /// Transformers and upsamplers have the same names in both layouts.
    static std::string insideName(const BlockPlace& place) {
        return place.kind == "downsamplers" ? "op" : place.kind == "resnets" ? theirName(kInResnets, place.rest) : std::string(place.rest);
    }

    Levels m_down, m_up;
};

}  // namespace

std::map<std::string, std::string> ldmNames(const std::vector<nn::Projection>& layers) {
    const Namer namer(layers);
    std::map<std::string, std::string> names;
    for (const nn::Projection& layer : layers) {
        if (std::string name = namer.name(layer.path); !name.empty()) {
            names.emplace(layer.path, std::move(name));
        }
    }
    return names;
}

}  // namespace rlcm::models
