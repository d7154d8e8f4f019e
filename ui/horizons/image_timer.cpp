#include "ui/horizons/image_timer.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTimer>
#include <utility>

namespace rlcm::ui {
namespace {
constexpr int kPatienceMs = 1000;
constexpr qsizetype kLongestLine = 1 << 16;
}  // namespace

ImageTimer::ImageTimer(QString program, QObject* parent) : QObject(parent), m_program(std::move(program)), m_process(this) {
    connect(&m_process, &QProcess::readyReadStandardOutput, this, &ImageTimer::read);
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            end(tr("%1 cannot be started: %2. It stands beside the window's own program.").arg(m_program, m_process.errorString()));
        }
    });
    connect(&m_process, &QProcess::finished, this, [this](int code, QProcess::ExitStatus status) {
        read();
        const QString told = QString::fromUtf8(m_process.readAllStandardError()).trimmed();
        const bool isWell = status == QProcess::NormalExit && code == 0;
        end(isWell ? QString() : told.isEmpty() ? tr("Measuring ended with code %1.").arg(code) : told);
    });
}

ImageTimer::~ImageTimer() {
    m_process.disconnect(this);
    if (isRunning()) {
        m_process.terminate();
        if (!m_process.waitForFinished(kPatienceMs)) {
            m_process.kill();
            m_process.waitForFinished(kPatienceMs);
        }
    }
}

void ImageTimer::start(const std::filesystem::path& workspace, const std::vector<run::RunId>& runs) {
    if (isRunning()) {
        return;
    }
    QStringList arguments{QStringLiteral("time"), QStringLiteral("--json"), QStringLiteral("--out"), QString::fromStdString(workspace.string())};
    for (const run::RunId& id : runs) {
        arguments << QStringLiteral("--run") << QString::fromStdString(id);
    }
    m_isCancelled = false;
    m_line.clear();
    m_process.start(m_program, arguments);
}

void ImageTimer::cancel() {
    if (isRunning()) {
        m_isCancelled = true;
        m_process.terminate();
        QTimer::singleShot(kPatienceMs, &m_process, [this] {
            if (m_isCancelled) {
                m_process.kill();
            }
        });
    }
}

void ImageTimer::read() {
    m_line += m_process.readAllStandardOutput();
    for (qsizetype end = m_line.indexOf('\n'); end >= 0; end = m_line.indexOf('\n')) {
        const QJsonObject event = QJsonDocument::fromJson(m_line.left(end)).object();
        m_line.remove(0, end + 1);
        const QString type = event[QLatin1String("type")].toString();
        if (type == QLatin1String("progress")) {
            Q_EMIT progressed(event[QLatin1String("done")].toInt(), event[QLatin1String("total")].toInt());
        } else if (type == QLatin1String("time")) {
            Q_EMIT measured();
        }
    }
    if (m_line.size() > kLongestLine) {
        m_line.clear();  // nothing that it says is so long
    }
}

void ImageTimer::end(const QString& problem) {
    Q_EMIT finished(std::exchange(m_isCancelled, false) ? QString() : problem);
}

}  // namespace rlcm::ui
