#include "core/base/files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/atomic_file.h"
#include "core/base/descriptor.h"
#include "core/base/error.h"
#include "core/base/file_error.h"

namespace rlcm {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void failIo(const std::string& what, const fs::path& file) {
    throw Error(ErrorKind::Io, what + " " + file.string() + ": " + std::strerror(errno));
}

[[noreturn]] void failReading(const fs::path& file, const std::string& why) {
    throw FileError(ErrorKind::Io, FileFault::Incomplete, "cannot read " + file.string() + ": " + why);
}

}  // namespace

std::string readFile(const fs::path& file, std::size_t maxBytes) {
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat info{};
    if (fd.get() < 0 || ::fstat(fd.get(), &info) != 0) {
        failReading(file, std::strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        failReading(file, "it is not a regular file");
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size > maxBytes) {
        throw Error(ErrorKind::Format, file.string() + " has " + std::to_string(size) + " bytes, more than the limit of " + std::to_string(maxBytes));
    }
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < size) {
        const ssize_t got = ::read(fd.get(), bytes.data() + have, size - have);
        if (got < 0 && errno != EINTR) {
            failReading(file, std::strerror(errno));
        }
        if (got == 0) {
            break;
        }
        have += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    bytes.resize(have);
    return bytes;
}

void writeFileAtomically(const fs::path& file, std::string_view bytes) {
    AtomicFile target(file);
    target.write(bytes);
    target.commit();
}

void makeFolders(const fs::path& folder) {
    std::error_code ignored;
    if (folder.empty() || fs::is_directory(folder, ignored)) {
        return;
    }
    makeFolders(folder.parent_path());
    if (::mkdir(folder.c_str(), 0777) != 0) {
        if (errno != EEXIST) {
            failIo("cannot create the folder", folder);
        }
        if (!fs::is_directory(folder, ignored)) {  // else another process was quicker
            throw Error(ErrorKind::Io,
                        "cannot create the folder " + folder.string() + ": " +
                            (fs::is_symlink(folder, ignored) ? "there is a link of that name that leads nowhere" : "there is a file of that name"));
        }
    }
    syncFolder(folder.has_parent_path() ? folder.parent_path() : fs::path("."));
}

void syncFolder(const fs::path& folder) {
    const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.isOpen() && ::fsync(fd.get()) != 0 && errno == EIO) {
        failIo("cannot make sure that the disk keeps what is new in", folder);
    }
}

fs::path resourceFolder() {
    if (const char* given = std::getenv("RLCM_RESOURCES"); given != nullptr && *given != '\0') {
        return given;
    }
    std::error_code ignored;
    const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
    std::string tried;
    for (const char* relative : {"../share/rlcm-workbench", "../../../resources", "../../resources"}) {
        const fs::path folder = (program.parent_path() / relative).lexically_normal();
        if (fs::is_directory(folder / "models", ignored)) {
            return folder;
        }
        tried += "\n  " + folder.string();
    }
    throw Error(ErrorKind::Io, "the bundled resources (models, prompts) were not found; set RLCM_RESOURCES. Tried:" + tried);
}

fs::path insideFolder(const fs::path& base, std::string_view name) {
    const fs::path relative(name);
    bool isPlain = !name.empty() && name.find('\0') == std::string_view::npos && relative.is_relative();
    for (const fs::path& part : relative) {
        isPlain = isPlain && part != "..";
    }
    if (!isPlain) {
        throw Error(ErrorKind::Format, "the file name \"" + std::string(name) + "\" leaves its folder " + base.string());
    }
    return base / relative;
}

}  // namespace rlcm
