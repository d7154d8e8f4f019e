#pragma once
// What tests of the whole window share.
#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <chrono>
#include <memory>

#include "core/store/workspace.h"
#include "tests/support/fake_library.h"
#include "tests/support/temp_workspace.h"
#include "ui/live/live_page.h"
#include "ui/shell/main_window.h"

namespace rlcm::test {

inline constexpr int kWaitMs = 20000;

inline const FakeScript kPaced{.epochTime = std::chrono::milliseconds(30), .imageSize = 64};

/// A workspace, a settings file, and windows on them.
struct Desk {
    TempWorkspace workspace;
    QTemporaryDir config;

    std::unique_ptr<ui::MainWindow> openAsIs(const FakeScript& script = kPaced) const {
        ui::WindowOptions options;
        options.workspace = workspace.path();
        options.factory = fakeRunFactory(script);
        options.library = std::make_shared<FakeLibrary>();
        options.rewardTester = fakeTrial;
        options.likenessMeter = [](const std::string& model, const image::Rgb8Image&, const image::Rgb8Image&) {
            return model == "emoji-clip-judge" ? 0.5 : 0;
        };
        options.settingsFile = config.filePath(QStringLiteral("window.ini"));
        auto window = std::make_unique<ui::MainWindow>(options);
        window->show();
        return window;
    }
    /// The same at a size that pictures are compared at.
    std::unique_ptr<ui::MainWindow> open(const FakeScript& script = kPaced) const {
        auto window = openAsIs(script);
        if (!window->isFullScreen()) {
            window->resize(1280, 800);
        }
        return window;
    }
    store::RunRow row(const run::RunId& id) const { return store::StoreReader(workspace.path()).run(id).value(); }
};

template <typename Widget>
Widget* find(const ui::MainWindow& window, const char* name) {
    return window.findChild<Widget*>(QLatin1String(name));
}

inline ui::LivePage& live(const ui::MainWindow& window) {
    return *window.findChild<ui::LivePage*>();
}

/// Where RLCM_SCREENSHOT_DIR names a folder, a person can look at what the test saw.
inline void picture(QWidget& widget, const QString& name) {
    if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
        QDir().mkpath(folder);
        QTest::qWait(500);  // until everything is drawn
        widget.grab().save(QDir(folder).filePath(name + QStringLiteral(".png")));
    }
}

inline void activate(ui::MainWindow& window) {
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
}

}  // namespace rlcm::test
