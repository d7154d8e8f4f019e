#pragma once
// Where in a folder's config.json the two towers of a CLIP model stand.
#include <filesystem>

#include "core/base/json.h"
#include "core/shapes/clip_shape.h"

namespace rlcm::shapes {

/// vision_config of a CLIPModel's config.json with the model's own projection width; the object itself when it has none.
Json visionPart(const Json& config);
/// The same for text_config.
Json textPart(const Json& config);
/// The image tower of a folder with a CLIPModel or a CLIPVisionModelWithProjection. throws: Io, Format.
ClipVisionShape readClipVision(const std::filesystem::path& folder);

}  // namespace rlcm::shapes
