#include "ui/view/table_copy.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>
#include <QShortcut>
#include <QToolButton>

#include "ui/theme/icons.h"

namespace rlcm::ui {
namespace {

void copyText(const std::string& text) {
    QGuiApplication::clipboard()->setText(QString::fromStdString(text));
}

}  // namespace

QToolButton* makeCopyButton(QWidget* owner, const char* name, TableTexts texts) {
    auto* button = new QToolButton(owner);
    button->setObjectName(QLatin1String(name));
    button->setIcon(icon(Icon::Copy));
    button->setAccessibleName(QObject::tr("Copy table"));
    button->setToolTip(QObject::tr("Copy the table (Ctrl+C)"));
    button->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(button);
    const auto copyTsv = [tsv = texts.tsv] { copyText(tsv()); };
    menu->addAction(QObject::tr("For a spreadsheet"), owner, copyTsv);
    menu->addAction(QObject::tr("As Markdown"), owner, [people = texts.people] { copyText(figure::markdown(people())); });
    menu->addAction(QObject::tr("As LaTeX"), owner, [people = texts.people] { copyText(figure::latex(people())); });
    button->setMenu(menu);
    auto* shortcut = new QShortcut(QKeySequence::Copy, owner);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    QObject::connect(shortcut, &QShortcut::activated, owner, copyTsv);
    return button;
}

}  // namespace rlcm::ui
