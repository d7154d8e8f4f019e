#include "core/base/machine.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace rlcm {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kUnknownMemory = std::int64_t{2} << 30;
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

/// The number behind `key` in a file of lines as "MemAvailable:   123 kB" or "inactive_file 123".
std::optional<std::int64_t> numberBehind(const fs::path& file, std::string_view key) {
    std::ifstream lines(file);
    std::string word;
    std::int64_t number = 0;
    while (lines >> word) {
        if (word == key && lines >> number) {
            return number;
        }
    }
    return {};
}

/// The first number of a file; nothing where it is absent or says "max".
std::optional<std::int64_t> numberIn(const fs::path& file) {
    std::ifstream text(file);
    std::int64_t number = 0;
    return text >> number ? std::optional(number) : std::nullopt;
}

/// The folders of this process's group for a controller and of the groups around it, the innermost first. In a container the path of the group can be one
/// that only the host sees: then the folder of the controller itself is that of the container.
std::vector<fs::path> groupFolders(const MachineFiles& files, std::string_view controller, bool& isVersion2) {
    std::ifstream lines(files.proc / "self" / "cgroup");
    fs::path root, path;
    isVersion2 = true;
    for (std::string line; std::getline(lines, line);) {  // "4:memory:/a/b", "0::/a/b"
        const std::size_t first = line.find(':'), second = line.find(':', first == std::string::npos ? first : first + 1);
        if (second == std::string::npos) {
            continue;
        }
        const std::string names = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
        if ((',' + names + ',').find(',' + std::string(controller) + ',') != std::string::npos) {
            root = fs::exists(files.groups / names) ? files.groups / names : files.groups / controller;
            path = group;
            isVersion2 = false;
            break;
        }
        if (names.empty()) {
            root = files.groups;
            path = group;
        }
    }
    std::vector<fs::path> folders;
    if (!root.empty()) {
        fs::path below = path.relative_path();
        while (!below.empty()) {
            folders.push_back(root / below);
            below = below.parent_path();
        }
        folders.push_back(root);
    }
    return folders;
}

/// Processors that a group's quota comes to; infinite without one.
double quotaOf(const fs::path& group, bool isVersion2) {
    std::int64_t quota = 0, period = 0;
    if (isVersion2) {
        std::ifstream text(group / "cpu.max");
        text >> quota >> period;  // "max 100000" gives no number
    } else {
        quota = numberIn(group / "cpu.cfs_quota_us").value_or(0);
        period = numberIn(group / "cpu.cfs_period_us").value_or(0);
    }
    return quota > 0 && period > 0 ? static_cast<double>(quota) / static_cast<double>(period) : std::numeric_limits<double>::infinity();
}

struct MemoryOfGroup {
    std::int64_t limit = kNoLimit, left = kNoLimit;
};

MemoryOfGroup memoryOf(const fs::path& group, bool isVersion2) {
    const std::optional<std::int64_t> limit = numberIn(group / (isVersion2 ? "memory.max" : "memory.limit_in_bytes"));
    const std::optional<std::int64_t> used = numberIn(group / (isVersion2 ? "memory.current" : "memory.usage_in_bytes"));
    if (!limit || !used || *limit <= 0) {
        return {};
    }
    // Pages of files that were not used for a while are given up before anything fails.
    const std::int64_t givenUp = numberBehind(group / "memory.stat", isVersion2 ? "inactive_file" : "total_inactive_file").value_or(0);
    return {*limit, std::max<std::int64_t>(0, *limit - std::max<std::int64_t>(0, *used - givenUp))};
}

MemoryOfGroup smallestMemory(const MachineFiles& files) {
    bool isVersion2 = false;
    MemoryOfGroup smallest;
    for (const fs::path& group : groupFolders(files, "memory", isVersion2)) {
        const MemoryOfGroup memory = memoryOf(group, isVersion2);
        smallest = {std::min(smallest.limit, memory.limit), std::min(smallest.left, memory.left)};
    }
    return smallest;
}

std::int64_t systemMemory(const MachineFiles& files, std::string_view key) {
    const auto kib = numberBehind(files.proc / "meminfo", key);
    return kib ? *kib * 1024 : kUnknownMemory;
}

}  // namespace

int usableCores(const MachineFiles& files) {
    bool isVersion2 = false;
    double cores = std::max(1U, std::thread::hardware_concurrency());
    for (const fs::path& group : groupFolders(files, "cpu", isVersion2)) {
        cores = std::min(cores, std::ceil(quotaOf(group, isVersion2)));
    }
    return static_cast<int>(std::max(1.0, cores));
}

std::int64_t availableMemory(const MachineFiles& files) {
    return std::min(systemMemory(files, "MemAvailable:"), smallestMemory(files).left);
}

std::int64_t totalMemory(const MachineFiles& files) {
    return std::min(systemMemory(files, "MemTotal:"), smallestMemory(files).limit);
}

GpuDriver gpuDriver(const MachineFiles& files) {
    GpuDriver driver;
    std::string line;
    // source: the driver's own documentation of /proc/driver/nvidia: "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun ..."
    std::ifstream version(files.proc / "driver/nvidia/version");
    std::getline(version, line);
    std::istringstream words(line.substr(std::min(line.size(), line.find("Module") + 6)));
    while (words >> driver.version && !std::isdigit(static_cast<unsigned char>(driver.version.front()))) {
        driver.version.clear();
    }
    std::error_code ignored;
    std::vector<fs::path> places;
    for (const auto& entry : fs::directory_iterator(files.proc / "driver/nvidia/gpus", ignored)) {
        places.push_back(entry.path());
    }
    std::ranges::sort(places);
    for (const fs::path& place : places) {
        std::ifstream information(place / "information");
        while (std::getline(information, line)) {
            if (line.starts_with("Model:")) {
                driver.models.push_back(line.substr(std::min(line.size(), line.find_first_not_of(" \t", 6))));
            }
        }
    }
    return driver;
}

}  // namespace rlcm
