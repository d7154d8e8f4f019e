#pragma once
// From a file that was written here back to the place in the window that it shows.
#include <QString>
#include <cstdint>

#include "core/store/workspace.h"

namespace rlcm::ui {

struct ImageOrigin {
    run::RunId run;          ///< of the first image in the file
    std::int64_t epoch = 0;  ///< at which it was drawn
    bool isGrid = false;     ///< of rows and columns, not of one evaluation
};

/// Where the images of a PNG come from, by what it carries; also of one of the workspace's own images. thread: any.
/// throws: Format when it carries nothing, Store when the workspace does not have these very images.
ImageOrigin originOf(const QString& file, const store::StoreReader& reader);

}  // namespace rlcm::ui
