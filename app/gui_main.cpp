// rlcm-workbench: the window. Puts together the trainer and the user interface; nothing else happens here.
#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTimer>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/machine.h"
#include "core/models/image_likeness.h"
#include "core/models/library.h"
#include "core/rewards/trial.h"
#include "core/sampling/arithmetic.h"
#include "core/study/library.h"
#include "core/train/make_run.h"
#include "core/train/preflight.h"
#include "ui/bridge/run_controller.h"
#include "ui/live/live_page.h"
#include "ui/shell/main_window.h"
#include "ui/shell/ui_bench.h"
#include "ui/shell/watchdog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace {

using rlcm::ui::MainWindow;

constexpr int kScreenshotTimeoutMs = 180000;
constexpr int kSettleChecks = 10;  // of 100 ms: everything must have stood still that long
constexpr std::size_t kStudyPoints = 5;

struct Options {
    QString workspace;
    std::optional<rlcm::ui::Mode> theme;
    bool startsStudy = false;
    bool quitsAfterRun = false;
    bool isBench = false;
    double benchMinutes = 0.5;
    QString screenshot;
    std::optional<QSize> size;
    QString page;
};

[[noreturn]] void refuse(const QString& message) {
    std::fprintf(stderr, "rlcm-workbench: %s\n", qPrintable(message));
    std::exit(2);
}

QString settingsFile() {
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation);
    QDir().mkpath(folder);
    return QDir(folder).filePath(QStringLiteral("window.ini"));
}

QString ownWorkspace() {
    return QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).filePath(QStringLiteral("workspace"));
}

/// Runs that came with the program; empty when they are not there.
QString recordedStudy() {
    try {
        const auto folder = rlcm::study::recordOf("first-study");
        return folder ? QString::fromStdString(folder->string()) : QString();
    } catch (const rlcm::Error&) {
        return {};  // without resources the window opens and says what is missing where it is needed
    }
}

/// The workspace opened last, should it still be there; else one of our own; at the first start the recorded study, so that every page has something to show.
QString usualWorkspace(bool isToTrain) {
    for (const QString& folder : rlcm::ui::Settings(settingsFile()).recentWorkspaces()) {
        if (QDir(folder).exists()) {
            return folder;
        }
    }
    const QString own = ownWorkspace(), record = recordedStudy();
    return isToTrain || record.isEmpty() || QDir(own).exists() ? own : record;
}

Options parse(const QCoreApplication& application) {
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("Reinforcement learning for few-step image models, in a window."));
    parser.addHelpOption();
    parser.addVersionOption();
    const auto add = [&parser](const char* name, const char* help, const char* value) {
        QCommandLineOption option(QString::fromLatin1(name), QString::fromLatin1(help));
        if (*value != '\0') {
            option.setValueName(QString::fromLatin1(value));
        }
        parser.addOption(option);
    };
    add("workspace", "Folder with the runs, made when absent; else the one opened last.", "DIR");
    add("theme", "Colours: system, light or dark.", "NAME");
    add("start-study", "Start the two-minute study at once.", "");
    add("quit-after-run", "Close when the run has ended and nothing waits behind it.", "");
    add("screenshot", "Wait until data is shown (with --quit-after-run: until the run has ended), save the window as a PNG, and quit.", "FILE");
    add("size", "Size of the window, as 1280x800.", "WxH");
    add("bench-ui", "Measure how long the window takes for what people wait for, on made-up data, and quit; 0: all of it is fast enough.", "");
    add("bench-minutes", "Of the session of --bench-ui, in which a run trains while the window is used (0.5).", "N");
    add("page", "Page to open: live, compare, horizons, grid, vote, studies, settings, models, report or welcome.", "NAME");
    parser.process(application);

    Options options;
    const auto value = [&parser](const char* name) { return parser.value(QString::fromLatin1(name)); };
    const auto has = [&parser](const char* name) { return parser.isSet(QString::fromLatin1(name)); };
    options.startsStudy = has("start-study");
    options.workspace = has("workspace") ? QDir(value("workspace")).absolutePath() : usualWorkspace(options.startsStudy);
    options.quitsAfterRun = has("quit-after-run");
    options.isBench = has("bench-ui");
    if (const QString text = value("bench-minutes"); !text.isEmpty()) {
        bool isNumber = false;
        options.benchMinutes = text.toDouble(&isNumber);
        if (!isNumber || !(options.benchMinutes > 0 && options.benchMinutes <= 1440)) {
            refuse(QStringLiteral("--bench-minutes must be more than 0 and at most 1440, not ") + text);
        }
    }
    options.screenshot = value("screenshot");
    if (const QString name = value("theme"); !name.isEmpty()) {
        options.theme = name == QLatin1String("light")  ? rlcm::ui::Mode::Light
                        : name == QLatin1String("dark") ? rlcm::ui::Mode::Dark
                        : name == QLatin1String("system")
                            ? rlcm::ui::Mode::System
                            : (refuse(QStringLiteral("--theme must be system, light or dark, not ") + name), rlcm::ui::Mode::System);
    }
    options.page = value("page");
    if (const QString text = value("size"); !text.isEmpty()) {
        const QStringList parts = text.split(QLatin1Char('x'));
        const QSize size = parts.size() == 2 ? QSize(parts[0].toInt(), parts[1].toInt()) : QSize();
        if (size.width() < 400 || size.height() < 300 || size.width() > 16384 || size.height() > 16384) {
            refuse(QStringLiteral("--size must be at least 400x300, as 1280x800, not ") + text);
        }
        options.size = size;
    } else if (!options.screenshot.isEmpty()) {
        options.size = QSize(1280, 800);  // the same picture whatever screen there is
    }
    return options;
}

/// What a window is made of beside its workspace.
rlcm::ui::WindowOptions windowParts() {
    rlcm::ui::WindowOptions window;
    window.factory = rlcm::train::makeRun;
    window.library = rlcm::models::makeModelLibrary();
    window.rewardTester = [](const rlcm::run::RewardConfig& reward, const std::vector<rlcm::image::Rgb8Image>& images,
                             const std::vector<std::string>& prompts) { return rlcm::rewards::tryReward(reward, images, prompts); };
    window.likenessMeter = rlcm::models::makeLikenessMeter(std::max(1, rlcm::usableCores() / 2));
    window.checker = rlcm::train::missingParts;
    window.arithmeticTimer = [](const rlcm::run::RunConfig& config) { return rlcm::sampling::arithmeticTimes(config); };
    window.commandLine = QDir(QCoreApplication::applicationDirPath()).filePath(QStringLiteral("rlcm"));
    return window;
}

/// A line for each time. 1 when one of them is too long.
int bench(double minutes) {
    const QString memory = QStringLiteral("/dev/shm");
    const QTemporaryDir folder(QDir(QFileInfo(memory).isWritable() ? memory : QDir::tempPath()).filePath(QStringLiteral("rlcm-bench-XXXXXX")));
    if (!folder.isValid()) {
        refuse(QStringLiteral("--bench-ui cannot make a folder: ") + folder.errorString());
    }
    rlcm::ui::apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), rlcm::ui::Mode::Light);
    bool isFast = true;
    rlcm::ui::benchUi(folder.path(), windowParts(), {.sessionSeconds = minutes * 60}, [&isFast](const rlcm::ui::UiTime& time) {
        isFast = isFast && time.isGood();
        const bool isTime = time.unit == QLatin1String("ms");
        const QString own = isTime ? QStringLiteral(", GUI thread %1 ms").arg(time.own, 7, 'f', 1) : QString();
        std::printf("%-55s %8.1f %s%-23s  at most %5.0f %s%s\n", qPrintable(time.what), time.median, qPrintable(time.unit), qPrintable(own), time.limit,
                    qPrintable(time.unit),
                    time.isGood() ? ""
                    : isTime      ? "   TOO SLOW"
                                  : "   TOO MUCH");
        std::fflush(stdout);
    });
    return isFast ? 0 : 1;
}

/// The window and what the command line asked of it.
class Session {
public:
    explicit Session(Options options) : m_options(std::move(options)) { open(m_options.workspace); }

    void run() {
        if (m_options.startsStudy) {
            m_window->startStudy();
        }
        if (!m_options.screenshot.isEmpty()) {
            m_watch.setInterval(100);
            QObject::connect(&m_watch, &QTimer::timeout, [this] { lookForPicture(); });
            m_watch.start();
            QTimer::singleShot(kScreenshotTimeoutMs + (m_options.quitsAfterRun ? 3600 * 1000 : 0), [] {
                std::fprintf(stderr, "rlcm-workbench: no data was shown in time, so no picture was saved\n");
                QCoreApplication::exit(1);
            });
        }
    }

private:
    void open(const QString& workspace) {
        rlcm::ui::WindowOptions window = windowParts();
        window.workspace = workspace.toStdString();
        window.settingsFile = settingsFile();
        window.theme = m_options.theme;
        window.ownWorkspace = ownWorkspace();
        window.recordedStudy = recordedStudy();
        rlcm::ui::apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), m_options.theme.value_or(rlcm::ui::Settings(window.settingsFile).theme()));
        // The new window is made before the old one goes, so that something is on the screen all the time.
        const std::unique_ptr<MainWindow> former = std::exchange(m_window, std::make_unique<MainWindow>(std::move(window)));
        QObject::connect(m_window.get(), &MainWindow::workspaceChosen, m_window.get(), [this](const QString& folder) { open(folder); }, Qt::QueuedConnection);
        QObject::connect(m_window.get(), &MainWindow::idle, m_window.get(), [this] { onIdle(); });
        if (m_options.size) {
            m_window->resize(*m_options.size);
        }
        if (!m_options.page.isEmpty()) {
            const QStringList keys = m_window->pageKeys();
            if (!keys.contains(m_options.page) && m_options.page != MainWindow::kWelcome) {
                refuse(QStringLiteral("--page must be %1 or %2, not %3").arg(keys.join(QStringLiteral(", ")), MainWindow::kWelcome, m_options.page));
            }
            m_window->showPage(m_options.page);
        }
        m_window->show();
    }

    void onIdle() {
        m_hasEnded = true;
        if (m_options.quitsAfterRun && m_options.screenshot.isEmpty()) {
            m_window->close();
        }
    }

    void lookForPicture() {
        bool isReady = m_window->isShowingData();
        if (m_options.quitsAfterRun) {
            isReady = isReady && m_hasEnded;
        } else if (m_options.startsStudy) {
            isReady = isReady && m_window->findChild<rlcm::ui::LivePage*>()->curvePoints(rlcm::ui::kTraining) >= kStudyPoints;
        }
        m_settled = isReady ? m_settled + 1 : 0;
        if (m_settled < kSettleChecks && !(isReady && m_window->controller().isActive())) {
            return;
        }
        m_watch.stop();
        if (!m_window->grab().save(m_options.screenshot)) {
            std::fprintf(stderr, "rlcm-workbench: cannot write %s\n", qPrintable(m_options.screenshot));
            QCoreApplication::exit(1);
            return;
        }
        m_window.reset();  // stops a run that is still going; it can be resumed
        QCoreApplication::exit(0);
    }

    Options m_options;
    std::unique_ptr<MainWindow> m_window;
    QTimer m_watch;
    int m_settled = 0;
    bool m_hasEnded = false;
};

/// True when nothing needs to appear on a screen, so that the program works on machines without one.
bool needsNoScreen(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const QByteArray argument(argv[i]);
        if (argument.startsWith("--screenshot") || argument == "--bench-ui" || argument == "--help" || argument == "-h" || argument == "--version" ||
            argument == "-v") {
            return true;
        }
    }
    return false;
}

}  // namespace

int main(int argc, char** argv) {
    if (needsNoScreen(argc, argv) && qEnvironmentVariableIsEmpty("DISPLAY") && qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") &&
        qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
        qputenv("QT_QPA_PLATFORM", "offscreen");
    }
    QApplication application(argc, argv);
    rlcm::ui::useOneNumberFormat();
    QCoreApplication::setApplicationName(QStringLiteral("rlcm-workbench"));
    QCoreApplication::setApplicationVersion(QStringLiteral(RLCM_VERSION));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("RLCM Workbench"));
    QGuiApplication::setDesktopFileName(QStringLiteral("rlcm-workbench"));
    const Options options = parse(application);
    if (options.isBench) {
        return bench(options.benchMinutes);
    }
    std::unique_ptr<rlcm::ui::Watchdog> watchdog;
    if (const QString file = qEnvironmentVariable("RLCM_UI_WATCHDOG"); !file.isEmpty()) {
        watchdog = std::make_unique<rlcm::ui::Watchdog>(file);
    }
    Session session(options);
    session.run();
    return QApplication::exec();
}
