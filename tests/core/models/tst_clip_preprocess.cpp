// From an image of any shape to the square that CLIP's vision tower sees.
#include <QtTest>

#include <filesystem>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/models/clip.h"
#include "core/tensor/torch.h"
#include "tests/support/largest_difference.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using models::ClipFit;
using models::ClipPreprocess;
using rlcm::test::largestDifference;
using rlcm::test::messageOf;
namespace fs = std::filesystem;

namespace {

const fs::path kGolden = fs::path(RLCM_SOURCE_DIR) / "tests/golden";

/// Image of bytes [H,W,3].
image::Rgb8Image toImage(const at::Tensor& bytesHWC) {
    const auto* first = bytesHWC.const_data_ptr<std::uint8_t>();
    return {static_cast<int>(bytesHWC.size(1)), static_cast<int>(bytesHWC.size(0)), {first, first + bytesHWC.numel()}};
}

ClipPreprocess wholeInto(std::int64_t size) {
    ClipPreprocess preprocess;
    preprocess.fit = ClipFit::Whole;
    preprocess.resizeTo = preprocess.crop = size;
    return preprocess;
}

}  // namespace

class TestClipPreprocess : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void configIsReadInBothSpellings();
    void everyByteHasTheLibrarysValue();
    void wholeImagesMatchThePackage_data();
    void wholeImagesMatchThePackage();
    void wholeImagesDoNotDependOnTheBatchOrTheThreads();
    void bandsAreBlackWhereNothingIsResized();
    void aThinLineStaysALine();

private:
    at::Tensor golden(const std::string& name) const { return m_io.tensor(name); }
    const data::SafetensorsFile m_io{kGolden / "hpsv2/io.safetensors"};
};

void TestClipPreprocess::configIsReadInBothSpellings() {
    const auto read = [](const char* text) { return ClipPreprocess::fromJson(Json::parse(text), "p.json"); };
    QCOMPARE(read(R"({"size": 64, "crop_size": 64})").crop, std::int64_t{64});
    QCOMPARE(read(R"({"size": {"shortest_edge": 64}, "crop_size": {"height": 64, "width": 64}})").resizeTo, std::int64_t{64});
    QVERIFY(messageOf([&] { read(R"({"size": 64, "crop_size": {"height": 64, "width": 32}})"); }).contains(QLatin1String("crop_size")));
    QVERIFY(messageOf([&] { read(R"({"do_normalize": false})"); }).contains(QLatin1String("do_normalize")));
    QVERIFY(messageOf([&] { read(R"({"size": {"height": 64, "width": 64}})"); }).contains(QLatin1String("shortest_edge")));
    QVERIFY(messageOf([&] { read(R"({"image_processor_type": "SiglipImageProcessor"})"); }).contains(QLatin1String("SiglipImageProcessor")));
    QCOMPARE(read(R"({"feature_extractor_type": "CLIPFeatureExtractor", "size": 32, "crop_size": 32})").crop, std::int64_t{32});
}

void TestClipPreprocess::everyByteHasTheLibrarysValue() {
    const at::Tensor expected = data::SafetensorsFile(kGolden / "resize/tensors.safetensors").tensor("normalise_table");
    const at::Tensor ramp = at::arange(256, at::kByte).view({16, 16, 1}).repeat({1, 1, 3});
    ClipPreprocess same;
    same.crop = same.resizeTo = 16;
    QCOMPARE(largestDifference(same.apply({toImage(ramp)}).reshape({3, 256}), expected), 0.0);
}

void TestClipPreprocess::wholeImagesMatchThePackage_data() {
    QTest::addColumn<std::string>("name");
    const Json expected = Json::parse(readFile(kGolden / "hpsv2/expected.json"));
    for (const Json& name : expected.at("cases")) {
        QTest::newRow(name.get<std::string>().c_str()) << name.get<std::string>();
    }
}

// 4e-6: float32 steps of values up to 2.3, which processors without fused multiplication sum up in another order; a wrong filter is off by 1e-4 and more.
void TestClipPreprocess::wholeImagesMatchThePackage() {
    QFETCH(std::string, name);
    const at::Tensor expected = golden(name + ".pixels");
    const at::Tensor pixels = wholeInto(expected.size(1)).apply({toImage(golden(name + ".image"))});
    QCOMPARE(pixels.sizes().vec(), expected.unsqueeze(0).sizes().vec());
    const double difference = largestDifference(pixels[0], expected);
    QVERIFY2(difference <= 4e-6, qPrintable(QString::number(difference)));
}

void TestClipPreprocess::wholeImagesDoNotDependOnTheBatchOrTheThreads() {
    const ClipPreprocess preprocess = wholeInto(224);
    const std::vector<image::Rgb8Image> images{toImage(golden("tall.image")), toImage(golden("strip.image")), toImage(golden("square.image"))};
    const int before = at::get_num_threads();
    at::set_num_threads(1);
    const at::Tensor together = preprocess.apply(images);
    at::set_num_threads(2);
    for (std::size_t i = 0; i < images.size(); ++i) {
        QVERIFY(at::equal(preprocess.apply({images[i]})[0], together[static_cast<std::int64_t>(i)]));
    }
    at::set_num_threads(before);
    QCOMPARE(preprocess.apply({}).sizes().vec(), (std::vector<std::int64_t>{0, 3, 224, 224}));
}

void TestClipPreprocess::bandsAreBlackWhereNothingIsResized() {
    const at::Tensor whole = golden("same.pixels");  // [3,24,24]
    const at::Tensor topRows = golden("same.image").narrow(0, 0, 9).contiguous();
    const at::Tensor pixels = wholeInto(24).apply({toImage(topRows)})[0];
    QVERIFY(largestDifference(pixels.narrow(1, 7, 9), whole.narrow(1, 0, 9)) <= 4e-6);
    const at::Tensor black = wholeInto(24).apply({{1, 1, {0, 0, 0}}})[0];
    QVERIFY(at::equal(pixels.narrow(1, 0, 7), black.narrow(1, 0, 7)));
    QVERIFY(at::equal(pixels.narrow(1, 16, 8), black.narrow(1, 16, 8)));
}

void TestClipPreprocess::aThinLineStaysALine() {
    const at::Tensor white = at::full({1, 1000, 3}, 255, at::kByte);
    const at::Tensor pixels = wholeInto(24).apply({toImage(white)})[0];
    const at::Tensor isWhite = (pixels > 1.0).all(0);
    QCOMPARE(isWhite.sum().item<std::int64_t>(), std::int64_t{24});
    QVERIFY(isWhite[11].all().item<bool>());
}

QTEST_GUILESS_MAIN(TestClipPreprocess)
#include "tst_clip_preprocess.moc"
