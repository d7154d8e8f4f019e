// From a study to its runs, and back from a workspace to what is left of them.
#include <QTemporaryDir>
#include <QtTest>

#include "core/study/plan.h"
#include "tests/core/study/study_fixture.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using namespace rlcm::test;

namespace {

study::Plan planOf(const Json& json) {
    return study::makePlan(studyOf(json));
}

std::vector<std::optional<store::RunRow>> found(const study::Plan& plan, const std::filesystem::path& workspace) {
    return study::matchRuns(plan, store::StoreReader(workspace).runs());
}

const OutcomeOf kFlat = [](const run::RunConfig&, std::int64_t) { return Outcome{}; };

}  // namespace

class TestPlan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_workspace = std::filesystem::path(m_folder->path().toStdString()) / "w";
    }
    void everyCellComesWithEverySeed() {
        Json json = smallStudy();
        json["axes"].push_back(
            Json::parse(R"({"name": "reward", "values": [{"name": "small"}, {"name": "bright", "settings": {"reward.terms": "colourfulness"}}]})"));
        const study::Plan plan = planOf(json);
        QCOMPARE(plan.cells.size(), std::size_t{4});
        QCOMPARE(plan.runs.size(), std::size_t{8});
        QCOMPARE(plan.cells[1].name(), std::string("H2, bright"));
        QCOMPARE(plan.runs[5].config.name, std::string("H2, bright \u00B7 small s1"));
        QVERIFY(plan.runs[5].config.seed == 1 && plan.runs[5].config.reward.terms == "colourfulness" && plan.runs[5].config.sampling.steps == 2);
        QVERIFY(plan.runs[6].config.algorithm.method == run::Method::Ddpo && plan.runs[6].config.training.imagesPerRound == 4);
    }
    void theBudgetDecidesTheLength() {
        const study::Plan plan = planOf(smallStudy());
        QCOMPARE(plan.cells[0].config.training.epochs, std::int64_t{10});
        Json json = smallStudy();
        json["budgets"] = Json::parse(R"([{"counter": "reward_queries", "value": 41}, {"counter": "active_seconds", "value": 3}])");
        QCOMPARE(planOf(json).cells[1].config.training.epochs, std::int64_t{11});
        json["axes"][0]["values"][0]["settings"]["training"] = {{"epochs", 30}};
        QCOMPARE(planOf(json).cells[0].config.training.epochs, std::int64_t{30});
    }
    void aBudgetThatARunDoesNotReachIsRefused() {
        Json json = smallStudy();
        json["settings"]["training.epochs"] = 9;
        const QString message = messageOf([&] { planOf(json); });
        for (const char* word : {"40", "reward queries", "\"H2\"", "36", "9 epochs", "leave training.epochs out"}) {
            QVERIFY2(message.contains(QString::fromUtf8(word), Qt::CaseInsensitive), qPrintable(message));
        }
    }
    void oneSeedIsSaidToGiveNoInterval() {
        Json json = smallStudy();
        json["seeds"] = 1;
        QVERIFY(planOf(json).notes.at(0).find("no interval") != std::string::npos);
        json["seeds"] = 5;
        QVERIFY(planOf(json).notes.empty());
    }
    void runsAreKnownByTheirSettings() {
        const study::Plan plan = planOf(smallStudy());
        const run::RunId id = writeRun(m_workspace, plan.runs[2].config, kFlat, 10);
        store::StoreEditor(m_workspace).rename(id, "another name");
        run::RunConfig other = plan.runs[0].config;
        other.compute.threads = 1;
        other.training.learningRate *= 2;
        writeRun(m_workspace, other, kFlat, 10);
        const auto runs = found(plan, m_workspace);
        QVERIFY(!runs[0] && !runs[1] && runs[2] && runs[2]->id == id && !runs[3]);
    }
    void aRunPlannedWithAutoIsKnownByWhatAutoBecame() {
        Json json = smallStudy();
        json["settings"]["compute.dtype"] = "auto";
        const study::Plan plan = planOf(json);
        run::RunConfig decided = plan.runs[0].config;
        decided.compute.dtype = run::Dtype::Bf16;
        const run::RunId id = writeRun(m_workspace, decided, kFlat, 10);
        const auto runs = found(plan, m_workspace);
        QVERIFY(runs[0] && runs[0]->id == id && !runs[1]);
        json["settings"]["compute.dtype"] = "fp32";
        QVERIFY(!found(planOf(json), m_workspace)[0]);
    }
    void theRunThatHasComeFarthestCounts() {
        const study::Plan plan = planOf(smallStudy());
        const run::RunId done = writeRun(m_workspace, plan.runs[0].config, kFlat, 10);
        writeRun(m_workspace, plan.runs[0].config, kFlat, 5, run::RunState::Failed);
        QCOMPARE(found(plan, m_workspace)[0]->id, done);
        store::StoreEditor(m_workspace).remove(done);
        QVERIFY(found(plan, m_workspace)[0]->state == run::RunState::Failed);
    }
    void progressCountsAndForecasts() {
        const study::Plan plan = planOf(smallStudy());
        const study::Progress before = study::progressOf(plan, std::vector<std::optional<store::RunRow>>(4));
        QVERIFY(before.missing == 4 && before.secondsLeft > 0 && before.secondsDone == 0);
        writeRun(m_workspace, plan.runs[0].config, kFlat, 10);
        writeRun(m_workspace, plan.runs[1].config, kFlat, 5, run::RunState::Failed);
        writeRun(m_workspace, plan.runs[2].config, kFlat, 5, run::RunState::Stopped);
        const study::Progress progress = study::progressOf(plan, found(plan, m_workspace));
        QVERIFY(progress.finished == 1 && progress.failed == 1 && progress.begun == 1 && progress.missing == 1);
        QCOMPARE(progress.secondsDone, 40.0);
        QVERIFY(progress.secondsLeft > 0);
        writeRuns(m_workspace, plan, kFlat);
        QCOMPARE(study::progressOf(plan, found(plan, m_workspace)).secondsLeft, 0.0);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_workspace;
};

QTEST_GUILESS_MAIN(TestPlan)
#include "tst_plan.moc"
