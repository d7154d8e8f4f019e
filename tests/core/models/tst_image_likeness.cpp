// The cosine of two images, on the bundled CLIP models.
#include <QtTest>

#include <cmath>
#include <tuple>

#include "core/models/image_likeness.h"
#include "tests/core/rewards/patterns.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using rlcm::test::messageOf;
using rlcm::test::patterns;

namespace {

void isNear(double ours, double expected) {
    QVERIFY2(std::abs(ours - expected) < 2e-5, qPrintable(QStringLiteral("%1 instead of %2").arg(ours, 0, 'g', 12).arg(expected, 0, 'g', 12)));
}

}  // namespace

class TestImageLikeness : public QObject {
    Q_OBJECT
private Q_SLOTS:
    // Expected numbers: CLIPModel and the Pillow image processor of transformers 5.24.0 on the folders of resources/models, the projection in float64.
    void theCosineIsThatOfTheLibrary() {
        const run::LikenessMeter meter = models::makeLikenessMeter(1);
        const auto images = patterns();
        const std::vector<std::tuple<std::string, double, double, double>> expected{{"emoji-clip-judge", 0.485410357, 0.443487418, 0.521906929},
                                                                                    {"emoji-clip", 0.572959498, 0.555521990, 0.607922319}};
        for (const auto& [model, first, second, third] : expected) {
            isNear(meter(model, images[0], images[1]), first);
            isNear(meter(model, images[0], images[2]), second);
            isNear(meter(model, images[1], images[2]), third);
        }
        isNear(meter("emoji-clip-judge", images[1], images[0]), meter("emoji-clip-judge", images[0], images[1]));
        isNear(meter("emoji-clip-judge", images[2], images[2]), 1);
    }

    void aModelThatIsNotThereIsNamedAndTheNextOneIsMeasured() {
        const run::LikenessMeter meter = models::makeLikenessMeter(1);
        const auto images = patterns();
        const QString message = messageOf([&] { meter("emoji-clipp", images[0], images[1]); });
        QVERIFY2(message.contains(QStringLiteral("emoji-clip")), qPrintable(message));
        QVERIFY(std::isfinite(meter("emoji-clip", images[0], images[1])));
    }
};

QTEST_GUILESS_MAIN(TestImageLikeness)
#include "tst_image_likeness.moc"
