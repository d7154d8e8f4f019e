#include "ui/runs/trial_images.h"

#include <QFileInfo>
#include <QImageReader>
#include <QPainter>
#include <algorithm>
#include <cstring>

#include "core/base/error.h"
#include "core/store/workspace.h"

namespace rlcm::ui {

namespace {

constexpr int kDrawnSide = 256;

QImage readPicture(const QString& file) {
    QImageReader reader(file);
    reader.setAutoTransform(true);
    const QImage picture = reader.read();
    if (picture.isNull()) {
        throw Error(ErrorKind::Io, QStringLiteral("%1 can not be read as an image: %2").arg(file, reader.errorString()).toStdString());
    }
    return picture;
}

QImage draw(const QColor& ground, const QColor& ink, void (*shape)(QPainter&, const QRectF&)) {
    QImage picture(kDrawnSide, kDrawnSide, QImage::Format_RGB32);
    picture.fill(ground);
    QPainter painter(&picture);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    shape(painter, QRectF(picture.rect()).adjusted(56, 56, -56, -56));
    return picture;
}

void disc(QPainter& painter, const QRectF& box) {
    painter.drawEllipse(box);
}
void square(QPainter& painter, const QRectF& box) {
    painter.drawRect(box);
}
void triangle(QPainter& painter, const QRectF& box) {
    painter.drawPolygon(QPolygonF({{box.center().x(), box.top()}, box.bottomRight(), box.bottomLeft()}));
}
void stripes(QPainter& painter, const QRectF& box) {
    for (qreal y = 0; y < kDrawnSide; y += 32) {
        painter.drawRect(QRectF(0, y, box.right() + box.left(), 16));
    }
}

}  // namespace

std::vector<TrialImage> latestEvaluation(const store::StoreReader& reader) {
    for (const store::RunRow& run : reader.runs()) {
        const std::vector<std::int64_t> epochs = reader.sampleEpochs(run.id);
        if (epochs.empty()) {
            continue;
        }
        const std::vector<store::SampleRow> samples = reader.samples(run.id, epochs.back());
        const std::size_t count = std::min(samples.size(), std::size_t{kTrialImages});
        std::vector<TrialImage> images;
        for (std::size_t i = 0; i < count; ++i) {
            const store::SampleRow& sample = samples[i * samples.size() / count];
            images.push_back({readPicture(QString::fromStdString(sample.file.string())), QString::fromStdString(sample.prompt)});
        }
        return images;
    }
    return {};
}

std::vector<TrialImage> drawnPictures() {
    const auto say = [](const char* text) { return QString::fromLatin1(text); };
    return {{draw(Qt::white, QColor(0xd0, 0x30, 0x2c), disc), say("a red disc on a white background")},
            {draw(QColor(0xf2, 0xcf, 0x4a), QColor(0x2c, 0x55, 0xb8), square), say("a blue square on a yellow background")},
            {draw(QColor(0x9a, 0x9a, 0x9a), QColor(0x3c, 0x9a, 0x4e), triangle), say("a green triangle on a grey background")},
            {draw(Qt::white, Qt::black, stripes), say("black and white stripes")}};
}

std::vector<TrialImage> picturesOf(const QStringList& files) {
    std::vector<TrialImage> images;
    for (const QString& file : files.mid(0, kTrialImages)) {
        QString words = QFileInfo(file).completeBaseName();
        words.replace(QLatin1Char('_'), QLatin1Char(' ')).replace(QLatin1Char('-'), QLatin1Char(' '));
        images.push_back({readPicture(file), words.simplified()});
    }
    return images;
}

image::Rgb8Image toRgb8(const QImage& picture) {
    const QImage rgb = picture.convertToFormat(QImage::Format_RGB888);
    const auto row = static_cast<std::size_t>(rgb.width()) * 3;
    image::Rgb8Image result{rgb.width(), rgb.height(), std::vector<std::uint8_t>(row * static_cast<std::size_t>(rgb.height()))};
    for (int y = 0; y < rgb.height(); ++y) {
        std::memcpy(result.pixels.data() + static_cast<std::size_t>(y) * row, rgb.constScanLine(y), row);
    }
    return result;
}

}  // namespace rlcm::ui
