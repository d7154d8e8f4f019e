#include "core/base/atomic_file.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.h"

namespace rlcm {
namespace {

[[noreturn]] void failIo(const std::string& what, const std::filesystem::path& file) {
    throw Error(ErrorKind::Io, what + " " + file.string() + ": " + std::strerror(errno));
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path file) : m_file(std::move(file)), m_temporary(m_file) {
    m_temporary += ".tmp" + std::to_string(::getpid());
    m_fd = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (m_fd < 0) {
        failIo("cannot create", m_temporary);
    }
}

AtomicFile::~AtomicFile() {
    if (m_fd >= 0) {
        ::close(m_fd);
        ::unlink(m_temporary.c_str());
    }
}

void AtomicFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::write(m_fd, bytes.data(), bytes.size());
        if (done < 0 && errno != EINTR) {
            failIo("cannot write", m_temporary);
        }
        bytes.remove_prefix(done > 0 ? static_cast<std::size_t>(done) : 0);
    }
}

void AtomicFile::commit() {
    if (::fsync(m_fd) != 0) {
        failIo("cannot flush", m_temporary);
    }
    if (::rename(m_temporary.c_str(), m_file.c_str()) != 0) {
        failIo("cannot replace", m_file);
    }
    ::close(m_fd);
    m_fd = -1;
    const std::filesystem::path folder = m_file.has_parent_path() ? m_file.parent_path() : std::filesystem::path(".");
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        ::fsync(directory);
        ::close(directory);
    }
}

}  // namespace rlcm
