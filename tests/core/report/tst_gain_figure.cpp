// Reward and judge over the distance from the base model.
#include <QTest>

#include "core/base/files.h"
#include "core/figure/gain_panels.h"
#include "core/report/report.h"
#include "tests/core/report/report_fixture.h"

using namespace rlcm;
using namespace rlcm::test;

namespace {

/// Reward 2 + d, judge 0.7 + d (2 - d) / 10, at distances 0, 0.5, 1 .. farthest, with spreads 0.5 and 0.1 before training and other ones later.
run::RunId writeGains(const fs::path& workspace, const std::string& name, double farthest, bool hasKl = true) {
    return writeEvents(workspace, named(name), [&](const run::RunId& id, store::StoreWriter& writer) {
        for (int i = 0; i * 0.5 <= farthest; ++i) {
            const double d = 0.5 * i;
            run::EvaluationDone event;
            event.id = id;
            event.epoch = event.counters.epoch = i;
            event.scalars = {{"eval_reward_mean", 2 + d},
                             {"eval_reward_std", i == 0 ? 0.5 : 7.0},
                             {"eval_judge_cosine", 0.7 + d * (2 - d) / 10},
                             {"eval_judge_cosine_std", i == 0 ? 0.1 : 7.0},
                             {"eval_judge_accuracy", 1}};
            if (hasKl) {
                event.scalars.emplace_back("eval_path_kl", d * d);
            }
            writer.onEvent(event);
        }
    });
}

figure::FigureSpec specOf(const std::vector<run::RunId>& ids, const std::vector<std::string>& measures) {
    return {.kind = figure::FigureKind::OverOptimisation, .series = figure::seriesOf(measures, ids), .size = figure::sizeInPixels(900, 500)};
}

}  // namespace

class TestGainFigure : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        m_path = m_folder.path().toStdString();
        m_far = writeGains(m_path / "w", "far", 4);
        m_near = writeGains(m_path / "w", "near", 1);
        m_bare = writeGains(m_path / "w", "bare", 4, false);
        m_reader = std::make_unique<store::StoreReader>(m_path / "w");
    }

    void gainsAreInDeviationsBetweenTheImagesBeforeTraining() {
        const auto panels = figure::readPanels(*m_reader, specOf({m_near}, {"eval_reward_mean"}));
        QCOMPARE(panels.size(), std::size_t{1});
        QCOMPARE(panels[0].lines.size(), std::size_t{1});  // three points leave a fit open
        QCOMPARE(panels[0].lines[0].line.x, (std::vector<double>{0, 0.5, 1}));
        QCOMPARE(panels[0].lines[0].line.y, (std::vector<double>{0, 1, 2}));
        QVERIFY(panels[0].lines[0].isEvaluation);
    }
    /// d (2 - d) / 10 over a deviation of 0.1: highest at 1, where it is 1.
    void aFitHasItsPeakWhereTheJudgeTurned() {
        const auto lines = figure::readPanels(*m_reader, specOf({m_far}, {"eval_judge_cosine"}))[0].lines;
        QCOMPARE(lines.size(), std::size_t{3});
        QVERIFY2(lines[1].line.label.find("fit d (a \u2212 b d)") != std::string::npos, lines[1].line.label.c_str());
        QVERIFY2(lines[2].line.label.ends_with("peak at 1"), lines[2].line.label.c_str());
        QVERIFY(std::abs(lines[2].line.x.front() - 1) < 1e-9 && std::abs(lines[2].line.y.back() - 1) < 1e-9);
        QCOMPARE(lines[1].line.x.back(), 4.0);
    }
    void runsShareTheFitOfTheirMeasure() {
        const auto lines = figure::readPanels(*m_reader, specOf({m_far, m_near}, {"eval_reward_mean", "eval_judge_cosine"}))[0].lines;
        QCOMPARE(std::count_if(lines.begin(), lines.end(), [](const auto& drawn) { return drawn.line.id == "fit"; }), 2);
        QCOMPARE(std::count_if(lines.begin(), lines.end(), [](const auto& drawn) { return drawn.isEvaluation; }), 4);
    }
    void whatCanBeDrawnIsKnown() { QCOMPARE(figure::gainMeasures(*m_reader, m_far), (std::vector<std::string>{"eval_judge_cosine", "eval_reward_mean"})); }
    void withoutADistanceNothingIsDrawn() {
        const std::string why = messageOf(ErrorKind::Store, [&] { figure::readPanels(*m_reader, specOf({m_bare}, {"eval_reward_mean"})); });
        QVERIFY2(why.find("evaluation.path_kl") != std::string::npos, why.c_str());
        QVERIFY(messageOf(ErrorKind::Store, [&] { figure::readPanels(*m_reader, specOf({m_far}, {"eval_judge_accuracy"})); }).find("spread") !=
                std::string::npos);
    }
    void theFigureSaysWhatItsAxesAre() {
        report::exportFigure(*m_reader, specOf({m_far}, {"eval_reward_mean", "eval_judge_cosine"}), m_path / "gain.svg");
        const std::string svg = readFile(m_path / "gain.svg");
        for (const char* wanted : {"Distance from the base model (square root of the path KL in nats)", "Gain since before training", "peak at 1"}) {
            QVERIFY2(svg.find(wanted) != std::string::npos, wanted);
        }
        report::exportFigureTable(*m_reader, specOf({m_near}, {"eval_reward_mean"}), m_path / "gain.csv");
        QVERIFY(readFile(m_path / "gain.csv").find(",0.5,1,1,") != std::string::npos);
    }
    void theKindIsPartOfASpecOnDisk() {
        const figure::FigureSpec spec = specOf({m_far}, {"eval_reward_mean"});
        QVERIFY(figure::figureSpecFromJson(figure::toJson(spec), "spec") == spec);
        QVERIFY(figure::toJson(spec).at("kind") == "over_optimisation");
    }

private:
    QTemporaryDir m_folder;
    fs::path m_path;
    run::RunId m_far, m_near, m_bare;
    std::unique_ptr<store::StoreReader> m_reader;
};

QTEST_APPLESS_MAIN(TestGainFigure)
#include "tst_gain_figure.moc"
