// From runs and points to lines.
#include <cmath>

#include <QTest>

#include "core/figure/lines.h"

using namespace rlcm;
using figure::Grouping;

namespace {

store::RunRow row(const std::string& id, const std::string& name, std::int64_t seed, int colour) {
    store::RunRow run;
    run.id = id;
    run.name = name;
    run.seed = seed;
    run.colour = colour;
    run.method = run::Method::Ddpo;
    run.configJson = "{\"seed\": " + std::to_string(seed) + ", \"name\": \"" + name + "\", \"training\": {\"epochs\": 9}}";
    return run;
}

/// Values at epochs 0, 1, 2 and 64 images each.
std::vector<store::ScalarRow> points(std::vector<double> values) {
    std::vector<store::ScalarRow> rows;
    for (const double value : values) {
        const auto epoch = static_cast<std::int64_t>(rows.size());
        rows.push_back({{.epoch = epoch, .images = 64 * epoch}, value});
    }
    return rows;
}

}  // namespace

class TestLines : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void seedsBecomeOneLineWithABand() {
        const std::vector<store::RunRow> runs{row("r1", "ddpo T20 s0", 0, 3), row("r2", "ddpo T20 s1", 1, 4), row("r3", "other", 2, 5)};
        QCOMPARE(figure::groupKey(runs[0]), figure::groupKey(runs[1]));
        const auto low = points({1, 2, 3}), high = points({3, 4});
        const std::vector<figure::RunPoints> all{{runs[0], low, "a"}, {runs[1], high, "a"}, {runs[2], low, "b"}};
        const auto lines = figure::makeLines(all, {run::counterField("images"), Grouping::Seeds, figure::Band::MinMax});
        QCOMPARE(lines.size(), std::size_t{2});
        QCOMPARE(lines[0].label, std::string("ddpo T20 (2 seeds)"));
        QCOMPARE(lines[0].id, std::string("r1"));
        QCOMPARE(lines[0].colour, 3);
        QVERIFY(lines[0].isDashed);
        QCOMPARE(lines[0].x, (std::vector<double>{0, 64, 128}));
        QCOMPARE(lines[0].y, (std::vector<double>{2, 3, 3}));
        QCOMPARE(lines[0].bandLow, (std::vector<double>{1, 2, 3}));
        QCOMPARE(lines[0].bandHigh, (std::vector<double>{3, 4, 3}));
        QCOMPARE(lines[0].counts, (std::vector<int>{2, 2, 1}));
        QCOMPARE(lines[1].label, std::string("other"));
        QVERIFY(lines[1].bandLow.empty() && lines[1].counts.empty());
    }
    void equalNamesAreToldApartByTheRun() {
        const std::vector<store::RunRow> runs{row("r1", "same", 0, 0), row("r2", "same", 1, 1)};
        const auto values = points({1});
        const std::vector<figure::RunPoints> all{{runs[0], values, {}}, {runs[1], values, {}}};
        const auto lines = figure::makeLines(all, {run::counterField("epoch"), Grouping::None, figure::Band::MinMax});
        QCOMPARE(lines[0].label, std::string("same \u00B7 r1"));
        QCOMPARE(lines[1].label, std::string("same \u00B7 r2"));
    }
    void aSmoothedMeanStaysInItsBand() {
        std::vector<double> x, y, low, high;
        std::vector<int> counts;
        for (int i = 0; i < 40; ++i) {
            x.push_back(i);
            y.push_back(i < 20 ? 0 : 10);  // the smoothed line lags behind the step
            low.push_back(y.back() - 1);
            high.push_back(y.back() + 1);
            counts.push_back(i == 39 ? 1 : 3);
        }
        const auto shown = figure::shownValues({x, y, low, high, counts}, {.width = 8});
        for (std::size_t i = 0; i < 39; ++i) {
            QVERIFY(shown[i] >= low[i] && shown[i] <= high[i]);
        }
        QVERIFY(shown[39] < 9);  // one run: nothing to keep it inside
        QCOMPARE(figure::shownValues({x, y, low, high, counts}, {}), y);
    }
    void rewardsShareAnAxisWhenNothingChangesTheirValues() {
        store::RunRow one = row("r1", "a", 0, 0), other = one;
        one.reward = other.reward = "clipscore";
        one.configJson = R"({"reward": {"clip_model": "x", "workers": 1}})";
        other.configJson = R"({"reward": {"clip_model": "x", "workers": 4}})";
        QCOMPARE(figure::rewardKey(one), figure::rewardKey(other));
        other.configJson = R"({"reward": {"clip_model": "y", "workers": 1}})";
        QVERIFY(figure::rewardKey(one) != figure::rewardKey(other));
        one.reward = "compressibility";
        QCOMPARE(figure::rewardTitle(one), std::string("compressibility (kB)"));
        QCOMPARE(figure::rewardTitle(other), std::string("clipscore"));
    }
};

QTEST_GUILESS_MAIN(TestLines)
#include "tst_lines.moc"
