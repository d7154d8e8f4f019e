#pragma once
// What a run has learned, after its training: images of any prompts, and the LoRA as a file.
#include <QDialog>
#include <QTemporaryDir>

#include "core/run/run_config.h"
#include "core/store/workspace.h"
#include "ui/runs/command_steps.h"

class QComboBox;
class QDoubleSpinBox;
class QFormLayout;
class QHBoxLayout;
class QListWidget;
class QPlainTextEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace rlcm::ui {

class MessageBar;
class StoreService;

/// Samples with a checkpoint of a run and saves its LoRA through `rlcm export --lora` and `rlcm sample`, beside a run that trains. thread: GUI.
/// objectNames: sampleDialog, sampleEpoch, samplePrompts, sampleSteps, sampleGuidance, sampleSeed, makeImages, madeImages, saveImages, loraFormat, saveLora.
class SampleDialog : public QDialog {
    Q_OBJECT
public:
    /// `store` must outlive it. `program`: the file of `rlcm`.
    SampleDialog(StoreService& store, const store::RunRow& run, const QString& program, QWidget* parent = nullptr);

private:
    void addForm(QFormLayout& form);
    QHBoxLayout* makeButtons();
    void read();
    void showCheckpoints(const std::vector<std::int64_t>& epochs, const QStringList& prompts);
    QStringList loraArguments(const QString& file) const;
    void makeImages();
    void saveImages();
    void saveLora();
    void begin(std::vector<QStringList> steps);
    void end(const QString& problem, bool isWhole);
    void showImages();
    QStringList prompts() const;
    void updateButtons();

    StoreService& m_store;
    run::RunId m_run;
    QString m_name;
    run::RunConfig m_config;
    QTemporaryDir m_folder;  // images that were made and the LoRA behind them
    QString m_loraFile;      // being saved; empty: images are made
    CommandSteps m_steps;
    QComboBox *m_epoch = nullptr, *m_loraFormat = nullptr;
    QPlainTextEdit* m_prompts = nullptr;
    QSpinBox *m_horizon = nullptr, *m_seed = nullptr;
    QDoubleSpinBox* m_guidance = nullptr;
    QListWidget* m_images = nullptr;
    QPushButton *m_make = nullptr, *m_saveImages = nullptr, *m_saveLora = nullptr;
    QProgressBar* m_busy = nullptr;
    MessageBar* m_message = nullptr;
};

}  // namespace rlcm::ui
