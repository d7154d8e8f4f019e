// The settings of core/health's rules: what an alarm does and from where on.
#include <utility>

#include "core/base/error.h"
#include "core/run/field_list.h"

namespace rlcm::run {
namespace {

struct AlarmWords {
    const char* name;   ///< health.NAME and health.NAME_level
    const char* label;  ///< behind "Alarm: " and "Alarm level: "
    const char* unit;   ///< of the level
    std::string summary;
    std::string more{};
};

Field alarmField(std::string path, std::string label, const std::string& summary, const std::string& more = {}) {
    Field field;
    field.path = std::move(path);
    field.label = std::move(label);
    field.summary = summary;
    field.help = summary + (more.empty() ? "" : ' ' + more);
    return field;
}

/// `actionIn`: the action of a config, const or not.
template <typename ActionIn>
void addAction(std::vector<Field>& list, const AlarmWords& words, ActionIn actionIn) {
    Field field = alarmField(std::string("health.") + words.name, std::string("Alarm: ") + words.label, words.summary, words.more);
    for (const std::string_view name : namesOf(AlarmAction{})) {
        field.choices.emplace_back(name);
    }
    field.get = [=](const RunConfig& config) { return FieldValue(std::string(toString(actionIn(config)))); };
    field.set = [=](RunConfig& config, const FieldValue& value) {
        const std::optional<AlarmAction> action = choiceOf<AlarmAction>(std::get<std::string>(value));
        ensure(action.has_value(), "a setting was given a word that it does not have");
        actionIn(config) = *action;
    };
    list.push_back(std::move(field));
}

void addAlarm(std::vector<Field>& list, AlarmSetting HealthConfig::* member, const AlarmWords& words, const std::string& level) {
    addAction(list, words, [=](auto& config) -> auto& { return (config.health.*member).action; });
    Field field = alarmField(std::string("health.") + words.name + "_level", std::string("Alarm level: ") + words.label, level);
    field.unit = words.unit;
    field.minimum = 0;
    field.isMinimumExclusive = true;
    field.maximum = 1e6;
    field.get = [=](const RunConfig& config) { return FieldValue((config.health.*member).level); };
    field.set = [=](RunConfig& config, const FieldValue& value) { (config.health.*member).level = std::get<double>(value); };
    list.push_back(std::move(field));
}

}  // namespace

// clang-format off
void addAlarms(std::vector<Field>& list) {
    addAction(list, {"not_finite", "not finite", "",
        "What happens when a loss, gradient or reward is no number.",
        "off: nothing. mark: it stands in the run's record. notify: it is also told. pause, stop: the run also pauses, or stops after the epoch."},
        [](auto& config) -> auto& { return config.health.notFinite; });
    addAlarm(list, &HealthConfig::hacking, {"hacking", "reward hacking", "deviations",
        "What happens when the reward gains while a judge falls."}, "By how much the reward gains on the judge, in deviations between the images before training.");
    addAlarm(list, &HealthConfig::deadImages, {"dead_images", "dead images", "",
        "What happens when evaluation images have hardly any contrast."}, "Their share of the evaluation images.");
    addAlarm(list, &HealthConfig::diversity, {"diversity", "diversity", "",
        "What happens when the images of a prompt become alike.", "Needs evaluation.seeds_per_prompt of 2 or more and a judge model."},
        "Diversity within prompts over that before training.");
    addAlarm(list, &HealthConfig::sameness, {"sameness", "sameness", "",
        "What happens when different prompts give the same picture.", "Needs a judge model."}, "Diversity over all images over that before training.");
    addAlarm(list, &HealthConfig::blur, {"blur", "blur", "",
        "What happens when evaluation images lose their sharpness."}, "Sharpness over that before training.");
    addAlarm(list, &HealthConfig::noise, {"noise", "noise", "",
        "What happens when evaluation images become noisy."}, "Sharpness or high-frequency share over that before training.");
    addAlarm(list, &HealthConfig::grid, {"grid", "grid pattern", "",
        "What happens when evaluation images show a checkerboard."}, "Grid pattern over that before training.");
    addAlarm(list, &HealthConfig::colour, {"colour", "colour", "deviations",
        "What happens when colours are pushed to an end."}, "Change of mean saturation or contrast, in deviations between the images before training.");
    addAlarm(list, &HealthConfig::heldOut, {"held_out", "held-out prompts", "deviations",
        "What happens when training prompts gain more than held-out ones."}, "How much more, in deviations between the images before training.");
    addAlarm(list, &HealthConfig::speed, {"speed", "speed of the reward", "deviations",
        "What happens when the reward rises unusually fast."}, "Gain in 10 updates, in deviations between the images before training.");
    addAlarm(list, &HealthConfig::precision, {"precision", "precision", "",
        "What happens when sampling and training do not compute the same.", "Looked at where a round has one update."},
        "Largest deviation of the ratio from 1 before the first update.");
    addAlarm(list, &HealthConfig::klJump, {"kl_jump", "KL jump", "",
        "What happens when the approximate KL is far above its recent values."}, "Approximate KL over the median of the 20 epochs before.");
    addAlarm(list, &HealthConfig::clipFraction, {"clip_fraction", "clipped fraction", "",
        "What happens when most trained steps are clipped."}, "Share of the trained steps whose ratio left the clip range.");
    addAlarm(list, &HealthConfig::zeroSpread, {"zero_spread", "prompts without spread", "",
        "What happens when the images of many prompts all have the same reward."}, "Share of such prompts.");
    addAlarm(list, &HealthConfig::gradientSpike, {"gradient_spike", "gradient spike", "",
        "What happens when the gradient is far longer than before."}, "Gradient norm over the median of the 20 epochs before.");
    addAlarm(list, &HealthConfig::throughput, {"throughput", "throughput", "",
        "What happens when the run becomes much slower."}, "Images per second over the median of the 20 epochs before.");
    addAlarm(list, &HealthConfig::diskFree, {"disk_free", "free disk", "GB",
        "What happens when the disk that the run is stored on is nearly full."}, "Space left where the run is stored.");
    addAlarm(list, &HealthConfig::vanishedSpread, {"vanished_spread", "vanished spread", "",
        "What happens when the images of a prompt hardly differ in reward any more.", "What is left may be the reward's noise: rlcm score --sanity shows its floor."},
        "Spread within prompts over that of the first epoch.");
    addAlarm(list, &HealthConfig::klBudget, {"kl_budget", "KL budget", "nats",
        "What happens when the policy has gone farther from the base model than you allow.", "Needs evaluation.path_kl. With stop, training ends there."},
        "Path KL to the base model.");
    addAlarm(list, &HealthConfig::pastPeak, {"past_peak", "past the peak", "",
        "What happens when the run is beyond the distance from the base model at which the judge agrees most.",
        "Needs evaluation.path_kl and a judge model; looked at from the seventh evaluation on."},
        "Distance over that of the peak of the fitted curve.");
}
// clang-format on

}  // namespace rlcm::run
