#pragma once
// How alike two images are to a CLIP network: asked for by the window, which sees no torch.
#include <functional>
#include <string>

namespace rlcm::image {
struct Rgb8Image;
}

namespace rlcm::run {

/// Cosine of the angle between two images in the space of a CLIP model, named as in settings: 1 for the same, -1 at least. Blocks until done, with the model
/// that is not loaded yet: call it on a thread of its own. throws: Error naming the model or its file.
using LikenessMeter = std::function<double(const std::string& model, const image::Rgb8Image& a, const image::Rgb8Image& b)>;

}  // namespace rlcm::run
