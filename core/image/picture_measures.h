#pragma once
// What a picture looks like, in numbers: sharpness, noise, decoder artefacts, colour, emptiness. Grey is 0.299 R + 0.587 G + 0.114 B of the bytes, not rounded;
// deviations are of the population. Tested against golden/measures. Pure functions; thread: any. throws: Shape for a picture without pixels.
#include <optional>
#include <span>

#include "core/image/rgb8_image.h"

namespace rlcm::image {

/// Variance of the four-neighbour Laplacian of grey (0..255), the border mirrored without repeating the edge. Falls with blur, rises with noise.
/// source: Pech-Pacheco et al. 2000; the numbers of OpenCV's Laplacian on unrounded grey.
double laplacianVariance(const Rgb8Image& picture);
/// Share of the power of grey without its mean at more than 0.25 cycles per pixel; 0 for a flat picture. Costs a Fourier transform.
double highFrequencyShare(const Rgb8Image& picture);
/// Variance of the means over equal (row mod period, column mod period) over the variance of grey: the checkerboard of a decoder that repeats with its stride.
/// Nothing unless the period divides both sides; 0 for a flat picture.
std::optional<double> gridShare(const Rgb8Image& picture, int period);
/// Mean HSV saturation, (max - min) / max over the channels, 0 for black.
double saturation(const Rgb8Image& picture);
/// Deviation of grey / 255.
double contrast(const Rgb8Image& picture);
/// Share of the pixels whose 3 x 3 surroundings (mirrored likewise) span at most 2 levels in every channel.
double flatShare(const Rgb8Image& picture);

/// Number of different pictures, by size and bytes.
std::size_t distinctPictures(std::span<const Rgb8Image> pictures);

}  // namespace rlcm::image
