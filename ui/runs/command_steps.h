#pragma once
// Has the command line do something in several steps.
#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <vector>

namespace rlcm::ui {

/// Runs `rlcm` once for each step, one after the other, each as a process of its own: what goes wrong there is no harm here. thread: GUI. The destructor ends it.
class CommandSteps : public QObject {
    Q_OBJECT
public:
    /// `program`: the file of `rlcm`.
    explicit CommandSteps(QString program, QObject* parent = nullptr);
    ~CommandSteps() override;
    /// Arguments of each step. Does nothing while others run.
    void start(std::vector<QStringList> steps);
    void cancel();
    bool isRunning() const { return m_isRunning; }

Q_SIGNALS:
    /// All are done, or one has failed and `problem` says how; empty as well when it was cancelled, which `isWhole` tells.
    void finished(const QString& problem, bool isWhole);

private:
    void next();
    void end(const QString& problem, bool isWhole);

    QString m_program;
    QProcess m_process;
    std::vector<QStringList> m_steps;  // that are left
    bool m_isRunning = false;
};

}  // namespace rlcm::ui
