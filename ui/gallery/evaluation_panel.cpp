#include "ui/gallery/evaluation_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QStackedLayout>
#include <QToolButton>
#include <algorithm>

#include "core/run/measures.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/image_viewer.h"
#include "ui/theme/icons.h"
#include "ui/widgets/elided_label.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {

namespace {
constexpr int kLargest = 8;  // steps of the slider
}  // namespace

struct EvaluationPanel::Loaded {
    GridContent content;
    std::vector<std::int64_t> epochs;
    std::vector<store::SampleRow> next;  // images of the following evaluation, to decode ahead
};

namespace {
std::optional<double> judgeAt(const store::StoreReader& reader, const run::RunId& id, std::int64_t epoch) {
    for (const store::ScalarRow& row : reader.scalars(id, run::measure::kEvalJudgeAccuracy, epoch)) {
        return row.counters.epoch == epoch ? std::optional(row.value) : std::nullopt;
    }
    return std::nullopt;
}
}  // namespace

EvaluationPanel::EvaluationPanel(StoreService& store, ThumbnailCache& cache, QWidget* parent) : QWidget(parent), m_store(store), m_cache(cache) {
    m_title = makeHeading(new QLabel(tr("Evaluation images"), this));
    m_facts = new ElidedLabel(this);
    makeMuted(m_facts);
    m_facts->setObjectName(QStringLiteral("evaluationFacts"));
    m_larger = new QSlider(Qt::Horizontal, this);
    m_larger->setObjectName(QStringLiteral("imageSize"));
    m_larger->setAccessibleName(tr("Size of the images"));
    m_larger->setToolTip(tr("Size of the images; at the left end all of them fit"));
    m_larger->setRange(0, kLargest);
    m_larger->setPageStep(1);
    m_larger->setFixedWidth(72);
    connect(m_larger, &QSlider::valueChanged, this, &EvaluationPanel::largerChosen);
    m_export = new QToolButton(this);
    m_export->setObjectName(QStringLiteral("exportGrid"));
    m_export->setIcon(icon(Icon::Export));
    m_export->setText(tr("Export…"));
    m_export->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_export->setAutoRaise(true);
    m_export->setToolTip(tr("Save this grid as an image (Ctrl+E)"));
    connect(m_export, &QToolButton::clicked, this, &EvaluationPanel::exportRequested);

    auto* heading = new QHBoxLayout;
    heading->setSpacing(spacing::kMedium);
    heading->addWidget(m_title);
    heading->addWidget(m_facts, 1);
    heading->addWidget(m_larger);
    heading->addWidget(m_export);

    m_grid = new EvaluationGrid(cache, this);
    m_empty = new EmptyState(Icon::Grid, tr("No images yet"), tr("The first evaluation comes before training starts."), {}, this);
    m_stack = new QStackedLayout;
    m_stack->addWidget(m_grid);
    m_stack->addWidget(m_empty);
    m_stack->setCurrentWidget(m_empty);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing::kTiny);
    layout->addLayout(heading);
    layout->addLayout(m_stack, 1);

    connect(m_grid, &EvaluationGrid::contentShown, this, &EvaluationPanel::updateHeading);
    connectViewer();
    updateHeading();
}

void EvaluationPanel::setLarger(int steps) {
    const QSignalBlocker quiet(m_larger);
    m_larger->setValue(steps);
    m_grid->setLarger(steps);
}

/// The viewer follows the grid, so that both always show the same epoch.
void EvaluationPanel::connectViewer() {
    m_link = new ImageLink(this);
    connect(m_grid, &EvaluationGrid::activated, this, [this](int cell) { ImageViewer::of(*this).open(m_grid->viewed(cell), m_link); });
    connect(m_grid, &EvaluationGrid::chosenAsA, this, [this](int cell) { ImageViewer::of(*this).chooseA(m_grid->viewed(cell), m_link); });
    connect(m_grid, &EvaluationGrid::comparedAsB, this,
            [this](int cell) { ImageViewer::of(*this).compare(m_grid->viewed(cell), m_link, m_grid->viewedBefore(cell)); });
    const auto tell = [this] {
        if (m_grid->current() >= 0) {
            Q_EMIT m_link->shown(m_grid->viewed(m_grid->current()));
        }
    };
    connect(m_grid, &EvaluationGrid::contentShown, m_link, tell);
    connect(m_grid, &EvaluationGrid::currentChanged, m_link, tell);
    connect(m_link, &ImageLink::stepAsked, this, [this](int right, int down) {
        if (right != 0) {
            stepImageEpoch(right);
        }
        m_grid->setCurrent(std::max(0, m_grid->current() + down));
    });
}

void EvaluationPanel::setRun(const run::RunId& id) {
    if (id != m_run) {
        m_run = id;
        m_epochs.clear();
        m_cache.dropPending();
        refresh();
    }
}

void EvaluationPanel::setEpoch(std::int64_t epoch) {
    if (epoch != m_epoch) {
        m_epoch = epoch;
        refresh();
    }
}

void EvaluationPanel::showEvent(QShowEvent*) {
    if (m_reading.isWanted()) {
        refresh();
    }
}

void EvaluationPanel::refresh() {
    if (!m_reading.ask(isVisible())) {
        return;
    }
    m_store.read(
        this,
        [id = m_run, asked = m_epoch](const store::StoreReader& reader) {
            Loaded loaded;
            loaded.content.run = id;
            loaded.content.askedEpoch = asked;
            if (id.empty()) {
                return loaded;
            }
            const std::optional<store::RunRow> row = reader.run(id);
            loaded.content.runName = row ? QString::fromStdString(row->name) : QString();
            loaded.content.judgeModel = row ? judgeModelOf(*row) : QString();
            loaded.epochs = reader.sampleEpochs(id);
            const auto after = std::upper_bound(loaded.epochs.begin(), loaded.epochs.end(), asked);
            if (after != loaded.epochs.begin()) {
                loaded.content.epoch = *std::prev(after);
                loaded.content.samples = reader.samples(id, loaded.content.epoch);
                for (const store::SampleRow& sample : reader.samples(id, loaded.epochs.front())) {
                    if (sample.epoch == 0) {
                        loaded.content.baseline[imageKeyOf(sample)] = sample;
                    }
                }
                loaded.content.judge = judgeAt(reader, id, loaded.content.epoch);
                loaded.content.judgeBefore = judgeAt(reader, id, 0);
            }
            if (after != loaded.epochs.end()) {
                loaded.next = reader.samples(id, *after);
            }
            return loaded;
        },
        [this](const Loaded& loaded) { take(loaded); },
        [this](const QString& message) {
            m_reading.finish();
            m_facts->setFullText(message);
        });
}

void EvaluationPanel::take(const Loaded& loaded) {
    m_reading.finish();
    if (loaded.content.run == m_run) {
        m_grid->setContent(loaded.content);
        if (loaded.epochs != m_epochs) {
            m_epochs = loaded.epochs;
            Q_EMIT imageEpochsChanged();
        }
        if (m_grid->content().samples.size() == loaded.next.size()) {
            for (const store::SampleRow& sample : loaded.next) {
                m_grid->decodeAhead(sample);
            }
        }
        updateHeading();
    }
    if (m_reading.isWanted()) {
        refresh();
    }
}

void EvaluationPanel::updateHeading() {
    const GridContent& content = m_grid->content();
    const bool hasImages = !content.samples.empty();
    m_stack->setCurrentWidget(hasImages ? static_cast<QWidget*>(m_grid) : m_empty);
    m_export->setEnabled(hasImages);
    if (!hasImages) {
        m_facts->setFullText({});
        return;
    }
    double train = 0, held = 0;
    int trainCount = 0, heldCount = 0;
    for (const store::SampleRow& sample : content.samples) {
        (sample.isHeldOut ? held : train) += sample.reward;
        ++(sample.isHeldOut ? heldCount : trainCount);
    }
    QString text = content.askedEpoch == content.epoch ? tr("ep %1").arg(content.epoch) : tr("ep %1 (asked %2)").arg(content.epoch).arg(content.askedEpoch);
    if (trainCount > 0) {
        text += (heldCount > 0 ? tr("  ·  training prompts %1 (%2)") : tr("  ·  mean reward of %2 images %1"))
                    .arg(formatReward(train / trainCount))
                    .arg(trainCount);
    }
    if (heldCount > 0) {
        text += tr("  ·  held-out prompts %1 (%2)").arg(formatReward(held / heldCount)).arg(heldCount);
    }
    m_facts->setFullText(text);
}

void EvaluationPanel::stepImageEpoch(int direction) {
    const std::int64_t shown = m_grid->content().epoch;
    if (direction > 0) {
        const auto next = std::upper_bound(m_epochs.begin(), m_epochs.end(), shown);
        if (next != m_epochs.end()) {
            Q_EMIT epochRequested(static_cast<int>(*next));
        }
    } else {
        const auto here = std::lower_bound(m_epochs.begin(), m_epochs.end(), shown);
        if (here != m_epochs.begin()) {
            Q_EMIT epochRequested(static_cast<int>(*std::prev(here)));
        }
    }
}

}  // namespace rlcm::ui
