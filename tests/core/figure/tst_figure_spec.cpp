// Figures as values and as JSON, and the counters that can be their axis.
#include <set>

#include <QTest>

#include "core/base/error.h"
#include "core/figure/figure_spec.h"
#include "core/run/counters.h"

using namespace rlcm;
using figure::FigureSpec;

namespace {

FigureSpec full() {
    return {.title = "Reward over queries",
            .axis = "reward_queries",
            .series = {{"eval_reward_mean", {"r0001", "r0002"}}, {"reward.a,b", {"r0003"}}},
            .grouping = figure::Grouping::Seeds,
            .band = figure::Band::Confidence95,
            .halfLife = 2.5,
            .smoother = figure::Smoother::Median,
            .hasRaw = false,
            .isLogY = true,
            .ignoresOutliers = true,
            .extract = figure::Extract{0, 100, 0.5, 20},
            .marks = {{12, "checkpoint"}, {30.5, ""}},
            .size = {.widthMm = 84, .heightMm = 70, .fontPt = 7, .dpi = 300}};
}

}  // namespace

class TestFigureSpec : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyCounterCanBeTheAxis() {
        run::Counters counters;
        std::set<double> seen;
        for (const run::CounterField& field : run::counterFields()) {
            field.set(counters, static_cast<double>(seen.size() + 1));
            seen.insert(static_cast<double>(seen.size() + 1));
        }
        for (const run::CounterField& field : run::counterFields()) {
            QVERIFY2(seen.erase(field.value(counters)) == 1, "two rows of the table read one member");
            FigureSpec spec = full();
            spec.axis = field.name;
            figure::requireValid(spec);
            QVERIFY(!field.title.empty() && !field.unit.empty());
        }
        QCOMPARE(run::counterFields().size() * sizeof(double), sizeof(run::Counters));  // none is left out
    }
    void aSpecReadsBackFromItsJson() {
        for (const FigureSpec& spec : {full(), FigureSpec{.series = {{"loss", {"r0001"}}}}}) {
            const Json json = parseJson(figure::toJson(spec).dump(), "spec");
            QVERIFY(figure::figureSpecFromJson(json, "spec.json") == spec);
        }
    }
    void whatIsAbsentKeepsItsDefault() {
        const Json json{{"series", {{{"measure", "loss"}, {"runs", {"r0001"}}}}}};
        QVERIFY(figure::figureSpecFromJson(json, "spec.json") == (FigureSpec{.series = {{"loss", {"r0001"}}}}));
    }
    void aBadSpecIsRefusedWithThePlace_data() {
        QTest::addColumn<QByteArray>("patch");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* name, const char* patch, const char* message) {
            QTest::newRow(name) << QByteArray(patch) << QString::fromUtf8(message);
        };
        row("no object", R"([])", "spec.json: the figure must be an object");
        row("unknown key", R"({"grouped": 1})", "unknown key \"grouped\"; did you mean grouping?");
        row("nested key", R"({"size": {"dpl": 1}})", "spec.json: the figure.size has an unknown key \"dpl\"; did you mean dpi?");
        row("axis", R"({"axis": "image"})", "spec.json: unknown x axis \"image\"; did you mean images?");
        row("grouping", R"({"grouping": "runs"})", "the figure.grouping must be one of none, seeds, not \"runs\"");
        row("band", R"({"band": 95})", "the figure.band must be text, not 95");
        row("no series", R"({"series": []})", "choose at least one measure");
        row("no runs", R"({"series": [{"measure": "loss"}]})", "choose at least one run");
        row("no measure", R"({"series": [{"runs": ["r0001"]}]})", "names no measure");
        row("number for text", R"({"series": [{"measure": "loss", "runs": [1]}]})", "the figure.series[0].runs[0] must be text, not 1");
        row("text for number", R"({"half_life": "3"})", "the figure.half_life must be a number");
        row("negative smoothing", R"({"half_life": -1})", "half-life");
        row("fraction for dpi", R"({"size": {"dpi": 96.5}})", "the figure.size.dpi must be a whole number");
        row("no width", R"({"size": {"width_mm": 0}})", "10 to 10000 mm");
        row("endless", R"({"size": {"dpi": 100000}})", "dots per inch");
        row("empty extract", R"({"extract": {"x0": 3, "x1": 3}})", "a width and a height");
        row("below a log axis", R"({"log_y": true, "extract": {"x0": 0, "x1": 1, "y0": 0, "y1": 1}})", "logarithmic axis");
    }
    void aBadSpecIsRefusedWithThePlace() {
        QFETCH(QByteArray, patch);
        QFETCH(QString, message);
        Json json = parseJson(patch.toStdString(), "test");
        if (json.is_object() && !json.contains("series")) {
            json["series"] = {{{"measure", "loss"}, {"runs", {"r0001"}}}};
        }
        try {
            figure::figureSpecFromJson(json, "spec.json");
            QFAIL("it was taken");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::Config);
            QVERIFY2(QString::fromUtf8(error.what()).contains(message), error.what());
        }
    }
};

QTEST_GUILESS_MAIN(TestFigureSpec)
#include "tst_figure_spec.moc"
