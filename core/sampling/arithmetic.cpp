#include "core/sampling/arithmetic.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <limits>
#include <set>
#include <vector>

#include <time.h>

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
constexpr int kLeastTurns = 3, kMostTurns = 40;
constexpr double kPatience = 0.2;  ///< seconds for a width, if that is more than the least turns
constexpr std::size_t kMaxBytes = 1 << 20;

/// A 3 x 3 convolution and a product of one width, with the gradients of what they read.
class Work {
public:
    Work(std::int64_t width, std::int64_t side, at::ScalarType dtype, const at::Device& device) : m_device(device) {
        const auto options = at::TensorOptions().dtype(dtype).device(device);
        m_kernel = at::full({width, width, 3, 3}, 0.01, options).contiguous(at::MemoryFormat::ChannelsLast);
        m_matrix = at::full({width, width}, 0.01, options);
        m_image = at::ones({kRows, width, side, side}, options).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
        m_tokens = at::ones({kRows, side * side, width}, options).requires_grad_(true);
    }
    /// Of one call; on a CPU those that the thread ran, which other programs do not lengthen by taking its turns.
    double seconds() const {
        const tensor::GradMode grad(true);
        tensor::waitFor(m_device);
        const double begin = now();
        torch::autograd::grad({at::conv2d(m_image, m_kernel, {}, 1, 1).sum() + at::linear(m_tokens, m_matrix).sum()}, {m_image, m_tokens});
        tensor::waitFor(m_device);
        return now() - begin;
    }

private:
    double now() const {
        timespec time{};
        ::clock_gettime(m_device.is_cpu() ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
        return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
    }
    at::Device m_device;
    at::Tensor m_kernel, m_matrix, m_image, m_tokens;
};

/// The best call of each type. They take turns, so that whatever else the machine does meets all of them alike.
std::vector<double> bestSeconds(std::int64_t width, std::int64_t side, const std::vector<at::ScalarType>& types, const at::Device& device) {
    std::vector<Work> works;
    for (const at::ScalarType dtype : types) {
        works.emplace_back(width, side, dtype, device).seconds();  // makes what the libraries keep
    }
    std::vector<double> best(types.size(), std::numeric_limits<double>::infinity());
    const Stopwatch watch;
    for (int turn = 0; turn < kLeastTurns || (turn < kMostTurns && watch.seconds() < kPatience); ++turn) {
        for (std::size_t i = 0; i < works.size(); ++i) {
            best[i] = std::min(best[i], works[i].seconds());
        }
    }
    return best;
}

std::set<std::int64_t> widthsOf(const shapes::UNetShape& shape) {
    return {shape.blockOutChannels.begin(), shape.blockOutChannels.end()};
}

run::ArithmeticTimes measure(const shapes::UNetShape& shape, const at::Device& device) {
    tensor::setIntraOpThreads(1);
    std::vector<at::ScalarType> types{at::kFloat, at::kBFloat16};
    if (!device.is_cpu()) {
        types.push_back(at::kHalf);
    }
    std::vector<double> sums(types.size());
    for (const std::int64_t width : widthsOf(shape)) {
        const std::vector<double> best = bestSeconds(width, std::min(kSide, shape.sampleSize), types, device);
        std::ranges::transform(sums, best, sums.begin(), std::plus());
    }
    run::ArithmeticTimes times{.bf16 = sums[1] / sums[0], .fp16 = {}};
    if (types.size() > 2) {
        times.fp16 = sums[2] / sums[0];
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
