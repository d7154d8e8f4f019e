#include "ui/shell/actions.h"

#include <QAction>
#include <QActionGroup>
#include <QKeySequence>
#include <QSet>
#include <QWidget>

#include "ui/theme/icons.h"
#include "ui/view/page.h"

namespace rlcm::ui {

namespace {

constexpr const char* kShownKey = "shownKey";

struct Maker {
    QWidget* window;

    QAction* operator()(const char* name, const QString& text, const QList<QKeySequence>& keys, const QString& tip) const {
        auto* action = new QAction(text, window);
        action->setObjectName(QString::fromLatin1(name));
        action->setShortcuts(keys);
        QString plain = tip;
        if (!keys.isEmpty()) {
            plain += QStringLiteral(" (%1)").arg(keys.front().toString(QKeySequence::NativeText));
        }
        action->setToolTip(plain);
        action->setStatusTip(tip);
        window->addAction(action);
        return action;
    }
    QAction* operator()(const char* name, Icon which, const QString& text, const QList<QKeySequence>& keys, const QString& tip) const {
        QAction* action = (*this)(name, text, keys, tip);
        action->setIcon(icon(which));
        return action;
    }
    /// A key that the window handles itself; the menu shows it behind the text.
    QAction* timeKey(const char* name, const QString& text, const QString& key, const QString& tip) const {
        QAction* action = (*this)(name, text + QLatin1Char('\t') + key, {}, tip);
        action->setProperty(kShownKey, key);
        return action;
    }
};

QString tr(const char* text) {
    return QObject::tr(text);
}

/// A page's title with the first of its letters that no page before it took as its key in the menu.
QString withKey(const QString& title, QSet<QChar>& taken) {
    for (qsizetype at = 0; at < title.size(); ++at) {
        if (const QChar key = title.at(at).toLower(); key.isLetter() && !taken.contains(key)) {
            taken.insert(key);
            return title.left(at) + QLatin1Char('&') + title.mid(at);
        }
    }
    return title;
}

}  // namespace

Actions makeActions(QWidget* window, const std::vector<Page*>& pages) {
    const Maker make{window};
    Actions a{};
    a.newRun = make("newRun", Icon::Add, tr("&New run…"), {QKeySequence(Qt::CTRL | Qt::Key_N)}, tr("Choose settings and start a run"));
    a.openWorkspace = make("openWorkspace", Icon::Folder, tr("&Open workspace…"), {QKeySequence(Qt::CTRL | Qt::Key_O)}, tr("Show the runs of another folder"));
    a.pause = make("pause", Icon::Pause, tr("&Pause"), {QKeySequence(Qt::CTRL | Qt::Key_P)}, tr("Pause training; the weights stay in memory"));
    a.resume = make("resume", Icon::Play, tr("&Resume"), {QKeySequence(Qt::CTRL | Qt::Key_R)}, tr("Continue the selected run from its newest checkpoint"));
    a.stopAfterEpoch = make("stopAfterEpoch", Icon::StopAfter, tr("Stop &after this epoch"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Period)},
                            tr("Finish the epoch, save, and stop; nothing is lost"));
    a.stopNow = make("stopNow", Icon::Stop, tr("Stop &now"), {}, tr("Stop within seconds; the epoch being worked on is lost, the last checkpoint stays"));
    a.goOn = make("goOn", Icon::Play, tr("D&o not stop"), {}, tr("Take “stop after this epoch” back"));
    a.stopMenu = make("stopMenu", Icon::Stop, tr("Stop"), {QKeySequence(Qt::CTRL | Qt::Key_Period)}, tr("Ways to stop the run"));
    a.sampleNow =
        make("sampleNow", Icon::Camera, tr("&Sample now"), {QKeySequence(Qt::CTRL | Qt::Key_I)}, tr("Evaluate the current weights before the next epoch"));
    a.checkpointNow = make("checkpointNow", Icon::Save, tr("&Checkpoint now"), {QKeySequence(Qt::CTRL | Qt::Key_S)}, tr("Save the state after this epoch"));
    a.liveSettings = make("liveSettings", Icon::Settings, tr("C&hange settings…"), {QKeySequence(Qt::CTRL | Qt::Key_L)},
                          tr("Learning rate, clip range, epochs or evaluations of the run that trains, from the next epoch on"));
    a.exportFigure = make("export", Icon::Export, tr("&Export…"), {QKeySequence(Qt::CTRL | Qt::Key_E)}, tr("Save grid, curves or numbers as files"));
    a.findImage = make("findImage", Icon::Grid, tr("Find an exported &image…"), {},
                       tr("Go to where the images of a PNG that was exported here stand; dropping it on the window does the same"));
    a.filter = make("filter", Icon::Search, tr("&Find runs"), {QKeySequence(Qt::CTRL | Qt::Key_F)}, tr("Filter the list of runs"));
    a.undo = make("undo", Icon::Undo, tr("&Undo"), {QKeySequence(Qt::CTRL | Qt::Key_Z)}, tr("Take back what was changed last in the list or the view"));
    a.redo = make("redo", tr("&Redo"), {QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Z)}, tr("Do again what was taken back last"));
    a.deletedRuns = make("deletedRuns", Icon::Trash, tr("Dele&ted runs…"), {}, tr("Restore deleted runs, or free their disk"));
    a.vote = make("vote", Icon::Check, tr("Blind &vote"), {}, tr("Say which images are better without knowing of which run they are"));
    QSet<QChar> taken;
    for (const Page* page : pages) {
        const int digit = static_cast<int>(a.pages.size()) + 1;
        const QList<QKeySequence> keys = digit <= 9 ? QList<QKeySequence>{QKeySequence(QStringLiteral("Alt+%1").arg(digit))} : QList<QKeySequence>();
        a.pages.push_back(
            make((QStringLiteral("tab:") + page->key()).toLatin1().constData(), page->symbol(), withKey(page->title(), taken), keys, page->tip()));
    }
    a.showRuns = make("showRuns", tr("List of ru&ns"), {QKeySequence(Qt::CTRL | Qt::Key_B)}, tr("Show or hide the list of runs"));
    a.showRuns->setCheckable(true);
    a.showRuns->setChecked(true);
    a.fullScreen = make("fullScreen", tr("F&ull screen"), {QKeySequence(Qt::Key_F11)}, tr("Use the whole screen"));
    a.fullScreen->setCheckable(true);
    a.saveLayout = make("saveLayout", Icon::Save, tr("&Save layout…"), {}, tr("Keep page, charts, choices and sizes under a name"));
    auto* themes = new QActionGroup(window);
    a.themeSystem = make("themeSystem", tr("S&ystem"), {}, tr("Follow the desktop"));
    a.themeLight = make("themeLight", tr("Li&ght"), {}, tr("Light colours"));
    a.themeDark = make("themeDark", tr("&Dark"), {}, tr("Dark colours"));
    for (QAction* theme : {a.themeSystem, a.themeLight, a.themeDark}) {
        theme->setCheckable(true);
        themes->addAction(theme);
    }
    a.previousEpoch = make.timeKey("previousEpoch", tr("&Previous epoch"), tr("Left"), tr("One epoch back (Shift: ten)"));
    a.nextEpoch = make.timeKey("nextEpoch", tr("&Next epoch"), tr("Right"), tr("One epoch on (Shift: ten)"));
    a.firstEpoch = make.timeKey("firstEpoch", tr("&Before training"), tr("Home"), tr("Go to epoch 0"));
    a.newestEpoch = make.timeKey("newestEpoch", tr("Newest, &follow live"), tr("End"), tr("Go to the newest epoch and stay there"));
    a.play = make.timeKey("play", tr("P&lay"), tr("Space"), tr("Play the epochs one after the other"));
    a.palette =
        make("palette", Icon::Search, tr("Find a &command…"), {QKeySequence(Qt::CTRL | Qt::Key_K)}, tr("Actions, pages, runs, measures and settings by name"));
    a.shortcuts =
        make("shortcuts", Icon::Help, tr("&Keyboard shortcuts"), {QKeySequence(Qt::Key_F1), QKeySequence(Qt::Key_Question)}, tr("All keys on one sheet"));
    a.quit = make("quit", Icon::Close, tr("&Quit"), {QKeySequence(Qt::CTRL | Qt::Key_Q)}, tr("Close the window"));
    return a;
}

std::vector<QAction*> Actions::all() const {
    std::vector<QAction*> all{newRun,        pause,        resume,       stopMenu,  stopAfterEpoch, stopNow, goOn, sampleNow,
                              checkpointNow, liveSettings, exportFigure, findImage, filter,         undo,    redo};
    all.insert(all.end(), pages.begin(), pages.end());
    all.insert(all.end(), {previousEpoch, nextEpoch, firstEpoch, newestEpoch, play, showRuns, fullScreen, saveLayout, themeSystem, themeLight, themeDark,
                           openWorkspace, deletedRuns, vote, palette, shortcuts, quit});
    return all;
}

QString Actions::keyText(const QAction* action) {
    const QVariant shown = action->property(kShownKey);
    if (shown.isValid()) {
        return shown.toString();
    }
    return QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText);
}

}  // namespace rlcm::ui
