// Times of the page of horizons: measured by a process, kept in the workspace, shown on the axis.
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QTemporaryDir>
#include <QToolButton>

#include "core/figure/inference_times.h"
#include "core/run/field_table.h"
#include "tests/ui/horizons/horizons_test.h"
#include "ui/theme/theme.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using namespace rlcm::ui;
using test::kWaitMs;

namespace {

/// A program that stands for `rlcm`: it writes what it was asked, tells the lines, and waits for so long.
QString fakeProgram(const QTemporaryDir& folder, const QString& lines, const QString& seconds = QStringLiteral("0"), int code = 0) {
    const QString path = folder.filePath(QStringLiteral("rlcm"));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return {};
    }
    file.write(QStringLiteral("#!/bin/sh\necho \"$@\" > '%1'\ncat <<'END'\n%2\nEND\nsleep %3\nexit %4\n")
                   .arg(folder.filePath(QStringLiteral("asked")), lines, seconds)
                   .arg(code)
                   .toUtf8());
    file.close();
    QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return path;
}

std::string keyOf(const store::RunRow& run) {
    return figure::timingKey(run::configFromJson(parseJson(run.configJson, run.id), run.id));
}

}  // namespace

class TestHorizonsTimes : public test::HorizonsTest {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }
    void init() { begin(); }
    void cleanup() { end(); }

    void timesComeFromTheCommandLineAndStandOnTheAxis() {
        const QTemporaryDir tools;
        m_program = fakeProgram(tools, QStringLiteral("{\"type\": \"progress\", \"done\": 3, \"total\": 140}\n{\"type\": \"time\", \"key\": \"any\"}"));
        open();
        auto* note = m_page->findChild<QLabel*>(QStringLiteral("timingNote"));
        QVERIFY2(note->text().contains(QStringLiteral("not been measured")), qPrintable(note->text()));
        const store::StoreReader reader(m_workspace->path());
        for (const std::size_t i : {0, 1, 2}) {
            figure::InferenceTime time{
                keyOf(reader.run(m_ids[i]).value()), 20.0 * (1 << i), 19.0 * (1 << i), 22.0 * (1 << i), 30, 1, "a processor", "fp32", 1.5, i == 2, 1e9};
            figure::keepInferenceTime(m_workspace->path(), time);
        }
        m_page->findChild<QToolButton*>(QStringLiteral("measureTimes"))->click();
        QTRY_COMPARE_WITH_TIMEOUT(point(m_ids[1]).x, 40.0, kWaitMs);
        QCOMPARE(point(m_ids[1]).xLow, 38.0);
        QVERIFY2(note->text().contains(QStringLiteral("busy")) && note->text().contains(QStringLiteral("a processor, fp32, batch 1")),
                 qPrintable(note->text()));
        QVERIFY2(note->text().contains(QStringLiteral("One horizon is not measured")), qPrintable(note->text()));
        QFile asked(tools.filePath(QStringLiteral("asked")));
        QVERIFY(asked.open(QIODevice::ReadOnly));
        const QString line = QString::fromUtf8(asked.readAll());
        QVERIFY2(line.contains(QStringLiteral("time --json --out ") + QString::fromStdString(m_workspace->path().string())), qPrintable(line));
        QVERIFY2(line.contains(QStringLiteral("--run ") + QString::fromStdString(m_ids[3])), qPrintable(line));
        QTRY_COMPARE(m_page->findChild<QToolButton*>(QStringLiteral("measureTimes"))->text(), QStringLiteral("Measure again…"));
        // The other cost is a choice.
        auto* cost = m_page->findChild<QComboBox*>(QStringLiteral("horizonsCost"));
        cost->setCurrentIndex(1);
        Q_EMIT cost->activated(1);
        QTRY_COMPARE(point(m_ids[1]).x, 4.0);
    }
    void measuringShowsProgressAndIsCancelled() {
        const QTemporaryDir tools;
        m_program = fakeProgram(tools, QStringLiteral("{\"type\": \"progress\", \"done\": 3, \"total\": 140}"), QStringLiteral("30"));
        open();
        auto* button = m_page->findChild<QToolButton*>(QStringLiteral("measureTimes"));
        button->click();
        auto* progress = m_page->findChild<QLabel*>(QStringLiteral("measureProgress"));
        QTRY_COMPARE_WITH_TIMEOUT(progress->text(), QStringLiteral("3 of 140 samples"), kWaitMs);
        QCOMPARE(button->text(), QStringLiteral("Cancel"));
        button->click();
        QTRY_COMPARE_WITH_TIMEOUT(button->text(), QStringLiteral("Measure times…"), kWaitMs);
        QVERIFY(!m_page->findChild<MessageBar*>()->isVisible());
    }
    void aFailureOfTheCommandLineIsTold() {
        const QTemporaryDir tools;
        m_program = fakeProgram(tools, {}, QStringLiteral("0"), 1);
        open();
        auto* bar = m_page->findChild<MessageBar*>();
        m_page->findChild<QToolButton*>(QStringLiteral("measureTimes"))->click();
        QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
        QVERIFY2(bar->text().contains(QStringLiteral("ended with code 1")), qPrintable(bar->text()));
        bar->dismiss();
        closePage();
        m_program = QStringLiteral("/no/such/rlcm");
        open();
        m_page->findChild<QToolButton*>(QStringLiteral("measureTimes"))->click();
        bar = m_page->findChild<MessageBar*>();
        QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
        QVERIFY2(bar->text().contains(QStringLiteral("/no/such/rlcm")), qPrintable(bar->text()));
    }
};

QTEST_MAIN(TestHorizonsTimes)
#include "tst_horizons_times.moc"
