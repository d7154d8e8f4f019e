// The report of a study as a page: what stands in it, that it needs nothing from outside, and what becomes of runs that are not there.
#include <QElapsedTimer>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QXmlStreamReader>
#include <QtTest>

#include "core/study/report.h"
#include "tests/core/study/study_fixture.h"

using namespace rlcm;
using namespace rlcm::test;

namespace {

Outcome outcomeOf(const run::RunConfig& config, std::int64_t epoch) {
    return {(config.sampling.steps == 2 ? 1 : 0.5) * static_cast<double>(epoch) + 0.1 * static_cast<double>(config.seed), 1};
}

/// Every element of the page closes where it must, as in XML.
QString structureProblem(const QString& html) {
    QString text = html.mid(html.indexOf(QStringLiteral("<html")));
    for (const char* single : {"meta", "link", "img", "br"}) {
        text.replace(QRegularExpression(QStringLiteral("<%1([^>]*)>").arg(QLatin1String(single))), QStringLiteral("<%1\\1/>").arg(QLatin1String(single)));
    }
    QXmlStreamReader reader(text);
    while (!reader.atEnd()) {
        reader.readNext();
    }
    return reader.hasError() ? reader.errorString() + QStringLiteral(" in line %1: ").arg(reader.lineNumber()) +
                                   text.section(u'\n', reader.lineNumber() - 1, reader.lineNumber() - 1).left(300)
                             : QString();
}

}  // namespace

class TestReport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_workspace = std::filesystem::path(m_folder->path().toStdString()) / "w";
        store::StoreEditor editor(m_workspace);  // makes it
    }
    void theReportHasEverySection() {
        const study::Plan plan = study::makePlan(studyOf(smallStudy()));
        writeRuns(m_workspace, plan, outcomeOf);
        const QString html = reportOf(plan);
        for (const char* words :
             {"Which is better?", "4 of 4 planned runs are finished", "H2 looks better than D20",
              "Of 1 answer 0 are shown, 1 looks so over too few seeds; 0 are not shown.", "Answer</h2>", "At equal budget</h2>", "Results</h2>",
              "Through training</h2>", "The same noise</h2>", "Settings</h2>", "Cost</h2>", "Environment</h2>", "Limits</h2>", "test processor",
              "sampling.steps", "rlcm train --preset", "With 2 seeds an interval is narrower", "one image is"}) {
            QVERIFY2(html.contains(QString::fromUtf8(words)), words);
        }
        QVERIFY(html.count(QStringLiteral("<svg")) >= 3);
        QCOMPARE(html.count(QStringLiteral("src=\"data:image/png;base64,")), 4);
        QCOMPARE(structureProblem(html), QString());
    }
    /// The reward turns after epoch 5: the best by the rule that was declared is not the last.
    void theBestStandsBesideTheLast() {
        Json json = smallStudy();
        json["settings"]["checkpoint.best"] = "reward";
        const study::Plan plan = study::makePlan(studyOf(json));
        writeRuns(m_workspace, plan, [](const run::RunConfig&, std::int64_t epoch) {
            return Outcome{epoch == 5 ? 7.25 : static_cast<double>(epoch) / 10, epoch == 5 ? 0.75 : 1.0, 0.04 * static_cast<double>(epoch)};
        });
        const QString html = reportOf(plan);
        QVERIFY(html.contains(QStringLiteral("Last and best checkpoint</h2>")));
        const QString row = html.mid(html.indexOf(QStringLiteral("Last and best checkpoint"))).section(QStringLiteral("<tr>"), 2, 2);
        for (const char* cell : {">reward<", ">1.000<", ">7.250<", ">0.7500<", ">5.000<"}) {
            QVERIFY2(row.contains(QString::fromUtf8(cell)), qPrintable(row));
        }
        QVERIFY(html.contains(QStringLiteral("Reward and judge over the distance from the base model</h2>")) &&
                html.contains(QStringLiteral("H2: gain since before")));
        QCOMPARE(structureProblem(html), QString());
        QVERIFY(!reportOf(study::makePlan(studyOf(smallStudy()))).contains(QStringLiteral("Last and best checkpoint")));
    }
    void nothingIsFetchedAndNothingRuns() {
        const study::Plan plan = study::makePlan(studyOf(smallStudy()));
        writeRuns(m_workspace, plan, outcomeOf);
        QString html = reportOf(plan);
        html.remove(QStringLiteral("http://www.w3.org/"));  // names of namespaces
        for (const char* outside : {"http://", "https://", "<script", "src=\"/", "url(http", "@import"}) {
            QVERIFY2(!html.contains(QString::fromUtf8(outside)), outside);
        }
    }
    void partsOfOneFigureAreNotThoseOfAnother() {
        const study::Plan plan = study::makePlan(studyOf(smallStudy()));
        writeRuns(m_workspace, plan, outcomeOf);
        QStringList ids;
        const QString html = reportOf(plan);
        auto found = QRegularExpression(QStringLiteral(" id=\"([^\"]+)\"")).globalMatch(html);
        while (found.hasNext()) {
            ids.append(found.next().captured(1));
        }
        QCOMPARE(QStringList(ids).removeDuplicates(), 0);
    }
    void wordsOfOthersStayWords() {
        Json json = smallStudy();
        json["title"] = "<script>alert(1)</script> & more";
        const study::Plan plan = study::makePlan(studyOf(json));
        writeRuns(m_workspace, plan, outcomeOf);
        const QString html = reportOf(plan);
        QVERIFY(!html.contains(QStringLiteral("<script")) && html.contains(QStringLiteral("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more")));
        QVERIFY(html.contains(QStringLiteral("a &lt;cat&gt; &amp; &quot;dog&quot;")));
    }
    void failedAndMissingRunsAreNamed() {
        const study::Plan plan = study::makePlan(studyOf(smallStudy()));
        writeRun(m_workspace, plan.runs[0].config, outcomeOf, 10);
        writeRun(m_workspace, plan.runs[1].config, outcomeOf, 5, run::RunState::Failed);
        const QString html = reportOf(plan);
        for (const char* words : {"1 of 4 planned runs are finished, 1 failed, 2 not begun", "failed after epoch 5: the disk is full", "no answer yet"}) {
            QVERIFY2(html.contains(QString::fromUtf8(words)), words);
        }
    }
    void aWorkspaceWithoutRunsStillGivesAPage() {
        const QString html = reportOf(study::makePlan(studyOf(smallStudy())));
        QVERIFY(html.contains(QStringLiteral("0 of 4 planned runs are finished, 4 not begun")) && html.contains(QStringLiteral("no answer yet")));
        QVERIFY(!html.contains(QStringLiteral("The same noise")));
    }
    void otherStepCountsHaveATableOfTheirOwn() {
        Json json = smallStudy();
        json["axes"][0]["values"][0]["settings"]["evaluation.steps"] = "2,8";
        const study::Plan plan = study::makePlan(studyOf(json));
        writeRuns(m_workspace, plan, outcomeOf);
        const QString html = reportOf(plan);
        QVERIFY(html.contains(QStringLiteral("drawn at others</h2>")) && html.contains(QStringLiteral("8 steps")));
        QVERIFY(html.contains(QStringLiteral("0.05000 \u2192 10.05")));  // at its own horizon
    }
    void sixtyRunsAreToldWithinSeconds() {
        Json json = smallStudy();
        json["seeds"] = 30;
        const study::Plan plan = study::makePlan(studyOf(json));
        writeRuns(m_workspace, plan, outcomeOf);
        QElapsedTimer timer;
        timer.start();
        QVERIFY(reportOf(plan).contains(QStringLiteral("30 pairs of seeds")));
        QVERIFY2(timer.elapsed() < 20000, qPrintable(QString::number(timer.elapsed())));  // 5 s on a machine that does nothing else
    }

private:
    QString reportOf(const study::Plan& plan) const {
        const store::StoreReader reader(m_workspace);
        return QString::fromStdString(study::reportHtml(study::Findings(plan, reader)));
    }
    std::unique_ptr<QTemporaryDir> m_folder;
    std::filesystem::path m_workspace;
};

QTEST_GUILESS_MAIN(TestReport)
#include "tst_report.moc"
