// The dialogs that the window opens: new runs, exports, other workspaces.
#include <QDesktopServices>
#include <QFileInfo>
#include <QMenu>
#include <QStackedWidget>
#include <QUrl>

#include "ui/bridge/run_controller.h"
#include "ui/gallery/export_dialog.h"
#include "ui/models/model_service.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/view/page.h"
#include "ui/widgets/dialogs.h"

namespace rlcm::ui {

NewRunDialog* MainWindow::openDialog() {
    if (!m_dialog) {
        m_dialog = new NewRunDialog(m_options.speed, m_options.rewardTester, m_store, this);
        m_dialog->setKnownModels(m_modelService->allFacts());
        m_dialog->setTraining(m_controller->isActive());
        m_dialog->setChecker(m_options.checker);
        connect(m_dialog, &NewRunDialog::submitted, this, &MainWindow::submit);
    }
    m_dialog->setSpeeds(measuredSpeeds(m_runs->model().runs()));
    m_dialog->show();
    m_dialog->raise();
    m_dialog->activateWindow();
    return m_dialog;
}

void MainWindow::openNewRun() {
    openDialog();
}

void MainWindow::openExport() {
    if (m_stack->currentWidget() == m_work && shownPage()->exportOwn()) {
        return;
    }
    for (Page* page : m_pages) {
        if (auto subject = page->exportSubject()) {
            openExportOf(std::move(*subject));
            return;
        }
    }
}

void MainWindow::openExportOf(ExportSubject subject) {
    auto* dialog = new ExportDialog(*m_store, std::move(subject), ExportDialog::Tab::Grid, this);
    connect(dialog, &ExportDialog::saved, this, [this](const QString& file) {
        tell(MessageLevel::Success, tr("Saved %1").arg(QFileInfo(file).fileName()), tr("Open folder"),
             [file] { QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(file).absolutePath())); });
    });
    dialog->show();
}

void MainWindow::openWorkspace() {
    const QString folder = FileDialog::chooseFolder(this, tr("Open workspace"), QString::fromStdString(m_options.workspace.string()));
    if (!folder.isEmpty()) {
        leaveFor(folder);
    }
}

void MainWindow::leaveFor(const QString& folder) {
    if (!m_controller->isActive() || agreesToStop()) {
        saveState();
        Q_EMIT workspaceChosen(folder);
    }
}

void MainWindow::fillRecent() {
    const QString own = QString::fromStdString(m_options.workspace.string());
    for (const QString& folder : m_settings.recentWorkspaces()) {
        if (folder != own) {
            QString shown = folder;
            m_recent->addAction(shown.replace(QLatin1Char('&'), QStringLiteral("&&")), this, [this, folder] { leaveFor(folder); });
        }
    }
    m_recent->setEnabled(!m_recent->isEmpty());
}

}  // namespace rlcm::ui
