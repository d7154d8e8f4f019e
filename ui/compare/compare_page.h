#pragma once
#include <QWidget>
#include <memory>

namespace rlcm::ui {

class StoreService;

/// All visible runs of a workspace on one chart: any scalar against any budget, smoothing, seed groups, a
/// table and the evaluation images at the cursor. The GUI thread never waits for the disk. Keys: 1..7 x axis, [ and ] smoothing, R raw, L log y, O outliers, G group, F fit.
class ComparePage : public QWidget {
    Q_OBJECT
public:
    /// `store` must outlive the page.
    explicit ComparePage(StoreService& store, QWidget* parent = nullptr);
    ~ComparePage() override;

    /// Reads again what has changed; cheap to call often, calls while a read is under way are merged. While
    /// the page is hidden the read waits for it to be shown.
    void refresh();
    /// Moves the cursor to an epoch (time bar); no signal.
    void setCursorEpoch(int epoch);
    /// Opens the export dialog of the page (Ctrl+E).
    void exportFigure();
    /// Copies the table at the cursor as TSV.
    void copyTable();
    /// Choices and splitter positions, for a settings file; restoreState ignores what it does not understand.
    QByteArray saveState() const;
    void restoreState(const QByteArray& state);

Q_SIGNALS:
    void cursorEpochChanged(int epoch);    ///< the user moved the cursor while x is the epoch
    void runActivated(const QString& id);  ///< double click in the table
    void newRunRequested();                ///< the button of the empty state

protected:
    void showEvent(QShowEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace rlcm::ui
