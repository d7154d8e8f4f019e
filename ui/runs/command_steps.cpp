#include "ui/runs/command_steps.h"

#include <utility>

namespace rlcm::ui {
namespace {
constexpr int kEndPatienceMs = 1000;
}  // namespace

CommandSteps::CommandSteps(QString program, QObject* parent) : QObject(parent), m_program(std::move(program)), m_process(this) {
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            end(tr("%1 cannot be started: %2. It stands beside the window's own program.").arg(m_program, m_process.errorString()), false);
        }
    });
    connect(&m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        const QString told = QString::fromUtf8(m_process.readAllStandardError()).trimmed();
        if (status == QProcess::NormalExit && code == 0) {
            next();
        } else if (m_isRunning) {
            end(told.isEmpty() ? tr("It ended with code %1.").arg(code) : told, false);
        }
    });
}

CommandSteps::~CommandSteps() {
    m_process.disconnect(this);
    m_process.kill();
    m_process.waitForFinished(kEndPatienceMs);
}

void CommandSteps::start(std::vector<QStringList> steps) {
    if (!m_isRunning) {
        m_steps = std::move(steps);
        m_isRunning = true;
        next();
    }
}

void CommandSteps::cancel() {
    if (m_isRunning) {
        end({}, false);
        m_process.kill();
    }
}

void CommandSteps::next() {
    if (!m_isRunning) {
        return;  // cancelled
    }
    if (m_steps.empty()) {
        end({}, true);
        return;
    }
    const QStringList arguments = m_steps.front();
    m_steps.erase(m_steps.begin());
    m_process.start(m_program, arguments);
    m_process.closeWriteChannel();
}

void CommandSteps::end(const QString& problem, bool isWhole) {
    m_isRunning = false;
    m_steps.clear();
    Q_EMIT finished(problem, isWhole);
}

}  // namespace rlcm::ui
