#include "ui/shell/shortcut_sheet.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/shell/actions.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

ShortcutSheet::ShortcutSheet(const Actions& actions, QWidget* parent) : QDialog(parent) {
    setObjectName(QStringLiteral("shortcutSheet"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Keyboard shortcuts"));
    auto* search = new QLineEdit;
    search->setPlaceholderText(tr("Search"));
    search->setAccessibleName(tr("Search shortcuts"));
    search->setClearButtonEnabled(true);
    auto* list = new QTreeWidget;
    list->setObjectName(QStringLiteral("shortcutList"));
    list->setColumnCount(3);
    list->setHeaderLabels({tr("Key"), tr("Action"), tr("What it does")});
    list->setRootIsDecorated(false);
    list->setUniformRowHeights(true);
    list->setSelectionMode(QAbstractItemView::NoSelection);
    const auto add = [list](const QString& key, const QString& what, const QString& tip) { new QTreeWidgetItem(list, {key, what, tip}); };
    for (const QAction* action : actions.all()) {
        if (const QString key = Actions::keyText(action); !key.isEmpty()) {
            QString text = action->text().section(QLatin1Char('\t'), 0, 0);
            add(key, text.remove(QLatin1Char('&')), action->statusTip());
        }
    }
    add(tr("Up, Down"), tr("Previous, next image"), tr("In the image grid and the large view"));
    add(tr("Return"), tr("Open large"), tr("In the image grid; Escape closes"));
    add(tr("F2"), tr("Rename"), tr("In the list of runs"));
    add(tr("V"), tr("Show in charts"), tr("In the list of runs"));
    add(tr("Del"), tr("Delete"), tr("In the list of runs; can be undone"));
    add(tr("Ctrl+D"), tr("Add folder"), tr("On the page of models"));
    add(tr("F5"), tr("Inspect again"), tr("On the page of models"));
    add(tr("Ctrl+T"), tr("Test reward"), tr("In the form for a new run"));
    add(tr("Ctrl+Return"), tr("Start now"), tr("In the form for a new run"));
    add(tr("1 to 7"), tr("Axis"), tr("On the page of comparisons: what the curves are drawn against"));
    add(tr("[, ]"), tr("Smooth less, more"), tr("On the page of comparisons"));
    add(tr("R"), tr("Raw lines"), tr("On the page of comparisons: show or hide what is not smoothed"));
    add(tr("L"), tr("Log y"), tr("On the page of comparisons"));
    add(tr("O"), tr("Ignore outliers"), tr("On the page of comparisons"));
    add(tr("G"), tr("Group seeds"), tr("On the page of comparisons"));
    add(tr("F"), tr("Whole range"), tr("In a chart: undo the zoom"));
    auto* nothing = makeMuted(new QLabel(tr("No key is called so.")));
    nothing->setObjectName(QStringLiteral("noShortcut"));
    nothing->hide();
    list->header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    list->header()->setStretchLastSection(true);
    connect(search, &QLineEdit::textChanged, list, [list, nothing](const QString& words) {
        bool hasMatch = false;
        for (int row = 0; row < list->topLevelItemCount(); ++row) {
            QTreeWidgetItem* item = list->topLevelItem(row);
            const QString all = item->text(0) + QLatin1Char(' ') + item->text(1) + QLatin1Char(' ') + item->text(2);
            const bool isMatch = all.contains(words.trimmed(), Qt::CaseInsensitive);
            item->setHidden(!isMatch);
            hasMatch = hasMatch || isMatch;
        }
        nothing->setVisible(!hasMatch);
    });
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(search);
    layout->addWidget(nothing);
    layout->addWidget(list);
    resize(680, 560);
}

}  // namespace rlcm::ui
