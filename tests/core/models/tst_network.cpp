// Networks are found by the class that their config.json names.
#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/models/network.h"
#include "core/models/pipeline.h"
#include "core/tensor/torch.h"
#include "tests/support/message_of.h"

using namespace rlcm;
namespace fs = std::filesystem;

namespace {

const fs::path kBundled = models::findModel("emoji-lcm") / "unet";

/// config.json of the bundled network with another class, in a folder of its own; "" leaves the key out.
void writeConfig(const QTemporaryDir& folder, const std::string& className) {
    Json config = readJsonFile(kBundled / "config.json");
    config.erase("_class_name");
    if (!className.empty()) {
        config["_class_name"] = className;
    }
    writeFileAtomically(fs::path(folder.path().toStdString()) / "config.json", config.dump());
}

}  // namespace

class TestNetwork : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void dimsAreThoseOfTheConfig() {
        const std::unique_ptr<models::Network> network = models::loadNetwork(kBundled, at::kFloat, at::kMeta);
        const Json config = readJsonFile(kBundled / "config.json");
        QCOMPARE(network->dims().latent.channels, config["in_channels"].get<std::int64_t>());
        QCOMPARE(network->dims().latent.height, config["sample_size"].get<std::int64_t>());
        QVERIFY(network->dims().latent.width == network->dims().latent.height);
        QCOMPARE(network->dims().contextWidth, config["cross_attention_dim"].get<std::int64_t>());
        QCOMPARE(network->dims().guidanceWidth, config["time_cond_proj_dim"].get<std::int64_t>());
        QCOMPARE(network->dims().pooledWidth, std::int64_t{0});
    }

    void adaptableLayersAreTheProjections() {
        const std::unique_ptr<models::Network> network = models::loadNetwork(kBundled, at::kFloat, at::kMeta);
        const std::set<std::string> adaptable = models::adaptableLayers(kBundled);
        QCOMPARE(adaptable.size(), network->projections().size());
        for (const nn::Projection& projection : network->projections()) {
            QVERIFY2(adaptable.contains(projection.path), projection.path.c_str());
        }
        const std::vector<nn::Projection> all = models::networkLayers(kBundled);
        QVERIFY(std::any_of(all.begin(), all.end(), [](const nn::Projection& layer) { return layer.path == "conv_in"; }));
        QVERIFY(!adaptable.contains("conv_in"));
    }

    void aClassThatIsNotKnownIsRefusedWithThoseThatAre() {
        QTemporaryDir folder;
        writeConfig(folder, "Transformer2DModel");
        const QString message = test::messageOf([&] { models::networkLayers(folder.path().toStdString()); });
        QVERIFY2(message.contains(QStringLiteral("\"_class_name\" is \"Transformer2DModel\": only \"UNet2DConditionModel\" is supported")),
                 qPrintable(message));
        writeConfig(folder, "");
        QVERIFY(!models::networkLayers(folder.path().toStdString()).empty());
    }
};

QTEST_APPLESS_MAIN(TestNetwork)
#include "tst_network.moc"
