#include "core/run/reward_trust.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/plain_text.h"
#include "core/base/sha256.h"
#include "core/run/field_table.h"
#include "core/run/model_registry.h"

namespace rlcm::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestList = std::size_t{16} << 20;

bool hasTerm(const RewardConfig& reward, std::string_view name) {
    const std::vector<RewardTerm> terms = parseRewardTerms(reward.terms);
    return std::any_of(terms.begin(), terms.end(), [&](const RewardTerm& term) { return term.name == name; });
}

/// One line of the list: a workspace moved, or another command, is another line.
std::string digest(const fs::path& workspace, const RewardConfig& reward) {
    const std::string program = hasTerm(reward, "program") ? reward.program : "", server = hasTerm(reward, "server") ? reward.serverUrl : "";
    const std::string folder = fs::weakly_canonical(workspace).string();
    return sha256Hex(std::to_string(folder.size()) + ':' + folder + std::to_string(program.size()) + ':' + program + server);
}

fs::path listFile() {
    return userDataFolder() / "trusted.txt";
}

void append(const fs::path& file, const std::string& line) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const ssize_t written = fd < 0 ? -1 : ::write(fd, line.data(), line.size());
    const std::error_code problem(errno, std::generic_category());
    if (fd >= 0) {
        ::close(fd);
    }
    if (written != static_cast<ssize_t>(line.size())) {
        throw std::system_error(problem, "cannot write " + file.string());
    }
}

}  // namespace

std::string outsideReward(const RewardConfig& reward) {
    std::string text = hasTerm(reward, "program") ? "the program `" + printable(reward.program) + '`' : "";
    if (hasTerm(reward, "server")) {
        text += (text.empty() ? "" : " and ") + ("the server " + printable(reward.serverUrl));
    }
    return text;
}

bool isTrusted(const fs::path& workspace, const RewardConfig& reward) {
    if (outsideReward(reward).empty()) {
        return true;
    }
    try {
        const fs::path file = listFile();
        return fs::exists(file) && ('\n' + readFile(file, kLargestList)).find('\n' + digest(workspace, reward) + '\n') != std::string::npos;
    } catch (const std::exception& problem) {
        log::warning("reward", std::string("what was agreed to before cannot be read: ") + problem.what());
        return false;
    }
}

void requireTrusted(const fs::path& workspace, const RunId& run, const RewardConfig& reward) {
    if (!isTrusted(workspace, reward)) {
        throw Error(ErrorKind::Config, "run " + run + " uses " + outsideReward(reward) + ", which you have not used in the workspace " + workspace.string() +
                                           " before: one from elsewhere can name anything. If you trust it, go on with rlcm train --resume " + run +
                                           " --out ... --trust-program");
    }
}

void trust(const fs::path& workspace, const RewardConfig& reward) noexcept {
    try {
        if (!isTrusted(workspace, reward)) {
            const fs::path file = listFile();
            fs::create_directories(file.parent_path());
            append(file, digest(workspace, reward) + '\n');
        }
    } catch (const std::exception& problem) {
        log::warning("reward", std::string("it will be asked for again, because it cannot be remembered: ") + problem.what());
    }
}

}  // namespace rlcm::run
