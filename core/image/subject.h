#pragma once
// Where the subject of a picture stands and how large it is, told from the pixels alone.
#include "core/image/rgb8_image.h"

namespace rlcm::image {

struct Subject {
    double size = 0;  ///< share of the picture, 0..1
    double x = 0.5;   ///< centre, 0 at the left edge, 1 at the right
    double y = 0.5;   ///< centre, 0 at the top, 1 at the bottom
};

/// The subject is what differs from the background, and the background of a row is what the row has at its two ends: so a horizon is none, and neither is a sky
/// that changes from top to bottom. A pixel differs by the root mean square over its channels, 0..1, from the nearer end (a sixteenth of the width, averaged);
/// more than 0.12 belongs to the subject, and what goes beyond 0.08 weighs its centre. Size 0 in the middle where nothing differs. For single subjects on
/// quiet backgrounds; one that touches both sides hides itself there. thread: any.
/// throws: std::logic_error for a picture without pixels.
Subject subjectOf(const Rgb8Image& picture);

}  // namespace rlcm::image
