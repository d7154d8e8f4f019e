#include "ui/runs/estimate_card.h"

#include <QFormLayout>
#include <QLabel>

#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

EstimateCard::EstimateCard(QWidget* parent) : QFrame(parent) {
    makeCard(this);
    setObjectName(QStringLiteral("estimateCard"));
    auto* form = new QFormLayout(this);
    form->setContentsMargins(spacing::kMedium, spacing::kMedium, spacing::kMedium, spacing::kMedium);
    form->setVerticalSpacing(spacing::kSmall);
    m_title = makeHeading(new QLabel(tr("Estimate")));
    form->addRow(m_title);
    const auto add = [form](const QString& label, const QString& name, const QString& tip) {
        auto* value = new QLabel(QStringLiteral("–"));
        value->setObjectName(name);
        value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        value->setToolTip(tip);
        auto* text = makeMuted(new QLabel(label));
        text->setToolTip(tip);
        form->addRow(text, value);
        return value;
    };
    m_time = add(tr("Time"), QStringLiteral("estimateTime"), tr("Training, evaluation and storing; below stands where it comes from"));
    m_images = add(tr("Training images"), QStringLiteral("estimateImages"), tr("Images sampled to learn from"));
    m_queries = add(tr("Reward queries"), QStringLiteral("estimateQueries"), tr("Images scored to learn from, as the run counts them"));
    m_denoiser = add(tr("Denoiser evaluations"), QStringLiteral("estimateDenoiser"),
                     tr("Rows through the network to learn, in sampling and in training; an update through a kept graph takes fewer"));
    m_evaluation = add(tr("Evaluation images"), QStringLiteral("estimateEvaluation"),
                       tr("Images to look at, scored as well; the run does not count them as reward queries"));
    m_memory = add(tr("Memory"), QStringLiteral("estimateMemory"), tr("Weights, optimiser and activations"));
    m_disk = add(tr("Disk"), QStringLiteral("estimateDisk"), tr("Evaluation images and the checkpoints that are kept"));
    m_source = makeMuted(new QLabel);
    m_source->setObjectName(QStringLiteral("estimateSource"));
    m_source->setWordWrap(true);
    m_source->setTextFormat(Qt::PlainText);
    form->addRow(m_source);
}

void EstimateCard::setEstimates(const std::vector<run::Estimate>& estimates, const QString& source) {
    const QString dash = QStringLiteral("–");
    m_title->setText(estimates.size() > 1 ? tr("Estimate for %1 runs").arg(estimates.size()) : tr("Estimate"));
    run::Estimate sum;
    std::int64_t evaluated = 0;
    for (const run::Estimate& one : estimates) {
        sum.seconds += one.seconds;
        sum.diskBytes += one.diskBytes;
        // The runs follow one another, so the largest counts.
        sum.memory = one.memory.total > sum.memory.total ? one.memory : sum.memory;
        sum.derived.imagesTotal += one.derived.imagesTotal;
        evaluated += one.derived.evaluationQueriesTotal;
        sum.derived.nominalDenoiserEvaluationsTotal += one.derived.nominalDenoiserEvaluationsTotal;
    }
    const bool isKnown = !estimates.empty();
    // A model that cannot be read gives no time either.
    const bool hasTime = isKnown && sum.memory.isKnown;
    m_time->setText(hasTime ? tr("≈ %1").arg(formatDuration(sum.seconds)) : dash);
    m_source->setText(!isKnown || hasTime ? source : tr("The time is not known: the sizes of the model cannot be read."));
    m_evaluation->setText(isKnown ? formatCount(evaluated) : dash);
    m_images->setText(isKnown ? formatCount(sum.derived.imagesTotal) : dash);
    m_queries->setText(isKnown ? formatCount(sum.derived.imagesTotal) : dash);
    m_denoiser->setText(isKnown ? formatCount(sum.derived.nominalDenoiserEvaluationsTotal) : dash);
    showMemory(sum.memory);
    m_disk->setText(isKnown ? formatBytes(sum.diskBytes) : dash);
}

void EstimateCard::showMemory(const run::MemoryEstimate& memory) {
    if (!memory.isKnown) {
        m_memory->setText(QStringLiteral("–"));
        m_memory->setToolTip(tr("The sizes of the model cannot be read"));
        return;
    }
    m_memory->setText(tr("≈ %1").arg(formatBytes(memory.total)));
    m_memory->setToolTip(tr("Weights %1, LoRA and optimiser %2, activations %3: up to %4 rows in a call%5")
                             .arg(formatBytes(memory.parts.weights), formatBytes(memory.parts.adapter), formatBytes(memory.plan.activations))
                             .arg(memory.plan.rows)
                             .arg(memory.plan.isCheckpointed ? tr(", with gradient checkpointing") : QString()));
}

}  // namespace rlcm::ui
