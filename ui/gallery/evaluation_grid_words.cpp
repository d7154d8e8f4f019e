// What the evaluation grid knows of a cell, in words.
#include "core/base/number_text.h"
#include "ui/gallery/evaluation_grid.h"
#include "ui/gallery/image_menu.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

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

ViewedImage EvaluationGrid::viewed(int cell) const {
    ViewedImage image = viewedSample(m_content.samples.at(static_cast<std::size_t>(cell)), m_content.runName, m_content.judge, m_content.judgeModel);
    if (m_content.askedEpoch != m_content.epoch) {
        image.place += tr(" (asked %1)").arg(m_content.askedEpoch);
        image.isFallback = true;
    }
    return image;
}

std::optional<ViewedImage> EvaluationGrid::viewedBefore(int cell) const {
    const auto before = m_content.baseline.find(imageKeyOf(m_content.samples.at(static_cast<std::size_t>(cell))));
    if (before == m_content.baseline.end()) {
        return std::nullopt;
    }
    return viewedSample(before->second, m_content.runName, m_content.judgeBefore, m_content.judgeModel);
}

void EvaluationGrid::copyImage(int cell) {
    if (cell >= 0 && cell < static_cast<int>(m_content.samples.size())) {
        copyStoredImage(QString::fromStdString(m_content.samples[static_cast<std::size_t>(cell)].file.string()));
    }
}

}  // namespace rlcm::ui
