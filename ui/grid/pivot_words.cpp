// What the grid knows of a cell, in words.
#include "ui/grid/pivot_view.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

using figure::PivotCell;
using figure::PivotSlot;

QString PivotView::headerText(PivotSlot slot, int index) const {
    const figure::PivotHeader& header = m_grid.headers(slot)[static_cast<std::size_t>(index)];
    return m_grid.spec().axis(slot) == figure::PivotAxis::Run ? m_runNames[static_cast<std::size_t>(header.value)] : oneLine(header.text);
}

QString PivotView::differenceOf(PivotSlot slot, int index) const {
    const auto run = static_cast<std::size_t>(m_grid.headers(slot)[static_cast<std::size_t>(index)].value);
    return m_grid.spec().axis(slot) == figure::PivotAxis::Run ? QString::fromStdString(m_grid.images().differences()[run]) : QString();
}

ViewedImage PivotView::viewedSample(const PivotCell& one, const store::SampleRow& sample) const {
    return ui::viewedSample(sample, oneLine(one.run->run.name), PivotCell{.run = one.run, .image = &sample}.judge(), judgeModelOf(one.run->run));
}

ViewedImage PivotView::viewed(const Place& place) const {
    const PivotCell one = cell(place);
    if (one.image == nullptr) {
        return {.absence = QString::fromStdString(figure::absenceText(one)), .run = one.run == nullptr ? QString() : oneLine(one.run->run.name)};
    }
    ViewedImage image = viewedSample(one, *one.image);
    if (one.isFallback()) {
        image.place += tr(" (asked %1)").arg(one.askedEpoch);
        image.isFallback = true;
    }
    return image;
}

std::optional<ViewedImage> PivotView::viewedFirst(const Place& place) const {
    const PivotCell one = cell(place);
    return one.first == nullptr ? std::nullopt : std::optional(viewedSample(one, *one.first));
}

QString PivotView::describe(const Place& place) const {
    const PivotCell one = cell(place);
    if (one.image == nullptr) {
        return QString::fromStdString(figure::absenceText(one));
    }
    QString text = tr("%1\n%2\nReward %3").arg(QString::fromStdString(one.image->prompt), oneLine(one.run->run.name), formatReward(one.image->reward));
    if (const auto change = one.change()) {
        text += tr(", %1 since epoch %2").arg(formatDelta(*change)).arg(one.first->epoch);
    }
    if (const auto judge = one.judge()) {
        text += tr("\nJudge's accuracy of this evaluation %1").arg(formatReward(*judge));
    }
    text += one.image->isHeldOut ? tr("\nHeld out: this prompt is never trained on") : tr("\nTraining prompt");
    text += tr("\nEpoch %1").arg(one.image->epoch) + (one.isFallback() ? tr(" (asked %1: it has none there)").arg(one.askedEpoch) : QString());
    return text + tr(", noise seed %1").arg(one.image->noiseSeed);
}

}  // namespace rlcm::ui
