// What the evaluation grid knows of a cell, in words.
#include <QClipboard>
#include <QGuiApplication>

#include "core/base/number_text.h"
#include "ui/gallery/evaluation_grid.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

namespace {
QString storedFile(const store::SampleRow& sample) {
    return QString::fromStdString(sample.file.string());
}
}  // namespace

std::optional<double> EvaluationGrid::delta(int cell) const {
    const store::SampleRow& sample = m_content.samples.at(static_cast<std::size_t>(cell));
    const auto before = m_content.baseline.find(imageKeyOf(sample));
    if (before == m_content.baseline.end() || m_content.epoch == 0) {
        return std::nullopt;
    }
    return sample.reward - before->second.reward;
}

QString EvaluationGrid::deltaText(int cell) const {
    const auto change = delta(cell);
    return change ? QString::fromStdString(changeText(*change, m_content.baseline.at(imageKeyOf(m_content.samples[static_cast<std::size_t>(cell)])).reward))
                  : QString();
}

QString EvaluationGrid::describe(int cell) const {
    const store::SampleRow& sample = m_content.samples.at(static_cast<std::size_t>(cell));
    QString text = tr("%1\nReward %2").arg(QString::fromStdString(sample.prompt), formatReward(sample.reward));
    if (delta(cell)) {
        text += tr(", %1 since epoch 0").arg(deltaText(cell));
    } else if (m_content.epoch > 0 && !m_content.baseline.empty()) {
        text += tr("\nThis prompt and noise were not in the evaluation of epoch 0");
    }
    text += sample.isHeldOut ? tr("\nHeld out: this prompt is never trained on") : tr("\nTraining prompt");
    return text + tr("\nEpoch %1, noise seed %2").arg(sample.epoch).arg(sample.noiseSeed);
}

ViewedImage EvaluationGrid::viewedSample(const store::SampleRow& sample) const {
    return {.file = storedFile(sample),
            .run = m_content.runName,
            .prompt = QString::fromStdString(sample.prompt),
            .place = tr("ep %1").arg(sample.epoch),
            .noiseSeed = sample.noiseSeed,
            .isHeldOut = sample.isHeldOut,
            .reward = sample.reward};
}

ViewedImage EvaluationGrid::viewed(int cell) const {
    ViewedImage image = viewedSample(m_content.samples.at(static_cast<std::size_t>(cell)));
    if (m_content.askedEpoch != m_content.epoch) {
        image.place += tr(" (asked %1)").arg(m_content.askedEpoch);
        image.isFallback = true;
    }
    image.judge = m_content.judge;
    return image;
}

std::optional<ViewedImage> EvaluationGrid::viewedBefore(int cell) const {
    const auto before = m_content.baseline.find(imageKeyOf(m_content.samples.at(static_cast<std::size_t>(cell))));
    if (before == m_content.baseline.end()) {
        return std::nullopt;
    }
    ViewedImage image = viewedSample(before->second);
    image.judge = m_content.judgeBefore;
    return image;
}

void EvaluationGrid::copyImage(int cell) {
    if (cell >= 0 && cell < static_cast<int>(m_content.samples.size())) {
        const QImage image(storedFile(m_content.samples[static_cast<std::size_t>(cell)]));
        if (!image.isNull()) {
            QGuiApplication::clipboard()->setImage(image);
        }
    }
}

}  // namespace rlcm::ui
