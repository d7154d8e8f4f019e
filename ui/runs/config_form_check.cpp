// What is wrong with the settings in the form, told under their fields.
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <algorithm>

#include "core/base/error.h"
#include "ui/runs/config_form.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {

/// Adds what is wrong with fields that have no problem yet.
void addProblems(std::vector<run::Problem>& problems, const std::vector<run::Problem>& more) {
    for (const run::Problem& one : more) {
        if (std::none_of(problems.begin(), problems.end(), [&](const run::Problem& known) { return known.path == one.path && !one.path.empty(); })) {
            problems.push_back(one);
        }
    }
}

}  // namespace

void ConfigForm::check() {
    if (m_isFilling) {
        return;
    }
    m_readable = {};
    m_problems.clear();
    for (const Row& row : m_rows) {
        try {
            run::setField(m_readable, row.field->path, text(row).trimmed().toStdString());
        } catch (const Error& error) {
            m_problems.push_back({row.field->path, error.message()});
        }
    }
    m_config = m_problems.empty() ? std::optional(m_readable) : std::nullopt;
    // One field that cannot be read hides nothing that is wrong with the others.
    addProblems(m_problems, run::validate(m_readable));
    if (m_checker) {
        addProblems(m_problems, m_checker(m_readable));
    }
    findUsed();
    showProblems();
    Q_EMIT edited();
}

void ConfigForm::showProblems() {
    for (const Row& row : m_rows) {
        const auto problem = std::find_if(m_problems.begin(), m_problems.end(), [&](const run::Problem& one) { return one.path == row.field->path; });
        const bool isBad = problem != m_problems.end();
        row.hint->setText(isBad ? capitalised(QString::fromStdString(problem->message)) : row.summary);
        QPalette palette;
        palette.setColor(QPalette::WindowText, colour(isBad ? Role::Danger : Role::MutedText));
        row.hint->setPalette(palette);
        if (row.editor->property("invalid").toBool() != isBad) {
            row.editor->setProperty("invalid", isBad);
            row.editor->setStyleSheet(
                isBad ? QStringLiteral("%1 { border: 1px solid %2; }")
                            .arg(qobject_cast<QComboBox*>(row.editor) ? QStringLiteral("QComboBox") : QStringLiteral("QLineEdit"), colour(Role::Danger).name())
                      : QString());
        }
    }
}

}  // namespace rlcm::ui
