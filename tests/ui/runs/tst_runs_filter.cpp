// Finding runs in the list: the filter, runs that stand above all others, and doing something with all that match.
#include <QAction>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QUndoStack>
#include <algorithm>

#include "core/base/json.h"
#include "core/base/run_palette.h"
#include "core/run/field_table.h"
#include "core/run/measures.h"
#include "tests/support/temp_workspace.h"
#include "tests/ui/runs/run_rows.h"
#include "ui/bridge/store_service.h"
#include "ui/runs/runs_filter.h"
#include "ui/runs/runs_panel.h"
#include "ui/runs/setting_texts.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

using namespace rlcm;
using rlcm::test::makeRow;
using rlcm::test::storedRuns;

namespace {

constexpr int kWaitMs = 20000;

}  // namespace

class TestRunsFilter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void filterUnderstandsWordsAndComparisons_data();
    void filterUnderstandsWordsAndComparisons();
    void everySettingIsReadFromWhatIsStored();
    void settingsInStrangeTextsAreRead();
    void filterSaysWhatItDoesNotUnderstand();
    void pinnedRunsStayAboveAllOthers();
    void allThatMatchAreSelectedAndColouredAtOnce();
    void theBestRewardIsAColumn();
};

void TestRunsFilter::filterUnderstandsWordsAndComparisons_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("nothing") << QString() << QStringList{QStringLiteral("alpha"), QStringLiteral("beta"), QStringLiteral("gamma")};
    QTest::newRow("word") << QStringLiteral("ALPH") << QStringList{QStringLiteral("alpha")};
    QTest::newRow("horizon") << QStringLiteral("H>=4") << QStringList{QStringLiteral("beta"), QStringLiteral("gamma")};
    QTest::newRow("reward") << QStringLiteral("reward<-1") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("all must match") << QStringLiteral("H>=4 reward>0") << QStringList{QStringLiteral("beta")};
    QTest::newRow("none") << QStringLiteral("H=3") << QStringList{};
    const QStringList two{QStringLiteral("alpha"), QStringLiteral("beta")};
    QTest::newRow("blanks") << QStringLiteral("reward > 1") << two;
    QTest::newRow("equal twice") << QStringLiteral("H==4") << QStringList{QStringLiteral("beta")};
    QTest::newRow("unequal") << QStringLiteral("H != 8") << two;
    QTest::newRow("decimal comma") << QStringLiteral("reward>-2,5 reward < 1,5") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("and") << QStringLiteral("H>=4 AND reward>0") << QStringList{QStringLiteral("beta")};
    QTest::newRow("quotes") << QStringLiteral("\"alpha\" reward>=5") << QStringList{QStringLiteral("alpha")};
    QTest::newRow("tag") << QStringLiteral("TAG:paper") << QStringList{QStringLiteral("alpha"), QStringLiteral("gamma")};
    QTest::newRow("tag of two words") << QStringLiteral("tag:\"to repeat\" H>=4") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("a part of a tag is none") << QStringLiteral("tag:pap") << QStringList{};
    QTest::newRow("any tag") << QStringLiteral("tag: reward<0") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("notes and tags are searched") << QStringLiteral("odd") << QStringList{QStringLiteral("beta")};
    const QStringList last{QStringLiteral("beta"), QStringLiteral("gamma")};
    QTest::newRow("best") << QStringLiteral("best>=7") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("algorithm") << QStringLiteral("algo:ddpo") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("state") << QStringLiteral("state!=finished") << QStringList{QStringLiteral("alpha")};
    QTest::newRow("or") << QStringLiteral("H=8 or alpha") << QStringList{QStringLiteral("alpha"), QStringLiteral("gamma")};
    QTest::newRow("bar") << QStringLiteral("H=8|alpha H=2") << QStringList{QStringLiteral("alpha"), QStringLiteral("gamma")};
    QTest::newRow("not") << QStringLiteral("not alpha") << last;
    QTest::newRow("not the next alone") << QStringLiteral("not tag:paper H>=4") << QStringList{QStringLiteral("beta")};
    QTest::newRow("regular expression") << QStringLiteral("/^(b|g).*a$/") << last;
    QTest::newRow("regular expression with a blank") << QStringLiteral("not /no such/ alpha") << QStringList{QStringLiteral("alpha")};
    QTest::newRow("number of a setting") << QStringLiteral("learning_rate<=1e-3") << QStringList{QStringLiteral("beta")};
    QTest::newRow("setting by its path") << QStringLiteral("training.learning_rate > 0.001") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("text of a setting") << QStringLiteral("model.path:emoji") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("setting unlike a text") << QStringLiteral("path!=emoji-sd") << QStringList{QStringLiteral("beta")};
    QTest::newRow("words in quotes mean nothing") << QStringLiteral("\"not\"") << QStringList{};
    QTest::newRow("equals sign in a name") << QStringLiteral("rate=1") << QStringList{};
}

void TestRunsFilter::filterUnderstandsWordsAndComparisons() {
    QFETCH(QString, text);
    QFETCH(QStringList, names);
    ui::RunsModel model;
    std::vector<store::RunRow> rows{makeRow("r1", "alpha", 2, 5), makeRow("r2", "beta", 4, 5), makeRow("r3", "gamma", 8, -2)};
    rows[0].tags = {"paper"};
    rows[0].state = run::RunState::Stopped;
    rows[1].configJson = R"({"training":{"learning_rate":0.001},"model":{"path":"other"}})";
    rows[2].configJson = R"({"training":{"learning_rate":0.002},"model":{"path":"emoji-sd"}})";
    rows[2].bestReward = 7.5;
    rows[2].method = run::Method::Ddpo;
    rows[1].notes = "looks odd from epoch 3 on";
    rows[2].tags = {"paper", "to repeat"};
    model.setRuns(rows);
    ui::RunsFilter filter;
    filter.setSourceModel(&model);
    filter.setText(text);
    QStringList found;
    for (int row = 0; row < filter.rowCount(); ++row) {
        found << filter.index(row, ui::RunsModel::Name).data().toString();
    }
    QCOMPARE(found, names);
    QCOMPARE(filter.problem(), QString());
}

void TestRunsFilter::everySettingIsReadFromWhatIsStored() {
    run::RunConfig config;
    config.reward.terms = "a \"b\"},\"training\":{\"learning_rate\":7,\\";  // nothing in a text is taken for a setting
    const Json stored = toJson(config);
    store::RunRow row = makeRow("r1", "alpha", 2, 5);
    row.configJson = stored.dump();
    ui::SettingTexts texts;
    for (const run::Field& field : run::fieldTable()) {
        const Json& value = stored.at(Json::json_pointer("/" + QString::fromStdString(field.path).replace(QLatin1Char('.'), QLatin1Char('/')).toStdString()));
        const std::string ours = texts.text(row, field.path), expected = value.is_string() ? value.get<std::string>() : value.dump();
        QVERIFY2(ours == expected, (field.path + ": " + ours + ", wanted " + expected).c_str());
    }
    QCOMPARE(texts.text(row, "training.nothing"), std::string());
    row.configJson = R"({"training":{"learning_rate":0.5}})";
    QCOMPARE(texts.text(row, "training.learning_rate"), std::string("0.5"));
}

void TestRunsFilter::settingsInStrangeTextsAreRead() {
    store::RunRow row = makeRow("r1", "alpha", 2, 5);
    ui::SettingTexts texts;
    const auto read = [&](const char* json, const char* path) {
        row.configJson = json;
        return texts.text(row, path);
    };
    QCOMPARE(read(R"({ "a" : { "b" : 3 } })", "a.b"), std::string("3"));
    QCOMPARE(read(R"({"a":{"c":"x},","b":3}})", "a.b"), std::string("3"));
    QCOMPARE(read(R"({"a":{"c":1},"d":{"b":3}})", "a.b"), std::string());
    QCOMPARE(read(R"({"a":{"b":"}, \"c\":\u00e9"}})", "a.b"), std::string("}, \"c\":\xc3\xa9"));
    QCOMPARE(read(R"({"a":{"b":[1,2]}})", "a.b"), std::string("[1,2]"));
    QCOMPARE(read(R"({"a":{"b")", "a.b"), std::string());
    QCOMPARE(read("", "a.b"), std::string());
}

void TestRunsFilter::filterSaysWhatItDoesNotUnderstand() {
    ui::RunsModel model;
    model.setRuns({makeRow("r1", "alpha", 2, 5), makeRow("r2", "beta", 4, -5)});
    ui::RunsFilter filter;
    filter.setSourceModel(&model);
    for (const auto* bad : {"reward>1.2.3", "reward>high", "rewrd>5", "H>=", "reward>1,2,3", "learning_rate<high", "state>finished", "/(/"}) {
        filter.setText(QLatin1String(bad));
        QVERIFY2(filter.problem().contains(QString(QLatin1String(bad)).remove(QLatin1Char('/'))), bad);
        QVERIFY2(filter.problem().contains(QRegularExpression(QStringLiteral("H>=4|/H\\[48\\]"))), "shows how it is written");
        QCOMPARE(filter.rowCount(), 2);  // no number is made up
    }
    filter.setText(QStringLiteral("alpha"));
    QCOMPARE(filter.problem(), QString());
}

void TestRunsFilter::pinnedRunsStayAboveAllOthers() {
    test::TempWorkspace study;
    std::vector<run::RunId> ids;
    for (int seed = 0; seed < 4; ++seed) {
        ids.push_back(study.addRun(test::smallConfig(4, seed < 2 ? 2 : 8, seed)));
    }
    ui::StoreService service(study.path());
    QUndoStack steps;
    ui::RunsPanel panel(service, steps);
    panel.resize(420, 500);
    panel.show();
    auto* table = panel.findChild<QTableView*>(QStringLiteral("runsTable"));
    QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 4, kWaitMs);
    const auto names = [&] {
        QStringList all;
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            all << table->model()->index(row, ui::RunsModel::Name).data().toString();
        }
        return all;
    };
    const QStringList before = names();
    QSignalSpy pins(&panel, &ui::RunsPanel::pinRequested), baselines(&panel, &ui::RunsPanel::baselineRequested);
    panel.select(ids[0]);
    table->setFocus();
    panel.pinAction()->trigger();
    QCOMPARE(pins.size(), 1);
    QCOMPARE(pins.front()[0].value<std::vector<run::RunId>>(), (std::vector{ids[0]}));
    QVERIFY(pins.front()[1].toBool());
    panel.baselineAction()->trigger();
    QCOMPARE(baselines.front()[0].value<run::RunId>(), ids[0]);
    panel.setMarks({ids[0]}, ids[0]);
    QCOMPARE(names().front(), before.last());  // the oldest, above the newest
    QCOMPARE(names().mid(1), before.first(3));
    QVERIFY(panel.pinAction()->isChecked() && panel.baselineAction()->isChecked());
    QVERIFY(table->model()->index(0, ui::RunsModel::Name).data(Qt::AccessibleTextRole).toString().endsWith(QStringLiteral("pinned, baseline")));
    for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
        table->sortByColumn(ui::RunsModel::Name, order);
        QCOMPARE(names().front(), before.last());
    }
    panel.setFilterText(QStringLiteral("H=8"));
    QCOMPARE(names().size(), 3);
    QCOMPARE(names().front(), before.last());
    panel.setFilterText(QString());
    panel.setMarks({}, {});
    table->sortByColumn(-1, Qt::AscendingOrder);
    QCOMPARE(names(), before);
}

void TestRunsFilter::allThatMatchAreSelectedAndColouredAtOnce() {
    test::TempWorkspace study;
    for (int seed = 0; seed < 4; ++seed) {
        study.addRun(test::smallConfig(2, seed < 2 ? 2 : 8, seed));
    }
    ui::StoreService service(study.path());
    QUndoStack steps;
    ui::RunsPanel panel(service, steps);
    panel.show();
    auto* table = panel.findChild<QTableView*>(QStringLiteral("runsTable"));
    QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 4, kWaitMs);
    panel.findChild<QLineEdit*>(QStringLiteral("runsFilter"))->setText(QStringLiteral("/H8/ or steps=8"));
    QCOMPARE(table->model()->rowCount(), 2);
    table->setFocus();
    QTest::keyClick(table, Qt::Key_A, Qt::ControlModifier);
    for (QMenu* colours : panel.contextMenu()->findChildren<QMenu*>()) {
        colours->actions()[4]->trigger();
    }
    const auto hues = [&] {
        std::vector<int> all;
        for (const store::RunRow& run : storedRuns(study.path())) {
            all.push_back(run.steps == 8 ? hueOf(run.colour) : -1);
        }
        return all;
    };
    QTRY_COMPARE_WITH_TIMEOUT(hues(), (std::vector{4, 4, -1, -1}), kWaitMs);
}

void TestRunsFilter::theBestRewardIsAColumn() {
    test::TempWorkspace study;
    const run::RunId id = study.addRun(test::smallConfig(12));
    const store::StoreReader reader(study.path());
    double best = -1e9;
    for (const store::ScalarRow& row : reader.scalars(id, run::measure::kEvalRewardMean)) {
        best = std::max(best, row.value);
    }
    const store::RunRow run = reader.run(id).value();
    QCOMPARE(run.bestReward, std::optional(best));
    ui::RunsModel model;
    model.setRuns({run, makeRow("r1", "worse", 4, best - 1)});
    QCOMPARE(model.index(0, ui::RunsModel::BestReward).data().toString(), ui::formatReward(best));
    QCOMPARE(model.index(1, ui::RunsModel::BestReward).data().toString(), QStringLiteral("–"));
    QVERIFY(model.index(0, ui::RunsModel::BestReward).data(ui::RunsModel::SortRole).toDouble() >
            model.index(1, ui::RunsModel::BestReward).data(ui::RunsModel::SortRole).toDouble());
}

QTEST_MAIN(TestRunsFilter)
#include "tst_runs_filter.moc"
