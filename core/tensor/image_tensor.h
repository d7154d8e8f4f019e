#pragma once
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/image/rgb8_image.h"

namespace rlcm::tensor {

/// Decoder output to images: u8 = round(255 * clamp(x/2 + 0.5, 0, 1)), ties to even.
/// shapes: image [B,3,H,W] any float dtype, values around [-1,1]. throws: Numeric when a value is not finite.
std::vector<image::Rgb8Image> toImages(const at::Tensor& decoded);
/// [B,3,H,W] f32 in [0,1] of equally sized images.
at::Tensor fromImages(const std::vector<image::Rgb8Image>& images);

}  // namespace rlcm::tensor
