#pragma once
#include <complex>
#include <span>
#include <vector>

namespace rlcm::image {

/// Discrete Fourier transforms of one length, any length: by its prime factors, so that lengths of small factors are fast (n log n) and a prime costs n^2.
/// Not scaled. Not thread safe.
class Fourier {
public:
    explicit Fourier(std::size_t length);
    /// In place. values.size() == length.
    void transform(std::span<std::complex<double>> values);

private:
    void step(std::size_t length, std::size_t from, std::size_t stride, std::complex<double>* to);

    std::vector<std::complex<double>> m_roots;  // exp(-2 pi i k / length)
    std::vector<std::complex<double>> m_input, m_scratch;
};

/// |F|^2 of a real picture, rows * columns values in the order of the transform: frequency k, then k - n beyond the middle.
std::vector<double> powerSpectrum(std::span<const double> values, std::size_t rows, std::size_t columns);

}  // namespace rlcm::image
