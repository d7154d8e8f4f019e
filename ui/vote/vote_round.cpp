#include "ui/vote/vote_round.h"

#include <algorithm>
#include <limits>
#include <regex>

#include "core/base/files.h"

namespace rlcm::ui {
namespace {

namespace fs = std::filesystem;
using Samples = std::vector<store::SampleRow>;

fs::path tableOf(const figure::VoteSides& sides, std::uint64_t number) {
    return sides.a.name() + "-" + sides.b.name() + "-" + std::to_string(number) + ".csv";
}

VoteRound newRound(const figure::VoteSides& sides, std::uint64_t number, const std::array<Samples, 2>& samples, const fs::path& folder) {
    return {.sides = sides,
            .number = number,
            .pairs = figure::drawPairs(samples[0], samples[1], number, std::numeric_limits<std::size_t>::max()),
            .votes = {},
            .file = folder / tableOf(sides, number)};
}

std::array<Samples, 2> samplesOf(const store::StoreReader& reader, const figure::VoteSides& sides) {
    return {reader.samples(sides.a.run, sides.a.epoch), reader.samples(sides.b.run, sides.b.epoch)};
}

/// The round that a table is of by its name. Nothing: by none that we give.
std::optional<KeptRound> keptRound(const store::StoreReader& reader, const fs::path& file) {
    static const std::regex kName(R"((r\d+)@(\d{1,18})-(r\d+)@(\d{1,18})-(\d{1,18})\.csv)");
    std::smatch parts;
    const std::string name = file.filename().string();
    if (!std::regex_match(name, parts, kName)) {
        return std::nullopt;
    }
    const figure::VoteSides sides{{parts[1], std::stoll(parts[2])}, {parts[3], std::stoll(parts[4])}};
    const std::string table = readFile(file);
    VoteRound round = newRound(sides, std::stoull(parts[5]), samplesOf(reader, sides), file.parent_path());
    if (auto votes = figure::votesOf(table, sides, round.pairs); votes && !round.pairs.empty()) {
        round.votes = std::move(*votes);
    } else if (auto kept = figure::readVotes(table, sides)) {
        round.hasImages = false;
        round.pairs = std::move(kept->pairs);
        round.votes = std::move(kept->votes);
    } else {
        return std::nullopt;
    }
    const figure::VoteTally tally = figure::tally(round.votes);
    return KeptRound{.round = std::move(round), .tally = tally};
}

}  // namespace

VoteRound openRound(const store::StoreReader& reader, const figure::VoteSides& sides, const fs::path& folder) {
    const std::array<Samples, 2> samples = samplesOf(reader, sides);
    for (std::uint64_t number = 1;; ++number) {
        VoteRound round = newRound(sides, number, samples, folder);
        if (!fs::exists(round.file)) {
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

std::vector<KeptRound> keptRounds(const store::StoreReader& reader, const fs::path& folder) {
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    std::error_code ignored;  // nobody has voted yet
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
        if (entry.is_regular_file(ignored)) {
            files.emplace_back(entry.last_write_time(ignored), entry.path());
        }
    }
    std::ranges::sort(files, std::greater());
    std::vector<KeptRound> rounds;
    for (const auto& [time, file] : files) {
        if (auto round = keptRound(reader, file)) {
            rounds.push_back(std::move(*round));
        }
    }
    return rounds;
}

VoteOffer offerRound(const store::StoreReader& reader, const std::array<VoteChoice, 2>& choice, const fs::path& folder) {
    VoteOffer offer{.choice = choice};
    std::array<figure::VoteSide, 2> sides;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        const std::vector<std::int64_t>& epochs = offer.epochs[i] = reader.sampleEpochs(choice[i].run);
        if (epochs.empty()) {
            continue;
        }
        const bool isOwnBeginning = i == 1 && choice[0].run == choice[1].run;  // a run against its own beginning
        const bool isChosen = choice[i].epoch && std::ranges::find(epochs, *choice[i].epoch) != epochs.end();
        sides[i] = {choice[i].run, isChosen ? *choice[i].epoch : isOwnBeginning ? epochs.front() : epochs.back()};
    }
    if (!offer.epochs[0].empty() && !offer.epochs[1].empty()) {
        offer.sides = {sides[0], sides[1]};
        offer.round = sides[0] == sides[1] ? std::nullopt : std::optional(openRound(reader, *offer.sides, folder));
    }
    return offer;
}

}  // namespace rlcm::ui
