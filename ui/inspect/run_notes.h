#pragma once
#include <QString>
#include <QStringList>
#include <QTimer>
#include <QWidget>

#include "core/run/run_event.h"

class QLineEdit;
class QPlainTextEdit;

namespace rlcm::store {
struct RunRow;
}

namespace rlcm::ui {

class UndoableEdits;

/// Tags and notes of one run, stored when the user leaves them or pauses in typing; each is a step to undo. objectNames: runTags, runNotes.
class RunNotes : public QWidget {
    Q_OBJECT
public:
    /// `edits` must outlive it.
    explicit RunNotes(UndoableEdits& edits, QWidget* parent = nullptr);
    /// Shows a run's; what was typed for another one is stored first, and what is being typed stays.
    void setRun(const store::RunRow& run);
    /// Stores what was typed.
    void commit();
    /// From now on both are only shown; `why` is their tool tip.
    void setReadOnly(const QString& why);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void commitTags();
    void commitNotes();

    UndoableEdits& m_edits;
    run::RunId m_run;
    QString m_name, m_storedNotes;
    QStringList m_storedTags;
    QLineEdit* m_tags = nullptr;
    QPlainTextEdit* m_notes = nullptr;
    QTimer m_pause;
};

}  // namespace rlcm::ui
