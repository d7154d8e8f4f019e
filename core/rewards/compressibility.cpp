// Size of the JPEG file of an image, as the RLCM and DDPO codes reward it.
#include "core/rewards/reward.h"

#include "core/image/codec.h"

namespace rlcm::rewards {
namespace {

constexpr int kQuality = 95;
constexpr double kBytesPerKilobyte = 1000;

class JpegSize : public Reward {
public:
    JpegSize(std::string_view name, double sign) : m_name(name), m_sign(sign) {}
    std::string_view name() const override { return m_name; }
    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>&) const override {
        std::vector<double> scores;
        scores.reserve(images.size());
        for (const image::Rgb8Image& image : images) {
            scores.push_back(m_sign * static_cast<double>(image::jpegSize(image, kQuality)) / kBytesPerKilobyte);
        }
        return scores;
    }

private:
    std::string_view m_name;
    double m_sign;
};

}  // namespace

std::unique_ptr<Reward> makeCompressibility() {
    return std::make_unique<JpegSize>("compressibility", -1.0);
}

std::unique_ptr<Reward> makeIncompressibility() {
    return std::make_unique<JpegSize>("incompressibility", 1.0);
}

}  // namespace rlcm::rewards
