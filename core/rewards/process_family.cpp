#include "core/rewards/process_family.h"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <thread>

#include <unistd.h>

#include "core/base/process.h"

namespace rlcm::rewards {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kVariable = "RLCM_REWARD_PROGRAM=";
constexpr int kRounds = 100;  // a process may start others while it is looked for
constexpr std::chrono::milliseconds kBetweenRounds{5};

std::string contentOf(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::map<pid_t, ProcessInfo> processes() {
    std::map<pid_t, ProcessInfo> all;
    std::error_code problem;
    for (fs::directory_iterator one("/proc", problem), end; !problem && one != end; one.increment(problem)) {
        const std::string name = one->path().filename().string();
        if (name.find_first_not_of("0123456789") == std::string::npos) {
            const auto pid = static_cast<pid_t>(std::stol(name));
            if (const auto process = findProcess(pid)) {
                all[pid] = *process;
            }
        }
    }
    return all;
}

bool isBelow(pid_t pid, pid_t root, const std::map<pid_t, ProcessInfo>& all) {
    for (std::size_t step = 0; step < all.size(); ++step) {
        const auto found = all.find(pid);
        if (found == all.end()) {
            return false;
        }
        pid = static_cast<pid_t>(found->second.parent);
        if (pid == root) {
            return true;
        }
    }
    return false;
}

}  // namespace

ProcessFamily::ProcessFamily() {
    std::random_device device;
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%08x%08x", device(), device());
    m_mark = std::string(kVariable) + text.data();
}

std::vector<std::string> ProcessFamily::environment() const {
    std::vector<std::string> variables{m_mark};
    for (char** one = environ; *one != nullptr; ++one) {
        if (!std::string_view(*one).starts_with(kVariable)) {
            variables.emplace_back(*one);
        }
    }
    return variables;
}

void ProcessFamily::note(pid_t root) {
    const std::map<pid_t, ProcessInfo> all = processes();
    for (const auto& [pid, process] : all) {
        if (isBelow(pid, root, all)) {
            m_noted[pid] = process.start;
        }
    }
}

void ProcessFamily::end() const {
    for (int round = 0; round < kRounds; ++round) {
        bool isAnyLeft = false;
        for (const auto& [pid, process] : processes()) {
            const fs::path folder = fs::path("/proc") / std::to_string(pid);
            const auto noted = m_noted.find(pid);
            const bool isNoted = noted != m_noted.end() && noted->second == process.start;
            const bool isOurs = isNoted || ('\0' + contentOf(folder / "environ")).find('\0' + m_mark + '\0') != std::string::npos;
            const auto now = findProcess(pid);
            if (pid != ::getpid() && isOurs && now && now->start == process.start) {
                ::kill(pid, SIGKILL);
                isAnyLeft = true;
            }
        }
        if (!isAnyLeft) {
            return;
        }
        std::this_thread::sleep_for(kBetweenRounds);
    }
}

}  // namespace rlcm::rewards
