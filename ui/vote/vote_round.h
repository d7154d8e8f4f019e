#pragma once
// Votes between two sets of images that are kept after each one, so that a round goes on where it was left. thread: any.
#include <array>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/figure/votes.h"
#include "ui/view/view_state.h"

namespace rlcm::ui {

/// All pairs of two sides in their order, and the votes so far.
struct VoteRound {
    figure::VoteSides sides;
    std::uint64_t number = 1;  ///< of the round between these sides; also the seed of order and places
    std::vector<figure::VotePair> pairs;
    std::vector<figure::Voted> votes;  ///< of the first pairs
    std::filesystem::path file;        ///< table of the votes
    bool hasImages = true;             ///< false: only the votes are left, and the pairs are those that have one

    bool isOver() const { return votes.size() == pairs.size(); }
};

/// The round between two sides that was begun in `folder` and is not over, or else a new one. No pairs: the sides share no prompt with the same noise.
/// throws: Io when a table cannot be read.
VoteRound openRound(const store::StoreReader& reader, const figure::VoteSides& sides, const std::filesystem::path& folder);
/// Writes the table. throws: Io.
void keepVotes(const VoteRound& round);

/// A round whose table was found, and what its votes say.
struct KeptRound {
    VoteRound round;
    figure::VoteTally tally;
};
/// All whose tables are in `folder`, the one voted in last first; files there that are no such table are left out. No folder: none.
/// throws: Io when a table cannot be read.
std::vector<KeptRound> keptRounds(const store::StoreReader& reader, const std::filesystem::path& folder);

/// What a choice of two sides stands for.
struct VoteOffer {
    std::array<VoteChoice, 2> choice;                   ///< as it was asked for
    std::array<std::vector<std::int64_t>, 2> epochs{};  ///< with evaluation images, ascending
    std::optional<figure::VoteSides> sides = {};        ///< empty: one of them has no images
    std::optional<VoteRound> round = {};                ///< empty: also when both are the same images
};
/// Both runs must be named. throws: as openRound.
VoteOffer offerRound(const store::StoreReader& reader, const std::array<VoteChoice, 2>& choice, const std::filesystem::path& folder);

}  // namespace rlcm::ui
