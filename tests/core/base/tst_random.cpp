// Saved runs are replayed from these numbers, so they are pinned: a change of any constant must fail here.
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "core/base/random.h"

using rlcm::Random;
using rlcm::RandomStreams;
using rlcm::Stream;

class TestRandom : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void generatorIsPublishedSplitmix64() {
        Random random(1234567);
        QCOMPARE(random.next(), std::uint64_t{6457827717110365317U});
        QCOMPARE(random.next(), std::uint64_t{3203168211198807973U});
        QCOMPARE(random.next(), std::uint64_t{9817491932198370423U});
    }

    void coordinatesGiveThePinnedNumbers() {
        // From a second implementation of the written rule.
        QCOMPARE(RandomStreams(0).at(Stream::InitialNoise, 0, 0).next(), std::uint64_t{9601638108672185512U});
        QCOMPARE(RandomStreams(42).at(Stream::Prompts, 7, 5).next(), std::uint64_t{7485781364782651516U});
        QCOMPARE(RandomStreams(std::numeric_limits<std::uint64_t>::max()).at(Stream::Reward, 1000, 123456).next(), std::uint64_t{3173848425667674526U});
    }

    void neighbouringCoordinatesNeverShareANumber() {
        std::set<std::uint64_t> seen;
        std::size_t drawn = 0;
        for (const std::uint64_t seed : {0U, 1U}) {
            for (const Stream stream : {Stream::InitialNoise, Stream::StepNoise, Stream::Prompts, Stream::Shuffle}) {
                for (std::uint64_t epoch = 0; epoch < 20; ++epoch) {
                    for (std::uint64_t index = 0; index < 20; ++index) {
                        seen.insert(RandomStreams(seed).at(stream, epoch, index).next());
                        ++drawn;
                    }
                }
            }
        }
        QCOMPARE(seen.size(), drawn);
    }

    void normalValuesHaveTheMomentsOfANormal() {
        std::vector<float> values(200001);  // odd, so that the last pair is cut
        Random(3).fillNormal(values);
        double sum = 0, squares = 0, fourth = 0;
        for (const float value : values) {
            QVERIFY(std::isfinite(value));
            sum += double{value};
            squares += double{value} * double{value};
            fourth += std::pow(double{value}, 4);
        }
        const auto n = static_cast<double>(values.size());
        QVERIFY2(std::abs(sum / n) < 4 / std::sqrt(n), "mean");
        QVERIFY2(std::abs(squares / n - 1) < 4 * std::sqrt(2 / n), "variance");
        QVERIFY2(std::abs(fourth / n - 3) < 4 * std::sqrt(96 / n), "fourth moment");
    }

    void shorterFillIsAPrefixOfALongerOne() {
        std::vector<float> few(7), many(100);
        Random(5).fillNormal(few);
        Random(5).fillNormal(many);
        QVERIFY(std::equal(few.begin(), few.end(), many.begin()));
    }

    void uniformAndBelowStayInRangeAndAreEven() {
        Random random(9);
        std::vector<int> hits(6);
        for (int i = 0; i < 60000; ++i) {
            const double u = random.uniform();
            QVERIFY(u >= 0 && u < 1);
            ++hits[random.below(6)];
        }
        for (const int count : hits) {
            QVERIFY2(std::abs(count - 10000) < 400, qPrintable(QString::number(count)));  // over 4 deviations
        }
        QCOMPARE(random.below(1), std::uint64_t{0});
    }

    void permutationsHoldEveryIndexAndEveryOrderOccursEquallyOften() {
        Random random(11);
        std::vector<int> firsts(24);
        for (int i = 0; i < 24000; ++i) {
            const auto order = random.permutation(4);
            auto sorted = order;
            std::sort(sorted.begin(), sorted.end());
            QCOMPARE(sorted, (std::vector<std::int64_t>{0, 1, 2, 3}));
            std::size_t code = 0;
            for (std::size_t a = 0; a < 4; ++a) {
                std::size_t smaller = 0;
                for (std::size_t b = a + 1; b < 4; ++b) {
                    smaller += order[b] < order[a] ? 1 : 0;
                }
                code = code * (4 - a) + smaller;
            }
            ++firsts[code];
        }
        for (const int count : firsts) {
            QVERIFY2(std::abs(count - 1000) < 160, qPrintable(QString::number(count)));  // 5 deviations
        }
        QVERIFY(random.permutation(0).empty());
    }
};

QTEST_GUILESS_MAIN(TestRandom)
#include "tst_random.moc"
