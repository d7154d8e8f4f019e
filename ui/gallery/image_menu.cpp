#include "ui/gallery/image_menu.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QGuiApplication>
#include <QImage>
#include <QMenu>
#include <utility>

namespace rlcm::ui {

void showImageMenu(QWidget* owner, const QPoint& place, const ImageActions& actions) {
    auto* menu = new QMenu(owner);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto& [text, action] : {std::pair("Open large", actions.open), std::pair("Choose as A", actions.chooseA),
                                       std::pair("Compare as B", actions.compareB), std::pair("Copy image", actions.copy)}) {
        if (action) {
            menu->addAction(QCoreApplication::translate("Gallery", text), owner, action);
        }
    }
    menu->popup(place);
}

void copyStoredImage(const QString& file) {
    if (const QImage image(file); !image.isNull()) {
        QGuiApplication::clipboard()->setImage(image);
    }
}

}  // namespace rlcm::ui
