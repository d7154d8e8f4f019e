#pragma once
// A blind vote between two sets of evaluation images: which pairs are shown, and what the votes say. Pure functions; thread: any.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/figure/intervals.h"
#include "core/store/workspace.h"

namespace rlcm::figure {

/// Two images of one prompt and noise.
struct VotePair {
    std::string prompt;
    std::uint64_t noise = 0;
    std::filesystem::path a, b;  ///< files
    bool isALeft = true;
};
enum class Vote { A, B, Tie };

/// The pairs that both sets have, by prompt and noise, each once, in random order and with random sides; the first `most` of them. Same seed, same pairs.
std::vector<VotePair> drawPairs(std::span<const store::SampleRow> a, std::span<const store::SampleRow> b, std::uint64_t seed, std::size_t most);

/// One answer.
struct Voted {
    std::string prompt;
    Vote vote = Vote::Tie;
};
/// What is voted about: the images of a run at an epoch.
struct VoteSide {
    run::RunId run;
    std::int64_t epoch = 0;
    /// "r0001@20", as tables name it.
    std::string name() const { return run + "@" + std::to_string(epoch); }
    bool operator==(const VoteSide&) const = default;
};
struct VoteSides {
    VoteSide a, b;
};
/// A table (CSV) with a row for each vote so far: number, prompt, noise, both sides, which stood left, the vote.
std::string voteTable(const VoteSides& sides, std::span<const VotePair> pairs, std::span<const Voted> votes);
/// What such a table holds.
struct KeptVotes {
    std::vector<VotePair> pairs;  ///< those with a vote, without their files
    std::vector<Voted> votes;
};
/// Nothing when it is no such table, or one of other sides.
std::optional<KeptVotes> readVotes(std::string_view table, const VoteSides& sides);
/// The votes of such a table; nothing when it is not of these sides and pairs in this order.
std::optional<std::vector<Voted>> votesOf(std::string_view table, const VoteSides& sides, std::span<const VotePair> pairs);

struct VoteTally {
    int a = 0, b = 0, ties = 0;
    std::optional<double> share;  ///< of a among those that are no ties; nothing without any
    Interval interval;            ///< Wilson, 95 %, as if the votes were independent
};
VoteTally tally(std::span<const Voted> votes);
struct VoteSummary : VoteTally {
    int prompts = 0;  ///< with a vote that is no tie
    /// 95 % percentile bootstrap over prompts of the mean of their shares: votes on several images of one prompt are not independent. Nothing for one prompt.
    std::optional<Interval> overPrompts;
};
/// Takes far longer than the tally. `seed`: of the bootstrap.
VoteSummary summarise(std::span<const Voted> votes, std::uint64_t seed);

}  // namespace rlcm::figure
