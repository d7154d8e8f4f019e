#include "ui/widgets/flow_layout.h"

#include <QWidget>
#include <algorithm>

namespace rlcm::ui {

FlowLayout::FlowLayout(QWidget* parent, int horizontalSpacing, int verticalSpacing)
    : QLayout(parent), m_horizontalSpacing(horizontalSpacing), m_verticalSpacing(verticalSpacing) {}

FlowLayout::~FlowLayout() {
    qDeleteAll(m_items);
}

void FlowLayout::addItem(QLayoutItem* item) {
    m_items.append(item);
}

int FlowLayout::count() const {
    return static_cast<int>(m_items.size());
}

QLayoutItem* FlowLayout::itemAt(int index) const {
    return m_items.value(index);
}

QLayoutItem* FlowLayout::takeAt(int index) {
    return index >= 0 && index < count() ? m_items.takeAt(index) : nullptr;
}

int FlowLayout::heightForWidth(int width) const {
    return arrange(QRect(0, 0, width, 0), false);
}

QSize FlowLayout::sizeHint() const {
    const QMargins margins = contentsMargins();
    int width = margins.left() + margins.right(), height = 0;
    for (const QLayoutItem* item : m_items) {
        if (item->isEmpty()) {
            continue;
        }
        width += item->sizeHint().width() + m_horizontalSpacing;
        height = std::max(height, item->sizeHint().height());
    }
    return {width, height + margins.top() + margins.bottom()};
}

QSize FlowLayout::minimumSize() const {
    QSize size;
    for (const QLayoutItem* item : m_items) {
        if (!item->isEmpty()) {
            size = size.expandedTo(item->minimumSize());
        }
    }
    const QMargins margins = contentsMargins();
    return size + QSize(margins.left() + margins.right(), margins.top() + margins.bottom());
}

void FlowLayout::setGeometry(const QRect& rect) {
    QLayout::setGeometry(rect);
    arrange(rect, true);
}

/// Places items row by row and returns the height used.
int FlowLayout::arrange(const QRect& rect, bool isApplied) const {
    const QRect area = rect.marginsRemoved(contentsMargins());
    int y = area.top();
    qsizetype next = 0;
    while (next < m_items.size()) {
        qsizetype end = next;
        int width = 0, rowHeight = 0;
        for (; end < m_items.size(); ++end) {
            if (m_items[end]->isEmpty()) {
                continue;
            }
            const QSize hint = m_items[end]->sizeHint();
            if (width > 0 && width + m_horizontalSpacing + hint.width() > area.width()) {
                break;
            }
            width += (width > 0 ? m_horizontalSpacing : 0) + hint.width();
            rowHeight = std::max(rowHeight, hint.height());
        }
        int x = area.left();
        for (; next < end; ++next) {
            if (m_items[next]->isEmpty()) {
                continue;
            }
            const QSize hint = m_items[next]->sizeHint();
            const QSize size(std::min(hint.width(), area.width()), hint.height());
            if (isApplied) {
                m_items[next]->setGeometry(QRect(QPoint(x, y + (rowHeight - size.height()) / 2), size));
            }
            x += size.width() + m_horizontalSpacing;
        }
        if (rowHeight > 0) {
            y += rowHeight + m_verticalSpacing;
        }
    }
    return std::max(0, y - m_verticalSpacing - area.top()) + contentsMargins().top() + contentsMargins().bottom();
}

}  // namespace rlcm::ui
