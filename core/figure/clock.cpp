#include "core/figure/clock.h"

#include <algorithm>
#include <map>

#include "core/base/json.h"

namespace rlcm::figure {

std::string machineOf(const store::RunRow& run) {
    const Json environment = Json::parse(run.environmentJson, nullptr, false);
    std::string text;
    for (const char* part : {"processor", "gpu", "torch"}) {
        const auto value = environment.find(part);
        text += value != environment.end() && value->is_string() ? value->get<std::string>() + ", " : "";
    }
    const Json config = Json::parse(run.configJson, nullptr, false);
    const Json::json_pointer place("/compute/threads");
    const Json threads = config.is_object() && config.contains(place) ? config.at(place) : Json(0);
    return text + (threads == 0 ? "all cores" : threads == 1 ? "1 thread" : threads.dump() + " threads");
}

std::string clockOf(std::span<const std::string> machines) {
    std::map<std::string, int> counts;
    for (const std::string& machine : machines) {
        counts[machine] += machine.empty() ? 0 : 1;
    }
    const auto most = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == counts.end() ? std::string() : most->first;
}

}  // namespace rlcm::figure
