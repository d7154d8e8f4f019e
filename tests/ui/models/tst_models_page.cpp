// The page of models: list, facts, problems, adding and removing, and that nothing waits for a slow disk.
#include <QAction>
#include <QApplication>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <memory>
#include <thread>

#include "tests/support/fake_library.h"
#include "ui/models/model_service.h"
#include "ui/widgets/summary_delegate.h"
#include "ui/models/models_page.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;

namespace {

constexpr int kWaitMs = 20000;

/// A page on a library, shown.
struct Shown {
    std::shared_ptr<test::FakeLibrary> library = std::make_shared<test::FakeLibrary>();
    ui::ModelService service{library};
    ui::ModelsPage page{service};

    Shown() {
        page.resize(856, 640);
        page.show();
    }
    template <typename Widget>
    Widget* find(const char* name) const {
        return page.findChild<Widget*>(QLatin1String(name));
    }
    QListView* list() const { return find<QListView>("modelsList"); }
    QString text(const char* label) const {
        const auto* found = find<QLabel>(label);
        return found == nullptr ? QString() : found->text().remove(QChar(0x200b));
    }
    void choose(const char* name) {
        QTRY_COMPARE_WITH_TIMEOUT(service.allFacts().size(), service.entries().size(), kWaitMs);
        ui::ViewState state;
        state.model = QLatin1String(name);
        page.showView(state);
        QTRY_COMPARE_WITH_TIMEOUT(text("factsTitle"), QLatin1String(name), kWaitMs);
    }
};

}  // namespace

class TestModelsPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void everyModelIsListedAndInspectedByItself();
    void factsAndUsesAreShown();
    void problemsComeWithTheirFix();
    void slowFoldersNeverHoldUpTheWindow();
    void aFolderIsAddedAndSelected();
    void aFolderWithoutAModelIsRefusedInline();
    void removingIsUndoneByOneClick();
    void bundledModelsCannotBeRemoved();
    void inspectAgainLooksAgain();
    void trainingIsOfferedForSoundGeneratorsOnly();
    void closingDoesNotWaitForTheQueue();
};

void TestModelsPage::everyModelIsListedAndInspectedByItself() {
    Shown shown;
    QTRY_COMPARE_WITH_TIMEOUT(shown.list()->model()->rowCount(), 4, kWaitMs);
    const auto summary = [&](int row) { return shown.list()->model()->index(row, 0).data(ui::SummaryDelegate::SummaryRole).toString(); };
    QTRY_COMPARE_WITH_TIMEOUT(summary(1), QStringLiteral("Consistency model · 64 px"), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(summary(0), QStringLiteral("CLIP scorer · 64 px"), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(shown.list()->model()->index(3, 0).data(ui::SummaryDelegate::HasProblemsRole).toBool(), kWaitMs);
    QCOMPARE(summary(3), QStringLiteral("Diffusion model · 2 problems"));
    QVERIFY(!shown.list()->model()->index(1, 0).data(ui::SummaryDelegate::HasProblemsRole).toBool());
    QCOMPARE(shown.library->inspections(), 4);
    QVERIFY(shown.page.isShowingData());
}

void TestModelsPage::factsAndUsesAreShown() {
    Shown shown;
    shown.choose("tiny-lcm");
    QCOMPARE(shown.text("factsKind"), QStringLiteral("Consistency model"));
    QCOMPARE(shown.text("factsParameters"), QStringLiteral("900k"));
    QCOMPARE(shown.text("factsResolution"), QStringLiteral("64 × 64 px"));
    QCOMPARE(shown.text("factsBytes"), QStringLiteral("3.6 MB"));
    QCOMPARE(shown.find<QLineEdit>("factsFolder")->text(), QStringLiteral("/models/tiny-lcm"));
    QCOMPARE(shown.page.findChildren<QLabel*>(QStringLiteral("useText")).size(), 2);
    QVERIFY(shown.find<QLabel>("problemText") == nullptr);
}

void TestModelsPage::problemsComeWithTheirFix() {
    Shown shown;
    shown.choose("broken");
    const auto problems = shown.page.findChildren<QLabel*>(QStringLiteral("problemText"));
    QCOMPARE(problems.size(), 2);
    QVERIFY(shown.text("problemText").contains(QLatin1String("diffusion_pytorch_model.bin")));
    QCOMPARE(shown.text("problemFix"), QStringLiteral("Convert it once."));
    QVERIFY(!shown.find<QPushButton>("trainModel")->isEnabled());
}

void TestModelsPage::slowFoldersNeverHoldUpTheWindow() {
    auto library = std::make_shared<test::FakeLibrary>();
    library->gate().acquire();
    ui::ModelService service(library);
    ui::ModelsPage page(service);
    QElapsedTimer clock;
    clock.start();
    page.show();
    page.grab();
    QVERIFY2(clock.elapsed() < 5000, "showing the page waited for an inspection");
    auto* list = page.findChild<QListView*>(QStringLiteral("modelsList"));
    QTRY_COMPARE_WITH_TIMEOUT(list->model()->rowCount(), 4, kWaitMs);
    QCOMPARE(list->model()->index(0, 0).data(ui::SummaryDelegate::SummaryRole).toString(), QStringLiteral("Looking at the folder…"));
    QVERIFY(!page.isShowingData());
    library->gate().release();
    QTRY_VERIFY_WITH_TIMEOUT(page.isShowingData(), kWaitMs);
}

void TestModelsPage::aFolderIsAddedAndSelected() {
    Shown shown;
    QTRY_COMPARE_WITH_TIMEOUT(shown.list()->model()->rowCount(), 4, kWaitMs);
    shown.list()->setFocus();
    ui::FileDialog::answerNext(QStringLiteral("/disk/LCM_Dreamshaper_v7"));
    QTest::keyClick(shown.list(), Qt::Key_D, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(shown.text("factsTitle"), QStringLiteral("LCM_Dreamshaper_v7"), kWaitMs);
    QCOMPARE(shown.page.selected(), QStringLiteral("LCM_Dreamshaper_v7"));
    ui::FileDialog::answerNext(QString());  // cancelled
    QTest::mouseClick(shown.find<QPushButton>("addModel"), Qt::LeftButton);
    QTest::qWait(50);
    QCOMPARE(shown.list()->model()->rowCount(), 5);
}

void TestModelsPage::aFolderWithoutAModelIsRefusedInline() {
    Shown shown;
    QTRY_COMPARE_WITH_TIMEOUT(shown.list()->model()->rowCount(), 4, kWaitMs);
    ui::FileDialog::answerNext(QStringLiteral("/disk/nothing"));
    QTest::mouseClick(shown.find<QPushButton>("addModel"), Qt::LeftButton);
    auto* bar = shown.find<ui::MessageBar>("modelsMessage");
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    QCOMPARE(bar->text(), QStringLiteral("/disk/nothing holds no model"));
    QCOMPARE(shown.list()->model()->rowCount(), 4);
}

void TestModelsPage::removingIsUndoneByOneClick() {
    Shown shown;
    shown.choose("broken");
    shown.list()->setFocus();
    QTest::keyClick(shown.list(), Qt::Key_Delete);
    QTRY_COMPARE_WITH_TIMEOUT(shown.list()->model()->rowCount(), 3, kWaitMs);
    auto* bar = shown.find<ui::MessageBar>("modelsMessage");
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    QTest::mouseClick(bar->findChild<QPushButton*>(QStringLiteral("messageBarAction")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(shown.list()->model()->rowCount(), 4, kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(shown.page.selected(), QStringLiteral("broken"), kWaitMs);
    QVERIFY(!bar->isVisible());
}

void TestModelsPage::bundledModelsCannotBeRemoved() {
    Shown shown;
    shown.choose("tiny-lcm");
    QVERIFY(!shown.find<QPushButton>("removeModel")->isEnabled());
    shown.list()->setFocus();
    QTest::keyClick(shown.list(), Qt::Key_Delete);
    QTest::qWait(50);
    QCOMPARE(shown.list()->model()->rowCount(), 4);
}

void TestModelsPage::inspectAgainLooksAgain() {
    Shown shown;
    shown.choose("tiny-sd");
    const int before = shown.library->inspections();
    QTest::mouseClick(shown.find<QPushButton>("inspectModel"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(shown.library->inspections(), before + 1, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(shown.page.isShowingData(), kWaitMs);
}

void TestModelsPage::trainingIsOfferedForSoundGeneratorsOnly() {
    Shown shown;
    shown.choose("tiny-clip");
    QVERIFY(!shown.find<QPushButton>("trainModel")->isEnabled());
    shown.choose("tiny-sd");
    QSignalSpy asked(&shown.page, &ui::ModelsPage::newRunRequested);
    QTest::mouseClick(shown.find<QPushButton>("trainModel"), Qt::LeftButton);
    QCOMPARE(asked.count(), 1);
    const auto model = *asked[0][0].value<const run::ModelFacts*>();
    QCOMPARE(model.name, std::string("tiny-sd"));
    QVERIFY(model.kind == run::ModelKind::Diffusion);
}

void TestModelsPage::closingDoesNotWaitForTheQueue() {
    auto library = std::make_shared<test::FakeLibrary>();
    auto service = std::make_unique<ui::ModelService>(library);
    library->gate().acquire();
    service->refresh();
    QTRY_COMPARE_WITH_TIMEOUT(service->entries().size(), std::size_t{4}, kWaitMs);
    std::jthread release([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        library->gate().release();
    });
    service.reset();
    QVERIFY2(library->inspections() <= 1, "inspections that nobody waits for were still made");
}

QTEST_MAIN(TestModelsPage)
#include "tst_models_page.moc"
