#include "ui/widgets/dialogs.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QMessageBox>
#include <QPushButton>
#include <QRegularExpression>
#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "ui/theme/theme.h"
#include "ui/widgets/message_icon.h"

namespace rlcm::ui {
namespace {

constexpr int kNameWidth = 360, kIconSide = 32;

std::deque<QString> g_paths, g_names;
std::deque<int> g_buttons;
QString g_suggestion;
QString g_lastFolder;  ///< of the file chosen last
Question g_question;

std::optional<QString> takePath() {
    if (g_paths.empty()) {
        return std::nullopt;
    }
    const QString path = g_paths.front();
    g_paths.pop_front();
    return path;
}

/// The endings that a filter like "JPEG image (*.jpg *.jpeg)" names, with their dots; the first is the usual one.
QStringList endingsOf(const QString& filter) {
    static const QRegularExpression kPattern(QStringLiteral("\\*(\\.[\\w.]+)"));
    QStringList endings;
    for (auto found = kPattern.globalMatch(filter); found.hasNext();) {
        endings << found.next().captured(1);
    }
    return endings;
}

/// The name with an ending of one of the filters: a dot elsewhere in it, as in "run_v1.5", is no ending.
QString withEnding(QString path, const QString& filter, const QString& chosenFilter) {
    const QStringList known = endingsOf(filter), wanted = endingsOf(chosenFilter);
    const bool hasOne = std::any_of(known.begin(), known.end(), [&](const QString& ending) { return path.endsWith(ending, Qt::CaseInsensitive); });
    if (path.isEmpty() || hasOne || known.isEmpty()) {
        return path;
    }
    while (path.endsWith(QLatin1Char('.'))) {
        path.chop(1);
    }
    return path + (wanted.isEmpty() ? known.first() : wanted.first());
}

/// The folder asked for; where it is not there, the one used last, or the user's own: never the program's.
QString startFolder(const QString& folder) {
    if (!folder.isEmpty() && QDir(folder).exists()) {
        return folder;
    }
    return !g_lastFolder.isEmpty() && QDir(g_lastFolder).exists() ? g_lastFolder : QDir::homePath();
}

QString remember(const QString& path) {
    if (!path.isEmpty()) {
        g_lastFolder = QFileInfo(path).absolutePath();
    }
    return path;
}

/// True when the file may be written: it is not there, or the user says so.
bool mayWrite(QWidget* parent, const QString& path) {
    const QFileInfo file(path);
    if (!file.exists() || file.isDir()) {
        return true;  // writing into a folder fails with a reason
    }
    return MessageBox::ask(
               parent, {.level = MessageLevel::Warning,
                        .title = QCoreApplication::translate("FileDialog", "Replace “%1”?").arg(file.fileName()),
                        .text = QCoreApplication::translate("FileDialog", "A file with this name is already in “%1”. Its content will be lost.")
                                    .arg(QDir::toNativeSeparators(file.absolutePath())),
                        .buttons = {QCoreApplication::translate("FileDialog", "Replace"), QCoreApplication::translate("FileDialog", "Choose another name…")},
                        .defaultButton = 1,
                        .dangerButton = 0}) == 0;
}

}  // namespace

QString FileDialog::saveFile(QWidget* parent, const QString& title, const QString& suggested, const QString& filter) {
    const QFileInfo wish(suggested);
    QString suggestion = QDir(startFolder(wish.absolutePath())).filePath(wish.fileName());
    QString chosenFilter;
    while (true) {
        g_suggestion = suggestion;
        const auto answer = takePath();
        // The ending comes before the question, which therefore is ours.
        const QString typed =
            answer ? *answer : QFileDialog::getSaveFileName(parent, title, suggestion, filter, &chosenFilter, QFileDialog::DontConfirmOverwrite);
        if (typed.isEmpty()) {
            return {};
        }
        const QString path = withEnding(typed, filter, chosenFilter);
        if (mayWrite(parent, path)) {
            return remember(path);
        }
        suggestion = path;
    }
}

QString FileDialog::openFile(QWidget* parent, const QString& title, const QString& folder, const QString& filter) {
    if (auto answer = takePath()) {
        return *answer;
    }
    return remember(QFileDialog::getOpenFileName(parent, title, startFolder(folder), filter));
}

QStringList FileDialog::openFiles(QWidget* parent, const QString& title, const QString& folder, const QString& filter) {
    if (auto answer = takePath()) {
        return answer->split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    }
    QStringList files = QFileDialog::getOpenFileNames(parent, title, startFolder(folder), filter);
    if (!files.isEmpty()) {
        remember(files.first());
    }
    return files;
}

QString FileDialog::chooseFolder(QWidget* parent, const QString& title, const QString& folder) {
    if (auto answer = takePath()) {
        return *answer;
    }
    return QFileDialog::getExistingDirectory(parent, title, startFolder(folder));
}

void FileDialog::answerNext(const QString& path) {
    g_paths.push_back(path);
}

QString FileDialog::lastSuggestion() {
    return g_suggestion;
}

QString NameDialog::ask(QWidget* parent, const QString& title, const QString& label, const QString& suggested) {
    if (!g_names.empty()) {
        const QString name = g_names.front();
        g_names.pop_front();
        return name;
    }
    QInputDialog dialog(parent);
    dialog.setWindowTitle(title);
    dialog.setLabelText(label);
    dialog.setTextValue(suggested);
    dialog.resize(kNameWidth, dialog.sizeHint().height());
    return dialog.exec() == QDialog::Accepted ? dialog.textValue() : QString();
}

void NameDialog::answerNext(const QString& name) {
    g_names.push_back(name);
}

int MessageBox::ask(QWidget* parent, const Question& question) {
    g_question = question;
    if (!g_buttons.empty()) {
        const int button = g_buttons.front();
        g_buttons.pop_front();
        return button;
    }
    QMessageBox box(QMessageBox::NoIcon, question.title, question.title, QMessageBox::NoButton, parent);
    box.setIconPixmap(iconOf(question.level).pixmap(QSize(kIconSide, kIconSide), box.devicePixelRatioF()));
    box.setTextFormat(Qt::PlainText);
    box.setInformativeText(question.text.toHtmlEscaped());
    const int count = static_cast<int>(question.buttons.size());
    const int cancel = question.cancelButton < 0 ? count - 1 : question.cancelButton;
    std::vector<QPushButton*> buttons;
    for (int i = 0; i < count; ++i) {
        // Equal roles keep the order; the style would otherwise sort buttons by role.
        QPushButton* button = box.addButton(question.buttons[i], QMessageBox::ActionRole);
        if (i == question.dangerButton) {
            makeDanger(button);
        }
        if (i == question.defaultButton) {
            box.setDefaultButton(button);
        }
        if (i == cancel) {
            box.setEscapeButton(button);
        }
        buttons.push_back(button);
    }
    box.exec();
    for (int i = 0; i < count; ++i) {
        if (box.clickedButton() == buttons[static_cast<std::size_t>(i)]) {
            return i;
        }
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
