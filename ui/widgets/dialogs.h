#pragma once
// The seams for modal dialogs: tests put answers in, users see real dialogs.
#include <QString>
#include <QStringList>

#include "ui/widgets/message_bar.h"

class QWidget;

namespace rlcm::ui {

/// File and folder choosers. An empty answer means cancelled.
class FileDialog {
public:
    /// `suggested`: folder with file name; `filter` as in QFileDialog. A name without one of the filter's endings gets one, and
    /// then the user is asked before a file is replaced. Folders that are not there give way to the one used last, or to home.
    static QString saveFile(QWidget* parent, const QString& title, const QString& suggested, const QString& filter);
    static QString openFile(QWidget* parent, const QString& title, const QString& folder, const QString& filter);
    /// Several existing files.
    static QStringList openFiles(QWidget* parent, const QString& title, const QString& folder, const QString& filter);
    static QString chooseFolder(QWidget* parent, const QString& title, const QString& folder);
    /// The next call returns this instead of showing a dialog; several answers queue up. openFiles takes one path a line. For
    /// tests.
    static void answerNext(const QString& path);
    /// Folder and name that the last saveFile suggested. For tests.
    static QString lastSuggestion();
};

/// A name that has to be typed; an empty answer means cancelled.
class NameDialog {
public:
    static QString ask(QWidget* parent, const QString& title, const QString& label, const QString& suggested);
    /// The next call returns this instead of showing a dialog. For tests.
    static void answerNext(const QString& name);
};

/// Question or statement that must be answered before going on.
struct Question {
    MessageLevel level = MessageLevel::Info;
    QString title = {};
    QString text = {};
    QStringList buttons = {};  ///< left to right as meant: first is the suggested one
    int defaultButton = 0;     ///< for Return
    int cancelButton = -1;     ///< for Escape; -1: the last one
    int dangerButton = -1;     ///< coloured as destroying something
};
class MessageBox {
public:
    /// Index into question.buttons.
    static int ask(QWidget* parent, const Question& question);
    static void answerNext(int button);
    /// The question last asked. For tests.
    static Question lastQuestion();
};

}  // namespace rlcm::ui
