#pragma once
// The one owner of the report that is put together in this window.
#include <QObject>
#include <QString>
#include <filesystem>

#include "core/report/cards.h"
#include "ui/bridge/background.h"

class QUndoStack;

namespace rlcm::ui {

/// Reads the report of a folder, changes it in steps that can be undone, and writes it after each. thread: GUI.
class ReportDesk : public QObject {
    Q_OBJECT
public:
    /// `steps` must outlive it.
    ReportDesk(std::filesystem::path folder, QUndoStack& steps, QObject* parent = nullptr);

    const report::CardReport& report() const { return m_report; }
    /// The folder has been read; before that nothing can be changed.
    bool isLoaded() const { return m_isLoaded; }
    /// Takes another report; `what`: for "Undo …".
    void change(const QString& what, report::CardReport next);
    /// Puts a card behind the others, as soon as the report is read.
    void add(report::Card card);
    /// Draws the report as a page and writes it, by the file's ending as .html or .pdf. One of these follows: saved(), failed().
    void save(const QString& file);
    /// Everything asked for is on the disk.
    bool isSettled() const { return m_isLoaded && m_writes == 0; }

Q_SIGNALS:
    void changed();
    void saved(const QString& file);
    void failed(const QString& message);

private:
    void take(report::CardReport next);

    std::filesystem::path m_folder;
    QUndoStack& m_steps;
    report::CardReport m_report;
    std::vector<report::Card> m_early;  // added before the folder was read
    bool m_isLoaded = false;
    int m_writes = 0;
    BackgroundThreads m_thread{1};  // last: it ends before what it uses
};

}  // namespace rlcm::ui
