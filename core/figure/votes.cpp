#include "core/figure/votes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "core/figure/csv.h"

namespace rlcm::figure {
namespace {

constexpr std::array kHeads{"number", "prompt", "noise", "a", "b", "left", "vote"};
constexpr std::array kVotes{Vote::A, Vote::B, Vote::Tie};

std::string_view voteText(Vote vote) {
    return vote == Vote::A ? "a" : vote == Vote::B ? "b" : "tie";
}

/// Everything of a row but the vote.
std::vector<std::string> pairCells(std::size_t number, const VoteSides& sides, const VotePair& pair) {
    return {std::to_string(number), pair.prompt, std::to_string(pair.noise), sides.a.name(), sides.b.name(), pair.isALeft ? "a" : "b"};
}

double meanOf(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::vector<VotePair> drawPairs(std::span<const store::SampleRow> a, std::span<const store::SampleRow> b, std::uint64_t seed, std::size_t most) {
    std::map<std::pair<std::string, std::uint64_t>, const store::SampleRow*> others;
    for (const store::SampleRow& row : b) {
        others.try_emplace({row.prompt, row.noiseSeed}, &row);
    }
    std::vector<VotePair> all;
    std::set<std::pair<std::string, std::uint64_t>> taken;
    for (const store::SampleRow& row : a) {
        const std::pair key(row.prompt, row.noiseSeed);
        const auto other = others.find(key);
        if (other != others.end() && taken.insert(key).second) {
            all.push_back({.prompt = row.prompt, .noise = row.noiseSeed, .a = row.file, .b = other->second->file});
        }
    }
    Random random(seed);
    std::vector<VotePair> pairs;
    for (const std::int64_t place : random.permutation(static_cast<std::int64_t>(all.size()))) {
        VotePair pair = all[static_cast<std::size_t>(place)];
        pair.isALeft = random.below(2) == 0;
        pairs.push_back(std::move(pair));
    }
    pairs.resize(std::min(pairs.size(), most));
    return pairs;
}

std::string voteTable(const VoteSides& sides, std::span<const VotePair> pairs, std::span<const Voted> votes) {
    CsvTable table;
    for (const char* header : kHeads) {
        table.cell(header);
    }
    table.endRow();
    for (std::size_t i = 0; i < votes.size(); ++i) {
        for (const std::string& cell : pairCells(i + 1, sides, pairs[i])) {
            table.cell(cell);
        }
        table.cell(voteText(votes[i].vote));
        table.endRow();
    }
    return table.text();
}

std::optional<KeptVotes> readVotes(std::string_view table, const VoteSides& sides) {
    const std::vector<std::vector<std::string>> rows = csvRows(table);
    if (rows.empty() || rows.front() != std::vector<std::string>(kHeads.begin(), kHeads.end())) {
        return std::nullopt;
    }
    KeptVotes kept;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        std::vector<std::string> cells = rows[i];
        if (cells.size() != kHeads.size()) {
            return std::nullopt;
        }
        const auto vote = std::ranges::find(kVotes, cells.back(), voteText);
        cells.pop_back();
        VotePair pair{.prompt = cells[1], .a = {}, .b = {}, .isALeft = cells[5] == "a"};
        std::from_chars(cells[2].data(), cells[2].data() + cells[2].size(), pair.noise);
        if (vote == kVotes.end() || cells != pairCells(i, sides, pair)) {  // also what is no number
            return std::nullopt;
        }
        kept.votes.push_back({pair.prompt, *vote});
        kept.pairs.push_back(std::move(pair));
    }
    return kept;
}

std::optional<std::vector<Voted>> votesOf(std::string_view table, const VoteSides& sides, std::span<const VotePair> pairs) {
    const auto isSame = [](const VotePair& kept, const VotePair& pair) {
        return kept.prompt == pair.prompt && kept.noise == pair.noise && kept.isALeft == pair.isALeft;
    };
    const auto kept = readVotes(table, sides);
    if (!kept || kept->pairs.size() > pairs.size() || !std::ranges::equal(kept->pairs, pairs.first(kept->pairs.size()), isSame)) {
        return std::nullopt;
    }
    return kept->votes;
}

VoteTally tally(std::span<const Voted> votes) {
    VoteTally tally;
    for (const Voted& voted : votes) {
        tally.a += voted.vote == Vote::A ? 1 : 0;
        tally.b += voted.vote == Vote::B ? 1 : 0;
        tally.ties += voted.vote == Vote::Tie ? 1 : 0;
    }
    const int decided = tally.a + tally.b;
    tally.share = decided > 0 ? std::optional(static_cast<double>(tally.a) / decided) : std::nullopt;
    tally.interval = wilsonInterval(tally.a, decided);
    return tally;
}

VoteSummary summarise(std::span<const Voted> votes, std::uint64_t seed) {
    VoteSummary summary;
    static_cast<VoteTally&>(summary) = tally(votes);
    std::map<std::string, std::vector<double>> byPrompt;
    for (const Voted& voted : votes) {
        if (voted.vote != Vote::Tie) {
            byPrompt[voted.prompt].push_back(voted.vote == Vote::A ? 1.0 : 0.0);
        }
    }
    summary.prompts = static_cast<int>(byPrompt.size());
    std::vector<double> shares;
    for (const auto& [prompt, own] : byPrompt) {
        shares.push_back(meanOf(own));
    }
    if (shares.size() > 1) {
        const std::vector<Scores> one(1, Scores{shares});
        const Statistic mean = [](std::span<const Scores> methods) { return std::vector{meanOf(methods.front().front())}; };
        if (const auto intervals = bootstrapIntervals(one, mean, {.seed = seed})) {
            summary.overPrompts = intervals->front();
        }
    }
    return summary;
}

}  // namespace rlcm::figure
