// A laptop's screen of 1280 x 800 pixels whose owner has everything enlarged by a half: pages and dialogs have 853 x 533.
#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QFile>
#include <QHeaderView>
#include <QImage>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QScreen>
#include <QTabBar>
#include <QTableView>
#include <QTabWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "tests/ui/shell/clipped.h"
#include "tests/ui/shell/desk.h"
#include "ui/gallery/evaluation_grid.h"
#include "ui/gallery/image_viewer.h"
#include "ui/runs/runs_panel.h"
#include "ui/runs/sample_dialog.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using test::clipped;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::picture;

namespace {
constexpr QSize kFrame(16, 32);  // of a window manager, with the title
}

class TestSmallScreen : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase() { m_window.reset(); }
    void pagesAreWhole_data();
    void pagesAreWhole();
    void pagesThatHaveNoTabInViewAreReachedByAnArrow();
    void namesBesideValuesAreWhole();
    void aVoteNeedsNoScrolling();
    void dialogsFit_data();
    void dialogsFit();
    void presetsAreToldApart();
    void everyWayOfComparingImagesHasItsButton();

private:
    Desk m_desk;
    run::RunId m_run;
    std::unique_ptr<ui::MainWindow> m_window;
};

void TestSmallScreen::initTestCase() {
    ui::apply(*qApp, ui::Mode::Light);
    m_run = m_desk.workspace.addStudy().front();
    m_window = m_desk.openAsIs();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    const QSize room = m_window->screen()->availableSize();
    QCOMPARE(room, QSize(853, 533));
    QVERIFY(m_window->width() <= room.width() - kFrame.width() && m_window->height() <= room.height() - kFrame.height());
}

void TestSmallScreen::pagesAreWhole_data() {
    QTest::addColumn<QString>("page");
    for (const QString& page : m_window->pageKeys()) {
        QTest::newRow(qPrintable(page)) << page;
    }
}

void TestSmallScreen::pagesAreWhole() {
    QFETCH(QString, page);
    m_window->showPage(page);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    picture(*m_window, QStringLiteral("small-") + page);
    QTRY_COMPARE_WITH_TIMEOUT(clipped(*m_window).join(QLatin1Char('\n')), QString(), kWaitMs);  // what a list says until it is read is longer
    const auto* area = m_window->findChild<QTabWidget*>(QStringLiteral("pages"));
    QVERIFY2(area->minimumSizeHint().width() <= area->parentWidget()->width(), "it scrolls sideways");
}

/// Its arrow must be seen.
void TestSmallScreen::pagesThatHaveNoTabInViewAreReachedByAnArrow() {
    m_window->showPage(QStringLiteral("live"));
    auto* bar = find<QTabWidget>(*m_window, "pages")->tabBar();
    auto* arrow = bar->findChild<QToolButton*>(QStringLiteral("ScrollRightButton"));
    QVERIFY(arrow != nullptr);
    if (!arrow->isVisible()) {
        QVERIFY(bar->tabRect(bar->count() - 1).right() <= bar->width());  // another font: all tabs have room
        return;
    }
    const QImage image = arrow->grab().toImage();
    int ink = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            ink += qGray(image.pixel(x, y)) < 190 ? 1 : 0;
        }
    }
    QVERIFY2(ink >= 8, qPrintable(QString::number(ink)));
}

void TestSmallScreen::namesBesideValuesAreWhole() {
    m_window->showPage(QStringLiteral("compare"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    auto* table = find<QTableView>(*m_window, "cursorTable");
    QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() > 0, kWaitMs);
    QTest::qWait(50);
    for (int row = 0; row < table->model()->rowCount(); ++row) {
        const QModelIndex name = table->model()->index(row, 0);
        QVERIFY2(table->sizeHintForIndex(name).width() <= table->columnWidth(0), qPrintable(name.data().toString()));
    }
}

void TestSmallScreen::aVoteNeedsNoScrolling() {
    m_window->showPage(QStringLiteral("vote"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    QTest::mouseClick(find<QPushButton>(*m_window, "voteStart"), Qt::LeftButton);
    auto* ballot = find<QWidget>(*m_window, "voteBallot");
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    const auto* area = m_window->findChild<QTabWidget*>(QStringLiteral("pages"));
    for (const char* shown : {"ballot", "result"}) {
        picture(*m_window, QStringLiteral("small-vote-") + QLatin1String(shown));
        QCOMPARE(clipped(*m_window).join(QLatin1Char('\n')), QString());
        const auto* words = find<QLabel>(*m_window, "voteResult");
        QVERIFY2(!words->isVisible() || words->height() >= words->heightForWidth(words->width()), "the result is cut");
        QTRY_VERIFY2_WITH_TIMEOUT(area->size() == area->parentWidget()->size(), shown, kWaitMs);
        for (int i = 0; i < 6 && ballot->isVisible(); ++i) {
            QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
            QTest::keyClick(ballot, i == 0 ? Qt::Key_Down : Qt::Key_Left);
        }
    }
    QVERIFY(!ballot->isVisible());
    QTest::mouseClick(find<QPushButton>(*m_window, "voteRounds"), Qt::LeftButton);
}

void TestSmallScreen::dialogsFit_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QAction*>("action");
    const ui::Actions& actions = m_window->actions();
    QTest::newRow("new run") << QStringLiteral("newRunDialog") << actions.newRun;
    QTest::newRow("export") << QStringLiteral("exportDialog") << actions.exportFigure;
    QTest::newRow("shortcuts") << QStringLiteral("shortcutSheet") << actions.shortcuts;
    QTest::newRow("deleted runs") << QStringLiteral("deletedRunsDialog") << actions.deletedRuns;
    QTest::newRow("images and LoRA") << QStringLiteral("sampleDialog") << static_cast<QAction*>(nullptr);
}

void TestSmallScreen::dialogsFit() {
    QFETCH(QString, name);
    QFETCH(QAction*, action);
    m_window->showPage(QStringLiteral("live"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    action != nullptr ? action->trigger() : Q_EMIT m_window->runs().sampleRequested(m_run);
    auto* dialog = find<QDialog>(*m_window, name.toLatin1().constData());
    QVERIFY(dialog != nullptr);
    auto* tabs = dialog->findChild<QTabWidget*>();
    for (int tab = 0; tab < (tabs != nullptr ? tabs->count() : 1); ++tab) {
        if (tabs != nullptr) {
            tabs->setCurrentIndex(tab);
        }
        QTest::qWait(50);
        picture(*dialog, QStringLiteral("small-%1-%2").arg(name).arg(tab));
        const QSize room = dialog->screen()->availableSize() - kFrame;
        QVERIFY2(dialog->width() <= room.width() && dialog->height() <= room.height(), qPrintable(QString::number(dialog->height())));
        QCOMPARE(clipped(*dialog).join(QLatin1Char('\n')), QString());
    }
    dialog->close();
}

/// Their titles are long, and many begin alike.
void TestSmallScreen::presetsAreToldApart() {
    m_window->openNewRun();
    auto* list = find<QListWidget>(*m_window, "presetList");
    QTest::qWait(50);
    const QFontMetrics metrics(list->font());
    for (int row = 0; row < list->count(); ++row) {
        const QString title = list->item(row)->text();
        const int lines = metrics.horizontalAdvance(title) / list->viewport()->width() + 1;
        QVERIFY2(list->visualItemRect(list->item(row)).height() >= lines * metrics.height(), qPrintable(title));
    }
    list->window()->close();
}

void TestSmallScreen::everyWayOfComparingImagesHasItsButton() {
    m_window->showPage(QStringLiteral("live"));
    auto* grid = m_window->findChild<ui::EvaluationGrid*>();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData() && grid->isSettled() && grid->content().samples.size() > 1, kWaitMs);
    grid->setCurrent(0);
    QTest::keyClick(grid, Qt::Key_A);
    grid->setCurrent(1);
    QTest::keyClick(grid, Qt::Key_B);
    ui::ImageViewer& viewer = ui::ImageViewer::of(*m_window);
    QTRY_VERIFY_WITH_TIMEOUT(viewer.isVisible(), kWaitMs);
    QTest::keyClick(&viewer, Qt::Key_4);  // with an amount
    QTest::qWait(50);
    picture(*m_window, QStringLiteral("small-viewer"));
    QCOMPARE(clipped(viewer).join(QLatin1Char('\n')), QString());
    QTest::keyClick(&viewer, Qt::Key_Escape);
}

int main(int argc, char** argv) {
    const QTemporaryDir folder;
    const QString screen = folder.filePath(QStringLiteral("screen.json"));
    QFile file(screen);
    if (!file.open(QIODevice::WriteOnly) ||
        file.write(R"({"screens": [{"name": "laptop", "x": 0, "y": 0, "width": 1280, "height": 800, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}]})") <
            0) {
        return 1;
    }
    file.close();
    qputenv("QT_QPA_PLATFORM", "offscreen:configfile=" + QFile::encodeName(screen));
    qputenv("QT_SCALE_FACTOR", "1.5");
    QApplication application(argc, argv);
    TestSmallScreen test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_small_screen.moc"
