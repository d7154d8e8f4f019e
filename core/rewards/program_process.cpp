#include "core/rewards/program_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/rewards/no_pipe_signal.h"

namespace rlcm::rewards {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kGrace = std::chrono::milliseconds(500);
constexpr int kPollMs = 100;                     // how soon the end of a program is seen whose children keep its output open
constexpr std::size_t kLongestErrorLine = 4096;  // longer ones are cut

struct SpawnSettings {
    SpawnSettings() {
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};
};

/// As exec wants them.
std::vector<char*> pointersTo(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const std::string& text : texts) {
        pointers.push_back(const_cast<char*>(text.c_str()));
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// Both ends close on exec; ours does not block. throws: Reward.
void makePipe(Descriptor& readEnd, Descriptor& writeEnd, bool isReadOurs) {
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        throw Error(ErrorKind::Reward, std::string("no pipe to the reward program can be made: ") + std::strerror(errno));
    }
    readEnd.reset(ends[0]);
    writeEnd.reset(ends[1]);
    ::fcntl(ends[isReadOurs ? 0 : 1], F_SETFL, O_NONBLOCK);
}

enum class ReadResult { Some, None, End };

/// Appends what can be read now, at most one buffer full.
ReadResult readSome(int fd, std::string& into) {
    std::array<char, 1 << 16> buffer;
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0) {
        into.append(buffer.data(), static_cast<std::size_t>(got));
        return ReadResult::Some;
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? ReadResult::None : ReadResult::End;
}

}  // namespace

ProgramProcess::ProgramProcess(const std::vector<std::string>& arguments) {
    start(arguments);
}

void ProgramProcess::start(const std::vector<std::string>& arguments) {
    Descriptor childInput, childOutput, childError;
    makePipe(childInput, m_input, false);
    makePipe(m_output, childOutput, true);
    makePipe(m_error, childError, true);
    SpawnSettings settings;
    posix_spawn_file_actions_adddup2(&settings.actions, childInput.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&settings.actions, childOutput.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&settings.actions, childError.get(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&settings.actions, STDERR_FILENO + 1);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&settings.attributes, &none);
    posix_spawnattr_setsigdefault(&settings.attributes, &all);
    posix_spawnattr_setpgroup(&settings.attributes, 0);
    posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    const std::vector<std::string> variables = m_family.environment();
    const std::vector<char*> pointers = pointersTo(arguments), environment = pointersTo(variables);
    const int problem = ::posix_spawnp(&m_child, pointers.front(), &settings.actions, &settings.attributes, pointers.data(), environment.data());
    if (problem != 0) {
        throw Error(ErrorKind::Reward, "the reward program \"" + arguments.front() + "\" cannot be started: " + std::strerror(problem) +
                                           "; reward.program must begin with a program on the PATH or with its whole path");
    }
}

ProgramProcess::~ProgramProcess() {
    m_family.note(m_child);
    m_input.reset();
    if (!hasEnded()) {
        ::kill(-m_child, SIGTERM);
        const Clock::time_point end = Clock::now() + kGrace;
        while (!hasEnded() && Clock::now() < end) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }
    ::kill(-m_child, SIGKILL);  // also what the program started itself
    while (::waitpid(m_child, nullptr, 0) < 0 && errno == EINTR) {
    }
    m_family.end();
}

/// Leaves the program unreaped, so that its number cannot go to another one before the group is ended.
bool ProgramProcess::hasEnded() const {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(m_child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == m_child;
}

ExchangeEnd ProgramProcess::exchange(const std::string& request, Clock::time_point deadline, const Readers& readers, int stopDescriptor) {
    const NoPipeSignal guard;
    const std::string bytes = request + '\n';
    std::size_t written = 0;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
        if (left <= 0) {
            return ExchangeEnd::TooLate;
        }
        const bool hasDied = hasEnded();  // before reading, so that the last words are read
        const bool isWriting = written < bytes.size() && m_input.isOpen();
        pollfd waiting[4] = {
            {stopDescriptor, POLLIN, 0}, {m_output.get(), POLLIN, 0}, {m_error.get(), POLLIN, 0}, {isWriting ? m_input.get() : -1, POLLOUT, 0}};
        ::poll(waiting, 4, hasDied ? 0 : static_cast<int>(std::min<std::int64_t>(left, kPollMs)));
        if ((waiting[0].revents & POLLIN) != 0) {
            return ExchangeEnd::Stopped;
        }
        readErrors(readers);
        const ReadResult got = readSome(m_output.get(), m_outputRest);
        const bool isOver = got == ReadResult::End || (hasDied && got == ReadResult::None);
        if (isOver && !m_outputRest.empty()) {
            m_outputRest += '\n';
        }
        if (hasAnswer(readers)) {
            return ExchangeEnd::Answered;
        }
        if (m_outputRest.size() > readers.longestLine) {
            return ExchangeEnd::LineTooLong;
        }
        if (isOver) {
            readErrors(readers);
            return ExchangeEnd::Ended;
        }
        if (isWriting && waiting[3].revents != 0) {
            const ssize_t put = ::write(m_input.get(), bytes.data() + written, bytes.size() - written);
            if (put > 0) {
                written += static_cast<std::size_t>(put);
            } else if (put < 0 && errno != EAGAIN && errno != EINTR) {
                m_input.reset();  // it reads no more; what it still says is read until it ends
            }
        }
    }
}

/// Hands out the complete lines of what was read.
bool ProgramProcess::hasAnswer(const Readers& readers) {
    std::size_t begin = 0;
    bool isFound = false;
    for (std::size_t end = 0; !isFound && (end = m_outputRest.find('\n', begin)) != std::string::npos; begin = end + 1) {
        isFound = readers.output(std::string_view(m_outputRest).substr(begin, end - begin));
    }
    m_outputRest.erase(0, begin);
    return isFound;
}

void ProgramProcess::readErrors(const Readers& readers) {
    constexpr int kMostReads = 16;  // a program that floods must not keep its own deadline from being looked at
    ReadResult got = m_error.isOpen() ? ReadResult::Some : ReadResult::None;
    for (int i = 0; i < kMostReads && got == ReadResult::Some; ++i) {
        got = readSome(m_error.get(), m_errorRest);
        std::size_t begin = 0;
        for (std::size_t end = 0; (end = m_errorRest.find_first_of("\r\n", begin)) != std::string::npos; begin = end + 1) {
            if (end > begin) {
                readers.error(std::string_view(m_errorRest).substr(begin, end - begin));
            }
        }
        m_errorRest.erase(0, begin);
        if (m_errorRest.size() > kLongestErrorLine || (got == ReadResult::End && !m_errorRest.empty())) {
            readers.error(m_errorRest);
            m_errorRest.clear();
        }
    }
    if (got == ReadResult::End) {
        m_error.reset();
    }
}

std::string ProgramProcess::describeEnd() {
    const Clock::time_point end = Clock::now() + kGrace;
    while (!hasEnded()) {
        if (Clock::now() >= end) {
            return "closed its output";
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(m_child), &info, WEXITED | WNOHANG | WNOWAIT);
    if (info.si_code == CLD_EXITED) {
        return "ended with exit code " + std::to_string(info.si_status);
    }
    return "was ended by signal " + std::to_string(info.si_status) + " (" + ::strsignal(info.si_status) + ')';
}

}  // namespace rlcm::rewards
