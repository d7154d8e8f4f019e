#include "core/tensor/image_tensor.h"

#include <cstring>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::tensor {

std::vector<image::Rgb8Image> toImages(const at::Tensor& decoded) {
    ensure(decoded.dim() == 4 && decoded.size(1) == 3, "toImages wants [B,3,H,W]");
    const at::Tensor scaled = decoded.to(at::kFloat).mul(0.5).add_(0.5);
    if (!scaled.isfinite().all().item<bool>()) {
        throw Error(ErrorKind::Numeric, "the decoder returned values that are not finite; the model or the latents are broken");
    }
    // at::round rounds ties to even, as numpy and Pillow's users do.
    // The bytes leave a GPU, not the four times larger floats.
    const at::Tensor bytes = scaled.clamp(0.0, 1.0).mul_(255.0).round_().to(at::kByte).permute({0, 2, 3, 1}).contiguous().to(at::kCPU);
    const auto perImage = static_cast<std::size_t>(bytes[0].numel());
    std::vector<image::Rgb8Image> images(static_cast<std::size_t>(bytes.size(0)));
    for (std::size_t i = 0; i < images.size(); ++i) {
        images[i].height = static_cast<int>(bytes.size(1));
        images[i].width = static_cast<int>(bytes.size(2));
        images[i].pixels.resize(perImage);
        std::memcpy(images[i].pixels.data(), bytes.data_ptr<std::uint8_t>() + i * perImage, perImage);
    }
    return images;
}

at::Tensor fromImages(const std::vector<image::Rgb8Image>& images) {
    ensure(!images.empty(), "fromImages wants at least one image");
    const int height = images[0].height, width = images[0].width;
    at::Tensor bytes = at::empty({static_cast<std::int64_t>(images.size()), height, width, 3}, at::kByte);
    for (std::size_t i = 0; i < images.size(); ++i) {
        ensure(images[i].height == height && images[i].width == width, "fromImages wants images of one size");
        std::memcpy(bytes[static_cast<std::int64_t>(i)].data_ptr<std::uint8_t>(), images[i].pixels.data(), images[i].pixels.size());
    }
    return bytes.permute({0, 3, 1, 2}).to(at::kFloat).div(255.0);
}

}  // namespace rlcm::tensor
