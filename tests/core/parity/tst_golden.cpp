// Every fixture folder that this build understands, one row each; see tests/golden/<kind>/README.md for the
// tolerances.
#include <QtTest>

#include <filesystem>

#include "core/parity/parity.h"
#include "core/tensor/torch.h"

using namespace rlcm::parity;

class TestGolden : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fixtureAgrees_data() {
        QTest::addColumn<QString>("folder");
        const std::filesystem::path golden = std::filesystem::path(RLCM_SOURCE_DIR) / "tests" / "golden";
        for (const std::string& kind : kinds()) {
            QTest::newRow(kind.c_str()) << QString::fromStdString((golden / kind).string());
        }
    }
    void fixtureAgrees() {
        QFETCH(QString, folder);
        const Report report = runFixture(folder.toStdString(), at::Device(at::kCPU));
        for (const Quantity& quantity : report.quantities) {
            if (quantity.passed) {
                continue;
            }
            qWarning("%s",
                     qPrintable(QStringLiteral("%1: %2 (allowed %3) %4")
                                    .arg(QString::fromStdString(quantity.name))
                                    .arg(quantity.isRelative ? quantity.maxRel : quantity.maxAbs, 0, 'g', 3)
                                    .arg(quantity.tolerance, 0, 'g', 3)
                                    .arg(QString::fromStdString(quantity.note))));
        }
        QVERIFY2(report.passed(), "the quantities above that are over their tolerance");
    }
    void fixtureWithoutAKindIsRefused() {
        QVERIFY_THROWS_EXCEPTION(
            std::runtime_error,
            runFixture(std::filesystem::path(RLCM_SOURCE_DIR) / "core", at::Device(at::kCPU)));
    }
};

QTEST_GUILESS_MAIN(TestGolden)
#include "tst_golden.moc"
