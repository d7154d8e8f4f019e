#pragma once
#include <QWidget>
#include <map>
#include <vector>

#include "core/store/workspace.h"

class QLabel;
class QListWidget;
class QPushButton;
class QToolButton;

namespace rlcm::ui {

/// The runs that wait, in order, with the time that each will take, dragged or moved by buttons; hidden while nothing waits.
class QueueBox : public QWidget {
    Q_OBJECT
public:
    explicit QueueBox(QWidget* parent = nullptr);
    /// Takes the queued ones out of all runs. `isTraining`: whether this window trains, so that the queue goes on by itself unless
    /// it is held.
    void setRuns(const std::vector<store::RunRow>& runs, bool isTraining, bool isHeld);

Q_SIGNALS:
    /// The whole queue in its new order.
    void reordered(const std::vector<rlcm::run::RunId>& order);
    void removed(const rlcm::run::RunId& id);
    void startRequested();
    void holdRequested(bool isHeld);

private:
    void move(int direction);
    void updateButtons();
    void forecast(const std::vector<store::RunRow>& runs, const std::vector<const store::RunRow*>& waiting);

    std::vector<run::RunId> m_order;
    std::map<run::RunId, double> m_seconds;  ///< that each will take; negative: not known
    QLabel* m_title = nullptr;
    QListWidget* m_list = nullptr;
    QToolButton* m_up = nullptr;
    QToolButton* m_down = nullptr;
    QToolButton* m_remove = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_hold = nullptr;
};

}  // namespace rlcm::ui
