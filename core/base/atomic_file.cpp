#include "core/base/atomic_file.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"

namespace rlcm {
namespace {

namespace fs = std::filesystem;

/// What helps against the reason.
std::string adviceFor(int reason) {
    switch (reason) {
        case ENOSPC:
        case EDQUOT:
            return ". Free some space or choose another folder";
        case EACCES:
        case EPERM:
        case EROFS:
            return ". Choose a folder that you may write to";
        case ENOENT:
        case ENOTDIR:
            return ". Create the folder first or choose another one";
        case ENAMETOOLONG:
            return ". Choose a shorter name";
        default:
            return "";
    }
}

[[noreturn]] void failIo(const std::string& what, const fs::path& file, int reason) {
    throw Error(ErrorKind::Io, "cannot " + what + " " + file.string() + ": " + std::strerror(reason) + adviceFor(reason));
}

fs::path folderOf(const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// Short and in the same folder, so that any name that the file system takes can be written; no two are alike.
fs::path temporaryBeside(const fs::path& file) {
    static std::atomic<unsigned> count{0};
    return folderOf(file) / (".rlcm-" + std::to_string(::getpid()) + "-" + std::to_string(count++) + ".tmp");
}

/// Where a link leads to: the link stays and its target is replaced.
fs::path behindLinks(const fs::path& file) {
    std::error_code failed;
    if (!fs::is_symlink(fs::symlink_status(file, failed))) {
        return file;
    }
    fs::path target = fs::weakly_canonical(file, failed);
    return failed ? file : target;
}

}  // namespace

AtomicFile::AtomicFile(fs::path file) : m_file(behindLinks(file)) {
    struct stat old{};
    const bool hasOld = ::stat(m_file.c_str(), &old) == 0;
    if (hasOld && S_ISDIR(old.st_mode)) {
        failIo("write", m_file, EISDIR);
    }
    // A device or a pipe is written into: a rename would put a file in its place.
    const bool isPlain = !hasOld || S_ISREG(old.st_mode);
    m_isReplacing = isPlain;
    do {  // a crashed process with the same id may have left its file
        m_written = isPlain ? temporaryBeside(m_file) : m_file;
        m_fd = ::open(m_written.c_str(), isPlain ? O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC : O_WRONLY | O_CLOEXEC, 0644);
    } while (m_fd < 0 && isPlain && errno == EEXIST);
    if (m_fd < 0) {
        failIo("write", m_file, errno);
    }
    if (hasOld && isPlain) {
        ::fchmod(m_fd, old.st_mode & 07777);  // best effort: who may read the file is no part of its content
    }
}

AtomicFile::~AtomicFile() {
    if (m_fd >= 0) {
        ::close(m_fd);
    }
    if (m_isReplacing) {
        ::unlink(m_written.c_str());
    }
}

void AtomicFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(m_fd, bytes.data(), bytes.size());
        if (done < 0 && errno != EINTR) {
            failIo("write", m_file, errno);
        }
        bytes.remove_prefix(done > 0 ? static_cast<std::size_t>(done) : 0);
    }
}

void AtomicFile::commit() {
    if (m_isReplacing && ::fsync(m_fd) != 0) {
        failIo("write", m_file, errno);
    }
    // Some file systems tell of a full disk only now.
    if (::close(std::exchange(m_fd, -1)) != 0) {
        failIo("write", m_file, errno);
    }
    if (!m_isReplacing) {
        return;
    }
    if (::rename(m_written.c_str(), m_file.c_str()) != 0) {
        failIo("replace", m_file, errno);
    }
    m_isReplacing = false;
    syncFolder(folderOf(m_file));
}

}  // namespace rlcm
