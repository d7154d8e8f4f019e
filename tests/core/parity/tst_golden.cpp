// Every fixture folder that this build understands, one row each; see tests/golden/<kind>/README.md for the
// tolerances.
#include <QtTest>

#include <filesystem>
#include <map>
#include <string>

#include "core/parity/parity.h"
#include "core/tensor/torch.h"

using namespace rlcm::parity;

class TestGolden : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fixtureAgrees_data() {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<int>("least");
        // Quantities that a fixture of networks compares at least: a case that is passed over would pass too.
        const std::map<std::string, int> least{{"unet_sd", 3}, {"unet_lcm", 10},  {"unet_odd", 10},   {"unet_sdxl", 11}, {"unet_asymmetric", 7},
                                               {"vae", 30},    {"clip_text", 60}, {"clip_vision", 8}, {"clip_model", 7}};
        const std::filesystem::path golden = std::filesystem::path(RLCM_SOURCE_DIR) / "tests" / "golden";
        for (const std::string& kind : kinds()) {
            const auto found = least.find(kind);
            QTest::newRow(kind.c_str()) << QString::fromStdString((golden / kind).string()) << (found == least.end() ? 1 : found->second);
        }
    }
    void fixtureAgrees() {
        QFETCH(QString, folder);
        QFETCH(int, least);
        const Report report = runFixture(folder.toStdString(), {at::kCPU});
        for (const Quantity& quantity : report.quantities) {
            if (quantity.passed) {
                continue;
            }
            qWarning("%s", qPrintable(QStringLiteral("%1: %2 (allowed %3) %4")
                                          .arg(QString::fromStdString(quantity.name))
                                          .arg(quantity.isRelative ? quantity.maxRel : quantity.maxAbs, 0, 'g', 3)
                                          .arg(quantity.tolerance, 0, 'g', 3)
                                          .arg(QString::fromStdString(quantity.note))));
        }
        QCOMPARE(report.kind, std::string(QTest::currentDataTag()));
        QVERIFY2(report.quantities.size() >= static_cast<std::size_t>(least), qPrintable(QString::number(report.quantities.size())));
        QVERIFY2(report.passed(), "the quantities above that are over their tolerance");
    }
    void fixtureWithoutAKindIsRefused() {
        QVERIFY_THROWS_EXCEPTION(std::runtime_error, runFixture(std::filesystem::path(RLCM_SOURCE_DIR) / "core", {at::kCPU}));
    }
};

QTEST_GUILESS_MAIN(TestGolden)
#include "tst_golden.moc"
