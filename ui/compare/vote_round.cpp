#include "ui/compare/vote_round.h"

#include <limits>

#include "core/base/files.h"

namespace rlcm::ui {

VoteRound openRound(const store::StoreReader& reader, const figure::VoteSides& sides, const std::filesystem::path& folder) {
    const std::vector<store::SampleRow> a = reader.samples(sides.a.run, sides.a.epoch), b = reader.samples(sides.b.run, sides.b.epoch);
    VoteRound round{.sides = sides, .pairs = {}, .votes = {}, .file = {}};
    for (;; ++round.number) {
        round.pairs = figure::drawPairs(a, b, round.number, std::numeric_limits<std::size_t>::max());
        round.file = folder / (sides.a.name() + "-" + sides.b.name() + "-" + std::to_string(round.number) + ".csv");
        if (!std::filesystem::exists(round.file)) {
            return round;
        }
        const auto kept = figure::votesOf(readFile(round.file), sides, round.pairs);
        if (kept && kept->size() < round.pairs.size()) {
            round.votes = *kept;
            return round;
        }
    }
}

void keepVotes(const VoteRound& round) {
    makeFolders(round.file.parent_path());
    writeFileAtomically(round.file, figure::voteTable(round.sides, round.pairs, round.votes));
}

}  // namespace rlcm::ui
