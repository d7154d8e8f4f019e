// The precision of a run: what auto becomes on a device is told, stored and kept.
#include <QTemporaryDir>
#include <QTest>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/run/checkpoint_folders.h"
#include "core/run/field_table.h"
#include "core/run/model_registry.h"
#include "core/sampling/arithmetic.h"
#include "core/train/make_run.h"
#include "tests/core/train/small_run.h"
#include "tests/support/recording_observer.h"

using namespace rlcm;

class TestDtype : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void autoIsToldStoredAndUsedAgain();
    void aSlowPrecisionIsWarnedAbout();
    void nothingIsSaidOfFullPrecision();

private:
    /// Makes every measurement that is remembered this one.
    static void remember(double bf16) {
        const std::filesystem::path file = run::userDataFolder() / "arithmetic.json";
        Json all = parseJson(readFile(file), "arithmetic.json");
        for (auto& [key, times] : all.items()) {
            times["bf16"] = bf16;
        }
        writeFileAtomically(file, all.dump());
    }
    static run::RunConfig config(run::Dtype dtype) {
        run::RunConfig config = test::smallTraining(run::Advantage::Batch, "", 1);
        config.training.epochs = 1;
        config.compute.dtype = dtype;
        return config;
    }
    struct Told {
        run::Dtype stored;
        std::vector<run::LogLine> lines;
    };
    /// Trains; what was told of the precision.
    static Told train(const run::RunRequest& request) {
        test::RecordingObserver observer;
        run::RunCommands commands;
        Told told{};
        if (train::makeRun(request, observer)->execute({}, commands) != run::RunState::Finished) {
            qFatal("the run did not finish");
        }
        const std::string started = observer.all<run::RunStarted>().front().configJson;
        told.stored = run::configFromJson(parseJson(started, "r0001"), "r0001").compute.dtype;
        for (const run::LogLine& line : observer.all<run::LogLine>()) {
            if (line.text.starts_with("compute.dtype")) {
                told.lines.push_back(line);
            }
        }
        return told;
    }
    QTemporaryDir m_data;
};

void TestDtype::initTestCase() {
    qputenv("XDG_DATA_HOME", m_data.path().toUtf8());
    sampling::arithmeticTimes(config(run::Dtype::Auto));
}

void TestDtype::autoIsToldStoredAndUsedAgain() {
    const QTemporaryDir folder;
    run::RunRequest request = test::requestFor(config(run::Dtype::Auto), folder);
    remember(0.25);
    const Told first = train(request);
    QVERIFY(first.stored == run::Dtype::Bf16);
    QCOMPARE(first.lines.size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(first.lines.front().text),
             QStringLiteral("compute.dtype auto is bf16 on this device: bf16 takes 0.25 times as long as fp32"));
    QVERIFY(first.lines.front().level == log::Level::Info);

    remember(16);  // another processor: the run goes on as it began, and a new one does not
    request.config.compute.dtype = first.stored;
    request.config.training.epochs = 2;
    request.resumeFrom = {request.folder / run::checkpointName(1)};
    QVERIFY(train(request).stored == run::Dtype::Bf16);
    const QTemporaryDir other;
    QVERIFY(train(test::requestFor(config(run::Dtype::Auto), other)).stored == run::Dtype::Fp32);
}

void TestDtype::aSlowPrecisionIsWarnedAbout() {
    const QTemporaryDir folder;
    remember(16);
    const Told told = train(test::requestFor(config(run::Dtype::Bf16), folder));
    QVERIFY(told.stored == run::Dtype::Bf16);
    QCOMPARE(told.lines.size(), std::size_t{1});
    QVERIFY(told.lines.front().level == log::Level::Warning);
    QVERIFY(QString::fromStdString(told.lines.front().text).contains(QStringLiteral("16 times")));
}

void TestDtype::nothingIsSaidOfFullPrecision() {
    const QTemporaryDir folder;
    const Told told = train(test::requestFor(config(run::Dtype::Fp32), folder));
    QVERIFY(told.stored == run::Dtype::Fp32);
    QVERIFY(told.lines.empty());
}

QTEST_GUILESS_MAIN(TestDtype)
#include "tst_dtype.moc"
