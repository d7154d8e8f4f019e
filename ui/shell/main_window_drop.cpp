// Image files that are dropped on the window, or chosen, lead back to where their images stand.
#include <QDragEnterEvent>
#include <QMimeData>
#include <QUrl>

#include "ui/bridge/store_service.h"
#include "ui/gallery/image_origin.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/dialogs.h"

namespace rlcm::ui {
namespace {

/// The first PNG file that is dropped; empty: none.
QString droppedPicture(const QMimeData& data) {
    for (const QUrl& url : data.urls()) {
        if (url.isLocalFile() && url.fileName().endsWith(QLatin1String(".png"), Qt::CaseInsensitive)) {
            return url.toLocalFile();
        }
    }
    return {};
}

}  // namespace

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
    if (!droppedPicture(*event->mimeData()).isEmpty()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event) {
    if (const QString file = droppedPicture(*event->mimeData()); !file.isEmpty()) {
        event->acceptProposedAction();
        findImage(file);
    }
}

void MainWindow::chooseImage() {
    const QString file = FileDialog::openFile(this, tr("Find an exported image"), {}, tr("PNG images (*.png)"));
    if (!file.isEmpty()) {
        findImage(file);
    }
}

/// One evaluation is shown on the page of its run, rows and columns on the page of images.
void MainWindow::findImage(const QString& file) {
    m_store->readAside(
        this, {}, [file](const store::StoreReader& reader) { return originOf(file, reader); },
        [this](const ImageOrigin& origin) {
            m_isForcedWelcome = false;
            m_view.apply({[origin](ViewState& state) {
                state.select(origin.run);
                state.goTo(static_cast<int>(origin.epoch));
                state.page = origin.isGrid ? QStringLiteral("grid") : QStringLiteral("live");
            }});
        },
        [this](const QString& problem) { tell(MessageLevel::Warning, problem); });
}

}  // namespace rlcm::ui
