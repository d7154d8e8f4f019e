#include "core/run/reward_trust.h"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/log.h"
#include "core/base/plain_text.h"
#include "core/base/sha256.h"
#include "core/run/model_registry.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestTrustFile = std::size_t{16} << 20;

/// What the terms of the reward and the judges that need a setting name there, each once, joined by `glue`.
std::string named(const RunConfig& config, std::string_view path, std::string_view glue, std::string_view mark = "") {
    std::vector<std::string> values;
    std::vector<TermNeed> needs = needsOf(config.reward);
    std::ranges::move(needsOf(parseJudges(config.evaluation.judges), config.reward), std::back_inserter(needs));
    for (const TermNeed& need : needs) {
        if (need.need->path == path && std::ranges::find(values, need.value) == values.end()) {
            values.push_back(need.value);
        }
    }
    std::string text;
    for (const std::string& value : values) {
        text += (text.empty() ? "" : std::string(glue)) + std::string(mark) + (mark.empty() ? value : printable(value)) + std::string(mark);
    }
    return text;
}

constexpr std::string_view kProgram = "reward.program", kServer = "reward.server_url";

/// One line of the list: a workspace moved, or another command, is another line.
std::string digest(const fs::path& workspace, const RunConfig& config) {
    const std::string program = named(config, kProgram, "\n"), server = named(config, kServer, "\n");
    const std::string folder = fs::weakly_canonical(workspace).string();
    return sha256Hex(std::to_string(folder.size()) + ':' + folder + std::to_string(program.size()) + ':' + program + server);
}

fs::path trustFile() {
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

std::string outsideReward(const RunConfig& config) {
    const std::string programs = named(config, kProgram, ", ", "`"), servers = printable(named(config, kServer, ", "));
    std::string text = programs.empty() ? "" : "the program " + programs;
    if (!servers.empty()) {
        text += (text.empty() ? "" : " and ") + ("the server " + servers);
    }
    return text;
}

bool isTrusted(const fs::path& workspace, const RunConfig& config) {
    if (outsideReward(config).empty()) {
        return true;
    }
    try {
        const fs::path file = trustFile();
        return fs::exists(file) && ('\n' + readFile(file, kLargestTrustFile)).find('\n' + digest(workspace, config) + '\n') != std::string::npos;
    } catch (const std::exception& problem) {
        log::warning("reward", std::string("what was agreed to before cannot be read: ") + problem.what());
        return false;
    }
}

void requireTrusted(const fs::path& workspace, const RunId& run, const RunConfig& config) {
    if (!isTrusted(workspace, config)) {
        throw Error(ErrorKind::Config, "run " + run + " uses " + outsideReward(config) + ", which you have not used in the workspace " + workspace.string() +
                                           " before: one from elsewhere can name anything. If you trust it, go on with rlcm train --resume " + run +
                                           " --out ... --trust-program");
    }
}

void trust(const fs::path& workspace, const RunConfig& config) noexcept {
    try {
        if (!isTrusted(workspace, config)) {
            const fs::path file = trustFile();
            fs::create_directories(file.parent_path());
            append(file, digest(workspace, config) + '\n');
        }
    } catch (const std::exception& problem) {
        log::warning("reward", std::string("it will be asked for again, because it cannot be remembered: ") + problem.what());
    }
}

}  // namespace rlcm::run
