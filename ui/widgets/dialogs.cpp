#include "ui/widgets/dialogs.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QRegularExpression>
#include <deque>
#include <optional>
#include <vector>

#include "ui/theme/theme.h"

namespace rlcm::ui {
namespace {

std::deque<QString> g_paths;
std::deque<int> g_buttons;
QString g_suggestion;
Question g_question;

std::optional<QString> takePath() {
    if (g_paths.empty()) return std::nullopt;
    const QString path = g_paths.front();
    g_paths.pop_front();
    return path;
}

/// First suffix that a filter like "PDF figure (*.pdf)" names.
QString suffixOf(const QString& filter) {
    static const QRegularExpression kPattern(QStringLiteral("\\*\\.(\\w+)"));
    return kPattern.match(filter).captured(1);
}

QMessageBox::Icon iconOf(MessageLevel level) {
    switch (level) {
        case MessageLevel::Warning:
            return QMessageBox::Warning;
        case MessageLevel::Error:
            return QMessageBox::Critical;
        case MessageLevel::Info:
        case MessageLevel::Success:
            break;
    }
    return QMessageBox::Information;
}

}  // namespace

QString FileDialog::saveFile(QWidget* parent,
                             const QString& title,
                             const QString& suggested,
                             const QString& filter) {
    g_suggestion = suggested;
    QString chosenFilter;
    QString path;
    if (auto answer = takePath())
        path = *answer;
    else
        path = QFileDialog::getSaveFileName(parent, title, suggested, filter, &chosenFilter);
    const QString suffix = suffixOf(chosenFilter.isEmpty() ? filter : chosenFilter);
    if (!path.isEmpty() && QFileInfo(path).suffix().isEmpty() && !suffix.isEmpty())
        path += QLatin1Char('.') + suffix;
    return path;
}

QString FileDialog::openFile(QWidget* parent,
                             const QString& title,
                             const QString& folder,
                             const QString& filter) {
    if (auto answer = takePath()) return *answer;
    return QFileDialog::getOpenFileName(parent, title, folder, filter);
}

QStringList FileDialog::openFiles(QWidget* parent, const QString& title, const QString& folder, const QString& filter) {
    if (auto answer = takePath()) return answer->split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    return QFileDialog::getOpenFileNames(parent, title, folder, filter);
}

QString FileDialog::chooseFolder(QWidget* parent, const QString& title, const QString& folder) {
    if (auto answer = takePath()) return *answer;
    return QFileDialog::getExistingDirectory(parent, title, folder);
}

void FileDialog::answerNext(const QString& path) {
    g_paths.push_back(path);
}

QString FileDialog::lastSuggestion() {
    return g_suggestion;
}

int MessageBox::ask(QWidget* parent, const Question& question) {
    g_question = question;
    if (!g_buttons.empty()) {
        const int button = g_buttons.front();
        g_buttons.pop_front();
        return button;
    }
    QMessageBox box(iconOf(question.level), question.title, question.title, QMessageBox::NoButton, parent);
    box.setTextFormat(Qt::PlainText);
    box.setInformativeText(question.text.toHtmlEscaped());
    const int count = static_cast<int>(question.buttons.size());
    const int cancel = question.cancelButton < 0 ? count - 1 : question.cancelButton;
    std::vector<QPushButton*> buttons;
    for (int i = 0; i < count; ++i) {
        // Equal roles keep the order; the style would otherwise sort buttons by role.
        QPushButton* button = box.addButton(question.buttons[i], QMessageBox::ActionRole);
        if (i == question.dangerButton) makeDanger(button);
        if (i == question.defaultButton) box.setDefaultButton(button);
        if (i == cancel) box.setEscapeButton(button);
        buttons.push_back(button);
    }
    box.exec();
    for (int i = 0; i < count; ++i) {
        if (box.clickedButton() == buttons[static_cast<std::size_t>(i)]) return i;
    }
    return cancel;
}

void MessageBox::answerNext(int button) {
    g_buttons.push_back(button);
}

Question MessageBox::lastQuestion() {
    return g_question;
}

}  // namespace rlcm::ui
