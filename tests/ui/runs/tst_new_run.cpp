// The dialog for new runs: what it starts from, what it refuses, and what it says they will cost.
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "core/run/presets.h"
#include "tests/support/fake_library.h"
#include "tests/support/temp_workspace.h"
#include "ui/runs/config_form.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;

namespace {

QLineEdit* edit(QWidget& form, const char* path) {
    return form.findChild<QLineEdit*>(QStringLiteral("field:") + QLatin1String(path));
}
QString hint(QWidget& form, const char* path) {
    return form.findChild<QLabel*>(QStringLiteral("hint:") + QLatin1String(path))->text();
}

/// Settings unlike every preset.
run::RunConfig ownConfig() {
    run::RunConfig config = run::preset("compress-ddpo-t20").config;
    config.training.epochs = 7;
    config.sampling.steps = 13;
    return config;
}

ui::MessageBar* replacedBar(QWidget& dialog) {
    return dialog.findChild<ui::MessageBar*>(QStringLiteral("replacedBar"));
}

}  // namespace

class TestNewRun : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void settingsOfARunStayWhenTheListGetsTheFocus();
    void aPresetOverEditsIsToldAndUndone();
    void returnStartsNothingButAButton();
    void whatIsMissingIsToldBesideItsField();
    void aPromptFileIsChosenFromTheDisk();
    void oneUnreadableFieldHidesNoOtherError();
    void theTimeSaysWhereItComesFrom();
    void estimateFollowsTheForm();
    void fitToGpuSetsPrecisionAndLimitAndKeepsTheRest();
    void alsoRunMakesOneConfigPerSeedAndHorizon();
    void invalidFormCannotBeStarted();
    void knownModelsAreOfferedAndTypingStays();
    void aModelBringsItsMethod();
};

void TestNewRun::initTestCase() {
    ui::apply(*qApp, ui::Mode::Light);
}

void TestNewRun::settingsOfARunStayWhenTheListGetsTheFocus() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.setConfig(ownConfig(), QStringLiteral("a run"));
    dialog.show();
    QVERIFY(QTest::qWaitForWindowExposed(&dialog));
    auto* presets = dialog.findChild<QListWidget*>(QStringLiteral("presetList"));
    QFocusEvent focus(QEvent::FocusIn, Qt::TabFocusReason);  // what the list does by itself when it gets the focus
    QApplication::sendEvent(presets, &focus);
    presets->setCurrentRow(0, QItemSelectionModel::NoUpdate);
    QCOMPARE(run::toJson(*dialog.form().config()).dump(), run::toJson(ownConfig()).dump());
    QVERIFY(presets->selectedItems().isEmpty());
    presets->item(1)->setSelected(true);
    QCOMPARE(run::toJson(*dialog.form().config()).dump(), run::toJson(run::presets()[1].config).dump());
}

void TestNewRun::aPresetOverEditsIsToldAndUndone() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.show();
    auto* presets = dialog.findChild<QListWidget*>(QStringLiteral("presetList"));
    presets->setCurrentRow(2);
    QVERIFY2(!replacedBar(dialog)->isVisible(), "nothing was typed");
    edit(dialog.form(), "training.epochs")->setText(QStringLiteral("17"));
    edit(dialog.form(), "seed")->setText(QStringLiteral("not a number"));
    presets->setCurrentRow(4);
    QVERIFY(replacedBar(dialog)->isVisible());
    QVERIFY2(replacedBar(dialog)->text().contains(QStringLiteral("2 changes")), qPrintable(replacedBar(dialog)->text()));
    QVERIFY(edit(dialog.form(), "training.epochs")->text() != QStringLiteral("17"));
    QTest::mouseClick(replacedBar(dialog)->findChild<QPushButton*>(QStringLiteral("messageBarAction")), Qt::LeftButton);
    QCOMPARE(edit(dialog.form(), "training.epochs")->text(), QStringLiteral("17"));
    QCOMPARE(edit(dialog.form(), "seed")->text(), QStringLiteral("not a number"));
    QCOMPARE(presets->currentRow(), 2);
    QVERIFY(!replacedBar(dialog)->isVisible());
    dialog.setConfig(ownConfig(), QStringLiteral("a run"));  // cloning over edits is the same
    QVERIFY(replacedBar(dialog)->isVisible());
}

void TestNewRun::returnStartsNothingButAButton() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    QSignalSpy submitted(&dialog, &ui::NewRunDialog::submitted);
    dialog.show();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    const QList<QWidget*> fields{edit(dialog.form(), "training.epochs"), dialog.findChild<QWidget*>(QStringLiteral("settingsSearch")),
                                 dialog.findChild<QWidget*>(QStringLiteral("alsoSeeds")), dialog.findChild<QWidget*>(QStringLiteral("presetList")),
                                 dialog.findChild<QWidget*>(QStringLiteral("field:reward.terms"))};
    for (QWidget* field : fields) {
        field->setFocus();
        QTest::keyClick(field, Qt::Key_Return);
        QTest::keyClick(field, Qt::Key_Enter);
    }
    QCOMPARE(submitted.count(), 0);
    QVERIFY(dialog.isVisible());
    QTest::keyClick(fields.front(), Qt::Key_Return, Qt::ControlModifier);
    QCOMPARE(submitted.count(), 1);
    dialog.refuse(QStringLiteral("no"));
    auto* start = dialog.findChild<QPushButton*>(QStringLiteral("startNow"));
    start->setFocus();
    QTest::keyClick(start, Qt::Key_Return);
    QCOMPARE(submitted.count(), 2);
}

void TestNewRun::whatIsMissingIsToldBesideItsField() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.setChecker([](const run::RunConfig& config) {
        return config.prompts.train == "nonsense" ? std::vector<run::Problem>{{"prompts.train", "there is no list nonsense"}} : std::vector<run::Problem>{};
    });
    const auto* start = dialog.findChild<QPushButton*>(QStringLiteral("startNow"));
    QVERIFY(start->isEnabled());
    edit(dialog.form(), "prompts.train")->setText(QStringLiteral("nonsense"));
    QVERIFY(!start->isEnabled());
    QVERIFY(hint(dialog.form(), "prompts.train").contains(QStringLiteral("There is no list nonsense")));
    edit(dialog.form(), "prompts.train")->setText(QStringLiteral("simple-animals"));
    QVERIFY(start->isEnabled());
}

void TestNewRun::aPromptFileIsChosenFromTheDisk() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    auto* browse = dialog.findChild<QToolButton*>(QStringLiteral("browse:prompts.train"));
    ui::FileDialog::answerNext(QString());  // cancelled
    browse->click();
    QCOMPARE(dialog.form().config()->prompts.train, run::presets().front().config.prompts.train);
    ui::FileDialog::answerNext(QStringLiteral("/data/my prompts.txt"));
    browse->click();
    QCOMPARE(dialog.form().config()->prompts.train, std::string("/data/my prompts.txt"));
}

void TestNewRun::oneUnreadableFieldHidesNoOtherError() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    edit(dialog.form(), "seed")->setText(QStringLiteral("x"));
    edit(dialog.form(), "sampling.steps")->setText(QStringLiteral("1"));
    QVERIFY(hint(dialog.form(), "sampling.steps").contains(QStringLiteral("at least 2")));
    QVERIFY(hint(dialog.form(), "seed").contains(QLatin1Char('x')));
    QVERIFY(!dialog.form().config());
    auto* test = dialog.findChild<QPushButton*>(QStringLiteral("testReward"));
    QVERIFY2(test->isEnabled(), "the reward can be read");
    dialog.findChild<QComboBox*>(QStringLiteral("field:reward.terms"))->setCurrentText(QStringLiteral("nothing like it"));
    QVERIFY(!test->isEnabled() && test->toolTip().contains(QStringLiteral("first")));
}

void TestNewRun::theTimeSaysWhereItComesFrom() {
    test::TempWorkspace workspace;
    run::RunConfig config = run::firstStudy().config;
    config.name = "the measured one";
    workspace.addRun(config);
    std::vector<store::RunRow> runs = store::StoreReader(workspace.path()).runs();
    runs.front().counters.activeSeconds = 4 * run::estimate(config).seconds;
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.setConfig(run::firstStudy().config, QStringLiteral("a run"));
    const auto* time = dialog.findChild<QLabel*>(QStringLiteral("estimateTime"));
    const auto* source = dialog.findChild<QLabel*>(QStringLiteral("estimateSource"));
    QVERIFY(source->text().contains(QStringLiteral("typical")) && source->text().contains(QStringLiteral("emoji-lcm")));
    dialog.setSpeeds(ui::measuredSpeeds(runs));
    QCOMPARE(time->text(), QStringLiteral("≈ ") + ui::formatDuration(runs.front().counters.activeSeconds));
    QVERIFY(source->text().contains(QStringLiteral("the measured one")) && source->text().contains(QStringLiteral("CPU")));
    auto* model = dialog.findChild<QComboBox*>(QStringLiteral("field:model.path"));
    model->setCurrentText(QStringLiteral("emoji-sd"));
    QVERIFY2(!source->text().contains(QStringLiteral("the measured one")), "another model tells nothing");
    model->setCurrentText(QStringLiteral("/nowhere"));
    QCOMPARE(time->text(), QStringLiteral("–"));
    QVERIFY(source->text().contains(QStringLiteral("not known")));
}

void TestNewRun::estimateFollowsTheForm() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setConfig(run::firstStudy().config, QStringLiteral("a run"));
    const auto* images = dialog.findChild<QLabel*>(QStringLiteral("estimateImages"));
    const run::Derived derived = run::derive(run::firstStudy().config);
    QCOMPARE(images->text(), ui::formatCount(derived.imagesTotal));
    // As the run will count them: evaluation apart.
    QCOMPARE(dialog.findChild<QLabel*>(QStringLiteral("estimateQueries"))->text(), ui::formatCount(derived.imagesTotal));
    QCOMPARE(dialog.findChild<QLabel*>(QStringLiteral("estimateEvaluation"))->text(), ui::formatCount(derived.evaluations * derived.evaluationImages));
    edit(dialog.form(), "training.epochs")->setText(QStringLiteral("7"));
    QCOMPARE(images->text(), ui::formatCount(7 * derived.imagesPerEpoch));
    edit(dialog.form(), "training.epochs")->setText(QString());
    QCOMPARE(images->text(), QStringLiteral("–"));
}

void TestNewRun::fitToGpuSetsPrecisionAndLimitAndKeepsTheRest() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setConfig(run::firstStudy().config, QStringLiteral("a run"));
    const auto* memory = dialog.findChild<QLabel*>(QStringLiteral("estimateMemory"));
    QVERIFY(memory->text() != QStringLiteral("–"));
    auto* menu = dialog.findChild<QPushButton*>(QStringLiteral("fitToGpu"))->menu();
    QCOMPARE(menu->actions().size(), 4);
    menu->actions().front()->trigger();
    const run::RunConfig fitted = *dialog.form().config();
    QVERIFY(fitted.compute.dtype == run::Dtype::Bf16);
    QVERIFY(fitted.compute.memoryGib > 8 && fitted.compute.memoryGib < 12);
    QCOMPARE(fitted.training.imagesPerRound, run::firstStudy().config.training.imagesPerRound);
    dialog.findChild<QComboBox*>(QStringLiteral("field:model.path"))->setCurrentText(QStringLiteral("/nowhere"));
    menu->actions().front()->trigger();
    QVERIFY(dialog.findChild<QLabel*>(QStringLiteral("fitHint"))->text().contains(QStringLiteral("/nowhere")));
    QCOMPARE(memory->text(), QStringLiteral("–"));
}

void TestNewRun::alsoRunMakesOneConfigPerSeedAndHorizon() {
    auto* dialog = new ui::NewRunDialog(test::fakeTrial, {});
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
    QCOMPARE(made.size(), std::size_t{9});  // the form's own horizon is one of them
    QVERIFY(!isNow);
    QVERIFY2(dialog->isVisible() && !dialog->findChild<QPushButton*>(QStringLiteral("addToQueue"))->isEnabled(), "waits for the answer");
    dialog->refuse(QStringLiteral("the disk is full"));
    QCOMPARE(dialog->findChild<QLabel*>(QStringLiteral("newRunSummary"))->text(), QStringLiteral("the disk is full"));
    QCOMPARE(dialog->findChild<QLineEdit*>(QStringLiteral("alsoSeeds"))->text(), QStringLiteral("0-2"));
    QVERIFY(dialog->findChild<QPushButton*>(QStringLiteral("addToQueue"))->isEnabled());
    dialog->accept();
}

void TestNewRun::invalidFormCannotBeStarted() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
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

void TestNewRun::knownModelsAreOfferedAndTypingStays() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
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

void TestNewRun::aModelBringsItsMethod() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    run::ModelFacts model;
    model.name = "emoji-sd";
    model.kind = run::ModelKind::Diffusion;
    model.shape = "other";
    dialog.setModel(model);
    QVERIFY(dialog.form().config()->algorithm.method == run::Method::Ddpo);
    QCOMPARE(dialog.form().config()->model.path, std::string("emoji-sd"));
    QCOMPARE(dialog.form().config()->training.epochs, run::preset("compress-ddpo-t20").config.training.epochs);
    model.name = "my-lcm";
    model.kind = run::ModelKind::Consistency;
    model.shape = "SD 1.5";
    dialog.setModel(model);
    QCOMPARE(dialog.form().config()->training.epochs, run::preset("paper-compress-rlcm-h8").config.training.epochs);
    QVERIFY(dialog.form().config()->algorithm.method == run::Method::Rlcm);
    QCOMPARE(dialog.form().config()->model.path, std::string("my-lcm"));
    QVERIFY(dialog.form().problems().empty());
}

QTEST_MAIN(TestNewRun)
#include "tst_new_run.moc"
