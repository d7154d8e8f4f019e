#include "core/store/image_files.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/store/database.h"

namespace rlcm::store {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& file, int reason) {
    throw Error(ErrorKind::Store, what + ' ' + file.string() + ": " + std::strerror(reason));
}

void writeWhole(const fs::path& file, std::string_view bytes) {
    const fs::path temporary = file.string() + ".tmp";
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) {
        fail("cannot create", temporary, errno);
    }
    while (!bytes.empty()) {
        const ssize_t done = ::write(fd, bytes.data(), bytes.size());
        if (done < 0 && errno != EINTR) {
            const int reason = errno;
            ::close(fd);
            ::unlink(temporary.c_str());
            fail("cannot write", temporary, reason);
        }
        bytes.remove_prefix(done > 0 ? static_cast<std::size_t>(done) : 0);
    }
    ::close(fd);
    if (::rename(temporary.c_str(), file.c_str()) != 0) {
        fail("cannot replace", file, errno);
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
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) {
        fail("cannot create the folder", folder, error.value());
    }
    for (const run::EvaluationImage& image : event.images) {
        ensure(image.png != nullptr, "an evaluation image carries its PNG bytes");
        writeWhole(workspace / imageFile(event.id, event.epoch, image.index), *image.png);
    }
}

}  // namespace rlcm::store
