// The dialogs that the window opens: new runs, exports, other workspaces.
#include <QDesktopServices>
#include <QFileInfo>
#include <QMenu>
#include <QStackedWidget>
#include <QUrl>

#include "core/base/json.h"
#include "core/run/field_table.h"
#include "core/store/workspace.h"
#include "ui/bridge/run_controller.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/export_dialog.h"
#include "ui/models/model_service.h"
#include "ui/report/report_desk.h"
#include "ui/runs/live_settings_dialog.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/runs/sample_dialog.h"
#include "ui/shell/main_window.h"
#include "ui/view/page.h"
#include "ui/widgets/dialogs.h"

namespace rlcm::ui {

namespace {
/// A line for each setting, with its value in the run.
QString changedText(const store::RunRow& run, const std::vector<std::string>& settings) {
    QStringList lines;
    const run::RunConfig config = run::configFromJson(parseJson(run.configJson, run.id), run.id);
    for (const std::string& setting : settings) {
        QString line = QStringLiteral("• ") + QString::fromStdString(run::fieldLabel(setting));
        for (const run::Field& field : run::fieldTable()) {
            line += field.path == setting ? QStringLiteral(": ") + QString::fromStdString(run::fieldText(config, field)) : QString();
        }
        lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}
}  // namespace

NewRunDialog* MainWindow::openDialog() {
    if (!m_dialog) {
        m_dialog = new NewRunDialog(m_options.rewardTester, m_store, this);
        m_dialog->setKnownModels(m_modelService->allFacts());
        m_dialog->setTraining(m_controller->isActive());
        m_dialog->setChecker(m_options.checker);
        m_dialog->setArithmeticTimer(m_options.arithmeticTimer);
        connect(m_dialog, &NewRunDialog::submitted, this, &MainWindow::submit);
    }
    m_dialog->setSpeeds(measuredSpeeds(m_runs->model().runs()));
    m_dialog->show();
    m_dialog->raise();
    m_dialog->activateWindow();
    return m_dialog;
}

void MainWindow::openNewRun() {
    if (m_store->isRecorded()) {
        leaveFor(m_options.ownWorkspace);
    } else {
        openDialog();
    }
}

void MainWindow::openSamples(const run::RunId& id) {
    if (const store::RunRow* run = m_runs->model().find(id)) {
        (new SampleDialog(*m_store, *run, m_options.commandLine, this))->show();
    }
}

void MainWindow::openLiveSettings() {
    if (!m_liveSettings) {
        m_liveSettings = new LiveSettingsDialog(*m_controller, this);
    }
    m_liveSettings->show();
    m_liveSettings->raise();
    m_liveSettings->activateWindow();
}

/// One side is the selected run; the other is chosen by the page, or is what it was.
void MainWindow::openVote() {
    m_view.apply({[id = m_runs->selected()](ViewState& state) {
        state.page = QStringLiteral("vote");
        state.vote = state.vote.a.run == id ? state.vote : VoteView{.a = {.run = id}, .b = {}};
    }});
    showPage(QStringLiteral("vote"));
    shownPage()->setFocus();
}

/// The one action that would make a run here leads to where it can be made.
void MainWindow::showThatRecorded() {
    m_actions.newRun->setText(tr("Start your &own…"));
    m_actions.newRun->setToolTip(tr("Opens a workspace of your own, where runs can be trained"));
    m_actions.newRun->setStatusTip(m_actions.newRun->toolTip());
    tell(MessageLevel::Info, tr("These runs were recorded and are only to be looked at: compare them, scrub through their images, export figures."),
         tr("Start your own"), [this] { openNewRun(); });
    m_message->leaveSoon();  // it lies over images, and the button above says the same
}

std::filesystem::path MainWindow::placeBesideRuns(const char* name) const {
    const std::filesystem::path& workspace = m_options.workspace;
    return m_store->isRecorded() ? std::filesystem::path(m_options.settingsFile.toStdString()).parent_path() / name / workspace.filename() : workspace / name;
}

void MainWindow::openExport() {
    if (auto subject = shownPage()->exportSubject()) {
        openExportOf(std::move(*subject));
        return;
    }
    for (Page* page : m_pages) {
        if (shownPage()->epochs()) {
            break;  // it is about runs, and has nothing of them yet
        }
        if (auto subject = page->exportSubject()) {
            openExportOf(std::move(*subject));
            return;
        }
    }
    tell(MessageLevel::Info, tr("There is nothing to export yet."));
}

void MainWindow::openExportOf(ExportSubject subject) {
    auto* dialog = new ExportDialog(*m_store, std::move(subject), ExportDialog::Tab::Images, this);
    dialog->offerReport();
    connect(dialog, &ExportDialog::cardMade, m_report, &ReportDesk::add);
    connect(dialog, &ExportDialog::saved, this, [this](const QString& file) {
        tell(MessageLevel::Success, tr("Saved %1").arg(QFileInfo(file).fileName()), tr("Open folder"),
             [file] { QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(file).absolutePath())); });
    });
    dialog->show();
}

/// A workspace from elsewhere can name any program: what would be started is shown before it is.
void MainWindow::askForTrust(const run::RunId& id, const QString& outside) {
    m_runs->refresh();
    const store::RunRow* run = m_runs->model().find(id);
    const QString name = run != nullptr ? QString::fromStdString(run->name) : QString::fromStdString(id);
    tell(MessageLevel::Warning, tr("“%1” was not started: it uses %2, which you have not used in this workspace before.").arg(name, outside),
         tr("Trust and start…"), [this, id, name, outside] {
             Question question;
             question.level = MessageLevel::Warning;
             question.title = tr("Trust what this run names?");
             question.text = tr("To score images, “%1” uses %2.\n\nA program runs with your rights, and a server is sent images and prompts. A workspace from "
                                "somebody else can name anything: go on only if you know it. This is remembered for this workspace.")
                                 .arg(name, outside);
             question.buttons = {tr("Trust and start"), tr("Cancel")};
             question.defaultButton = question.cancelButton = 1;
             if (MessageBox::ask(this, question) == 0) {
                 m_controller->start(id, {.trusted = outside});
             }
         });
}

/// The rest of the run would be trained with other files than its beginning: which ones is shown before that happens.
void MainWindow::offerChangedInputs(const run::RunId& id, const QString& name, const std::vector<std::string>& settings) {
    QStringList labels;
    for (const std::string& setting : settings) {
        labels << QString::fromStdString(run::fieldLabel(setting));
    }
    const QString list = labels.join(QStringLiteral(", "));
    const QString last =
        tr("“%1” did not go on: what stands behind %2 is no longer what it was trained with. Put it back and resume, or go on all the same.").arg(name, list);
    tell(MessageLevel::Warning, last, tr("Resume with the changed inputs…"), [this, id, name, settings] {
        const store::RunRow* run = m_runs->model().find(id);
        if (run == nullptr) {
            return;  // deleted meanwhile
        }
        Question question;
        question.level = MessageLevel::Warning;
        question.title = tr("Resume with other inputs?");
        question.text =
            tr("Changed since “%1” was last trained:\n%2\n\nFrom here on the curve is that of another run: what comes before and after cannot be compared. "
               "The log of the run says so.")
                .arg(name, changedText(*run, settings));
        question.buttons = {tr("Resume all the same"), tr("Cancel")};
        question.defaultButton = question.cancelButton = 1;
        if (MessageBox::ask(this, question) == 0) {
            m_controller->start(id, {.allowsChangedInputs = true});
        }
    });
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
