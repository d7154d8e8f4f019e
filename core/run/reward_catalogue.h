#pragma once
// The one catalogue of rewards: what each kind is called, what it is measured in, and which settings it needs. A new reward is a class in core/rewards, a row
// here and one in core/rewards/make_reward.cpp; form, checks, model page and figures follow.
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/json.h"
#include "core/run/measures.h"
#include "core/run/run_config.h"

namespace rlcm::run {

/// A setting that a kind of reward cannot do without: a model, a program, a server. Whether what it names is there is for its reader to say.
struct RewardNeed {
    std::string_view path;  ///< "reward.clip_model"
    std::string RewardConfig::* value;
    std::string_view why;  ///< for people, when it is empty
};

struct RewardKind {
    std::string_view id;             ///< in reward.terms
    std::string_view title;          ///< for people
    std::string_view unit;           ///< "" for a plain number
    Better better = Better::Higher;  ///< of what it measures; training raises every reward
    bool isDifferentiable = false;   ///< with respect to the image, by its definition
    bool waits = false;              ///< for somebody else: batches wait side by side, without a processor
    std::span<const RewardNeed> needs;
    std::span<const std::string_view> settings;  ///< paths of reward.* that matter to it, those of `needs` among them
};
/// All kinds, in the order in which they are offered. thread: any.
std::span<const RewardKind> rewardKinds();
/// throws: std::logic_error for a kind that the catalogue has not; parseRewardTerms lets none of those through.
const RewardKind& rewardKind(std::string_view id);

/// One summand of the reward.
struct RewardTerm {
    std::string kind;
    double weight = 1.0;                                        ///< finite, not zero
    std::string id;                                             ///< names its scores, unique in the sum; the kind unless given
    std::vector<std::pair<std::string, std::string>> params{};  ///< settings of its own, as {"clip_model", "folder"} for reward.clip_model
    bool operator==(const RewardTerm&) const = default;
};
/// Reads "alignment + 0.1*colourfulness - 2*compressibility". A term may have a name and settings of its own, as
/// look=alignment[clip_model=/models/clip] (a value with ; or ] stands in double quotes). throws: Config naming the nearest reward or setting.
std::vector<RewardTerm> parseRewardTerms(std::string_view text);
/// Who watches a run: rewards that score the evaluation images and are never trained on, in the same language, without weights. Nobody for an empty text.
/// throws: Config.
std::vector<RewardTerm> parseJudges(std::string_view text);
/// What stands behind the family's prefix in the names of a judge's measures: "clipscore", or "clipscore.look" for one with a name of its own.
std::string judgeMeasure(const RewardTerm& judge);
/// The settings that hold terms.
inline constexpr std::string_view kRewardTerms = "reward.terms", kJudges = "evaluation.judges";
/// The same from a list of objects with kind and, where wanted, weight, id and params: the text that the parser of `setting` reads. throws: Config.
std::string rewardTermsText(const Json& list, std::string_view setting = kRewardTerms);
/// The settings of one term: those of the run with its own over them. throws: Config for a value that the setting cannot have.
RewardConfig settingsOf(const RewardTerm& term, const RewardConfig& reward);

/// What one term needs.
struct TermNeed {
    std::string term;  ///< its id
    const RewardNeed* need = nullptr;
    std::string value;
};
/// What the terms of a reward need, in their order. throws: Config when the terms cannot be read.
std::vector<TermNeed> needsOf(const RewardConfig& reward);
std::vector<TermNeed> needsOf(std::span<const RewardTerm> terms, const RewardConfig& reward);
/// Unit of a weighted sum: that of its terms where they agree and none is weighted; "" otherwise, also for a text that cannot be read.
std::string rewardUnit(std::string_view terms);

}  // namespace rlcm::run
