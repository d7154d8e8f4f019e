// How the window is arranged: the list of runs, and layouts that are kept by name.
#include <QAction>
#include <QJsonDocument>
#include <QMenu>
#include <algorithm>

#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/work_split.h"
#include "ui/theme/icons.h"
#include "ui/widgets/dialogs.h"

namespace rlcm::ui {

namespace {
constexpr int kLongestName = 60;

QString forMenu(QString name) {
    return name.replace(QLatin1Char('&'), QStringLiteral("&&"));
}
}  // namespace

void MainWindow::keepList(const QString& what, int value) {
    m_view.apply({[what, value](ViewState& state) { state.layout[what] = QByteArray::number(value); }, MergeKey::Layout});
}

void MainWindow::connectMarks() {
    connect(m_runs, &RunsPanel::pinRequested, this, [this](const std::vector<run::RunId>& ids, bool isPinned) {
        m_view.apply({[ids, isPinned](ViewState& state) {
            std::erase_if(state.pinned, [&](const run::RunId& id) { return std::ranges::find(ids, id) != ids.end(); });
            if (isPinned) {
                state.pinned.insert(state.pinned.end(), ids.begin(), ids.end());
            }
        }});
    });
    connect(m_runs, &RunsPanel::baselineRequested, this, [this](const run::RunId& id) { m_view.apply({[id](ViewState& state) { state.baseline = id; }}); });
}

void MainWindow::showList(const ViewState& state) {
    const auto number = [&state](const QString& what, int fallback) {
        const auto found = state.layout.find(what);
        return found == state.layout.end() ? fallback : found->second.toInt();
    };
    m_runs->setMarks(state.pinned, state.baseline);
    const bool isShown = number(kListShown, 1) != 0;
    isShown ? m_runs->show() : m_runs->hide();
    m_actions.showRuns->setChecked(isShown);
    if (const int width = number(kListWidth, WorkSplit::kUsualListWidth); width != m_split->listWidth()) {
        m_split->setListWidth(width);
    }
}

/// When it is opened: an entry that is being triggered must not go.
void MainWindow::fillLayouts() {
    qDeleteAll(m_layouts->findChildren<QMenu*>(QString(), Qt::FindDirectChildrenOnly));
    m_layouts->clear();
    const QStringList names = m_settings.layoutNames();
    for (const QString& name : names) {
        m_layouts->addAction(forMenu(name), this, [this, name] { applyLayout(name); });
    }
    if (!names.isEmpty()) {
        m_layouts->addSeparator();
    }
    m_layouts->addAction(m_actions.saveLayout);
    QMenu* remove = m_layouts->addMenu(icon(Icon::Trash), tr("&Delete"));
    remove->setObjectName(QStringLiteral("deleteLayoutMenu"));
    remove->setEnabled(!names.isEmpty());
    for (const QString& name : names) {
        remove->addAction(forMenu(name), this, [this, name] { deleteLayout(name); });
    }
}

void MainWindow::saveLayout() {
    const QString name = NameDialog::ask(this, tr("Save layout"), tr("Name of the layout:"), shownPage()->title()).simplified().left(kLongestName);
    if (name.isEmpty()) {
        return;
    }
    const bool isTaken = m_settings.layoutNames().contains(name);
    if (isTaken && MessageBox::ask(this, {.level = MessageLevel::Warning,
                                          .title = tr("Replace “%1”?").arg(name),
                                          .text = tr("There is a layout with this name."),
                                          .buttons = {tr("Replace"), tr("Cancel")}}) != 0) {
        return;
    }
    m_settings.setLayout(name, QJsonDocument(m_view.save()).toJson(QJsonDocument::Compact));
    tell(MessageLevel::Success, tr("The layout “%1” is in the View menu.").arg(name));
}

void MainWindow::applyLayout(const QString& name) {
    const ViewState kept = viewStateFromJson(QJsonDocument::fromJson(m_settings.layout(name)).object());
    m_view.apply({[kept](ViewState& state) { state = arrangedAs(state, kept); }});
}

void MainWindow::deleteLayout(const QString& name) {
    const QByteArray view = m_settings.layout(name);
    m_settings.removeLayout(name);
    tell(MessageLevel::Info, tr("The layout “%1” is deleted.").arg(name), tr("Undo"), [this, name, view] { m_settings.setLayout(name, view); });
}

}  // namespace rlcm::ui
