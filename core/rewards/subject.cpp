// What a picture's subject is like, for control of one thing at a time.
#include "core/image/subject.h"

#include "core/rewards/reward.h"

namespace rlcm::rewards {
namespace {

class SubjectReward : public Reward {
public:
    SubjectReward(std::string_view name, double image::Subject::* part) : m_name(name), m_part(part) {}
    std::string_view name() const override { return m_name; }
    std::vector<double> score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>&) const override {
        std::vector<double> scores;
        scores.reserve(images.size());
        for (const image::Rgb8Image& image : images) {
            scores.push_back(image::subjectOf(image).*m_part);
        }
        return scores;
    }

private:
    std::string_view m_name;
    double image::Subject::* m_part;
};

}  // namespace

std::unique_ptr<Reward> makeSubjectSize() {
    return std::make_unique<SubjectReward>("subject_size", &image::Subject::size);
}

std::unique_ptr<Reward> makeSubjectX() {
    return std::make_unique<SubjectReward>("subject_x", &image::Subject::x);
}

std::unique_ptr<Reward> makeSubjectY() {
    return std::make_unique<SubjectReward>("subject_y", &image::Subject::y);
}

}  // namespace rlcm::rewards
