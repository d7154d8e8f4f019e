// source: the git-lfs specification, docs/spec.md: a pointer's first line is its version.
#include "core/base/lfs_pointer.h"

#include <string>

#include "core/base/file_error.h"

namespace rlcm {

void refuseLfsPointer(std::string_view bytes, std::string_view where) {
    for (const std::string_view start : {"version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"}) {
        if (bytes.starts_with(start)) {
            throw FileError(ErrorKind::Format, FileFault::NotDownloaded,
                            std::string(where) +
                                " is a git-lfs pointer: a few lines of text in the place of the file itself, which was not downloaded; "
                                "run \"git lfs install\" and \"git lfs pull\" in that folder, or download the file from the model's page");
        }
    }
}

}  // namespace rlcm
