#include "core/parity/gauge.h"

#include <algorithm>
#include <cmath>

#include "core/tensor/torch.h"

namespace rlcm::parity {

Gauge::Gauge(std::string name, double tolerance, Measure measure) : m_measure(measure) {
    m_quantity.name = std::move(name);
    m_quantity.tolerance = tolerance;
    m_quantity.isRelative = measure == Measure::Relative;
}

void Gauge::add(const at::Tensor& ours, const at::Tensor& expected, const std::string& where) {
    if (ours.sizes() != expected.sizes()) {
        fail(where + ": shapes differ");
        return;
    }
    const at::Tensor a = ours.detach().to(at::kCPU, at::kDouble);
    const at::Tensor b = expected.detach().to(at::kCPU, at::kDouble);
    m_hasAny = true;
    if (a.numel() == 0) {
        return;
    }
    if (m_measure == Measure::Exact) {
        addMeasured((a != b).sum().item<double>(), where);
        return;
    }
    const double difference = (a - b).abs().max().item<double>();
    const double size = b.abs().max().item<double>();
    const double relative = size > 0 ? difference / size : difference;
    m_quantity.maxAbs = std::max(m_quantity.maxAbs, difference);
    m_quantity.maxRel = std::max(m_quantity.maxRel, relative);
    const double measured = m_measure == Measure::Relative ? relative : difference;
    if (!std::isfinite(difference) || !std::isfinite(size)) {
        fail(where + ": not finite");
    } else if (measured > m_worst && !m_hasFailed) {
        m_worst = measured;
        m_quantity.note = where;
    }
}

void Gauge::add(double ours, double expected, const std::string& where) {
    add(at::scalar_tensor(ours, at::kDouble), at::scalar_tensor(expected, at::kDouble), where);
}

void Gauge::addMeasured(double difference, const std::string& where) {
    m_hasAny = true;
    if (!std::isfinite(difference)) {
        fail(where + ": not finite");
        return;
    }
    double& kept = m_quantity.isRelative ? m_quantity.maxRel : m_quantity.maxAbs;
    kept = std::max(kept, difference);
    if (difference > m_worst && !m_hasFailed) {
        m_worst = difference;
        m_quantity.note = where;
    }
}

void Gauge::fail(const std::string& why) {
    if (!m_hasFailed) {
        m_quantity.note = why;
    }
    m_hasAny = m_hasFailed = true;
}

Quantity Gauge::result() const {
    Quantity quantity = m_quantity;
    quantity.passed = m_hasAny && !m_hasFailed && m_worst <= m_quantity.tolerance;
    if (!m_hasAny) {
        quantity.note = "nothing was compared";
    } else if (quantity.passed) {
        quantity.note.clear();
    } else if (!m_hasFailed) {
        quantity.note = "worst: " + m_quantity.note;
    }
    return quantity;
}

}  // namespace rlcm::parity
