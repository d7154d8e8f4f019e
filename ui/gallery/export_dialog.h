#pragma once
// Saves what a page shows: images, a figure, or the numbers.
#include <QDialog>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "core/figure/figure_spec.h"
#include "core/figure/text_table.h"
#include "core/report/cards.h"
#include "core/report/report.h"
#include "core/run/run_event.h"
#include "ui/bridge/background.h"

class QCheckBox;
class QComboBox;
class QFormLayout;
class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QTabWidget;

namespace rlcm::ui {

class FigurePreview;
class MessageBar;
class StoreService;

/// Writes one kind of file in the store's threads; what it throws is told in the dialog.
template <typename... Options>
using ExportWork = std::function<void(const store::StoreReader&, const std::filesystem::path&, const Options&...)>;

/// What a page has to take away. A kind that it has nothing of is not offered.
struct ExportSubject {
    /// Images in rows and columns.
    struct Images {
        QString note;  ///< which ones
        ExportWork<report::GridOptions> write;
        /// What it would be; in the store's threads.
        std::function<report::GridSize(const store::StoreReader&, const report::GridOptions&)> size;
        int cellPixels = 192;
        bool hasColumns = true;  ///< how many stand in a row can be chosen
    };
    struct Figure {
        QString note;
        std::optional<figure::FigureSpec> spec = {};                                    ///< written as it stands, in the size chosen
        std::function<void(const QString& file, const QSizeF& millimetres)> draw = {};  ///< instead, on the GUI thread
    };
    struct Table {
        QString note, suffix;
        ExportWork<> write;
        bool isFolder = false;  ///< it is written into a folder that exists, not as a file
    };
    /// A table for people, which is written as Markdown and LaTeX and can stand in a report.
    struct Words {
        QString note;
        figure::TextTable table;
    };
    QString name;  ///< of the run or page, for the title and the file
    std::optional<Images> images = {};
    std::optional<Figure> figure = {};
    std::vector<Table> tables = {};
    std::optional<Words> words = {};
};

/// The evaluation images and the numbers of one run, as every page offers them.
ExportSubject::Images runImages(const run::RunId& run, std::int64_t epoch);
ExportSubject::Table runNumbers(const run::RunId& run);
/// The numbers of runs for TensorBoard, each in a folder of its own.
ExportSubject::Table runEvents(const std::vector<run::RunId>& runs);

/// One dialog for all files that can be taken away, from any page. Writing stands aside of other reads; a file begun is finished even when the dialog is closed meanwhile.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    enum class Tab { Images, Figure, Numbers };
    /// `store` must outlive the dialog. Shows `first` if the subject has it.
    ExportDialog(StoreService& store, ExportSubject subject, Tab first, QWidget* parent = nullptr);
    ~ExportDialog() override;
    /// Chooses what is saved and its format ("pdf"); false: the subject has no such kind or format.
    bool choose(Tab tab, const QString& suffix);
    /// What is chosen can be added to a report: cardMade().
    void offerReport();

Q_SIGNALS:
    void saved(const QString& file);
    void cardMade(const rlcm::report::Card& card);

private:
    QFormLayout* addTab(Tab tab, const QString& title, const QString& note);
    QComboBox* addFormats(QFormLayout* form, const QString& name, const QStringList& suffixes);
    void addImages();
    void addFigure();
    void addTables();
    Tab tab() const;
    void save();
    void saveFigure(const QString& file);
    figure::Size figureSize() const;
    void showPreview();
    report::GridOptions gridOptions() const;
    void showForecast();
    void updateReportButton();
    void addToReport();
    std::function<report::Card(const store::StoreReader&)> cardWork(report::Card card) const;
    void endCard(const QString& failure);
    QString askForFile(const QString& suffix);
    void write(const QString& file, ExportWork<> work);
    void endWrite(const QString& file, const QString& failure);
    QString suggestion(const QString& suffix) const;

    StoreService& m_store;
    ExportSubject m_subject;
    QTabWidget* m_tabs = nullptr;
    std::vector<Tab> m_kinds;  // of the tabs
    QComboBox *m_imageFormat = nullptr, *m_figureFormat = nullptr, *m_figureSize = nullptr, *m_table = nullptr, *m_gapColour = nullptr;
    QSpinBox *m_cell = nullptr, *m_columns = nullptr, *m_gap = nullptr;
    QCheckBox *m_labels = nullptr, *m_hasSpec = nullptr;
    FigurePreview* m_preview = nullptr;
    QLabel* m_forecast = nullptr;
    Generation m_previews, m_forecasts;
    MessageBar* m_message = nullptr;
    QProgressBar* m_busy = nullptr;
    QPushButton *m_save = nullptr, *m_toReport = nullptr;
};

}  // namespace rlcm::ui
