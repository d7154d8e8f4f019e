#include "ui/shell/shortcut_sheet.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "ui/shell/actions.h"
#include "ui/theme/theme.h"
#include "ui/widgets/within_screen.h"

namespace rlcm::ui {

namespace {

constexpr int kWidth = 900, kHeight = 560;

/// The window's actions that have a key, then the keys that only one part of it knows.
void fill(QTreeWidget& list, const Actions& actions, const std::vector<QAction*>& ofList) {
    const auto add = [&list](const QString& key, const QString& what, const QString& tip) { new QTreeWidgetItem(&list, {key, what, tip}); };
    std::vector<QAction*> all = actions.all();
    all.insert(all.end(), ofList.begin(), ofList.end());
    for (const QAction* action : all) {
        if (const QString key = Actions::keyText(action); !key.isEmpty()) {
            QString text = action->text().section(QLatin1Char('\t'), 0, 0);
            add(key, text.remove(QLatin1Char('&')), action->statusTip());
        }
    }
    add(ShortcutSheet::tr("Up, Down"), ShortcutSheet::tr("Previous, next image"), ShortcutSheet::tr("In the image grid and the viewer"));
    add(ShortcutSheet::tr("Return"), ShortcutSheet::tr("Open large"), ShortcutSheet::tr("In the image grid; Escape closes"));
    add(ShortcutSheet::tr("A, B"), ShortcutSheet::tr("Compare two images"),
        ShortcutSheet::tr("On an image: choose it as A, compare it as B; in the viewer: which the arrows step"));
    add(ShortcutSheet::tr("Tab"), ShortcutSheet::tr("Flicker"), ShortcutSheet::tr("In the viewer: A and B in turn, as Space"));
    add(ShortcutSheet::tr("S, W, L, D, 4"), ShortcutSheet::tr("Way of comparing"),
        ShortcutSheet::tr("In the viewer: side by side, wipe, blend, difference, four at once; [ and ] change the amount"));
    add(ShortcutSheet::tr("C"), ShortcutSheet::tr("CLIP cosine"), ShortcutSheet::tr("In the viewer: stop or begin to measure how alike A and B are"));
    add(ShortcutSheet::tr("X"), ShortcutSheet::tr("Swap A and B"), ShortcutSheet::tr("In the viewer; Backspace takes B away"));
    add(ShortcutSheet::tr("+, -, 0, 1"), ShortcutSheet::tr("Zoom"), ShortcutSheet::tr("In the viewer: in, out, fit, pixel for pixel"));
    add(ShortcutSheet::tr("Comma, point"), ShortcutSheet::tr("Page before, next page"), ShortcutSheet::tr("On the page of images"));
    add(ShortcutSheet::tr("T, S, +, -"), ShortcutSheet::tr("Swap, sort, size"),
        ShortcutSheet::tr("On the page of images: rows and columns, by change, of the images"));
    add(ShortcutSheet::tr("Ctrl+D"), ShortcutSheet::tr("Add folder"), ShortcutSheet::tr("On the page of models"));
    add(ShortcutSheet::tr("F5"), ShortcutSheet::tr("Inspect again"), ShortcutSheet::tr("On the page of models"));
    add(ShortcutSheet::tr("Ctrl+T"), ShortcutSheet::tr("Test reward"), ShortcutSheet::tr("In the form for a new run"));
    add(ShortcutSheet::tr("Ctrl+Return"), ShortcutSheet::tr("Start now"), ShortcutSheet::tr("In the form for a new run"));
    add(ShortcutSheet::tr("1 to 8"), ShortcutSheet::tr("Axis"), ShortcutSheet::tr("On the page of comparisons: what the curves are drawn against"));
    add(ShortcutSheet::tr("[, ]"), ShortcutSheet::tr("Smooth less, more"), ShortcutSheet::tr("On the page of comparisons"));
    add(ShortcutSheet::tr("R"), ShortcutSheet::tr("Raw lines"), ShortcutSheet::tr("On the page of comparisons: show or hide what is not smoothed"));
    add(ShortcutSheet::tr("L"), ShortcutSheet::tr("Log y"), ShortcutSheet::tr("On the page of comparisons"));
    add(ShortcutSheet::tr("O"), ShortcutSheet::tr("Ignore outliers"), ShortcutSheet::tr("On the page of comparisons"));
    add(ShortcutSheet::tr("G"), ShortcutSheet::tr("Group seeds"), ShortcutSheet::tr("On the page of comparisons"));
    add(ShortcutSheet::tr("F"), ShortcutSheet::tr("Whole range"), ShortcutSheet::tr("In a chart: undo the zoom"));
}

/// Hides the rows without the words; false when that leaves none.
bool showMatches(QTreeWidget& list, const QString& words) {
    bool hasMatch = false;
    for (int row = 0; row < list.topLevelItemCount(); ++row) {
        QTreeWidgetItem* item = list.topLevelItem(row);
        const QString all = item->text(0) + QLatin1Char(' ') + item->text(1) + QLatin1Char(' ') + item->text(2);
        const bool isMatch = all.contains(words.trimmed(), Qt::CaseInsensitive);
        item->setHidden(!isMatch);
        hasMatch = hasMatch || isMatch;
    }
    return hasMatch;
}

}  // namespace

ShortcutSheet::ShortcutSheet(const Actions& actions, const std::vector<QAction*>& ofList, QWidget* parent) : QDialog(parent) {
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
    fill(*list, actions, ofList);
    for (int row = 0; row < list->topLevelItemCount(); ++row) {
        list->topLevelItem(row)->setToolTip(2, list->topLevelItem(row)->text(2));  // where it is cut
    }
    auto* nothing = makeMuted(new QLabel(tr("No key is called so.")));
    nothing->setObjectName(QStringLiteral("noShortcut"));
    nothing->hide();
    list->header()->setStretchLastSection(true);
    connect(search, &QLineEdit::textChanged, list, [list, nothing](const QString& words) { nothing->setVisible(!showMatches(*list, words)); });
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(spacing::kSmall);
    layout->addWidget(search);
    layout->addWidget(nothing);
    layout->addWidget(list);
    resize(withinScreen(*this, {kWidth, kHeight}));
}

}  // namespace rlcm::ui
