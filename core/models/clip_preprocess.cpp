#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/file_error.h"
#include "core/image/resize.h"
#include "core/models/clip.h"
#include "core/shapes/config_reader.h"
#include "core/tensor/image_tensor.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

void readChannels(const shapes::ConfigReader& reader, const Json& json, const char* key, double (&values)[3]) {
    if (!reader.has(key)) {
        return;
    }
    const Json& list = json[key];
    if (!list.is_array() || list.size() != 3) {
        reader.refuse(key, "a list of three numbers is wanted");
    }
    for (std::size_t c = 0; c < 3; ++c) {
        if (!list[c].is_number()) {
            reader.refuse(key, "a list of three numbers is wanted");
        }
        values[c] = list[c].get<double>();
    }
}

using NormaliseTable = std::array<std::array<float, 256>, 3>;

/// f32 value of every byte in every channel, in the library's order of roundings: rescaled in f64 and rounded to f32,
/// then normalised in f32.
NormaliseTable normaliseTable(const ClipPreprocess& preprocess) {
    NormaliseTable table{};
    for (std::size_t c = 0; c < 3; ++c) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const auto rescaled = static_cast<float>(static_cast<double>(byte) * (1.0 / 255.0));
            table[c][byte] = (rescaled - static_cast<float>(preprocess.mean[c])) / static_cast<float>(preprocess.std[c]);
        }
    }
    return table;
}

/// Fills out [3,crop,crop].
void fitCropped(const image::Rgb8Image& image, const NormaliseTable& table, const at::Tensor& out) {
    const image::Rgb8Image small = image::resizeAndCrop(image, static_cast<int>(out.size(1)));
    const std::int64_t area = out.size(1) * out.size(2);
    float* values = out.data_ptr<float>();
    for (std::int64_t i = 0; i < area; ++i) {
        for (std::int64_t c = 0; c < 3; ++c) {
            const auto byte = small.pixels[static_cast<std::size_t>(3 * i + c)];
            values[c * area + i] = table[static_cast<std::size_t>(c)][byte];
        }
    }
}

/// Width and height of an image whose longer side gets `side`.
std::pair<std::int64_t, std::int64_t> sidesOfWhole(std::int64_t side, std::int64_t width, std::int64_t height) {
    const double scale = static_cast<double>(side) / static_cast<double>(std::max(width, height));
    // Halves go to the even number, as in Python. A line thinner than half a pixel, which the package refuses, stays one.
    const auto scaled = [scale](std::int64_t one) { return std::max(std::int64_t{1}, std::int64_t{std::llrint(static_cast<double>(one) * scale)}); };
    return {scaled(width), scaled(height)};
}

/// [..,side,side] with the picture [..,h,w] in the middle.
at::Tensor onBlack(const at::Tensor& x, std::int64_t side) {
    const std::int64_t height = x.size(-2), width = x.size(-1), left = (side - width) / 2, top = (side - height) / 2;
    return at::constant_pad_nd(x, {left, side - width - left, top, side - height - top});
}

/// x [..,3,h,w] of 0..1.
at::Tensor normalised(const ClipPreprocess& preprocess, const at::Tensor& x) {
    const auto perChannel = [&](const double(&values)[3]) { return at::tensor(at::ArrayRef<double>(values), at::kFloat).view({3, 1, 1}).to(x.device()); };
    return (x - perChannel(preprocess.mean)) / perChannel(preprocess.std);
}

/// Height and width [B,3,H,W] after an antialiased bicubic resize, as two products: every device has their gradient, and it does not depend on the order of sums.
at::Tensor resized(const at::Tensor& pictures, std::int64_t height, std::int64_t width) {
    const auto weights = [&](std::int64_t from, std::int64_t to) {  // [to,from]: what the resize makes of the columns of the identity
        const at::NoGradGuard noGrad;
        const at::Tensor columns = at::eye(from, at::kFloat).view({1, 1, from, from});
        return at::_upsample_bicubic2d_aa(columns, {to, from}, false).view({to, from}).to(pictures.device());
    };
    at::Tensor x = pictures;
    if (height != x.size(2)) {
        x = weights(x.size(2), height).matmul(x);
    }
    return width != x.size(3) ? x.matmul(weights(x.size(3), width).t()) : x;
}

/// [3,crop,crop]. Values are neither clamped nor rounded between the steps: bicubic overshoots beyond black and white.
at::Tensor fitWhole(const ClipPreprocess& preprocess, const image::Rgb8Image& image) {
    ensure(image.width >= 1 && image.height >= 1, "an image for CLIP has pixels");
    const auto [width, height] = sidesOfWhole(preprocess.crop, image.width, image.height);
    const bool isResized = std::max(image.width, image.height) != preprocess.crop;
    at::Tensor x = tensor::fromImages({image});
    if (isResized) {
        x = at::_upsample_bicubic2d_aa(x, {height, width}, false);
    }
    // Also where nothing was resized: the package leaves out the black there, and its model then fails.
    return normalised(preprocess, onBlack(x, preprocess.crop)[0]);
}

std::string_view preprocessAdvice(std::string_view) {
    return "Take a CLIP model whose images are prepared as OpenAI's, or correct that setting if it is a mistake.";
}

}  // namespace

ClipPreprocess ClipPreprocess::fromJson(const Json& json, std::string_view where) {
    const shapes::ConfigReader reader(json, where, preprocessAdvice);
    for (const char* key : {"do_resize", "do_center_crop", "do_rescale", "do_normalize"}) {
        reader.only(key, {true});
    }
    reader.only("do_pad", {false});
    reader.only("resample", {3});
    if (std::abs(reader.number("rescale_factor", 1.0 / 255.0) - 1.0 / 255.0) > 1e-9) {
        reader.refuse("rescale_factor", "only 1/255 is supported");
    }
    ClipPreprocess preprocess;
    for (const char* key : {"image_processor_type", "feature_extractor_type"}) {
        if (!reader.text(key, "CLIP").starts_with("CLIP")) {
            reader.refuse(key, "only the preparation of CLIP images is supported");
        }
    }
    if (reader.has("size") && json["size"].is_object()) {
        if (json["size"].contains("height") || json["size"].contains("width")) {
            reader.refuse("size", "images would be stretched to a square; only {\"shortest_edge\": N} or N, which keeps their shape, is supported");
        }
        preprocess.resizeTo = shapes::ConfigReader(json["size"], std::string(where) + ", size", preprocessAdvice).integer("shortest_edge", preprocess.resizeTo);
    } else {
        preprocess.resizeTo = reader.integer("size", preprocess.resizeTo);
    }
    preprocess.crop = reader.square("crop_size", preprocess.crop);
    if (preprocess.crop != preprocess.resizeTo) {
        reader.refuse("crop_size", "it must be equal to size");
    }
    readChannels(reader, json, "image_mean", preprocess.mean);
    readChannels(reader, json, "image_std", preprocess.std);
    for (const double deviation : preprocess.std) {
        if (deviation == 0.0) {
            reader.refuse("image_std", "values are divided by it");
        }
    }
    return preprocess;
}

ClipPreprocess ClipPreprocess::load(const std::filesystem::path& folder) {
    constexpr const char* kInside = "image_processor";
    const std::filesystem::path whole = folder / "processor_config.json", file = folder / "preprocessor_config.json";
    std::error_code ignored;
    if (std::filesystem::exists(whole, ignored)) {
        const Json json = readPythonJsonFile(whole);
        if (json.is_object() && json.contains(kInside) && !json[kInside].is_null()) {
            return fromJson(json[kInside], whole.string() + ", image_processor");
        }
    }
    if (!std::filesystem::exists(file, ignored)) {
        throw FileError(ErrorKind::Io, FileFault::Incomplete,
                        folder.string() +
                            ": the image preparation is missing; preprocessor_config.json is wanted, or processor_config.json with \"image_processor\" inside");
    }
    return fromJson(readPythonJsonFile(file), file.string());
}

at::Tensor ClipPreprocess::apply(const std::vector<image::Rgb8Image>& images) const {
    const auto table = normaliseTable(*this);
    at::Tensor pixels = at::empty({static_cast<std::int64_t>(images.size()), 3, crop, crop}, at::kFloat);
    for (std::size_t i = 0; i < images.size(); ++i) {
        const at::Tensor out = pixels[static_cast<std::int64_t>(i)];
        if (fit == ClipFit::Whole) {
            out.copy_(fitWhole(*this, images[i]));
        } else {
            fitCropped(images[i], table, out);
        }
    }
    return pixels;
}

at::Tensor ClipPreprocess::applySmooth(const at::Tensor& pictures) const {
    const std::int64_t height = pictures.size(2), width = pictures.size(3);
    if (fit == ClipFit::Whole) {
        const auto [wholeWidth, wholeHeight] = sidesOfWhole(crop, width, height);
        return normalised(*this, onBlack(resized(pictures, wholeHeight, wholeWidth), crop));
    }
    const std::int64_t shorter = std::min(width, height);
    const at::Tensor small = resized(pictures, height * crop / shorter, width * crop / shorter).clamp(0.0, 1.0);
    return normalised(*this, small.narrow(2, (small.size(2) - crop) / 2, crop).narrow(3, (small.size(3) - crop) / 2, crop));
}

}  // namespace rlcm::models
