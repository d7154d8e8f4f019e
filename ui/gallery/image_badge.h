#pragma once
// Words on images, wherever images are painted. thread: GUI.
#include <QColor>
#include <QFontMetrics>
#include <QRectF>
#include <QString>

#include "ui/theme/theme.h"

class QPainter;

namespace rlcm::ui {

/// A change in few characters, for a badge: "+0.12", "−12", "±0.00".
QString shortChange(double value);
/// Of what shortChange() says: a change that is shown as nothing is neither good nor bad.
Role changeRole(const QString& change);

/// Words in the corners of an image, on a dark plate whatever the theme.
class BadgePainter {
public:
    /// `margin`: from the edges of the image to the plates.
    BadgePainter(QPainter& painter, const QRectF& image, double margin);
    /// Nothing where the words have no room beside `taken` pixels. Returns the width of the plate, 0 without one.
    double put(const QString& text, const QColor& ink, Qt::Alignment corner, double taken = 0);

private:
    QPainter& m_painter;
    QRectF m_image;
    double m_margin;
    QFontMetrics m_metrics;
};

/// In the place of an image that is not decoded yet, or cannot be.
void paintNoImage(QPainter& painter, const QRectF& place, bool isUnreadable);

}  // namespace rlcm::ui
