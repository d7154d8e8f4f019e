#include "ui/widgets/arrange.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QSplitter>
#include <QVBoxLayout>

#include "ui/theme/theme.h"

namespace rlcm::ui {

QWidget* labelled(const QString& text, std::initializer_list<QWidget*> widgets, QWidget* parent) {
    auto* box = new QWidget(parent);
    auto* row = new QHBoxLayout(box);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(spacing::kSmall);
    if (!text.isEmpty()) {
        auto* label = makeMuted(new QLabel(text, box));
        label->setBuddy(*widgets.begin());
        row->addWidget(label);
    }
    for (QWidget* widget : widgets) {
        row->addWidget(widget);
    }
    return box;
}

QFrame* cardAround(QWidget* content, QWidget* parent) {
    auto* frame = makeCard(new QFrame(parent));
    auto* column = new QVBoxLayout(frame);
    column->setContentsMargins(1, 1, 1, 1);
    column->addWidget(content);
    return frame;
}

ChartLayout arrangeChart(QWidget* chart, QWidget* table, QWidget* images, int chartShare) {
    const ChartLayout layout{new QSplitter(Qt::Horizontal), new QSplitter(Qt::Vertical)};
    layout.across->addWidget(chart);
    layout.across->addWidget(table);
    layout.across->setStretchFactor(0, 3);
    layout.across->setStretchFactor(1, 2);
    layout.down->addWidget(layout.across);
    layout.down->addWidget(images);
    layout.down->setStretchFactor(0, 3);
    layout.down->setStretchFactor(1, 1);
    for (QSplitter* splitter : {layout.across, layout.down}) {
        splitter->setHandleWidth(spacing::kMedium);
        splitter->setChildrenCollapsible(false);
    }
    layout.across->setSizes({chartShare, 1000 - chartShare});
    layout.down->setSizes({600, 330});
    return layout;
}

}  // namespace rlcm::ui
