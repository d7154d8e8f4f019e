// A disk with faults, for tests: preloaded, it counts every change below a folder (making, writing, cutting, syncing, renaming and removing of
// files and folders) and does what it is told at one of them.
//
//   RLCM_FAULT_ROOT    absolute folder to watch
//   RLCM_FAULT         kill: SIGKILL instead of the change; error: the change fails with EIO; record: only log
//   RLCM_FAULT_AT      number of the change, from 1; 0: none
//   RLCM_FAULT_LOG     file that gets one record a change: text line "number kind offset length path[\tnew path]\n", then `length` bytes of data
//
// The shared memory of SQLite (-shm) is left out: it is made anew whenever it is missing.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

std::string setting(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

struct Plan {
    std::string root = setting("RLCM_FAULT_ROOT"), fault = setting("RLCM_FAULT");
    long at = std::atol(setting("RLCM_FAULT_AT").c_str());
    int log = -1;
    std::atomic<long> count{0};
    std::mutex order;
    Plan() {
        const std::string file = setting("RLCM_FAULT_LOG");
        if (!file.empty()) {
            log = next<int (*)(const char*, int, ...)>("open")(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        }
    }
};

Plan& plan() {
    static Plan one;
    return one;
}

bool isWatched(const std::string& path) {
    const std::string& root = plan().root;
    return !root.empty() && path.compare(0, root.size(), root) == 0 && (path.size() < 4 || path.compare(path.size() - 4, 4, "-shm") != 0);
}

std::string nameOf(int fd) {
    char link[64], target[4096];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = ::readlink(link, target, sizeof target);
    return std::string(target, length > 0 ? static_cast<std::size_t>(length) : 0);
}

std::string fullName(int folder, const char* path) {
    if (path[0] == '/') {
        return path;
    }
    char here[4096];
    const std::string base = folder == AT_FDCWD ? std::string(::getcwd(here, sizeof here) != nullptr ? here : "") : nameOf(folder);
    return base + '/' + path;
}

/// One change that is about to happen, or has (the log comes after it).
struct Change {
    const char* kind;
    std::string path, target = {};
    std::int64_t offset = 0;
    const void* data = nullptr;
    std::size_t length = 0;
};

/// True when the change is to fail.
bool meetsFault() {
    Plan& p = plan();
    const long number = ++p.count;
    if (p.at == 0 || number != p.at) {
        return false;
    }
    if (p.fault == "kill") {
        ::kill(::getpid(), SIGKILL);
    }
    return p.fault == "error";
}

void record(const Change& change) {
    Plan& p = plan();
    if (p.log < 0) {
        return;
    }
    std::string bytes = std::to_string(p.count.load()) + ' ' + change.kind + ' ' + std::to_string(change.offset) + ' ' + std::to_string(change.length) + ' ' +
                        change.path + (change.target.empty() ? "" : '\t' + change.target) + '\n';
    bytes.append(static_cast<const char*>(change.data), change.length);
    [[maybe_unused]] const ssize_t done = next<ssize_t (*)(int, const void*, size_t)>("write")(p.log, bytes.data(), bytes.size());
}

/// Does `act`, the change itself, unless its path is not watched (then nothing else happens) or it is to fail.
template <typename Result, typename Act>
Result change(const Change& what, Act act) {
    if (!isWatched(what.path)) {
        return act();
    }
    const std::lock_guard lock(plan().order);
    if (meetsFault()) {
        errno = EIO;
        return static_cast<Result>(-1);
    }
    const Result result = act();
    const int kept = errno;
    if (result >= 0) {
        Change done = what;
        if (done.data != nullptr) {
            done.length = static_cast<std::size_t>(result);
        }
        record(done);
    }
    errno = kept;
    return result;
}

int openAny(int folder, const char* path, int flags, mode_t mode) {
    const auto real = next<int (*)(int, const char*, int, ...)>("openat");
    const std::string name = fullName(folder, path);
    struct stat info{};
    const bool makes = (flags & O_CREAT) != 0 && ::stat(name.c_str(), &info) != 0;
    if (!makes && (flags & O_TRUNC) == 0) {
        return real(folder, path, flags, mode);
    }
    return change<int>({makes ? "create" : "clear", name}, [&] { return real(folder, path, flags, mode); });
}

mode_t modeOf(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? static_cast<mode_t>(va_arg(arguments, unsigned int)) : 0;
}

}  // namespace

extern "C" {

// After what a path counts from stand the parameters before the flags.
#define RLCM_OPEN(name, folder, ...)                  \
    int name(__VA_ARGS__, int flags, ...) {           \
        va_list arguments;                            \
        va_start(arguments, flags);                   \
        const mode_t mode = modeOf(flags, arguments); \
        va_end(arguments);                            \
        return openAny(folder, path, flags, mode);    \
    }
RLCM_OPEN(open, AT_FDCWD, const char* path)
RLCM_OPEN(open64, AT_FDCWD, const char* path)
RLCM_OPEN(openat, folder, int folder, const char* path)
RLCM_OPEN(openat64, folder, int folder, const char* path)
#undef RLCM_OPEN

ssize_t write(int fd, const void* data, size_t length) {
    const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
    if (plan().root.empty() || fd <= 2) {
        return real(fd, data, length);
    }
    const off_t offset = ::lseek(fd, 0, SEEK_CUR);
    return change<ssize_t>({"write", nameOf(fd), {}, offset, data, length}, [&] { return real(fd, data, length); });
}

ssize_t pwrite(int fd, const void* data, size_t length, off_t offset) {
    const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    return change<ssize_t>({"write", nameOf(fd), {}, offset, data, length}, [&] { return real(fd, data, length, offset); });
}

ssize_t pwrite64(int fd, const void* data, size_t length, off64_t offset) {
    return pwrite(fd, data, length, offset);
}

int ftruncate(int fd, off_t length) noexcept {
    return change<int>({"cut", nameOf(fd), {}, length}, [&] { return next<int (*)(int, off_t)>("ftruncate")(fd, length); });
}

int ftruncate64(int fd, off64_t length) noexcept {
    return ftruncate(fd, length);
}

int fsync(int fd) {
    return change<int>({"sync", nameOf(fd)}, [&] { return next<int (*)(int)>("fsync")(fd); });
}

int fdatasync(int fd) {
    return change<int>({"sync", nameOf(fd)}, [&] { return next<int (*)(int)>("fdatasync")(fd); });
}

int rename(const char* from, const char* to) noexcept {
    return change<int>({"rename", fullName(AT_FDCWD, from), fullName(AT_FDCWD, to)},
                       [&] { return next<int (*)(const char*, const char*)>("rename")(from, to); });
}

int unlink(const char* path) noexcept {
    return change<int>({"unlink", fullName(AT_FDCWD, path)}, [&] { return next<int (*)(const char*)>("unlink")(path); });
}

int unlinkat(int folder, const char* path, int flags) noexcept {
    return change<int>({"unlink", fullName(folder, path)}, [&] { return next<int (*)(int, const char*, int)>("unlinkat")(folder, path, flags); });
}

int rmdir(const char* path) noexcept {
    return change<int>({"unlink", fullName(AT_FDCWD, path)}, [&] { return next<int (*)(const char*)>("rmdir")(path); });
}

int remove(const char* path) noexcept {
    return change<int>({"unlink", fullName(AT_FDCWD, path)}, [&] { return next<int (*)(const char*)>("remove")(path); });
}

int mkdir(const char* path, mode_t mode) noexcept {
    return change<int>({"mkdir", fullName(AT_FDCWD, path)}, [&] { return next<int (*)(const char*, mode_t)>("mkdir")(path, mode); });
}

}  // extern "C"
