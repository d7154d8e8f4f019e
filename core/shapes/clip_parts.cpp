#include "core/shapes/clip_parts.h"

#include <string>

#include "core/shapes/config_reader.h"

namespace rlcm::shapes {
namespace {

Json part(const Json& config, const std::string& key) {
    const auto isThere = [&](const std::string& name) { return config.is_object() && config.contains(name) && config[name].is_object(); };
    // Old files have a second dictionary; where it is, the library takes it with its class defaults in the place of the first.
    const std::string place = isThere(key + "_dict") ? key + "_dict" : key;
    if (!isThere(place)) {
        return config;
    }
    Json inner = config[place];
    // The whole model's projection width counts; the parts may hold a stale one. 512 is the library's default.
    inner["projection_dim"] = config.value("projection_dim", Json(512));
    return inner;
}

}  // namespace

Json visionPart(const Json& config) {
    return part(config, "vision_config");
}

Json textPart(const Json& config) {
    return part(config, "text_config");
}

ClipVisionShape readClipVision(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "config.json";
    return ClipVisionShape::fromJson(visionPart(readPythonJsonFile(file)), file.native());
}

}  // namespace rlcm::shapes
