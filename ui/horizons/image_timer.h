#pragma once
// Has the command line measure what an image takes.
#include <QByteArray>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <filesystem>
#include <vector>

#include "core/run/run_event.h"

namespace rlcm::ui {

/// Runs `rlcm time` as a process of its own, so that a crash or a lack of memory there is no harm here. thread: GUI. The destructor ends it.
class ImageTimer : public QObject {
    Q_OBJECT
public:
    /// `program`: the file of `rlcm`.
    explicit ImageTimer(QString program, QObject* parent = nullptr);
    ~ImageTimer() override;
    /// Measures the horizons of these runs into the workspace. Does nothing while it measures.
    void start(const std::filesystem::path& workspace, const std::vector<run::RunId>& runs);
    /// What has been measured by then stays.
    void cancel();
    bool isRunning() const { return m_process.state() != QProcess::NotRunning; }

Q_SIGNALS:
    void progressed(int done, int total);
    /// One more horizon is in the workspace.
    void measured();
    /// It has ended: `problem` is empty when all went well or it was cancelled.
    void finished(const QString& problem);

private:
    void read();
    void end(const QString& problem);

    QString m_program;
    QProcess m_process;
    QByteArray m_line;
    bool m_isCancelled = false;
};

}  // namespace rlcm::ui
