#pragma once
// A page with the view that it shows and proposes changes of, as the window has it.
#include <QObject>
#include <QUndoStack>

#include "ui/view/page.h"

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
    QUndoStack steps;
    ui::ViewModel view{steps};
};

}  // namespace rlcm::test
