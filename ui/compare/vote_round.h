#pragma once
// Votes between two sets of images that are kept after each one, so that a round goes on where it was left. thread: any.
#include <filesystem>
#include <vector>

#include "core/figure/votes.h"

namespace rlcm::ui {

/// All pairs of two sides in their order, and the votes so far.
struct VoteRound {
    figure::VoteSides sides;
    std::uint64_t number = 1;  ///< of the round between these sides; also the seed of order and places
    std::vector<figure::VotePair> pairs;
    std::vector<figure::Voted> votes;  ///< of the first pairs
    std::filesystem::path file;        ///< table of the votes

    bool isOver() const { return votes.size() == pairs.size(); }
};

/// The round between two sides that was begun in `folder` and is not over, or else a new one. No pairs: the sides share no prompt with the same noise.
/// throws: Io when a table cannot be read.
VoteRound openRound(const store::StoreReader& reader, const figure::VoteSides& sides, const std::filesystem::path& folder);
/// Writes the table. throws: Io.
void keepVotes(const VoteRound& round);

}  // namespace rlcm::ui
