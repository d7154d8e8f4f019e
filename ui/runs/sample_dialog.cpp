#include "ui/runs/sample_dialog.h"

#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QImage>
#include <QLabel>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QSpinBox>
#include <QStandardPaths>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/run/choices.h"
#include "core/run/field_table.h"
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

constexpr int kMadeSide = 144, kFirstPrompts = 4;

/// Stored settings; those of a fresh run where they are of another version.
run::RunConfig storedConfig(const store::RunRow& run) {
    try {
        return run::configFromJson(parseJson(run.configJson, run.id), run.id);
    } catch (const std::exception&) {
        return {};
    }
}

QString fileName(QString name) {
    return name.replace(QRegularExpression(QStringLiteral("[^A-Za-z0-9._-]+")), QStringLiteral("-"));
}

}  // namespace

SampleDialog::SampleDialog(StoreService& store, const store::RunRow& run, const QString& program, QWidget* parent)
    : QDialog(parent), m_store(store), m_run(run.id), m_name(oneLine(run.name)), m_config(storedConfig(run)), m_steps(program) {
    setObjectName(QStringLiteral("sampleDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Images and LoRA of “%1”").arg(m_name));
    m_message = new MessageBar(this);
    auto* form = new QFormLayout;
    form->setSpacing(spacing::kSmall);
    addForm(*form);
    m_images = new QListWidget;
    m_images->setObjectName(QStringLiteral("madeImages"));
    m_images->setAccessibleName(tr("Images made"));
    m_images->setViewMode(QListView::IconMode);
    m_images->setIconSize({kMadeSide, kMadeSide});
    m_images->setResizeMode(QListView::Adjust);
    m_images->setMovement(QListView::Static);
    m_images->setUniformItemSizes(true);
    m_images->setSpacing(spacing::kTiny);
    m_busy = makeBusyBar();
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(spacing::kMedium);
    layout->addWidget(m_message);
    layout->addLayout(form);
    layout->addWidget(m_images, 1);
    layout->addWidget(m_busy);
    layout->addLayout(makeButtons());
    resize(withinScreen(*this, {720, 640}));
    connect(m_make, &QPushButton::clicked, this, &SampleDialog::makeImages);
    connect(m_saveImages, &QPushButton::clicked, this, &SampleDialog::saveImages);
    connect(m_saveLora, &QPushButton::clicked, this, &SampleDialog::saveLora);
    connect(m_prompts, &QPlainTextEdit::textChanged, this, &SampleDialog::updateButtons);
    connect(&m_steps, &CommandSteps::finished, this, &SampleDialog::end);
    updateButtons();
    read();
}

QHBoxLayout* SampleDialog::makeButtons() {
    const auto make = [](const char* name, Icon which, const QString& text) {
        auto* button = new QPushButton(icon(which), text);
        button->setObjectName(QLatin1String(name));
        button->setAutoDefault(false);
        return button;
    };
    m_make = makePrimary(make("makeImages", Icon::Camera, tr("Make images")));
    m_make->setIcon(icon(Icon::Camera, Role::AccentText));
    m_saveImages = make("saveImages", Icon::Save, tr("Save images…"));
    m_saveLora = make("saveLora", Icon::Save, tr("Save LoRA…"));
    m_loraFormat = new QComboBox;
    m_loraFormat->setObjectName(QStringLiteral("loraFormat"));
    m_loraFormat->setAccessibleName(tr("Format of the LoRA"));
    m_loraFormat->addItem(tr("for ComfyUI, A1111, diffusers (kohya)"), QStringLiteral("kohya"));
    m_loraFormat->addItem(tr("for diffusers (PEFT)"), QStringLiteral("peft"));
    auto* row = new QHBoxLayout;
    row->addWidget(m_make);
    row->addWidget(m_saveImages);
    row->addStretch(1);
    row->addWidget(m_loraFormat);
    row->addWidget(m_saveLora);
    return row;
}

void SampleDialog::addForm(QFormLayout& form) {
    m_epoch = new QComboBox;
    m_epoch->setObjectName(QStringLiteral("sampleEpoch"));
    m_epoch->setToolTip(tr("The checkpoints that are kept of this run"));
    m_prompts = new QPlainTextEdit;
    m_prompts->setObjectName(QStringLiteral("samplePrompts"));
    m_prompts->setPlaceholderText(tr("One prompt a line"));
    m_prompts->setTabChangesFocus(true);
    m_prompts->setFixedHeight((kFirstPrompts + 1) * fontMetrics().lineSpacing() + spacing::kSmall);
    m_horizon = new QSpinBox;
    m_horizon->setObjectName(QStringLiteral("sampleSteps"));
    m_horizon->setRange(1, 200);
    m_horizon->setValue(static_cast<int>(m_config.sampling.steps));
    m_guidance = new QDoubleSpinBox;
    m_guidance->setObjectName(QStringLiteral("sampleGuidance"));
    m_guidance->setRange(0, 100);
    m_guidance->setValue(m_config.sampling.guidance);
    m_seed = new QSpinBox;
    m_seed->setObjectName(QStringLiteral("sampleSeed"));
    m_seed->setRange(0, 1'000'000'000);
    form.addRow(tr("&Epoch:"), m_epoch);
    form.addRow(tr("&Prompts:"), m_prompts);
    auto* numbers = new QHBoxLayout;
    for (const auto& [text, box] : {std::pair<QString, QWidget*>(tr("Guidance:"), m_guidance), {tr("Seed:"), m_seed}}) {
        auto* label = new QLabel(text);
        label->setBuddy(box);
        numbers->addSpacing(spacing::kMedium);
        numbers->addWidget(label);
        numbers->addWidget(box);
    }
    numbers->insertWidget(0, m_horizon);
    numbers->addStretch(1);
    auto* steps = new QLabel(tr("&Steps:"));
    steps->setBuddy(m_horizon);
    form.addRow(steps, numbers);
}

/// Checkpoints, and some prompts to begin with: those of the evaluation set.
void SampleDialog::read() {
    m_store.read(
        this,
        [id = m_run](const store::StoreReader& reader) {
            std::pair<std::vector<std::int64_t>, QStringList> found;
            for (const store::CheckpointRow& checkpoint : reader.checkpoints(id)) {
                found.first.push_back(checkpoint.epoch);
            }
            const std::vector<std::int64_t> epochs = reader.sampleEpochs(id);
            for (const store::SampleRow& sample : epochs.empty() ? std::vector<store::SampleRow>() : reader.samples(id, epochs.back())) {
                if (const QString prompt = QString::fromStdString(sample.prompt); !found.second.contains(prompt) && found.second.size() < kFirstPrompts) {
                    found.second << prompt;
                }
            }
            return found;
        },
        [this](const auto& found) { showCheckpoints(found.first, found.second); },
        [this](const QString& text) { m_message->showMessage(MessageLevel::Error, text); });
}

void SampleDialog::showCheckpoints(const std::vector<std::int64_t>& epochs, const QStringList& prompts) {
    for (const std::int64_t epoch : epochs) {
        m_epoch->addItem(m_epoch->count() == 0 ? tr("%1, the newest").arg(epoch) : QString::number(epoch), QVariant::fromValue(static_cast<qlonglong>(epoch)));
    }
    if (m_prompts->toPlainText().isEmpty()) {
        m_prompts->setPlainText(prompts.join(QLatin1Char('\n')));
    }
    if (epochs.empty()) {
        m_message->showMessage(MessageLevel::Info,
                               tr("No checkpoint of this run is kept, so there is nothing to sample with. Its evaluation images are on the pages."));
    }
    updateButtons();
}

QStringList SampleDialog::loraArguments(const QString& file) const {
    return {QStringLiteral("export"),
            QStringLiteral("--workspace"),
            QString::fromStdString(m_store.workspace().string()),
            QStringLiteral("--run"),
            QString::fromStdString(m_run),
            QStringLiteral("--lora"),
            QStringLiteral("--epoch"),
            m_epoch->currentData().toString(),
            QStringLiteral("--format"),
            m_loraFile.isEmpty() ? QStringLiteral("kohya") : m_loraFormat->currentData().toString(),
            QStringLiteral("--out"),
            file};
}

void SampleDialog::makeImages() {
    m_loraFile.clear();
    const QString lora = m_folder.filePath(QStringLiteral("lora.safetensors")), out = m_folder.filePath(QStringLiteral("images"));
    QDir(out).removeRecursively();
    QStringList sample{QStringLiteral("sample"), QStringLiteral("--model"), QString::fromStdString(m_config.model.path), QStringLiteral("--lora"), lora};
    for (const QString& prompt : prompts()) {
        sample << QStringLiteral("--prompt=") + prompt;
    }
    sample << QStringLiteral("--steps") << QString::number(m_horizon->value()) << QStringLiteral("--guidance") << QString::number(m_guidance->value())
           << QStringLiteral("--seed") << QString::number(m_seed->value()) << QStringLiteral("--eta") << QString::number(m_config.sampling.eta)
           << QStringLiteral("--timestep-rule") << QString::fromStdString(std::string(toString(m_config.sampling.timestepRule))) << QStringLiteral("--device")
           << QString::fromStdString(m_config.compute.device) << QStringLiteral("--out") << out;
    begin({loraArguments(lora), sample});
}

void SampleDialog::saveLora() {
    const QString ending = m_loraFormat->currentData() == QLatin1String("peft") ? QStringLiteral(".peft.safetensors") : QStringLiteral(".safetensors");
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    const QString file = FileDialog::saveFile(this, tr("Save LoRA"), QDir(folder).filePath(fileName(m_name) + ending), tr("LoRA (*.safetensors)"));
    if (!file.isEmpty()) {
        m_loraFile = file;
        begin({loraArguments(file)});
    }
}

void SampleDialog::saveImages() {
    const QString folder = FileDialog::chooseFolder(this, tr("Save images"), QStandardPaths::writableLocation(QStandardPaths::PicturesLocation));
    if (folder.isEmpty()) {
        return;
    }
    QStringList files;
    for (int i = 0; i < m_images->count(); ++i) {
        files << m_images->item(i)->data(Qt::UserRole).toString();
    }
    m_store.readAside(
        this, {},
        [files, folder, stem = fileName(m_name)](const store::StoreReader&) {
            for (qsizetype i = 0; i < files.size(); ++i) {
                const QString to = QDir(folder).filePath(QStringLiteral("%1-%2.png").arg(stem).arg(i));
                writeFileAtomically(to.toStdString(), readFile(files[i].toStdString()));
            }
        },
        [this, folder] { m_message->showMessage(MessageLevel::Success, tr("%1 images are in %2.").arg(m_images->count()).arg(folder)); },
        [this](const QString& text) { m_message->showMessage(MessageLevel::Error, text); });
}

void SampleDialog::begin(std::vector<QStringList> steps) {
    m_message->dismiss();
    m_busy->show();
    m_steps.start(std::move(steps));
    updateButtons();
}

void SampleDialog::end(const QString& problem, bool isWhole) {
    m_busy->hide();
    if (!problem.isEmpty()) {
        m_message->showMessage(MessageLevel::Error, problem);
    } else if (isWhole && m_loraFile.isEmpty()) {
        showImages();
    } else if (isWhole) {
        m_message->showMessage(MessageLevel::Success, tr("Saved %1").arg(m_loraFile));
    }
    updateButtons();
}

/// As `rlcm sample` has written them, in the order of the prompts.
void SampleDialog::showImages() {
    m_store.readAside(
        this, {},
        [folder = QDir(m_folder.filePath(QStringLiteral("images")))](const store::StoreReader&) {
            std::vector<std::pair<QString, QImage>> images;
            for (const QString& name : folder.entryList({QStringLiteral("*.png")}, QDir::Files, QDir::Name)) {
                const QImage image(folder.filePath(name));
                const bool isSmall = image.width() <= kMadeSide;
                images.emplace_back(folder.filePath(name),
                                    image.scaled(kMadeSide, kMadeSide, Qt::KeepAspectRatio, isSmall ? Qt::FastTransformation : Qt::SmoothTransformation));
            }
            return images;
        },
        [this](const std::vector<std::pair<QString, QImage>>& images) {
            m_images->clear();
            const QStringList prompts = this->prompts();
            for (const auto& [file, image] : images) {
                auto* item = new QListWidgetItem(QIcon(QPixmap::fromImage(image)), prompts.value(m_images->count()), m_images);
                item->setData(Qt::UserRole, file);
                item->setToolTip(plainToolTip(item->text()));
            }
            updateButtons();
        });
}

QStringList SampleDialog::prompts() const {
    QStringList all;
    for (const QString& line : m_prompts->toPlainText().split(QLatin1Char('\n'))) {
        all << (line.trimmed().isEmpty() ? QStringList() : QStringList{line.trimmed()});
    }
    return all;
}

void SampleDialog::updateButtons() {
    const bool isReady = m_epoch->count() > 0 && !m_steps.isRunning();
    m_make->setEnabled(isReady && !m_prompts->toPlainText().trimmed().isEmpty());
    m_saveLora->setEnabled(isReady);
    m_saveImages->setEnabled(m_images->count() > 0 && !m_steps.isRunning());
}

}  // namespace rlcm::ui
