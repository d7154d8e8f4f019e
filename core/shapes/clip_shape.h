#pragma once
// What config.json says of CLIP's two towers.
#include <cstdint>
#include <string_view>

#include "core/base/json.h"

namespace rlcm::shapes {

struct ClipTextShape {
    std::int64_t vocabSize = 49408, hidden = 512, intermediate = 2048, layers = 12, heads = 8, positions = 77, projection = 512;
    std::int64_t eosTokenId = 49407;
    bool isQuickGelu = true;
    double normEps = 1e-5;
    /// Without the projection.
    std::int64_t parameters() const;
    static ClipTextShape fromJson(const Json& json, std::string_view where);
};
struct ClipVisionShape {
    std::int64_t hidden = 768, intermediate = 3072, layers = 12, heads = 12, imageSize = 224, patchSize = 32, projection = 512;
    bool isQuickGelu = true;
    double normEps = 1e-5;
    static ClipVisionShape fromJson(const Json& json, std::string_view where);
};

}  // namespace rlcm::shapes
