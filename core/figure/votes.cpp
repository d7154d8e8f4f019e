#include "core/figure/votes.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "core/figure/csv.h"

namespace rlcm::figure {
namespace {

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
    for (const char* header : {"number", "prompt", "noise", "a", "b", "left", "vote"}) {
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

std::optional<std::vector<Voted>> votesOf(std::string_view table, const VoteSides& sides, std::span<const VotePair> pairs) {
    const std::vector<std::vector<std::string>> rows = csvRows(table);
    if (rows.empty() || rows.size() > pairs.size() + 1) {
        return std::nullopt;
    }
    std::vector<Voted> votes;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        std::vector<std::string> cells = rows[i];
        const std::string text = cells.back();
        cells.pop_back();
        const auto vote = std::ranges::find(kVotes, text, voteText);
        if (cells != pairCells(i, sides, pairs[i - 1]) || vote == kVotes.end()) {
            return std::nullopt;
        }
        votes.push_back({pairs[i - 1].prompt, *vote});
    }
    return votes;
}

VoteSummary summarise(std::span<const Voted> votes, std::uint64_t seed) {
    VoteSummary summary;
    std::map<std::string, std::vector<double>> byPrompt;
    for (const Voted& voted : votes) {
        summary.a += voted.vote == Vote::A ? 1 : 0;
        summary.b += voted.vote == Vote::B ? 1 : 0;
        summary.ties += voted.vote == Vote::Tie ? 1 : 0;
        if (voted.vote != Vote::Tie) {
            byPrompt[voted.prompt].push_back(voted.vote == Vote::A ? 1.0 : 0.0);
        }
    }
    const int decided = summary.a + summary.b;
    summary.share = decided > 0 ? std::optional(static_cast<double>(summary.a) / decided) : std::nullopt;
    summary.interval = wilsonInterval(summary.a, decided);
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
