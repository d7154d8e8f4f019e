#include "ui/runs/reward_trial_dialog.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>
#include <algorithm>

#include "core/store/workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"
#include "ui/widgets/busy_bar.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/within_screen.h"

namespace rlcm::ui {

namespace {

constexpr int kColumns = 4;
constexpr int kPicture = 160;
constexpr int kScrollBar = 16;  // with a little room beside it

/// Shared by all trials and as old as the program: a dialog that closes does not wait for what it asked for.
BackgroundThreads& trialThreads() {
    static auto* threads = new BackgroundThreads(4, QCoreApplication::instance());  // one that waits for a server must not hold up the next
    return *threads;
}

QString millisecondsText(double milliseconds) {
    return milliseconds < 1000 ? QObject::tr("%1 ms").arg(milliseconds, 0, 'g', 3) : formatDuration(milliseconds / 1000);
}

}  // namespace

RewardTrialDialog::RewardTrialDialog(run::RewardTester tester, StoreService* store, QWidget* parent)
    : QDialog(parent), m_tester(std::move(tester)), m_store(store) {
    setObjectName(QStringLiteral("rewardTrial"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Test reward"));
    makeParts();
    layOut();
    connect(m_source, &QComboBox::activated, this, &RewardTrialDialog::onSourceChosen);
    connect(m_score, &QPushButton::clicked, this, [this] { m_isBusy ? cancel() : score(); });
    setBusy(false, {});
}

void RewardTrialDialog::makeParts() {
    m_title = makeHeading(new QLabel);
    m_title->setTextFormat(Qt::PlainText);
    m_title->setWordWrap(true);
    m_source = new QComboBox;
    m_source->setObjectName(QStringLiteral("trialSource"));
    m_source->setAccessibleName(tr("Pictures"));
    m_source->addItems({tr("Newest evaluation images"), tr("Drawn pictures"), tr("Choose files…")});
    m_message = new MessageBar;
    m_message->setObjectName(QStringLiteral("trialMessage"));
    m_progress = makeBusyBar();
    m_status = makeMuted(new QLabel);
    m_status->setObjectName(QStringLiteral("trialStatus"));
    m_score = makePrimary(new QPushButton(tr("Score again")));
    m_score->setObjectName(QStringLiteral("trialScore"));
    m_score->setDefault(true);
    m_content = new QWidget;
    m_grid = new QGridLayout(m_content);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(spacing::kLarge);
    m_grid->setVerticalSpacing(spacing::kLarge);
}

void RewardTrialDialog::layOut() {
    auto* close = new QPushButton(tr("Close"));
    close->setAutoDefault(false);
    connect(close, &QPushButton::clicked, this, &QDialog::reject);
    auto* scroll = new QScrollArea;
    scroll->setWidget(m_content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* top = new QHBoxLayout;
    top->setSpacing(spacing::kMedium);
    top->addWidget(m_title, 1);
    top->addWidget(m_source);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(spacing::kSmall);
    bottom->addWidget(m_status, 1);
    bottom->addWidget(close);
    bottom->addWidget(m_score);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(spacing::kLarge, spacing::kLarge, spacing::kLarge, spacing::kLarge);
    layout->setSpacing(spacing::kMedium);
    layout->addLayout(top);
    layout->addWidget(m_message);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_progress);
    layout->addLayout(bottom);
    resize(withinScreen(*this, {kColumns * (kPicture + spacing::kLarge) + spacing::kLarge + kScrollBar, 620}));
}

RewardTrialDialog::~RewardTrialDialog() = default;

void RewardTrialDialog::setReward(const run::RewardConfig& reward) {
    m_reward = reward;
    m_title->setText(QString::fromStdString(reward.terms));
}

void RewardTrialDialog::onSourceChosen(int index) {
    const auto source = static_cast<Source>(index);
    if (source == Source::Files) {
        const QStringList files = FileDialog::openFiles(this, tr("Pictures to score"), {}, tr("Images (*.png *.jpg *.jpeg *.webp)"));
        if (files.isEmpty()) {
            return;
        }
        m_files = files;
    }
    load(source, m_files);
}

void RewardTrialDialog::load(Source source, const QStringList& files) {
    m_message->dismiss();
    setBusy(true, tr("Reading pictures…"));
    const Generation::Token token = m_questions.renew();
    if (source == Source::Evaluation && m_store != nullptr) {
        m_store->readAside(
            this, token, [](const store::StoreReader& reader) { return Loaded{latestEvaluation(reader), Source::Evaluation}; },
            [this](Loaded loaded) { onLoaded(std::move(loaded)); },
            [this](const QString&) { load(Source::Drawn); });  // no workspace yet, or images that are gone: drawn ones do as well
        return;
    }
    runInBackground(
        {trialThreads(), this, token},
        [source, files] { return source == Source::Files ? Loaded{picturesOf(files), Source::Files} : Loaded{drawnPictures(), Source::Drawn}; },
        [this](Loaded loaded) { onLoaded(std::move(loaded)); }, [this](const QString& problem) { fail(problem); });
}

void RewardTrialDialog::onLoaded(Loaded loaded) {
    if (loaded.images.empty()) {
        load(Source::Drawn);
        return;
    }
    m_source->setCurrentIndex(static_cast<int>(loaded.source));
    showImages(std::move(loaded.images));
    score();
}

void RewardTrialDialog::showImages(std::vector<TrialImage> images) {
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_cells.clear();
    const qreal ratio = devicePixelRatioF();
    for (TrialImage& image : images) {
        auto* box = new QWidget(m_content);
        auto* column = new QVBoxLayout(box);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(spacing::kTiny);
        auto* picture = new QLabel;
        QPixmap pixmap = QPixmap::fromImage(image.picture.scaled(QSize(kPicture, kPicture) * ratio, Qt::KeepAspectRatio, Qt::SmoothTransformation));
        pixmap.setDevicePixelRatio(ratio);
        picture->setPixmap(pixmap);
        picture->setFixedSize(kPicture, kPicture);
        picture->setAccessibleName(image.prompt);
        Cell cell;
        cell.prompt = new QLineEdit(image.prompt);
        cell.prompt->setObjectName(QStringLiteral("trialPrompt"));
        cell.prompt->setAccessibleName(tr("Prompt"));
        cell.prompt->setToolTip(tr("What the picture is said to show; change it and score again"));
        cell.prompt->setCursorPosition(0);
        cell.prompt->setFixedWidth(kPicture);
        cell.total = makeHeading(new QLabel);
        cell.total->setObjectName(QStringLiteral("trialTotal"));
        cell.terms = makeMuted(new QLabel);
        cell.terms->setObjectName(QStringLiteral("trialTerms"));
        for (QWidget* part : std::initializer_list<QWidget*>{picture, cell.prompt, cell.total, cell.terms}) {
            column->addWidget(part);
        }
        column->addStretch(1);
        cell.image = std::move(image);
        const int index = static_cast<int>(m_cells.size());
        m_grid->addWidget(box, index / kColumns, index % kColumns, Qt::AlignTop | Qt::AlignLeft);
        m_cells.push_back(std::move(cell));
    }
    m_grid->setColumnStretch(kColumns, 1);
    m_grid->setRowStretch(kTrialImages / kColumns, 1);
    clearScores();
}

void RewardTrialDialog::score() {
    if (m_cells.empty()) {
        load(Source::Evaluation);
        return;
    }
    m_message->dismiss();
    clearScores();
    setBusy(true, tr("Scoring…"));
    std::vector<QImage> pictures;
    std::vector<std::string> prompts;
    for (const Cell& cell : m_cells) {
        pictures.push_back(cell.image.picture);
        prompts.push_back(cell.prompt->text().toStdString());
    }
    run::RewardConfig reward = m_reward;
    reward.serverPatience = std::min(reward.serverPatience, run::kShownTrialPatience);
    reward.serverTimeout = std::min(reward.serverTimeout, run::kShownTrialAnswer);
    reward.programTimeout = std::min(reward.programTimeout, run::kShownTrialAnswer);
    runInBackground(
        {trialThreads(), this, m_questions.renew()},
        [tester = m_tester, reward, pictures = std::move(pictures), prompts = std::move(prompts)] {
            std::vector<image::Rgb8Image> pixels;
            for (const QImage& picture : pictures) {
                pixels.push_back(toRgb8(picture));
            }
            return tester(reward, pixels, prompts);
        },
        [this](const run::RewardTrial& trial) { showScores(trial); }, [this](const QString& problem) { fail(problem); });
}

void RewardTrialDialog::showScores(const run::RewardTrial& trial) {
    for (std::size_t i = 0; i < m_cells.size() && i < trial.totals.size(); ++i) {
        m_cells[i].total->setText(formatReward(trial.totals[i]));
        QStringList lines;
        for (const auto& [name, values] : trial.terms) {
            if (i < values.size()) {
                // A reward of one term is its own total.
                const bool isTotal = trial.terms.size() == 1 && values[i] == trial.totals[i];
                lines << QString::fromStdString(name) + (isTotal ? QString() : QStringLiteral("  ") + formatReward(values[i]));
            }
        }
        m_cells[i].terms->setText(lines.join(QLatin1Char('\n')));
    }
    setBusy(false, tr("%1 for one image; %2 to get ready").arg(millisecondsText(trial.millisecondsPerImage), millisecondsText(1000 * trial.loadSeconds)));
}

void RewardTrialDialog::clearScores() {
    for (const Cell& cell : m_cells) {
        cell.total->setText(QStringLiteral("–"));
        cell.terms->clear();
    }
}

void RewardTrialDialog::fail(const QString& text) {
    setBusy(false, {});
    m_message->showMessage(MessageLevel::Error, text);
}

void RewardTrialDialog::cancel() {
    m_questions.renew();
    setBusy(false, tr("Cancelled"));
}

void RewardTrialDialog::setBusy(bool isBusy, const QString& status) {
    m_isBusy = isBusy;
    m_progress->setVisible(isBusy);
    m_status->setText(status);
    m_score->setText(isBusy ? tr("Cancel") : tr("Score again"));
}

}  // namespace rlcm::ui
