#pragma once
#include <QFontMetrics>
#include <QLabel>
#include <algorithm>

#include "ui/widgets/format.h"

namespace rlcm::ui {

/// A label that gives way when space is short, with the whole text as tool tip.
class ElidedLabel : public QLabel {
public:
    explicit ElidedLabel(QWidget* parent = nullptr) : QLabel(parent) { setTextFormat(Qt::PlainText); }
    void setHiddenWhenCut(bool isHidden) { m_isHiddenWhenCut = isHidden; }
    void setElideMode(Qt::TextElideMode mode) { m_mode = mode; }
    void setFullText(const QString& text) {
        m_full = text;
        setToolTip(plainToolTip(text));
        elide();
    }
    QSize minimumSizeHint() const override { return {40, QLabel::minimumSizeHint().height()}; }
    QSize sizeHint() const override { return {fontMetrics().horizontalAdvance(m_full) + 2, QLabel::sizeHint().height()}; }

protected:
    void resizeEvent(QResizeEvent*) override { elide(); }

private:
    void elide() {
        const QString shown = fontMetrics().elidedText(m_full, m_mode, std::max(width(), 40));
        setText(m_isHiddenWhenCut && shown != m_full ? QString() : shown);
    }
    QString m_full;
    Qt::TextElideMode m_mode = Qt::ElideMiddle;
    bool m_isHiddenWhenCut = false;
};

}  // namespace rlcm::ui
