// The list of runs, its filter and queue, and the form for new runs.
#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "core/base/error.h"
#include "core/run/presets.h"
#include "tests/support/fake_library.h"
#include "tests/support/temp_workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/runs/config_form.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/run_variants.h"
#include "ui/runs/runs_filter.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;

namespace {

constexpr int kWaitMs = 20000;

store::RunRow makeRow(const std::string& id, const std::string& name, std::int64_t steps = 4, double reward = 1.0) {
    store::RunRow row;
    row.id = id;
    row.name = name;
    row.method = "rlcm";
    row.reward = "compressibility";
    row.steps = steps;
    row.epochs = 80;
    row.lastReward = reward;
    row.state = run::RunState::Finished;
    return row;
}

std::vector<store::RunRow> storedRuns(const std::filesystem::path& workspace) { return store::StoreReader(workspace).runs(); }

QLineEdit* edit(QWidget& form, const char* path) { return form.findChild<QLineEdit*>(QStringLiteral("field:") + QLatin1String(path)); }
QString hint(QWidget& form, const char* path) { return form.findChild<QLabel*>(QStringLiteral("hint:") + QLatin1String(path))->text(); }

}  // namespace

class TestRuns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void modelKeepsItsContractAndSelectionAcrossUpdates();
    void filterUnderstandsWordsAndComparisons_data();
    void filterUnderstandsWordsAndComparisons();
    void deleteIsUndoneByOneClick();
    void renameAndEyeReachTheStore();
    void queueIsReorderedAndRemoved();
    void emptyListAndEmptyFilterSayWhatToDo();
    void numberListsAreReadAndRefused();
    void variantsAreSeedsTimesHorizonsWithNames();
    void formStartsValidWithEveryPreset();
    void formMarksTheFieldAndNamesTheNearest();
    void formSearchFindsAdvancedSettings();
    void estimateFollowsTheForm();
    void fitToGpuSetsPrecisionAndLimitAndKeepsTheRest();
    void alsoRunMakesOneConfigPerSeedAndHorizon();
    void invalidFormCannotBeStarted();
    void settingsOfATermAreShownWithTheTerm();
    void knownModelsAreOfferedAndTypingStays();
    void aModelBringsItsMethod();
};

void TestRuns::initTestCase() { ui::apply(*qApp, ui::Mode::Light); }

void TestRuns::modelKeepsItsContractAndSelectionAcrossUpdates() {
    ui::RunsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRuns({makeRow("r0002", "b"), makeRow("r0001", "a")});
    const QPersistentModelIndex kept = model.index(model.rowOf("r0001"), ui::RunsModel::Name);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.setRuns({makeRow("r0004", "d"), makeRow("r0003", "c"), makeRow("r0001", "renamed")});
    QVERIFY(kept.isValid());
    QCOMPARE(kept.row(), 2);
    QCOMPARE(kept.data().toString(), QStringLiteral("renamed"));
    QCOMPARE(resets.count(), 0);
    model.setRuns({makeRow("r0001", "renamed"), makeRow("r0004", "d")});  // another order
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.at(0).id, std::string("r0001"));
    model.setLive("r0004", run::RunState::Sampling, 40.0);
    QCOMPARE(model.index(1, ui::RunsModel::Progress).data(ui::RunsModel::FractionRole).toDouble(), 0.5);
}

void TestRuns::filterUnderstandsWordsAndComparisons_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("names");
    QTest::newRow("nothing") << QString() << QStringList{QStringLiteral("alpha"), QStringLiteral("beta"), QStringLiteral("gamma")};
    QTest::newRow("word") << QStringLiteral("ALPH") << QStringList{QStringLiteral("alpha")};
    QTest::newRow("horizon") << QStringLiteral("H>=4") << QStringList{QStringLiteral("beta"), QStringLiteral("gamma")};
    QTest::newRow("reward") << QStringLiteral("reward<-1") << QStringList{QStringLiteral("gamma")};
    QTest::newRow("all must match") << QStringLiteral("H>=4 reward>0") << QStringList{QStringLiteral("beta")};
    QTest::newRow("none") << QStringLiteral("H=3") << QStringList{};
}

void TestRuns::filterUnderstandsWordsAndComparisons() {
    QFETCH(QString, text);
    QFETCH(QStringList, names);
    ui::RunsModel model;
    model.setRuns({makeRow("r1", "alpha", 2, 5), makeRow("r2", "beta", 4, 5), makeRow("r3", "gamma", 8, -2)});
    ui::RunsFilter filter;
    filter.setSourceModel(&model);
    filter.setText(text);
    QStringList found;
    for (int row = 0; row < filter.rowCount(); ++row) {
        found << filter.index(row, ui::RunsModel::Name).data().toString();
    }
    QCOMPARE(found, names);
}

void TestRuns::deleteIsUndoneByOneClick() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(4));
    workspace.addRun(test::smallConfig(4, 4, 1));
    ui::StoreService store(workspace.path());
    ui::RunsPanel panel(store);
    panel.show();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 2, kWaitMs);
    panel.select(id);
    panel.deleteAction()->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 1, kWaitMs);
    auto* bar = panel.findChild<ui::MessageBar*>(QStringLiteral("undoBar"));
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    QTest::mouseClick(bar->findChild<QPushButton*>(QStringLiteral("messageBarAction")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 2, kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(panel.selected(), id, kWaitMs);
    QVERIFY(!bar->isVisible());
}

void TestRuns::renameAndEyeReachTheStore() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(4));
    ui::StoreService store(workspace.path());
    ui::RunsPanel panel(store);
    panel.show();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 1, kWaitMs);
    panel.select(id);
    panel.renameAction()->trigger();
    auto* table = panel.findChild<QTableView*>(QStringLiteral("runsTable"));
    auto* editor = table->findChild<QLineEdit*>();
    QVERIFY(editor != nullptr);
    editor->selectAll();
    QTest::keyClicks(editor, QStringLiteral("my best run"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(storedRuns(workspace.path()).front().name, std::string("my best run"), kWaitMs);
    const QModelIndex eye = table->model()->index(0, ui::RunsModel::Visible);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(eye).center());
    QTRY_VERIFY_WITH_TIMEOUT(!storedRuns(workspace.path()).front().isVisible, kWaitMs);
}

void TestRuns::queueIsReorderedAndRemoved() {
    test::TempWorkspace workspace;
    std::vector<run::RunId> ids;
    {
        store::StoreEditor editor(workspace.path());
        for (int seed = 0; seed < 3; ++seed) {
            ids.push_back(editor.createRun(test::smallConfig(4, 4, seed)));
            editor.enqueue(ids.back());
        }
    }
    ui::StoreService store(workspace.path());
    ui::RunsPanel panel(store);
    panel.show();
    auto* list = panel.findChild<QListWidget*>(QStringLiteral("queueList"));
    QTRY_COMPARE_WITH_TIMEOUT(list->count(), 3, kWaitMs);
    const auto order = [&] {
        std::vector<store::RunRow> waiting = storedRuns(workspace.path());
        std::erase_if(waiting, [](const store::RunRow& run) { return run.queuePosition == 0; });
        std::sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) { return a.queuePosition < b.queuePosition; });
        std::vector<run::RunId> found;
        for (const auto& run : waiting) {
            found.push_back(run.id);
        }
        return found;
    };
    list->setCurrentRow(2);
    QTest::mouseClick(panel.findChild<QToolButton*>(QStringLiteral("queueUp")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT((order() == std::vector<run::RunId>{ids[0], ids[2], ids[1]}), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(list->currentRow(), 1, kWaitMs);
    QTest::mouseClick(panel.findChild<QToolButton*>(QStringLiteral("queueRemove")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT((order() == std::vector<run::RunId>{ids[0], ids[1]}), kWaitMs);
    QSignalSpy start(&panel, &ui::RunsPanel::queueStartRequested);
    QTest::mouseClick(panel.findChild<QPushButton*>(QStringLiteral("queueStart")), Qt::LeftButton);
    QCOMPARE(start.count(), 1);
}

void TestRuns::emptyListAndEmptyFilterSayWhatToDo() {
    test::TempWorkspace workspace;
    ui::StoreService store(workspace.path());
    ui::RunsPanel panel(store);
    panel.show();
    QSignalSpy newRun(&panel, &ui::RunsPanel::newRunRequested);
    auto* action = panel.findChild<QPushButton*>(QStringLiteral("emptyStateAction"));
    QTRY_VERIFY_WITH_TIMEOUT(action->isVisible(), kWaitMs);
    QTest::mouseClick(action, Qt::LeftButton);
    QCOMPARE(newRun.count(), 1);
    workspace.addRun(test::smallConfig(4));
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 1, kWaitMs);  // noticed without being told
    panel.setFilterText(QStringLiteral("no such run"));
    QVERIFY(action->isVisible());
    QTest::mouseClick(action, Qt::LeftButton);
    QVERIFY(!action->isVisible());
}

void TestRuns::numberListsAreReadAndRefused() {
    using List = std::vector<std::int64_t>;
    QVERIFY((ui::parseNumberList(QStringLiteral("0, 2,1"), 0) == List{0, 2, 1}));
    QVERIFY((ui::parseNumberList(QStringLiteral("0-2, 7"), 0) == List{0, 1, 2, 7}));
    QVERIFY(ui::parseNumberList(QStringLiteral("  "), 0).empty());
    for (const auto* bad : {"1,x", "1,1", "3-1", "-1", "0-1000000000000"}) {
        QVERIFY_EXCEPTION_THROWN(ui::parseNumberList(QString::fromLatin1(bad), 0), Error);
    }
}

void TestRuns::variantsAreSeedsTimesHorizonsWithNames() {
    run::RunConfig config = run::firstStudy().config;
    config.name = "mine";
    const auto all = ui::variants(config, {0, 1, 2}, {2, 4});
    QCOMPARE(all.size(), std::size_t{6});
    QCOMPARE(all.back().seed, std::int64_t{2});
    QCOMPARE(all.back().sampling.steps, std::int64_t{4});
    QCOMPARE(all.back().name, std::string("mine H4 s2"));
    QCOMPARE(ui::variants(config, {}, {}).front().name, std::string("mine"));
}

void TestRuns::formStartsValidWithEveryPreset() {
    ui::ConfigForm form;
    for (const run::Preset& preset : run::presets()) {
        form.setConfig(preset.config);
        QVERIFY2(form.problems().empty(), preset.name.c_str());
        QCOMPARE(run::toJson(*form.config()).dump(), run::toJson(preset.config).dump());
    }
}

void TestRuns::formMarksTheFieldAndNamesTheNearest() {
    ui::ConfigForm form;
    form.setConfig(run::firstStudy().config);
    const QString help = hint(form, "training.learning_rate");
    edit(form, "training.learning_rate")->setText(QStringLiteral("fast"));
    QVERIFY(!form.config());
    QCOMPARE(form.problems().front().path, std::string("training.learning_rate"));
    QVERIFY(hint(form, "training.learning_rate") != help);
    QVERIFY(hint(form, "training.learning_rate").contains(QStringLiteral("fast")));
    QVERIFY2(form.problems().front().message.starts_with("must"), form.problems().front().message.c_str());  // its label says the rest
    edit(form, "training.learning_rate")->setText(QStringLiteral("1e-3"));
    QCOMPARE(hint(form, "training.learning_rate"), help);
    QVERIFY(form.problems().empty());

    auto* reward = form.findChild<QComboBox*>(QStringLiteral("field:reward.terms"));
    reward->setCurrentText(QStringLiteral("compresibility"));
    QVERIFY2(hint(form, "reward.terms").contains(QStringLiteral("compressibility")), qPrintable(hint(form, "reward.terms")));
    edit(form, "sampling.steps")->setText(QStringLiteral("1"));
    QVERIFY(hint(form, "sampling.steps").contains(QStringLiteral("at least 2")));
}

void TestRuns::formSearchFindsAdvancedSettings() {
    ui::ConfigForm form;
    form.show();
    QWidget* eta = form.findChild<QWidget*>(QStringLiteral("field:sampling.eta"));
    QVERIFY(!eta->isVisible());
    form.setSearch(QStringLiteral("sampling.eta"));
    QVERIFY(eta->isVisible());
    QVERIFY(!edit(form, "seed")->isVisible());
    form.setSearch(QString());
    QVERIFY(!eta->isVisible());
    form.setExpanded(true);
    QVERIFY(eta->isVisible());
}

void TestRuns::estimateFollowsTheForm() {
    ui::NewRunDialog dialog(run::SpeedHint{}, test::fakeTrial, {});
    dialog.setConfig(run::firstStudy().config);
    const auto* images = dialog.findChild<QLabel*>(QStringLiteral("estimateImages"));
    const run::Derived derived = run::derive(run::firstStudy().config);
    QCOMPARE(images->text(), ui::formatCount(derived.imagesTotal));
    edit(dialog.form(), "training.epochs")->setText(QStringLiteral("7"));
    QCOMPARE(images->text(), ui::formatCount(7 * derived.imagesPerEpoch));
    edit(dialog.form(), "training.epochs")->setText(QString());
    QCOMPARE(images->text(), QStringLiteral("–"));
}

void TestRuns::fitToGpuSetsPrecisionAndLimitAndKeepsTheRest() {
    ui::NewRunDialog dialog(run::SpeedHint{}, test::fakeTrial, {});
    dialog.setConfig(run::firstStudy().config);
    const auto* memory = dialog.findChild<QLabel*>(QStringLiteral("estimateMemory"));
    QVERIFY(memory->text() != QStringLiteral("–"));
    auto* menu = dialog.findChild<QPushButton*>(QStringLiteral("fitToGpu"))->menu();
    QCOMPARE(menu->actions().size(), 4);
    menu->actions().front()->trigger();
    const run::RunConfig fitted = *dialog.form().config();
    QCOMPARE(fitted.compute.dtype, std::string("bf16"));
    QVERIFY(fitted.compute.memoryGib > 8 && fitted.compute.memoryGib < 12);
    QCOMPARE(fitted.training.imagesPerRound, run::firstStudy().config.training.imagesPerRound);
    dialog.findChild<QComboBox*>(QStringLiteral("field:model.path"))->setCurrentText(QStringLiteral("/nowhere"));
    menu->actions().front()->trigger();
    QVERIFY(dialog.findChild<QLabel*>(QStringLiteral("fitHint"))->text().contains(QStringLiteral("/nowhere")));
    QCOMPARE(memory->text(), QStringLiteral("–"));
}

void TestRuns::alsoRunMakesOneConfigPerSeedAndHorizon() {
    auto* dialog = new ui::NewRunDialog(run::SpeedHint{}, test::fakeTrial, {});
    std::vector<run::RunConfig> made;
    bool isNow = true;
    connect(dialog, &ui::NewRunDialog::submitted, this, [&](const std::vector<run::RunConfig>& configs, bool startNow) {
        made = configs;
        isNow = startNow;
    });
    dialog->findChild<QLineEdit*>(QStringLiteral("alsoSeeds"))->setText(QStringLiteral("0-2"));
    dialog->findChild<QLineEdit*>(QStringLiteral("alsoHorizons"))->setText(QStringLiteral("2, 8"));
    dialog->show();
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("addToQueue")), Qt::LeftButton);
    QCOMPARE(made.size(), std::size_t{6});
    QVERIFY(!isNow);
}

void TestRuns::invalidFormCannotBeStarted() {
    ui::NewRunDialog dialog(run::SpeedHint{}, test::fakeTrial, {});
    const auto* start = dialog.findChild<QPushButton*>(QStringLiteral("startNow"));
    const auto* queue = dialog.findChild<QPushButton*>(QStringLiteral("addToQueue"));
    QVERIFY(start->isEnabled());
    edit(dialog.form(), "sampling.steps")->setText(QStringLiteral("1"));
    QVERIFY(!start->isEnabled() && !queue->isEnabled());
    QVERIFY(!dialog.findChild<QLabel*>(QStringLiteral("newRunSummary"))->text().isEmpty());
    edit(dialog.form(), "sampling.steps")->setText(QStringLiteral("4"));
    QVERIFY(start->isEnabled());
    dialog.setTraining(true);
    QVERIFY(!start->isEnabled() && queue->isEnabled());
    dialog.findChild<QLineEdit*>(QStringLiteral("alsoHorizons"))->setText(QStringLiteral("4, 99"));
    QVERIFY2(!queue->isEnabled(), "every variant is checked");
}

void TestRuns::settingsOfATermAreShownWithTheTerm() {
    ui::ConfigForm form;
    form.show();
    auto* reward = form.findChild<QComboBox*>(QStringLiteral("field:reward.terms"));
    const auto isShown = [&](const char* path) { return form.findChild<QWidget*>(QStringLiteral("field:") + QLatin1String(path))->isVisible(); };
    reward->setCurrentText(QStringLiteral("compressibility"));
    for (const char* path : {"reward.clip_model", "reward.aesthetic_head", "reward.server_url", "reward.program_timeout"}) {
        QVERIFY2(!isShown(path), path);
    }
    reward->setCurrentText(QStringLiteral("aesthetic + 0.1*server"));
    QVERIFY(isShown("reward.aesthetic_model") && isShown("reward.aesthetic_head") && isShown("reward.server_url") && isShown("reward.server_patience"));
    QVERIFY(!isShown("reward.clip_model") && !isShown("reward.program"));
    reward->setCurrentText(QStringLiteral("aesthetic + 0.1*ser"));  // on the way to something else
    QVERIFY(isShown("reward.server_url"));
    reward->setCurrentText(QStringLiteral("alignment"));
    QVERIFY(isShown("reward.clip_model") && !isShown("reward.server_url"));
    form.setSearch(QStringLiteral("reward program"));
    auto* program = form.findChild<QWidget*>(QStringLiteral("field:reward.program"));
    QVERIFY(program->isVisible() && !program->isEnabled());
    run::RunConfig config;
    config.reward.terms = "program";
    form.setSearch({});
    form.setConfig(config);
    QVERIFY(program->isVisible() && program->isEnabled());
}

void TestRuns::knownModelsAreOfferedAndTypingStays() {
    ui::NewRunDialog dialog(run::SpeedHint{}, test::fakeTrial, {});
    test::FakeLibrary library;
    std::vector<run::ModelFacts> models;
    for (const run::ModelEntry& entry : library.list()) {
        models.push_back(library.inspect(entry.name));
        models.back().name = entry.name;
    }
    auto* model = dialog.findChild<QComboBox*>(QStringLiteral("field:model.path"));
    auto* judge = dialog.findChild<QComboBox*>(QStringLiteral("field:evaluation.judge_model"));
    model->setCurrentText(QStringLiteral("half ty"));
    model->lineEdit()->setCursorPosition(4);
    QSignalSpy edited(&dialog.form(), &ui::ConfigForm::edited);
    dialog.setKnownModels(models);
    QCOMPARE(edited.count(), 0);
    QCOMPARE(model->currentText(), QStringLiteral("half ty"));
    QCOMPARE(model->lineEdit()->cursorPosition(), 4);
    QCOMPARE(model->count(), 3);
    QVERIFY(model->findText(QStringLiteral("tiny-lcm")) >= 0 && model->findText(QStringLiteral("tiny-clip")) < 0);
    QCOMPARE(judge->count(), 1);
    QCOMPARE(judge->itemText(0), QStringLiteral("tiny-clip"));
}

void TestRuns::aModelBringsItsMethod() {
    ui::NewRunDialog dialog(run::SpeedHint{}, test::fakeTrial, {});
    run::ModelFacts model;
    model.name = "emoji-sd";
    model.kind = run::ModelKind::Diffusion;
    model.shape = "other";
    dialog.setModel(model);
    QCOMPARE(dialog.form().config()->algorithm.method, std::string("ddpo"));
    QCOMPARE(dialog.form().config()->model.path, std::string("emoji-sd"));
    QCOMPARE(dialog.form().config()->training.epochs, run::preset("compress-ddpo-t20").config.training.epochs);
    model.name = "my-lcm";
    model.kind = run::ModelKind::Consistency;
    model.shape = "SD 1.5";
    dialog.setModel(model);
    QCOMPARE(dialog.form().config()->training.epochs, run::preset("paper-compress-rlcm-h8").config.training.epochs);
    QCOMPARE(dialog.form().config()->algorithm.method, std::string("rlcm"));
    QCOMPARE(dialog.form().config()->model.path, std::string("my-lcm"));
    QVERIFY(dialog.form().problems().empty());
}

QTEST_MAIN(TestRuns)
#include "tst_runs.moc"
