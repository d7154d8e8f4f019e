#pragma once
// Pictures to try a reward on.
#include <QImage>
#include <QStringList>
#include <vector>

#include "core/image/rgb8_image.h"

namespace rlcm::store {
class StoreReader;
}

namespace rlcm::ui {

/// A picture and what it is said to show.
struct TrialImage {
    QImage picture;
    QString prompt;
};

inline constexpr int kTrialImages = 8;  ///< at most

/// Images of the newest evaluation in a workspace, spread over its prompts; empty when there is none. thread: the reader's.
/// throws: Store, Io naming the file.
std::vector<TrialImage> latestEvaluation(const store::StoreReader& reader);
/// Simple shapes of known colours, with fitting prompts. thread: any.
std::vector<TrialImage> drawnPictures();
/// Pictures from files; the prompt is the file's name in words. thread: any. throws: Io naming the file.
std::vector<TrialImage> picturesOf(const QStringList& files);
/// The pixels as the rewards take them.
image::Rgb8Image toRgb8(const QImage& picture);

}  // namespace rlcm::ui
