#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTest>

#include "core/run/field_table.h"
#include "core/run/presets.h"
#include "tests/support/temp_workspace.h"
#include "tests/ui/compare/page_host.h"
#include "ui/bridge/store_service.h"
#include "ui/inspect/inspect_page.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using namespace rlcm::ui;

class TestInspectPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }
    void init();
    void cleanup() {
        m_host.reset();
        m_page.reset();
        m_store.reset();
    }

    void asksForARunWhenNoneIsSelected();
    void showsEverySettingOfTheSelectedRun();
    void marksWhatDiffersFromTheClosestPreset();
    void aColumnForEachRunInTheCharts();
    void onlyDifferencesAndWithoutNoise();
    void searchLooksAtNamesPathsAndValues();
    void copiesTheCommandAndTheTable();
    void theTableFillsItsRoomAndValuesComeFirst();
    void settingsOfAnotherVersionAreToldNotGuessed();
    void choicesAreKeptInTheView();

private:
    store::RunRow rowOf(const char* id, const run::RunConfig& config, const char* environment) const {
        store::RunRow row;
        row.id = id;
        row.name = std::string("run ") + id;
        row.configJson = run::toJson(config).dump();
        row.environmentJson = environment;
        return row;
    }
    template <typename T>
    T* child(const char* name) const {
        return m_page->findChild<T*>(QLatin1String(name));
    }
    /// The row whose title holds the text; -1: none.
    int rowWith(const QString& title) const {
        const QAbstractItemModel* model = child<QTableView>("settingsTable")->model();
        for (int row = 0; row < model->rowCount(); ++row) {
            if (model->index(row, 0).data().toString().contains(title)) {
                return row;
            }
        }
        return -1;
    }
    QString cell(const QString& title, int column) const {
        const int row = rowWith(title);
        return row < 0 ? QString() : child<QTableView>("settingsTable")->model()->index(row, column).data().toString();
    }
    int shownSettings() const {
        const QAbstractItemModel* model = child<QTableView>("settingsTable")->model();
        int count = 0;
        for (int row = 0; row < model->rowCount(); ++row) {
            count += model->index(row, 1).data().isValid() && !model->index(row, 1).data().toString().isEmpty();
        }
        return count;
    }
    void select(const char* id) {
        m_host->view.follow([id](ViewState& state) { state.select(id); });
    }

    test::TempWorkspace m_workspace;
    QUndoStack m_edits;
    RunsModel m_runs;
    std::unique_ptr<StoreService> m_store;
    std::unique_ptr<InspectPage> m_page;
    std::unique_ptr<test::PageHost> m_host;
};

void TestInspectPage::init() {
    run::RunConfig first = run::firstStudy().config, second = first;
    second.training.learningRate = 0.25;
    second.seed = 7;
    store::RunRow hidden = rowOf("r0003", second, "{}");
    hidden.isVisible = false;
    m_runs.setRuns({rowOf("r0001", first, R"({"processor": "one", "cores": 2})"), rowOf("r0002", second, R"({"processor": "another", "cores": 2})"), hidden});
    m_store = std::make_unique<StoreService>(m_workspace.path());
    m_page = std::make_unique<InspectPage>(InspectPage::Sources{m_runs, *m_store, m_edits});
    m_host = std::make_unique<test::PageHost>(*m_page);
    m_page->resize(900, 600);
    m_page->show();
}

void TestInspectPage::asksForARunWhenNoneIsSelected() {
    auto* title = child<QLabel>("emptyStateTitle");
    QVERIFY(title->isVisible());
    QVERIFY(!child<QPushButton>("copyCommand")->isEnabled());
    select("r0001");
    QVERIFY(!title->isVisible());
}

void TestInspectPage::showsEverySettingOfTheSelectedRun() {
    select("r0002");
    QCOMPARE(cell(QStringLiteral("Learning rate"), 1), QStringLiteral("0.25"));
    QCOMPARE(cell(QStringLiteral("Processor"), 1), QStringLiteral("another"));
    int settings = 0;
    for (const run::Field& field : run::fieldTable()) {
        settings += !run::fieldText(run::firstStudy().config, field).empty();
    }
    QVERIFY(shownSettings() >= settings);
}

void TestInspectPage::marksWhatDiffersFromTheClosestPreset() {
    select("r0001");
    QVERIFY(child<QLabel>("settingsPreset")->text().contains(QString::fromStdString(run::firstStudy().title)));
    QVERIFY(rowWith(QStringLiteral("● ")) < 0);
    select("r0002");
    QVERIFY(child<QLabel>("settingsPreset")->text().contains(QStringLiteral("one setting differs")));
    const int row = rowWith(QStringLiteral("● Learning rate"));
    QVERIFY(row >= 0);
    const QString tip = child<QTableView>("settingsTable")->model()->index(row, 0).data(Qt::ToolTipRole).toString();
    QVERIFY(tip.contains(QString::fromStdString(run::fieldText(run::firstStudy().config, run::fieldAt("training.learning_rate")))));
}

void TestInspectPage::aColumnForEachRunInTheCharts() {
    select("r0002");
    auto* table = child<QTableView>("settingsTable");
    QCOMPARE(table->model()->columnCount(), 2);
    child<QCheckBox>("compareShown")->click();
    QCOMPARE(table->model()->columnCount(), 3);  // the hidden run stays out
    QCOMPARE(table->model()->headerData(1, Qt::Horizontal).toString(), QStringLiteral("run r0002"));
    QCOMPARE(table->model()->headerData(2, Qt::Horizontal).toString(), QStringLiteral("run r0001"));
    const int row = rowWith(QStringLiteral("Learning rate"));
    QVERIFY(table->model()->index(row, 2).data(Qt::FontRole).value<QFont>().bold());
    QVERIFY(!table->model()->index(rowWith(QStringLiteral("Cores")), 2).data(Qt::FontRole).value<QFont>().bold());
}

void TestInspectPage::onlyDifferencesAndWithoutNoise() {
    select("r0002");
    child<QCheckBox>("compareShown")->click();
    child<QCheckBox>("onlyDifferences")->click();
    QVERIFY(rowWith(QStringLiteral("Learning rate")) >= 0 && rowWith(QStringLiteral("Seed")) >= 0 && rowWith(QStringLiteral("Processor")) >= 0);
    QVERIFY(rowWith(QStringLiteral("Cores")) < 0);
    child<QCheckBox>("hideNoise")->click();
    QVERIFY(rowWith(QStringLiteral("Learning rate")) >= 0);
    QVERIFY(rowWith(QStringLiteral("Seed")) < 0 && rowWith(QStringLiteral("Processor")) < 0);
    child<QCheckBox>("compareShown")->click();  // of one run: what is not the preset's
    QVERIFY(rowWith(QStringLiteral("● Learning rate")) >= 0);
    QCOMPARE(shownSettings(), 1);
}

void TestInspectPage::searchLooksAtNamesPathsAndValues() {
    select("r0002");
    auto* search = child<QLineEdit>("settingsSearch");
    for (const char* words : {"learning rate", "training.learning", "0.25"}) {
        search->setText(QLatin1String(words));
        QVERIFY2(rowWith(QStringLiteral("Learning rate")) >= 0, words);
        QVERIFY2(rowWith(QStringLiteral("Cores")) < 0, words);
    }
    search->setText(QStringLiteral("no such thing"));
    QCOMPARE(child<QTableView>("settingsTable")->model()->rowCount(), 0);
}

void TestInspectPage::copiesTheCommandAndTheTable() {
    select("r0002");
    child<QPushButton>("copyCommand")->click();
    const QString command = QGuiApplication::clipboard()->text();
    QVERIFY(command.startsWith(QStringLiteral("rlcm train --preset ") + QString::fromStdString(run::firstStudy().name)));
    QVERIFY2(command.endsWith(QStringLiteral(" --out ") + QString::fromStdString(m_workspace.path().string())), qPrintable(command));
    QVERIFY(command.contains(QStringLiteral("--set training.learning_rate=0.25")) && command.contains(QStringLiteral("--set seed=7")));
    child<QPushButton>("copySettings")->click();
    QVERIFY(QGuiApplication::clipboard()->text().contains(QStringLiteral("training.learning_rate\t0.25\n")));
}

void TestInspectPage::theTableFillsItsRoomAndValuesComeFirst() {
    select("r0001");
    auto* table = child<QTableView>("settingsTable");
    for (const int width : {1500, 700}) {
        m_page->resize(width, 600);
        QCoreApplication::processEvents();
        QCOMPARE(table->columnWidth(0) + table->columnWidth(1), table->viewport()->width());
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            const QString value = table->model()->index(row, 1).data().toString();
            QVERIFY2(table->fontMetrics().horizontalAdvance(value) < table->columnWidth(1), qPrintable(value));
        }
    }
}

void TestInspectPage::settingsOfAnotherVersionAreToldNotGuessed() {
    store::RunRow strange = rowOf("r0004", run::RunConfig(), "not json");
    strange.configJson = R"({"training": {"unheard_of": 1}})";
    m_runs.setRuns({strange});
    select("r0004");
    QVERIFY(child<QLabel>("settingsPreset")->text().contains(QStringLiteral("cannot be read")));
    QVERIFY(!child<QPushButton>("copyCommand")->isEnabled());
    QCOMPARE(cell(QStringLiteral("Learning rate"), 1), QString());
}

void TestInspectPage::choicesAreKeptInTheView() {
    select("r0001");
    child<QCheckBox>("hideNoise")->click();
    const ViewState restored = viewStateFromJson(m_host->view.save());
    QVERIFY(restored.inspect.hidesNoise && !restored.inspect.comparesShown && !restored.inspect.onlyDifferences);
    m_host->steps.undo();
    QVERIFY(!child<QCheckBox>("hideNoise")->isChecked());
}

QTEST_MAIN(TestInspectPage)
#include "tst_inspect_page.moc"
