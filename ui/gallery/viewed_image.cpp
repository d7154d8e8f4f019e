#include "ui/gallery/viewed_image.h"

#include "core/base/json.h"

namespace rlcm::ui {

QString judgeModelOf(const store::RunRow& run) {
    const Json config = Json::parse(run.configJson, nullptr, false);
    const Json::json_pointer place("/evaluation/judge_model");
    return config.is_object() && config.contains(place) && config[place].is_string() ? QString::fromStdString(config[place].get<std::string>()) : QString();
}

}  // namespace rlcm::ui
