#pragma once
// Collects the worst difference of one quantity over many comparisons.
#include <string>

#include <ATen/core/Tensor.h>

#include "core/parity/parity.h"

namespace rlcm::parity {

/// One quantity in the making. Differences are taken in f64; a shape difference or a non-finite value fails.
class Gauge {
public:
    enum class Measure {
        Absolute,  ///< largest |ours - expected|
        Relative,  ///< per add(): largest |ours - expected| / largest |expected| (or as it is where all
                   ///< expected are zero)
        Exact,     ///< number of differing elements
    };
    Gauge(std::string name, double tolerance, Measure measure = Measure::Absolute);
    /// `where` names the comparison in the note of the worst one.
    void add(const at::Tensor& ours, const at::Tensor& expected, const std::string& where = {});
    void add(double ours, double expected, const std::string& where = {});
    /// Adds a difference that was measured elsewhere, as a share or a norm.
    void addMeasured(double difference, const std::string& where = {});
    void fail(const std::string& why);
    /// Fails when nothing was added.
    Quantity result() const;

private:
    Quantity m_quantity;
    Measure m_measure;
    bool m_hasAny = false, m_hasFailed = false;
    double m_worst = -1;
};

}  // namespace rlcm::parity
