#pragma once
// Deleted runs: bring them back, or give their disk back.
#include <QDialog>
#include <map>
#include <vector>

#include "core/store/workspace.h"

class QLabel;
class QPushButton;
class QTreeWidget;

namespace rlcm::ui {

class MessageBar;
class StoreService;

/// Lists the deleted runs of a workspace with the size of their files. Looking at sizes and removing happens on the store's thread,
/// run by run. Not modal. objectNames: deletedRuns, restoreRuns, purgeRuns, deletedTotal. thread: GUI.
class DeletedRunsDialog : public QDialog {
    Q_OBJECT
public:
    explicit DeletedRunsDialog(StoreService& store, QWidget* parent = nullptr);

Q_SIGNALS:
    void restored(const rlcm::run::RunId& id);

private:
    void refresh();
    void take(const std::vector<store::RunRow>& runs);
    void restoreSelected();
    void purgeSelected();
    void updateButtons();
    std::vector<run::RunId> selectedIds() const;
    /// Of the runs whose size is known by now.
    std::int64_t bytesOf(const std::vector<run::RunId>& ids) const;

    StoreService& m_store;
    std::map<run::RunId, std::int64_t> m_bytes;
    QTreeWidget* m_list = nullptr;
    MessageBar* m_problem = nullptr;
    QLabel* m_total = nullptr;
    QPushButton *m_restore = nullptr, *m_purge = nullptr;
};

}  // namespace rlcm::ui
