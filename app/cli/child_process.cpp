#include "app/cli/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"

namespace rlcm::cli {
namespace {

[[noreturn]] void fail(const std::string& program, const std::string& why) {
    throw Error(ErrorKind::Io, "cannot run " + program + ": " + why);
}

std::string readAll(int fd) {
    std::string text;
    std::array<char, 1 << 14> buffer{};
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (got == 0 || errno != EINTR) {
            return text;
        }
    }
}

/// The program ignores SIGPIPE; its children must not inherit that.
pid_t spawn(const std::vector<std::string>& arguments, int writeEnd) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, writeEnd, STDOUT_FILENO);
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    std::vector<char*> pointers;
    for (const std::string& argument : arguments) {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    pid_t child = -1;
    const int problem = ::posix_spawnp(&child, pointers.front(), &actions, &attributes, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    errno = problem;
    return problem == 0 ? child : -1;
}

}  // namespace

std::string runProgram(const std::vector<std::string>& arguments) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        fail(arguments.front(), std::strerror(errno));
    }
    const pid_t child = spawn(arguments, ends[1]);
    const int problem = errno;
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        fail(arguments.front(), std::strerror(problem));
    }
    const std::string output = readAll(ends[0]);
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status)) {
        fail(arguments.front(), "it was ended by signal " + std::to_string(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) != 0) {
        fail(arguments.front(), "it ended with exit code " + std::to_string(WEXITSTATUS(status)));
    }
    return output;
}

std::string ownProgram() {
    return std::filesystem::read_symlink("/proc/self/exe").string();
}

}  // namespace rlcm::cli
