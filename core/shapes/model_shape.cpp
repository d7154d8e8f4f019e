#include "core/shapes/model_shape.h"

#include "core/shapes/clip_shape.h"

namespace rlcm::shapes {

namespace fs = std::filesystem;

ModelShape readModelShape(const fs::path& folder) {
    const fs::path unet = folder / "unet" / "config.json", vae = folder / "vae" / "config.json";
    ModelShape shape{UNetShape::fromJson(readPythonJsonFile(unet), unet.native()), VaeShape::fromJson(readPythonJsonFile(vae), vae.native()), 0};
    for (const char* name : {"text_encoder", "text_encoder_2"}) {
        const fs::path file = folder / name / "config.json";
        if (fs::exists(file)) {
            const ClipTextShape text = ClipTextShape::fromJson(readPythonJsonFile(file), file.native());
            shape.textParameters += text.parameters();
            shape.unet.contextTokens = text.positions;
        }
    }
    return shape;
}

}  // namespace rlcm::shapes
