#include <QtTest>

#include "core/base/error.h"
#include "core/parity/parity.h"
#include "core/tensor/torch.h"

using namespace rlcm;
namespace fs = std::filesystem;

class TestParity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void networksReproduceTheReferenceLibraries_data();
    void networksReproduceTheReferenceLibraries();
    void oneModelFolderWorksAlone();
    void aChangedWeightIsFoundAndPlaced();

private:
    const fs::path m_golden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";
};

namespace {

parity::Report runKind(const std::string& kind, const fs::path& folder) {
    const at::Device cpu(at::kCPU);
    return kind.starts_with("unet") ? parity::runUNet(folder, cpu)
           : kind == "vae"          ? parity::runVae(folder, cpu)
           : kind == "clip_text"    ? parity::runClipText(folder, cpu)
           : kind == "clip_vision"  ? parity::runClipVision(folder, cpu)
                                    : parity::runClipModel(folder, cpu);
}

}  // namespace

void TestParity::networksReproduceTheReferenceLibraries_data() {
    QTest::addColumn<int>("least");
    QTest::newRow("unet_sd") << 3;
    QTest::newRow("unet_lcm") << 10;
    QTest::newRow("unet_odd") << 10;
    QTest::newRow("unet_sdxl") << 11;
    QTest::newRow("unet_asymmetric") << 7;
    QTest::newRow("vae") << 30;
    QTest::newRow("clip_text") << 60;
    QTest::newRow("clip_vision") << 8;
    QTest::newRow("clip_model") << 7;
}

void TestParity::networksReproduceTheReferenceLibraries() {
    QFETCH(int, least);
    const std::string kind = QTest::currentDataTag();
    const parity::Report report = runKind(kind, m_golden / kind);
    QCOMPARE(report.kind, kind);
    for (const parity::Quantity& quantity : report.quantities) {
        QVERIFY2(quantity.passed, qPrintable(QStringLiteral("%1: %2 > %3 %4").arg(QString::fromStdString(quantity.name)).arg(quantity.maxAbs)
                                                 .arg(quantity.tolerance).arg(QString::fromStdString(quantity.note))));
    }
    QVERIFY2(report.quantities.size() >= static_cast<std::size_t>(least), qPrintable(QString::number(report.quantities.size())));
}

void TestParity::oneModelFolderWorksAlone() {
    QVERIFY(parity::runUNet(m_golden / "unet_lcm/c32/", at::kCPU).passed());
    QVERIFY(parity::runVae(m_golden / "vae/b3/old_names", at::kCPU).passed());
    QVERIFY(parity::runClipText(m_golden / "clip_text/quick_gelu/new_layout", at::kCPU).passed());
    QVERIFY_EXCEPTION_THROWN(parity::runUNet(m_golden / "resize", at::kCPU), Error);
}

void TestParity::aChangedWeightIsFoundAndPlaced() {
    QTemporaryDir temporary;
    const fs::path copy = fs::path(temporary.path().toStdString()) / "unet_sd";
    fs::copy(m_golden / "unet_sd", copy, fs::copy_options::recursive);
    QFile config(QString::fromStdString((copy / "config.json").string()));
    QVERIFY(config.open(QIODevice::ReadWrite));
    const QByteArray text = config.readAll().replace("\"norm_eps\": 1e-05", "\"norm_eps\": 1e-03");
    QVERIFY(config.resize(0) && config.seek(0) && config.write(text) > 0);
    config.close();
    const parity::Report report = parity::runUNet(copy, at::kCPU);
    QVERIFY(!report.passed());
    const auto failed = std::find_if(report.quantities.begin(), report.quantities.end(), [](const auto& quantity) { return !quantity.passed; });
    QVERIFY2(QString::fromStdString(failed->note).contains(QLatin1String("first differs at down_blocks.0")), failed->note.c_str());
}

QTEST_GUILESS_MAIN(TestParity)
#include "tst_parity.moc"
