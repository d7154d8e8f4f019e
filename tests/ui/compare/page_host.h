#pragma once
// A page with the view that it shows and proposes changes of, and what it has to take away, as the window has it.
#include <QFileInfo>
#include <QObject>
#include <QPointer>
#include <QPushButton>
#include <QTest>
#include <QUndoStack>

#include "ui/view/page.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

namespace rlcm::test {

/// Must not outlive the page.
struct PageHost {
    explicit PageHost(ui::Page& page) {
        QObject::connect(&page, &ui::Page::proposed, &view, &ui::ViewModel::apply);
        QObject::connect(&view, &ui::ViewModel::changed, &page, [this, &page] { page.showView(view.state()); });
    }
    void goTo(int epoch) {
        view.follow([epoch](ui::ViewState& state) { state.goTo(epoch); });
    }
    /// A curve for each run, however many there are.
    void drawEachRun() {
        view.follow([](ui::ViewState& state) { state.compare.isGrouped = false; });
    }
    QUndoStack steps;
    ui::ViewModel view{steps};
};

/// Saves what a page shows as the user does, in the format of the file's ending. What the dialog says when that fails; empty: it is saved.
inline QString saveAs(const ui::Page& page, ui::StoreService& store, ui::ExportDialog::Tab tab, const QString& file) {
    auto subject = page.exportSubject();
    if (!subject) {
        return QStringLiteral("nothing to export");
    }
    const QPointer dialog = new ui::ExportDialog(store, std::move(*subject), tab);
    dialog->show();
    if (!dialog->choose(tab, QFileInfo(file).suffix())) {
        return QStringLiteral("no such format");
    }
    ui::FileDialog::answerNext(file);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
    QString failure;
    const bool isOver = QTest::qWaitFor(
        [&] {
            const auto* bar = dialog ? dialog->findChild<ui::MessageBar*>() : nullptr;
            failure = bar != nullptr && bar->isVisible() ? bar->text() : QString();
            return !dialog || !dialog->isVisible() || !failure.isEmpty();
        },
        30000);
    if (dialog) {
        dialog->close();
    }
    return isOver ? failure : QStringLiteral("never done");
}

}  // namespace rlcm::test
