#include "core/store/image_files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/store/database.h"

namespace rlcm::store {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void failFile(const std::string& what, const fs::path& file, int reason) {
    throw Error(ErrorKind::Store, what + ' ' + file.string() + ": " + std::strerror(reason));
}

fs::path temporaryOf(const fs::path& file) {
    return file.string() + ".tmp";
}

void writeTemporary(const fs::path& file, std::string_view bytes) {
    const fs::path temporary = temporaryOf(file);
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        failFile("cannot create", temporary, errno);
    }
    while (!bytes.empty()) {
        const ssize_t done = ::write(fd, bytes.data(), bytes.size());
        if (done < 0 && errno != EINTR) {
            const int reason = errno;
            ::close(fd);
            ::unlink(temporary.c_str());
            failFile("cannot write", temporary, reason);
        }
        bytes.remove_prefix(done > 0 ? static_cast<std::size_t>(done) : 0);
    }
    if (::close(fd) != 0) {
        failFile("cannot write", temporary, errno);
    }
}

/// Written first and synced together, the files of an evaluation cost about one wait for the disk.
void syncAndRename(const fs::path& file) {
    const fs::path temporary = temporaryOf(file);
    const int fd = ::open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
    const bool isSynced = fd >= 0 && ::fsync(fd) == 0;
    const int reason = errno;
    if (fd >= 0) {
        ::close(fd);
    }
    if (!isSynced) {
        failFile("cannot sync", temporary, reason);
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) {
        failFile("cannot replace", file, errno);
    }
}

std::string padded(const char* format, std::int64_t number) {
    char text[32];
    std::snprintf(text, sizeof text, format, static_cast<long long>(number));
    return text;
}

}  // namespace

fs::path imageFolder(const run::RunId& id, std::int64_t epoch) {
    return runFolder(id) / "images" / padded("e%05lld", epoch);
}

fs::path imageFile(const run::RunId& id, std::int64_t epoch, std::int64_t index) {
    return imageFolder(id, epoch) / padded("%03lld.png", index);
}

void writeImages(const fs::path& workspace, const run::EvaluationDone& event) {
    const fs::path folder = workspace / imageFolder(event.id, event.epoch);
    makeFolders(folder);
    for (const run::EvaluationImage& image : event.images) {
        ensure(image.png != nullptr, "an evaluation image carries its PNG bytes");
        writeTemporary(workspace / imageFile(event.id, event.epoch, image.index), *image.png);
    }
    for (const run::EvaluationImage& image : event.images) {
        syncAndRename(workspace / imageFile(event.id, event.epoch, image.index));
    }
    syncFolder(folder);
}

}  // namespace rlcm::store
