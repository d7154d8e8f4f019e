#include "core/image/fourier.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/error.h"

namespace rlcm::image {
namespace {

std::size_t smallestFactor(std::size_t n) {
    for (std::size_t factor = 2; factor * factor <= n; ++factor) {
        if (n % factor == 0) {
            return factor;
        }
    }
    return n;
}

}  // namespace

Fourier::Fourier(std::size_t length) : m_roots(length), m_input(length), m_scratch(length) {
    for (std::size_t k = 0; k < length; ++k) {
        const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(length);
        m_roots[k] = {std::cos(angle), std::sin(angle)};
    }
}

void Fourier::transform(std::span<std::complex<double>> values) {
    ensure(values.size() == m_roots.size(), "a transform has one length");
    m_input.assign(values.begin(), values.end());
    step(values.size(), 0, 1, values.data());
}

/// Cooley and Tukey: the `factor` interleaved parts transformed, then put together with roots of unity. Reads `length` inputs from `from` on, `stride` apart.
void Fourier::step(std::size_t length, std::size_t from, std::size_t stride, std::complex<double>* to) {
    if (length == 1) {
        *to = m_input[from];
        return;
    }
    const std::size_t factor = smallestFactor(length), part = length / factor;
    for (std::size_t i = 0; i < factor; ++i) {
        step(part, from + i * stride, stride * factor, to + i * part);
    }
    const std::size_t count = m_roots.size();
    for (std::size_t k = 0; k < length; ++k) {
        const std::size_t turn = k * stride;  // below count
        std::size_t root = 0, input = k < part ? k : k % part;
        double real = 0, imaginary = 0;  // written out: the operator of std::complex looks for infinities
        for (std::size_t i = 0; i < factor; ++i, input += part) {
            const std::complex<double> value = to[input], w = m_roots[root];
            real += value.real() * w.real() - value.imag() * w.imag();
            imaginary += value.real() * w.imag() + value.imag() * w.real();
            root += turn;
            root -= root >= count ? count : 0;
        }
        m_scratch[k] = {real, imaginary};
    }
    std::copy_n(m_scratch.begin(), length, to);
}

std::vector<double> powerSpectrum(std::span<const double> values, std::size_t rows, std::size_t columns) {
    std::vector<std::complex<double>> plane(values.begin(), values.end());
    Fourier alongRow(columns), alongColumn(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        alongRow.transform(std::span(plane).subspan(row * columns, columns));
    }
    std::vector<std::complex<double>> line(rows);
    std::vector<double> power(values.size());
    for (std::size_t column = 0; column < columns; ++column) {
        for (std::size_t row = 0; row < rows; ++row) {
            line[row] = plane[row * columns + column];
        }
        alongColumn.transform(line);
        for (std::size_t row = 0; row < rows; ++row) {
            power[row * columns + column] = std::norm(line[row]);
        }
    }
    return power;
}

}  // namespace rlcm::image
