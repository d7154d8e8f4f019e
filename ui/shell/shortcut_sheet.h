#pragma once
#include <QDialog>

namespace rlcm::ui {

struct Actions;

/// All keys, searchable. Deletes itself when closed.
class ShortcutSheet : public QDialog {
    Q_OBJECT
public:
    ShortcutSheet(const Actions& actions, QWidget* parent);
};

}  // namespace rlcm::ui
