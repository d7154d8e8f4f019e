#include <QtTest>

#include "core/base/error.h"
#include "core/parity/parity.h"
#include "core/tensor/torch.h"

using namespace rlcm;
namespace fs = std::filesystem;

class TestParity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneModelFolderWorksAlone();
    void aChangedWeightIsFoundAndPlaced();

private:
    const fs::path m_golden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";
};

void TestParity::oneModelFolderWorksAlone() {
    QVERIFY(parity::runUNet(m_golden / "unet_lcm/c32/", {at::kCPU}).passed());
    QVERIFY(parity::runVae(m_golden / "vae/b3/old_names", {at::kCPU}).passed());
    QVERIFY(parity::runClipText(m_golden / "clip_text/quick_gelu/new_layout", {at::kCPU}).passed());
    QVERIFY_EXCEPTION_THROWN(parity::runUNet(m_golden / "resize", {at::kCPU}), Error);
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
    const parity::Report report = parity::runUNet(copy, {at::kCPU});
    QVERIFY(!report.passed());
    const auto failed = std::find_if(report.quantities.begin(), report.quantities.end(), [](const auto& quantity) { return !quantity.passed; });
    QVERIFY2(QString::fromStdString(failed->note).contains(QLatin1String("first differs at down_blocks.0")), failed->note.c_str());
}

QTEST_GUILESS_MAIN(TestParity)
#include "tst_parity.moc"
