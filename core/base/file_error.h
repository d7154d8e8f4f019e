#pragma once
// A failure to use a file from elsewhere, for callers that know where it came from and so what to do about it.
#include "core/base/error.h"

namespace rlcm {

/// What is the matter with the file.
enum class FileFault {
    NotDownloaded,  ///< a git-lfs pointer stands in its place
    Incomplete,     ///< it is not there, cannot be read, or is damaged
    Executable,     ///< of a format that can run code when it is opened
    Single,         ///< a whole model in one file
    Mixed,          ///< it does not fit the files beside it, as parts of two models
    Unsupported,    ///< whole, and of a kind that is not read here
};

class FileError : public Error {
public:
    FileError(ErrorKind kind, FileFault fault, const std::string& message) : Error(kind, message), m_fault(fault) {}
    FileFault fault() const noexcept { return m_fault; }

private:
    FileFault m_fault;
};

}  // namespace rlcm
