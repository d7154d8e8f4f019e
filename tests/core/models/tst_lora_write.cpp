// LoRA files as they are written: two formats, and a network with the LoRA merged in.
#include <QtTest>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/data/safetensors.h"
#include "core/models/lora_file.h"
#include "core/models/lora_write.h"
#include "core/models/unet.h"
#include "core/tensor/torch.h"
#include "tests/core/models/lora_folder.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using test::LoraFolder;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";

double worst(const std::vector<nn::MergedProjection>& ours, const std::vector<nn::MergedProjection>& expected) {
    double difference = 0;
    for (std::size_t i = 0; i < ours.size(); ++i) {
        difference = std::max(difference, (ours[i].weight.to(at::kDouble) - expected[i].weight.to(at::kDouble)).abs().max().item<double>());
    }
    return difference;
}

models::UNet baseUNet() {
    return models::UNet::load(kGolden / "unet_lcm/c256", at::kFloat, at::kCPU);
}

}  // namespace

class TestLoraWrite : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(1); }  // before every test: torch starts from another number in every process
    void writtenFilesReadBackToTheSameWeights_data();
    void writtenFilesReadBackToTheSameWeights();
    void writtenFilesStateWhatOtherProgramsRead();
    void mergedFolderIsACompleteUNet();
    void mergedFolderOfSplitHalfPrecisionWeights();
};

void TestLoraWrite::writtenFilesReadBackToTheSameWeights_data() {
    QTest::addColumn<QString>("source");
    for (const char* name : {"kohya", "peft_folder_rslora", "kohya_mixed", "kohya_mixed_ranks", "diffusers_peft_no_alpha"}) {
        QTest::newRow(name) << QString::fromLatin1(name);
    }
}

void TestLoraWrite::writtenFilesReadBackToTheSameWeights() {
    QFETCH(QString, source);
    const LoraFolder folder;
    const models::UNet unet = baseUNet();
    const auto read = [&](const fs::path& file) { return models::mergeLora(unet.projections(), models::readLora(file, unet.projections())); };
    const models::Lora original = models::readLora(kGolden / "lora" / source.toStdString(), unet.projections());
    const std::vector<nn::MergedProjection> expected = models::mergeLora(unet.projections(), original);
    models::writeKohyaLora(folder / "kohya.safetensors", original.modules, {});
    models::writePeftLora(folder / "peft.safetensors", original.modules, {});
    models::writeMergedUNet(folder / "unet", kGolden / "unet_lcm/c256", original.modules, {});
    QVERIFY(worst(read(folder / "kohya.safetensors"), expected) < 1e-6);
    QVERIFY(worst(read(folder / "peft.safetensors"), expected) < 1e-6);
    const models::UNet merged = models::UNet::load(folder / "unet", at::kFloat, at::kCPU);
    QVERIFY(worst(models::mergeLora(merged.projections(), {}), expected) < 1e-6);
    // A program that reads no settings takes scale 1 and must get the same.
    const data::SafetensorsFile peft(folder / "peft.safetensors");
    data::NamedTensors bare;
    for (const auto& [name, entry] : peft.entries()) {
        bare.emplace_back(name, peft.tensor(name));
    }
    QVERIFY(worst(read(folder.write(bare)), expected) < 1e-6);
}

void TestLoraWrite::writtenFilesStateWhatOtherProgramsRead() {
    const LoraFolder folder;
    const models::UNet unet = baseUNet();
    const models::LoraModules modules = models::readLora(kGolden / "lora/kohya", unet.projections()).modules;
    models::writeKohyaLora(folder / "kohya.safetensors", modules, {{"rlcm.epoch", "7"}});
    models::writePeftLora(folder / "peft.safetensors", modules, {{"rlcm.epoch", "7"}});
    const data::SafetensorsFile ours(folder / "kohya.safetensors"), reference(kGolden / "lora/kohya/lora.safetensors"), peft(folder / "peft.safetensors");
    for (const auto& [name, entry] : reference.entries()) {
        QVERIFY2(ours.contains(name) && at::equal(ours.tensor(name), reference.tensor(name)), name.c_str());
    }
    QCOMPARE(ours.entries().size(), reference.entries().size());
    for (const auto& [key, value] : reference.metadata()) {
        QVERIFY2(ours.metadata().contains(key) && ours.metadata().at(key) == value, key.c_str());
    }
    QCOMPARE(ours.metadata().at("rlcm.epoch"), std::string("7"));
    const std::string bytes = readFile(folder / "kohya.safetensors");
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof(header));
    QCOMPARE(ours.metadata().at("sshs_model_hash"), sha256Hex(std::string_view(bytes).substr(sizeof(header) + header)));
    QCOMPARE(ours.metadata().at("sshs_legacy_hash"), std::string("e3b0c442"));  // the file ends before 1 MiB
    QCOMPARE(peft.metadata().at("rlcm.epoch"), std::string("7"));
    const Json settings = Json::parse(peft.metadata().at("lora_adapter_metadata"));
    QVERIFY(settings == Json::parse(R"({"unet.r": 4, "unet.lora_alpha": 4, "unet.lora_dropout": 0.0, "unet.bias": "none",
                                        "unet.target_modules": ["to_k", "to_out.0", "to_q", "to_v"]})"));
}

void TestLoraWrite::mergedFolderIsACompleteUNet() {
    const LoraFolder folder;
    const fs::path base = kGolden / "unet_lcm/c256";
    const models::LoraModules modules = models::readLora(kGolden / "lora/kohya", baseUNet().projections()).modules;
    models::writeMergedUNet((folder / "unet").string() + "/", base, modules, {{"rlcm.epoch", "7"}});
    QCOMPARE(readFile(folder / "unet/config.json"), readFile(base / "config.json"));
    const data::SafetensorsFile merged(folder / "unet/diffusion_pytorch_model.safetensors"), before(base / "diffusion_pytorch_model.safetensors");
    QCOMPARE(merged.metadata().at("rlcm.epoch"), std::string("7"));
    std::size_t changed = 0;
    for (const auto& [name, entry] : before.entries()) {
        QCOMPARE(merged.entries().at(name).dtype, entry.dtype);
        changed += merged.bytes(name) == before.bytes(name) ? 0 : 1;
    }
    QCOMPARE(merged.entries().size(), before.entries().size());
    QCOMPARE(changed, modules.size());
    const QString again = test::messageOf([&] { models::writeMergedUNet(folder / "unet", base, modules, {}); });
    QVERIFY2(again.contains(QLatin1String("is there already")), qPrintable(again));
    models::LoraModules foreign = modules;
    foreign["mid_block.attentions.9.to_q"] = modules.begin()->second;
    const QString stranger = test::messageOf([&] { models::writeMergedUNet(folder / "new", base, foreign, {}); });
    QVERIFY2(stranger.contains(QLatin1String("mid_block.attentions.9.to_q")), qPrintable(stranger));
    QVERIFY(!fs::exists(folder / "new") && !fs::exists(folder / "new.writing"));
}

void TestLoraWrite::mergedFolderOfSplitHalfPrecisionWeights() {
    const LoraFolder folder;
    const fs::path base = kGolden / "unet_lcm/c256", split = folder / "split";
    fs::create_directories(split);
    fs::copy(base / "config.json", split);
    const data::SafetensorsFile whole(base / "diffusion_pytorch_model.safetensors");
    data::NamedTensors parts[2];
    Json index{{"metadata", Json::object()}, {"weight_map", Json::object()}};
    for (const auto& [name, entry] : whole.entries()) {
        const std::size_t part = name.starts_with("up_") ? 1 : 0;
        parts[part].emplace_back(name, whole.tensor(name).to(at::kHalf));
        index["weight_map"][name] = part == 0 ? "diffusion_pytorch_model-1-of-2.safetensors" : "diffusion_pytorch_model-2-of-2.safetensors";
    }
    data::writeSafetensors(split / "diffusion_pytorch_model-1-of-2.safetensors", parts[0]);
    data::writeSafetensors(split / "diffusion_pytorch_model-2-of-2.safetensors", parts[1]);
    std::ofstream(split / "diffusion_pytorch_model.safetensors.index.json") << index.dump();
    const models::UNet unet = models::UNet::load(split, at::kHalf, at::kCPU);
    const models::Lora lora = models::readLora(kGolden / "lora/kohya", unet.projections());
    models::writeMergedUNet(folder / "merged", split, lora.modules, {});
    const models::UNet merged = models::UNet::load(folder / "merged", at::kHalf, at::kCPU);
    // Changed weights keep what 16 bit would round away; the others stay as they are.
    const data::SafetensorsFile file(folder / "merged/diffusion_pytorch_model.safetensors");
    QCOMPARE(file.entries().at("conv_in.weight").dtype, std::string("F16"));
    QCOMPARE(file.entries().at("down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight").dtype, std::string("F32"));
    QCOMPARE(worst(models::mergeLora(merged.projections(), {}), models::mergeLora(unet.projections(), lora)), 0.0);
    const models::UNet wide = models::UNet::load(split, at::kFloat, at::kCPU), wideMerged = models::UNet::load(folder / "merged", at::kFloat, at::kCPU);
    QVERIFY(worst(models::mergeLora(wideMerged.projections(), {}), models::mergeLora(wide.projections(), lora)) < 1e-6);
}

QTEST_GUILESS_MAIN(TestLoraWrite)
#include "tst_lora_write.moc"
