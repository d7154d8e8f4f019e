#include "ui/shell/work_split.h"

#include <QScrollBar>
#include <algorithm>

namespace rlcm::ui {

namespace {
constexpr int kLeastPages = 590;  // more than any page needs, so that the list does not move with what is shown
}

WorkSplit::WorkSplit(QWidget* list, QWidget* pages, const QWidget* needs) : QSplitter(Qt::Horizontal), m_needs(needs), m_chosen(kUsualListWidth) {
    setChildrenCollapsible(false);
    setHandleWidth(1);
    addWidget(list);
    addWidget(pages);
    setStretchFactor(0, 0);
    setStretchFactor(1, 1);
    connect(this, &QSplitter::splitterMoved, this, [this] {
        m_chosen = widget(0)->width();
        Q_EMIT listResized(m_chosen);
    });
}

void WorkSplit::setListWidth(int width) {
    m_chosen = std::max(width, widget(0)->minimumWidth());
    fit();
}

void WorkSplit::resizeEvent(QResizeEvent* event) {
    QSplitter::resizeEvent(event);
    fit();
}

void WorkSplit::fit() {
    const int bar = QScrollBar(Qt::Vertical, this).sizeHint().width();  // of pages that are too high
    const int room = width() - handleWidth() - std::max(m_needs->minimumSizeHint().width(), kLeastPages) - bar;
    const int list = std::clamp(room, std::min(widget(0)->minimumWidth(), m_chosen), m_chosen);
    setSizes({list, width() - handleWidth() - list});
}

}  // namespace rlcm::ui
