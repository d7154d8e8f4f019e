#include "ui/runs/live_settings_dialog.h"

#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "core/base/error.h"
#include "core/run/field_table.h"
#include "ui/bridge/run_controller.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {
constexpr int kDialogWidth = 520;
}

LiveSettingsDialog::LiveSettingsDialog(RunController& controller, QWidget* parent) : QDialog(parent), m_controller(controller) {
    setObjectName(QStringLiteral("liveSettings"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Settings of the running run"));
    auto* note = makeMuted(new QLabel(tr("Changes are taken up before the next epoch, marked on the charts and kept with the run.")));
    note->setWordWrap(true);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(spacing::kMedium);
    grid->setVerticalSpacing(spacing::kSmall);
    grid->setColumnStretch(2, 1);
    for (const std::string_view path : run::liveSettings()) {
        const run::Field& field = run::fieldAt(path);
        const QString name = QString::fromStdString(field.path);
        Row row{field.path, new QLineEdit, makeMuted(new QLabel)};
        row.value->setObjectName(QStringLiteral("live:") + name);
        row.value->setToolTip(QString::fromStdString(field.help));
        row.value->setFixedWidth(120);
        row.state->setObjectName(QStringLiteral("liveState:") + name);
        row.state->setWordWrap(true);
        auto* label = new QLabel(QString::fromStdString(field.label));
        label->setBuddy(row.value);
        const int line = static_cast<int>(m_rows.size());
        grid->addWidget(label, line, 0);
        grid->addWidget(row.value, line, 1);
        grid->addWidget(row.state, line, 2);
        m_rows.push_back(row);
    }
    m_problem = new QLabel;
    m_problem->setObjectName(QStringLiteral("liveProblem"));
    m_problem->setWordWrap(true);
    m_problem->setTextFormat(Qt::PlainText);
    QPalette red;
    red.setColor(QPalette::WindowText, colour(Role::Danger));
    m_problem->setPalette(red);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    buttons->button(QDialogButtonBox::Close)->setIcon({});
    m_apply = makePrimary(buttons->addButton(tr("Apply at the next epoch"), QDialogButtonBox::ActionRole));
    m_apply->setObjectName(QStringLiteral("applyLive"));
    auto* column = new QVBoxLayout(this);
    column->setSpacing(spacing::kMedium);
    column->addWidget(note);
    column->addLayout(grid);
    column->addWidget(m_problem);
    column->addStretch(1);
    column->addWidget(buttons);
    resize(kDialogWidth, sizeHint().height());
    connect(m_apply, &QPushButton::clicked, this, &LiveSettingsDialog::apply);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(&m_controller, &RunController::changed, this, &LiveSettingsDialog::showStates);
    connect(&m_controller, &RunController::started, this, &LiveSettingsDialog::fill);  // opened before its settings were known
    connect(&m_controller, &RunController::ended, this, &QDialog::reject);
    fill();
    showStates();
}

/// What was asked for last, else what the run has.
void LiveSettingsDialog::fill() {
    for (const Row& row : m_rows) {
        row.value->setText(QString::fromStdString(run::fieldText(m_controller.config(), run::fieldAt(row.path))));
        for (const run::LiveEdit& pending : m_controller.pendingEdits()) {
            if (pending.path == row.path) {
                row.value->setText(QString::fromStdString(pending.value));
            }
        }
    }
}

void LiveSettingsDialog::showStates() {
    for (const Row& row : m_rows) {
        const auto& pending = m_controller.pendingEdits();
        const auto found = std::ranges::find(pending, row.path, &run::LiveEdit::path);
        const QString now = QString::fromStdString(run::fieldText(m_controller.config(), run::fieldAt(row.path)));
        row.state->setText(found == pending.end()
                               ? tr("now %1").arg(now)
                               : tr("now %1; %2 from epoch %3 on").arg(now, QString::fromStdString(found->value)).arg(m_controller.progress().epoch + 2));
    }
    m_apply->setEnabled(m_controller.isActive());
}

/// All that is wrong is told at once, and what is right is applied only with all of it.
void LiveSettingsDialog::apply() {
    QStringList problems;
    run::RunConfig config = m_controller.config();
    std::vector<run::LiveEdit> edits;
    for (const Row& row : m_rows) {
        const run::LiveEdit edit{row.path, row.value->text().trimmed().toStdString()};
        try {
            config = run::withLiveEdit(config, edit, m_controller.progress().epoch);
            edits.push_back(edit);
        } catch (const Error& error) {
            const std::string what = error.setting().empty() ? error.message() : run::fieldLabel(row.path) + ' ' + error.message();
            problems << QString::fromStdString(what);
        }
    }
    m_problem->setText(problems.join(QLatin1Char('\n')));
    if (problems.isEmpty()) {
        for (const run::LiveEdit& edit : edits) {
            m_controller.edit(edit);
        }
    }
}

}  // namespace rlcm::ui
