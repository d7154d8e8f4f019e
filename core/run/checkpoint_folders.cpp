#include "core/run/checkpoint_folders.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "core/base/error.h"
#include "core/base/files.h"

namespace rlcm::run {

namespace fs = std::filesystem;

namespace {
constexpr const char* kKeptMark = "kept";
}  // namespace

std::string checkpointName(std::int64_t epoch) {
    char name[64];
    std::snprintf(name, sizeof name, "checkpoints/e%05lld", static_cast<long long>(epoch));
    return name;
}

std::string storedCheckpoint(const fs::path& runFolder, std::int64_t epoch) {
    return "runs/" + runFolder.filename().string() + "/" + checkpointName(epoch);
}

std::optional<std::int64_t> checkpointEpoch(const fs::path& folder) {
    const std::string name = folder.filename().string();
    std::int64_t epoch = 0;
    const char* end = name.data() + name.size();
    if (name.size() < 2 || name[0] != 'e' || name[1] == '-') {
        return std::nullopt;
    }
    const auto [stop, problem] = std::from_chars(name.data() + 1, end, epoch);
    return problem == std::errc{} && stop == end ? std::optional(epoch) : std::nullopt;
}

bool isKept(const fs::path& folder) {
    std::error_code ignored;
    return fs::exists(folder / kKeptMark, ignored);
}

void setKept(const fs::path& folder, bool isKept) {
    if (isKept) {
        writeFileAtomically(folder / kKeptMark, "");
        return;
    }
    std::error_code problem;
    fs::remove(folder / kKeptMark, problem);
    if (problem) {
        throw Error(ErrorKind::Io, "cannot remove " + (folder / kKeptMark).string() + ": " + problem.message());
    }
}

std::vector<CheckpointFolder> checkpointFolders(const fs::path& runFolder) {
    std::vector<CheckpointFolder> found;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(runFolder / "checkpoints", absent)) {
        const auto epoch = checkpointEpoch(entry.path());
        if (epoch && entry.is_directory(absent)) {
            found.push_back({*epoch, entry.path()});
        }
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.epoch > b.epoch; });
    return found;
}

}  // namespace rlcm::run
