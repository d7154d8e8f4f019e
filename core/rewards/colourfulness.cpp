// source: Hasler and Suesstrunk 2003, "Measuring colourfulness in natural images", eq. for M(3).
#include "core/rewards/reward.h"

#include <algorithm>
#include <cmath>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

constexpr double kLeast = 1e-6;  // under the roots: grey pictures have a slope too

/// Sums from which mean and population variance of one opponent channel follow; exact in double for 8-bit
/// pixels.
struct Channel {
    double sum = 0;
    double squares = 0;
    void add(double value) {
        sum += value;
        squares += value * value;
    }
    double mean(double count) const { return sum / count; }
    double variance(double count) const { return std::max(0.0, squares / count - mean(count) * mean(count)); }
};

double colourfulness(const image::Rgb8Image& image) {
    ensure(!image.pixels.empty(), "an image without pixels has no colourfulness");
    Channel redGreen, yellowBlue;
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
        const double red = image.pixels[i];
        const double green = image.pixels[i + 1];
        const double blue = image.pixels[i + 2];
        redGreen.add(red - green);
        yellowBlue.add(0.5 * (red + green) - blue);
    }
    const auto count = static_cast<double>(image.pixels.size() / 3);
    const double spread = std::sqrt(redGreen.variance(count) + yellowBlue.variance(count));
    const double offset = std::hypot(redGreen.mean(count), yellowBlue.mean(count));
    return (spread + 0.3 * offset) / 100;
}

class Colourfulness : public Reward {
public:
    std::string_view name() const override { return "colourfulness"; }
    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>&) const override {
        std::vector<double> scores;
        scores.reserve(images.size());
        for (const image::Rgb8Image& image : images) {
            scores.push_back(colourfulness(image));
        }
        return scores;
    }
    bool isDifferentiable() const override { return true; }
    at::Tensor scorePictures(const at::Tensor& pictures, const std::vector<std::string>&) const override {
        const at::Tensor values = pictures.mul(255.0).flatten(2);
        const at::Tensor red = values.select(1, 0), green = values.select(1, 1), blue = values.select(1, 2);
        const at::Tensor redGreen = red - green, yellowBlue = (red + green) / 2 - blue;
        const at::Tensor spread = (redGreen.var(1, false) + yellowBlue.var(1, false) + kLeast).sqrt();
        const at::Tensor offset = (redGreen.mean(1).square() + yellowBlue.mean(1).square() + kLeast).sqrt();
        return (spread + 0.3 * offset) / 100;
    }
};

}  // namespace

std::unique_ptr<Reward> makeColourfulness() {
    return std::make_unique<Colourfulness>();
}

}  // namespace rlcm::rewards
