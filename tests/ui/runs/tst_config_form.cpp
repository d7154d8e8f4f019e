// The form of settings: what it starts with, what it refuses, what it shows; and the runs that a list of numbers makes.
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <algorithm>

#include "core/base/error.h"
#include "core/run/presets.h"
#include "tests/support/temp_workspace.h"
#include "ui/runs/config_form.h"
#include "ui/runs/number_list.h"
#include "ui/theme/theme.h"

using namespace rlcm;

namespace {

QLineEdit* edit(QWidget& form, const char* path) {
    return form.findChild<QLineEdit*>(QStringLiteral("field:") + QLatin1String(path));
}
QString hint(QWidget& form, const char* path) {
    return form.findChild<QLabel*>(QStringLiteral("hint:") + QLatin1String(path))->text();
}

}  // namespace

class TestConfigForm : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void numberListsAreReadAndRefused();
    void formStartsValidWithEveryPreset();
    void formMarksTheFieldAndNamesTheNearest();
    void formSearchFindsAdvancedSettings();
    void settingsOfATermAreShownWithTheTerm();
    void rulesOfAlarmsStandUnderOneHeading();
};

void TestConfigForm::numberListsAreReadAndRefused() {
    using List = std::vector<std::int64_t>;
    QVERIFY((ui::parseNumberList(QStringLiteral("0, 2,1"), 0) == List{0, 2, 1}));
    QVERIFY((ui::parseNumberList(QStringLiteral("0-2, 7"), 0) == List{0, 1, 2, 7}));
    QVERIFY(ui::parseNumberList(QStringLiteral("  "), 0).empty());
    for (const auto* bad : {"1,x", "1,1", "3-1", "-1", "0-1000000000000"}) {
        QVERIFY_EXCEPTION_THROWN(ui::parseNumberList(QString::fromLatin1(bad), 0), Error);
    }
}

void TestConfigForm::formStartsValidWithEveryPreset() {
    ui::ConfigForm form;
    for (const run::Preset& preset : run::presets()) {
        form.setConfig(preset.config);
        QVERIFY2(form.problems().empty(), preset.name.c_str());
        QCOMPARE(run::toJson(*form.config()).dump(), run::toJson(preset.config).dump());
    }
}

void TestConfigForm::formMarksTheFieldAndNamesTheNearest() {
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

void TestConfigForm::formSearchFindsAdvancedSettings() {
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

void TestConfigForm::settingsOfATermAreShownWithTheTerm() {
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
    auto* judges = form.findChild<QComboBox*>(QStringLiteral("field:evaluation.judges"));
    judges->setCurrentText(QStringLiteral("server"));
    QVERIFY(isShown("reward.server_url") && isShown("reward.clip_model"));
    judges->setCurrentText({});
    QVERIFY(!isShown("reward.server_url") && form.problems().empty());
    form.setSearch(QStringLiteral("reward program"));
    auto* program = form.findChild<QWidget*>(QStringLiteral("field:reward.program"));
    QVERIFY(program->isVisible() && !program->isEnabled());
    run::RunConfig config;
    config.reward.terms = "program";
    form.setSearch({});
    form.setConfig(config);
    QVERIFY(program->isVisible() && program->isEnabled());
}

void TestConfigForm::rulesOfAlarmsStandUnderOneHeading() {
    ui::ConfigForm form;
    form.setConfig(run::firstStudy().config);
    form.setExpanded(true);
    form.resize(500, 4000);
    form.show();
    const QList<QLabel*> labels = form.findChildren<QLabel*>();
    const auto heading = std::ranges::find_if(labels, [](const QLabel* label) { return label->text() == QLatin1String("Health"); });
    QVERIFY(heading != labels.end() && (*heading)->isVisible());
    const int top = (*heading)->mapTo(&form, QPoint()).y();
    auto* action = form.findChild<QComboBox*>(QStringLiteral("field:health.hacking"));
    QLineEdit* level = edit(form, "health.hacking_level");
    QVERIFY(action->isVisible() && level->isVisible() && action->mapTo(&form, QPoint()).y() > top);
    QVERIFY2(level->mapTo(&form, QPoint()).y() > action->mapTo(&form, QPoint()).y(), "a rule's level follows what it does");
    action->setCurrentText(QStringLiteral("pause"));
    level->setText(QStringLiteral("2.5"));
    QVERIFY(form.config()->health.hacking.action == run::AlarmAction::Pause);
    QCOMPARE(form.config()->health.hacking.level, 2.5);
}

QTEST_MAIN(TestConfigForm)
#include "tst_config_form.moc"
