#include "core/sampling/arithmetic.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/models/pipeline.h"
#include "core/run/model_registry.h"
#include "core/sampling/gate.h"
#include "core/shapes/model_shape.h"
#include "core/tensor/device.h"
#include "core/tensor/memory.h"
#include "core/tensor/torch.h"

namespace rlcm::sampling {
namespace {

constexpr std::int64_t kRows = 4, kSide = 16;
constexpr int kRepeats = 3;
constexpr std::size_t kMaxBytes = 1 << 20;

/// Seconds of a 3 x 3 convolution and a product of one width, the best of some calls.
double secondsOf(std::int64_t width, std::int64_t side, at::ScalarType dtype, const at::Device& device) {
    const tensor::GradMode grad(true);
    const auto options = at::TensorOptions().dtype(dtype).device(device);
    const at::Tensor kernel = at::full({width, width, 3, 3}, 0.01, options).contiguous(at::MemoryFormat::ChannelsLast),
                     matrix = at::full({width, width}, 0.01, options);
    const at::Tensor image = at::ones({kRows, width, side, side}, options).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
    const at::Tensor tokens = at::ones({kRows, side * side, width}, options).requires_grad_(true);
    double best = std::numeric_limits<double>::infinity();
    for (int repeat = 0; repeat <= kRepeats; ++repeat) {  // the first makes what the libraries keep
        tensor::waitFor(device);
        const Stopwatch watch;
        torch::autograd::grad({at::conv2d(image, kernel, {}, 1, 1).sum() + at::linear(tokens, matrix).sum()}, {image, tokens});
        tensor::waitFor(device);
        best = repeat > 0 ? std::min(best, watch.seconds()) : best;
    }
    return best;
}

std::set<std::int64_t> widthsOf(const shapes::UNetShape& shape) {
    return {shape.blockOutChannels.begin(), shape.blockOutChannels.end()};
}

double secondsOf(const shapes::UNetShape& shape, at::ScalarType dtype, const at::Device& device) {
    double seconds = 0;
    for (const std::int64_t width : widthsOf(shape)) {
        seconds += secondsOf(width, std::min(kSide, shape.sampleSize), dtype, device);
    }
    return seconds;
}

run::ArithmeticTimes measure(const shapes::UNetShape& shape, const at::Device& device) {
    tensor::setIntraOpThreads(1);
    const double full = secondsOf(shape, at::kFloat, device);
    run::ArithmeticTimes times{.bf16 = secondsOf(shape, at::kBFloat16, device) / full, .fp16 = {}};
    if (!device.is_cpu()) {
        times.fp16 = secondsOf(shape, at::kHalf, device) / full;
    }
    return times;
}

/// What the times depend on.
std::string keyOf(const shapes::UNetShape& shape, const at::Device& device) {
    std::string key = tensor::describe(device) + ", " + tensor::processorName() + ", " + std::to_string(tensor::totalMemory(device) >> 20) + " MiB, widths";
    for (const std::int64_t width : widthsOf(shape)) {
        key += " " + std::to_string(width);
    }
    return key + " at " + std::to_string(std::min(kSide, shape.sampleSize));
}

std::filesystem::path cacheFile() {
    return run::userDataFolder() / "arithmetic.json";
}

/// All that is remembered; an empty object when that cannot be read.
Json remembered() {
    try {
        Json all = parseJson(readFile(cacheFile(), kMaxBytes), "arithmetic.json");
        return all.is_object() ? all : Json::object();
    } catch (const Error&) {
        return Json::object();
    }
}

std::optional<run::ArithmeticTimes> recall(const std::string& key) {
    const Json all = remembered();
    const auto isTime = [](const Json& value) { return value.is_number() && value.get<double>() > 0; };
    if (!all.contains(key) || !all[key].is_object() || !isTime(all[key].value("bf16", Json()))) {
        return std::nullopt;
    }
    run::ArithmeticTimes times{.bf16 = all[key]["bf16"], .fp16 = {}};
    if (const Json fp16 = all[key].value("fp16", Json()); isTime(fp16)) {
        times.fp16 = fp16.get<double>();
    }
    return times;
}

void remember(const std::string& key, const run::ArithmeticTimes& times) {
    try {
        Json all = remembered();
        all[key] = {{"bf16", times.bf16}};
        if (times.fp16) {
            all[key]["fp16"] = *times.fp16;
        }
        makeFolders(cacheFile().parent_path());
        writeFileAtomically(cacheFile(), all.dump(2) + "\n");
    } catch (const Error&) {  // measured again next time
    }
}

}  // namespace

run::ArithmeticTimes arithmeticTimes(const shapes::UNetShape& shape, const std::string& deviceName) {
    const at::Device device = tensor::parseDevice(deviceName);
    const std::string key = keyOf(shape, device);
    if (const auto known = recall(key)) {
        return *known;
    }
    const run::ArithmeticTimes times = measure(shape, device);
    remember(key, times);
    return times;
}

run::ArithmeticTimes arithmeticTimes(const run::RunConfig& config) {
    return arithmeticTimes(shapes::readModelShape(models::findModel(config.model.path)).unet, config.compute.device);
}

run::Dtype decidedDtype(const run::RunConfig& config) {
    return config.compute.dtype == run::Dtype::Auto ? run::fastestDtype(arithmeticTimes(config)) : config.compute.dtype;
}

}  // namespace rlcm::sampling
