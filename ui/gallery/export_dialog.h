#pragma once
// Saves what a run shows: image grid, curves, or the numbers.
#include <QDialog>
#include <QString>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/run/run_event.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QListWidget;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTabWidget;

namespace rlcm::store {
class StoreReader;
}

namespace rlcm::ui {

class MessageBar;
class StoreService;

/// What the dialog is opened for.
struct ExportSubject {
    run::RunId run;
    QString runName;
    std::int64_t epoch = 0;               ///< at the time bar
    std::vector<run::RunId> visibleRuns;  ///< for curves of several runs
    std::vector<std::string> scalars;     ///< names the run has
};

/// One dialog for all files that can be taken away. Writing stands aside of other reads; a file begun is finished even when
/// the dialog is closed meanwhile.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    enum class Tab { Grid, Curves, Table };
    /// `store` must outlive the dialog.
    ExportDialog(StoreService& store, ExportSubject subject, Tab tab, QWidget* parent = nullptr);
    ~ExportDialog() override;

Q_SIGNALS:
    void saved(const QString& file);

private:
    using Work = std::function<void(const store::StoreReader&, const std::filesystem::path&)>;
    QWidget* makeGridTab();
    QWidget* makeCurvesTab();
    QWidget* makeTableTab();
    void save();
    void write(const QString& file, Work work);
    void endWrite();
    QString suggestion(const QString& suffix) const;

    StoreService& m_store;
    ExportSubject m_subject;
    QTabWidget* m_tabs = nullptr;
    QComboBox* m_gridFormat = nullptr;
    QSpinBox* m_cell = nullptr;
    QSpinBox* m_columns = nullptr;
    QCheckBox* m_labels = nullptr;
    QComboBox* m_curveFormat = nullptr;
    QComboBox* m_curveRuns = nullptr;
    QComboBox* m_axis = nullptr;
    QListWidget* m_scalars = nullptr;
    MessageBar* m_message = nullptr;
    QProgressBar* m_busy = nullptr;
    QPushButton* m_save = nullptr;
};

}  // namespace rlcm::ui
