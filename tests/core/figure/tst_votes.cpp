#include <QtTest>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/figure/votes.h"

using namespace rlcm;
using namespace rlcm::figure;

namespace {

store::SampleRow sample(const std::string& prompt, std::uint64_t noise, const std::string& file) {
    store::SampleRow row;
    row.prompt = prompt;
    row.noiseSeed = noise;
    row.file = file;
    return row;
}

/// Forty images of eight prompts, in files that begin with `set`.
std::vector<store::SampleRow> samples(const std::string& set) {
    std::vector<store::SampleRow> rows;
    for (int i = 0; i < 40; ++i) {
        rows.push_back(sample("prompt " + std::to_string(i / 5), static_cast<std::uint64_t>(i), set + std::to_string(i)));
    }
    return rows;
}

std::vector<Voted> votes(int a, int b, int ties, const std::string& prompt = "a cat") {
    std::vector<Voted> all(static_cast<std::size_t>(a), {prompt, Vote::A});
    all.insert(all.end(), static_cast<std::size_t>(b), {prompt, Vote::B});
    all.insert(all.end(), static_cast<std::size_t>(ties), {prompt, Vote::Tie});
    return all;
}

}  // namespace

class TestVotes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyPairIsOfOnePromptAndNoise() {
        auto b = samples("b");
        b.push_back(sample("prompt 9", 100, "alone"));
        b.erase(b.begin());  // then the first of a is alone too
        const auto pairs = drawPairs(samples("a"), b, 1, 1000);
        QCOMPARE(pairs.size(), std::size_t{39});
        std::set<std::uint64_t> seen;
        for (const VotePair& pair : pairs) {
            seen.insert(pair.noise);
            QCOMPARE(pair.a.string(), "a" + std::to_string(pair.noise));
            QCOMPARE(pair.b.string(), "b" + std::to_string(pair.noise));
        }
        QCOMPARE(seen.size(), std::size_t{39});
    }
    void orderAndSidesAreDrawnFromTheSeed() {
        const auto list = [](std::uint64_t seed) {
            std::vector<std::pair<std::uint64_t, bool>> order;
            for (const VotePair& pair : drawPairs(samples("a"), samples("b"), seed, 40)) {
                order.emplace_back(pair.noise, pair.isALeft);
            }
            return order;
        };
        QVERIFY(list(1) == list(1));
        QVERIFY(list(1) != list(2));
        const auto one = list(1);
        QVERIFY(!std::is_sorted(one.begin(), one.end()));
        const auto left = std::count_if(one.begin(), one.end(), [](const auto& pair) { return pair.second; });
        QVERIFY(left > 8 && left < 32);
        QVERIFY(drawPairs(samples("a"), samples("b"), 1, 5).size() == 5);
    }
    void aTableReadsBackAsItsVotes() {
        const VoteSides sides{{"r0001", 20}, {"r0002", 40}};
        std::vector<VotePair> pairs = drawPairs(samples("a"), samples("b"), 1, 4);
        pairs[0].prompt = "a \"bee\", flying";
        const std::vector<Voted> given{{pairs[0].prompt, Vote::B}, {pairs[1].prompt, Vote::Tie}, {pairs[2].prompt, Vote::A}};
        const std::string table = voteTable(sides, pairs, given);
        QVERIFY(table.starts_with("number,prompt,noise,a,b,left,vote\n1,\"a \"\"bee\"\", flying\","));
        const auto read = votesOf(table, sides, pairs);
        QVERIFY(read && read->size() == given.size());
        for (std::size_t i = 0; i < given.size(); ++i) {
            QVERIFY((*read)[i].vote == given[i].vote);
            QCOMPARE((*read)[i].prompt, given[i].prompt);
        }
        QVERIFY(!votesOf(table, {{"r0001", 20}, {"r0003", 40}}, pairs));
        QVERIFY(!votesOf(table, sides, drawPairs(samples("a"), samples("b"), 2, 4)));
        QVERIFY(!votesOf(table, sides, std::span(pairs).first(2)));
        QVERIFY(!votesOf("", sides, pairs));
    }
    void aTableIsReadWithoutItsImages() {
        const VoteSides sides{{"r0001", 20}, {"r0002", 40}};
        const std::vector<VotePair> pairs = drawPairs(samples("a"), samples("b"), 1, 4);
        const std::string table = voteTable(sides, pairs, std::vector<Voted>{{pairs[0].prompt, Vote::B}, {pairs[1].prompt, Vote::Tie}});
        const auto kept = readVotes(table, sides);
        QVERIFY(kept && kept->pairs.size() == 2 && kept->votes.size() == 2);
        QCOMPARE(voteTable(sides, kept->pairs, kept->votes), table);
        QVERIFY(readVotes(voteTable(sides, pairs, {}), sides)->votes.empty());
        QVERIFY(!readVotes(table, {{"r0001", 20}, {"r0003", 40}}));
        QVERIFY(!readVotes("name,value\n", sides) && !readVotes("", sides));
        for (const auto& [right, wrong] : {std::pair(",b\n", ",c\n"), std::pair(",tie\n", "\n"), std::pair("\n2,", "\n3,")}) {
            std::string broken = table;
            broken.replace(broken.find(right), std::string(right).size(), wrong);
            QVERIFY2(!readVotes(broken, sides), broken.c_str());
        }
    }
    /// 65 of 100 has the Wilson interval [.55, .74].
    void tiesAreLeftOut() {
        const VoteSummary summary = summarise(votes(65, 35, 20), 0);
        QVERIFY(summary.a == 65 && summary.b == 35 && summary.ties == 20);
        QCOMPARE(*summary.share, 0.65);
        QVERIFY(std::abs(summary.interval.low - 0.5525) < 5e-4 && std::abs(summary.interval.high - 0.7364) < 5e-4);
        QVERIFY(summary.prompts == 1 && !summary.overPrompts);
    }
    void withoutAVoteNothingIsKnown() {
        const VoteSummary summary = summarise(votes(0, 0, 3), 0);
        QVERIFY(!summary.share && summary.interval.low == 0 && summary.interval.high == 1 && summary.prompts == 0);
    }
    /// Ten votes each on four prompts, which agree within a prompt: over prompts next to nothing is known, over votes much seems to be.
    void promptsCountAndNotTheirImages() {
        std::vector<Voted> all;
        for (const auto& [prompt, isA] : std::vector<std::pair<std::string, bool>>{{"p", true}, {"q", true}, {"r", true}, {"s", false}}) {
            const auto own = isA ? votes(10, 0, 0, prompt) : votes(0, 10, 0, prompt);
            all.insert(all.end(), own.begin(), own.end());
        }
        const VoteSummary summary = summarise(all, 3);
        QCOMPARE(*summary.share, 0.75);
        QVERIFY(summary.interval.low > 0.59);
        QCOMPARE(summary.prompts, 4);
        QVERIFY(summary.overPrompts && summary.overPrompts->low < 0.3 && summary.overPrompts->high == 1);
    }
};

QTEST_APPLESS_MAIN(TestVotes)
#include "tst_votes.moc"
