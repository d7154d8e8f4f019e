// Evaluation images as rows, columns and pages: every cell against a search through all images.
#include <QTest>
#include <algorithm>
#include <cmath>
#include <random>

#include "core/figure/pivot_grid.h"
#include "core/run/field_table.h"
#include "tests/support/temp_workspace.h"

using namespace rlcm;
using figure::PivotAbsence;
using figure::PivotAxis;
using figure::PivotCell;
using figure::PivotGrid;
using figure::PivotImages;
using figure::PivotRun;
using figure::PivotSlot;
using figure::PivotSpec;

namespace {

struct Sizes {
    int runs = 4, prompts = 5, noises = 2, every = 5, last = 20;
};

/// Runs that differ in H, seed, the prompts that they have, and where they end.
std::shared_ptr<const PivotImages> someImages(unsigned seed, const Sizes& sizes = {}) {
    std::mt19937 random(seed);
    std::vector<std::shared_ptr<const PivotRun>> runs;
    for (int r = 0; r < sizes.runs; ++r) {
        auto run = std::make_shared<PivotRun>();
        run->run.id = "r" + std::to_string(r);
        run->run.name = "run " + std::to_string(r);
        run->run.steps = 2 << (r % 3);
        run->run.seed = r / 3;
        run->rewardKey = "a";
        const int last = sizes.last - static_cast<int>(random() % 3) * sizes.every;
        for (int epoch = static_cast<int>(random() % 2) * sizes.every; epoch <= last; epoch += sizes.every) {
            run->judge[epoch] = 1.0 / (1 + epoch);
            for (int prompt = 0; prompt < sizes.prompts; ++prompt) {
                for (int noise = 0; noise < sizes.noises; ++noise) {
                    if ((prompt + r) % 5 == 4 || (noise == 1 && (prompt + r) % 4 == 3)) {
                        continue;  // not in the set of this run
                    }
                    store::SampleRow sample;
                    sample.epoch = epoch;
                    sample.index = prompt * sizes.noises + noise;
                    sample.prompt = "prompt " + std::to_string(prompt);
                    sample.isHeldOut = prompt >= 3;
                    sample.noiseSeed = static_cast<std::uint64_t>(100 * prompt + noise);
                    sample.reward = static_cast<double>(random() % 1000) / 100;
                    run->samples.push_back(sample);
                }
            }
        }
        runs.push_back(run);
    }
    return std::make_shared<const PivotImages>(std::move(runs));
}

std::optional<std::int64_t> valueOf(const PivotGrid& grid, PivotAxis axis, const std::array<int, 3>& place) {
    for (std::size_t slot = 0; slot < 3; ++slot) {
        if (grid.spec().axes[slot] == axis) {
            return grid.headers(static_cast<PivotSlot>(slot))[static_cast<std::size_t>(place[slot])].value;
        }
    }
    return std::nullopt;
}

/// The cell as its words say it, by looking at every image.
const store::SampleRow* searched(const PivotGrid& grid, const std::array<int, 3>& place) {
    const auto& runs = grid.images().runs();
    const auto horizon = valueOf(grid, PivotAxis::Horizon, place), seed = valueOf(grid, PivotAxis::Seed, place);
    const PivotRun* chosen = nullptr;
    for (std::size_t r = 0; r < runs.size(); ++r) {
        const store::RunRow& run = runs[r]->run;
        if ((horizon && run.steps != *horizon) || (seed && run.seed != *seed)) {
            continue;
        }
        if (const auto wanted = valueOf(grid, PivotAxis::Run, place)) {
            chosen = static_cast<std::int64_t>(r) == *wanted ? runs[r].get() : chosen;
        } else if (chosen == nullptr || run.id == grid.focus().run) {
            chosen = runs[r].get();
        }
    }
    if (chosen == nullptr) {
        return nullptr;
    }
    const std::int64_t asked = valueOf(grid, PivotAxis::Epoch, place).value_or(grid.focus().epoch);
    const auto promptNumber = valueOf(grid, PivotAxis::Prompt, place), noise = valueOf(grid, PivotAxis::Noise, place),
               rank = valueOf(grid, PivotAxis::RewardRank, place);
    std::vector<const store::SampleRow*> found;
    for (const store::SampleRow& sample : chosen->samples) {
        const bool isInGroup = grid.spec().prompts == figure::PromptGroup::All || sample.isHeldOut == (grid.spec().prompts == figure::PromptGroup::HeldOut);
        const auto& prompts = grid.images().prompts();
        const auto prompt = std::find_if(prompts.begin(), prompts.end(), [&](const auto& one) { return one.text == sample.prompt; });
        const auto number = std::find(prompt->noises.begin(), prompt->noises.end(), sample.noiseSeed) - prompt->noises.begin() + 1;
        const bool isPrompt = promptNumber ? prompt - prompts.begin() == *promptNumber
                                           : rank || prompt == std::find_if(prompts.begin(), prompts.end(), [&](const auto& one) {
                                                         return grid.spec().prompts == figure::PromptGroup::All ||
                                                                one.isHeldOut == (grid.spec().prompts == figure::PromptGroup::HeldOut);
                                                     });
        const bool isNoise = noise ? number == *noise : rank || number == 1;
        if (isInGroup && isPrompt && isNoise && sample.epoch <= asked) {
            found.push_back(&sample);
        }
    }
    std::int64_t newest = -1;
    for (const auto* sample : found) {
        newest = std::max(newest, sample->epoch);
    }
    std::erase_if(found, [&](const auto* sample) { return sample->epoch != newest; });
    std::stable_sort(found.begin(), found.end(), [](const auto* a, const auto* b) { return a->reward > b->reward; });
    const auto index = static_cast<std::size_t>(rank.value_or(1) - 1);
    return index < found.size() ? found[index] : nullptr;
}

}  // namespace

class TestPivotGrid : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void runsSayInWhichSettingsTheyDiffer() {
        std::vector<std::shared_ptr<const PivotRun>> runs;
        for (const char* config : {R"({"name": "a", "seed": 0, "lora": {"rank": 4}, "model": {"path": "m"}, "compute": {"threads": 1}})",
                                   R"({"name": "b", "seed": 1, "lora": {"rank": 16}, "model": {"path": "m"}, "compute": {"threads": 2}})", "damaged"}) {
            auto run = std::make_shared<PivotRun>();
            run->run.configJson = config;
            runs.push_back(run);
        }
        const std::string rank = run::fieldLabel("lora.rank");
        QCOMPARE(PivotImages(runs).differences(), (std::vector<std::string>{rank + " 4", rank + " 16", ""}));
        runs.erase(runs.begin());
        QCOMPARE(PivotImages(runs).differences(), (std::vector<std::string>{"", ""}));
    }
    void everyCellIsWhatASearchFinds() {
        std::mt19937 random(3);
        int images = 0, gaps = 0;
        for (unsigned trial = 0; trial < 150; ++trial) {
            PivotSpec spec;
            std::array<int, figure::kPivotAxes> axes{0, 1, 2, 3, 4, 5, 6};
            std::shuffle(axes.begin(), axes.end(), random);
            for (std::size_t slot = 0; slot < 3; ++slot) {
                spec.axes[slot] = static_cast<PivotAxis>(axes[slot]);
            }
            spec.prompts = static_cast<figure::PromptGroup>(random() % 3);
            spec.ranges[static_cast<std::size_t>(PivotAxis::Epoch)] = std::array{"all", "0-20 (+4)", "last, 3"}[random() % 3];
            const PivotGrid grid(someImages(trial), spec, {static_cast<std::int64_t>(random() % 25), "r" + std::to_string(random() % 5)});
            for (int row = 0; row < static_cast<int>(grid.headers(PivotSlot::Rows).size()); ++row) {
                for (int column = 0; column < static_cast<int>(grid.headers(PivotSlot::Columns).size()); ++column) {
                    for (int page = 0; page < static_cast<int>(grid.headers(PivotSlot::Pages).size()); ++page) {
                        const PivotCell cell = grid.cell(row, column, page);
                        const store::SampleRow* wanted = searched(grid, {row, column, page});
                        if (wanted == nullptr) {
                            QVERIFY2(cell.image == nullptr, qPrintable(QString::number(trial)));
                        } else {
                            QVERIFY2(cell.image != nullptr && cell.image->reward == wanted->reward && cell.image->epoch == wanted->epoch,
                                     qPrintable(QString::number(trial)));
                        }
                        QCOMPARE(cell.image == nullptr, cell.absence != PivotAbsence::None);
                        QCOMPARE(cell.image == nullptr, !figure::absenceText(cell).empty());
                        ++(cell.image == nullptr ? gaps : images);
                    }
                }
            }
        }
        QVERIFY(images > 1000 && gaps > 300);
    }
    void anEarlierImageHasItsOwnEpochAndSoItsChange() {
        PivotSpec spec;
        spec.ranges[static_cast<std::size_t>(PivotAxis::Epoch)] = "0-20 (+3)";
        const PivotGrid grid(someImages(1), spec, {});
        QCOMPARE(grid.headers(PivotSlot::Rows)[3].text, std::string("ep 9"));
        for (int run = 0; run < 4; ++run) {
            const PivotCell cell = grid.cell(3, 0, run), later = grid.cell(5, 0, run);
            if (cell.image == nullptr || later.image == nullptr) {
                continue;
            }
            QCOMPARE(cell.image->epoch, 5);
            QVERIFY(cell.isFallback());
            QVERIFY(!later.isFallback() || later.image->epoch < 15);
            QCOMPARE(later.judge(), std::optional<double>(1.0 / (1 + static_cast<double>(later.image->epoch))));
            QCOMPARE(cell.change().has_value(), cell.first->epoch != 5);
            if (later.change()) {
                QCOMPARE(*later.change(), later.image->reward - later.first->reward);
            }
        }
    }
    void absencesSayWhy() {
        PivotSpec spec;
        spec.axes = {PivotAxis::Prompt, PivotAxis::Noise, PivotAxis::Run};
        const PivotGrid grid(someImages(2), spec, {.epoch = 20, .run = "r0"});
        QVERIFY(grid.cell(4, 0, 0).absence == PivotAbsence::NotInSet);
        QVERIFY(grid.cell(3, 1, 0).absence == PivotAbsence::OtherNoise);
        const PivotGrid early(someImages(2), spec, {.epoch = -1, .run = "r0"});
        QVERIFY(early.cell(0, 0, 0).absence == PivotAbsence::NotYet);
        spec.axes = {PivotAxis::Run, PivotAxis::Horizon, PivotAxis::RewardRank};
        const PivotGrid ranks(someImages(2), spec, {.epoch = 20, .run = "r0"});
        QVERIFY(ranks.cell(0, 1, 0).absence == PivotAbsence::NoRun);  // run 0 has H 2
        QVERIFY(ranks.cell(0, 0, 0).image != nullptr);
        QVERIFY(ranks.cell(0, 0, 9).absence == PivotAbsence::NoRank);
        const PivotGrid nothing;
        QVERIFY(nothing.headers(PivotSlot::Rows).empty() && nothing.summary(0).images == 0);
    }
    void swappedAxesSwapTheCells() {
        const auto images = someImages(5);
        PivotSpec spec, turned;
        turned.setAxis(PivotSlot::Rows, PivotAxis::Prompt);
        QVERIFY(turned.axes == (std::array{PivotAxis::Prompt, PivotAxis::Epoch, PivotAxis::Run}));
        turned.setAxis(PivotSlot::Pages, PivotAxis::Seed);
        QVERIFY(turned.axes == (std::array{PivotAxis::Prompt, PivotAxis::Epoch, PivotAxis::Seed}));
        turned.setAxis(PivotSlot::Pages, PivotAxis::Run);
        const PivotGrid one(images, spec, {}), other(images, turned, {});
        for (int row = 0; row < 4; ++row) {
            QVERIFY(one.cell(row, 2, 1).image == other.cell(2, row, 1).image);
        }
    }
    void rowsAreSortedByTheMeanOfTheirChanges() {
        PivotSpec spec;
        spec.axes = {PivotAxis::Prompt, PivotAxis::Epoch, PivotAxis::Run};
        spec.order = figure::PivotOrder::ByChange;
        const PivotGrid grid(someImages(6), spec, {});
        const figure::PivotSummary sum = grid.summary(1);
        std::vector<std::optional<double>> shown;
        for (const int row : grid.rowOrder(sum)) {
            double total = 0;
            int count = 0;
            for (int column = 0; column < static_cast<int>(grid.headers(PivotSlot::Columns).size()); ++column) {
                if (const auto change = grid.cell(row, column, 1).change()) {
                    total += *change;
                    ++count;
                }
            }
            const auto mean = sum.rowChange[static_cast<std::size_t>(row)];
            QCOMPARE(mean.has_value(), count > 0);
            QVERIFY(!mean || std::abs(*mean - total / count) < 1e-12);
            shown.push_back(mean);
        }
        QVERIFY(std::is_sorted(shown.begin(), shown.end(), [](const auto& a, const auto& b) { return a.value_or(-1e9) > b.value_or(-1e9); }));
        QVERIFY(shown.front().has_value());
    }
    void unlikeRewardsHaveNoMean() {
        std::vector<std::shared_ptr<const PivotRun>> runs;
        const auto source = someImages(6);
        for (const auto& run : source->runs()) {
            auto other = std::make_shared<PivotRun>(*run);
            other->rewardKey = run->run.id == "r0" ? "other" : "a";
            runs.push_back(other);
        }
        PivotSpec spec;
        spec.axes = {PivotAxis::Epoch, PivotAxis::Run, PivotAxis::Prompt};
        const auto images = std::make_shared<const PivotImages>(runs);
        const figure::PivotSummary sum = PivotGrid(images, spec, {}).summary(0);
        QVERIFY(!sum.rowChange.back());  // of runs with unlike rewards
        QVERIFY(sum.columnChange[0] && sum.columnChange[1]);
        QCOMPARE(sum.rewards.size(), std::size_t{2});
        spec.ranges[static_cast<std::size_t>(PivotAxis::Run)] = "2-4";
        QVERIFY(PivotGrid(images, spec, {}).summary(0).rowChange.back());
    }
    void aBadRangeCountsAsAllAndSaysWhy() {
        PivotSpec spec;
        spec.ranges[static_cast<std::size_t>(PivotAxis::Prompt)] = "zebra";
        const PivotGrid grid(someImages(1), spec, {});
        QCOMPARE(grid.headers(PivotSlot::Columns).size(), std::size_t{5});
        QVERIFY(QString::fromStdString(grid.rangeError(PivotSlot::Columns)).contains(QStringLiteral("zebra")));
        QVERIFY(grid.rangeError(PivotSlot::Rows).empty());
    }
    void imagesAreReadFromAWorkspace() {
        test::TempWorkspace workspace;
        const run::RunId id = workspace.addRun(test::smallConfig(12));
        const store::StoreReader reader(workspace.path());
        const auto run = std::make_shared<const PivotRun>(figure::readPivotRun(reader, reader.run(id).value()));
        QCOMPARE(run->samples.size(), std::size_t{24});  // epochs 0, 4, 8, 12 of 4 + 2 images
        QCOMPARE(run->judge.size(), std::size_t{4});
        const PivotGrid grid(std::make_shared<const PivotImages>(std::vector{run}), {}, {});
        QCOMPARE(grid.headers(PivotSlot::Rows).size(), std::size_t{4});
        QCOMPARE(grid.headers(PivotSlot::Columns).size(), std::size_t{6});
        QCOMPARE(grid.summary(0).images, std::size_t{24});
    }
    void tenThousandImagesAreOnePage() {
        const auto images = someImages(1, {.runs = 1, .prompts = 100, .noises = 1, .every = 1, .last = 125});
        QVERIFY(images->images() > 9000);
        QCOMPARE(PivotGrid(images, {}, {}).summary(0).images, images->images());
    }
};

QTEST_APPLESS_MAIN(TestPivotGrid)
#include "tst_pivot_grid.moc"
