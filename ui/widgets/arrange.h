#pragma once
// Arrangements that several pages share.
#include <QString>
#include <initializer_list>

class QFrame;
class QSplitter;
class QWidget;

namespace rlcm::ui {

/// Widgets in a row, named by a muted label before them that belongs to the first; no label for an empty text.
QWidget* labelled(const QString& text, std::initializer_list<QWidget*> widgets, QWidget* parent);

/// A card around one widget.
QFrame* cardAround(QWidget* content, QWidget* parent);

/// A chart beside its table, and images below both; people may move the borders.
struct ChartLayout {
    QSplitter *across, *down;
};
/// `chartShare` of a thousand is how wide the chart is at first.
ChartLayout arrangeChart(QWidget* chart, QWidget* table, QWidget* images, int chartShare);

}  // namespace rlcm::ui
