#pragma once
// Area between two curves, rasterised by pixel column, which stays fast for noisy data with many points per pixel.
#include "ui/charts/plot_library.h"

#include <vector>

namespace rlcm::ui {

class BandPlottable : public QCPAbstractPlottable {
public:
    BandPlottable(QCPAxis* keyAxis, QCPAxis* valueAxis) : QCPAbstractPlottable(keyAxis, valueAxis) {}
    /// All of one length, x ascending; NaN in low or high is a gap.
    void setData(std::vector<double> x, std::vector<double> low, std::vector<double> high);

    double selectTest(const QPointF&, bool, QVariant* = nullptr) const override { return -1; }
    QCPRange getKeyRange(bool& isFound, QCP::SignDomain domain = QCP::sdBoth) const override;
    QCPRange getValueRange(bool& isFound, QCP::SignDomain domain = QCP::sdBoth, const QCPRange& keys = QCPRange()) const override;

protected:
    void draw(QCPPainter* painter) override;
    void drawLegendIcon(QCPPainter*, const QRectF&) const override {}

private:
    QPointF pixel(double x, double y) const;
    bool isPoint(std::size_t i) const;

    std::vector<double> m_x, m_low, m_high;
};

}  // namespace rlcm::ui
