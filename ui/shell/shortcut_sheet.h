#pragma once
#include <QDialog>
#include <vector>

class QAction;

namespace rlcm::ui {

struct Actions;

/// All keys, searchable. Deletes itself when closed.
class ShortcutSheet : public QDialog {
    Q_OBJECT
public:
    /// `ofList`: actions on the runs of the list.
    ShortcutSheet(const Actions& actions, const std::vector<QAction*>& ofList, QWidget* parent);
};

}  // namespace rlcm::ui
