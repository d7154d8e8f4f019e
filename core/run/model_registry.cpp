#include "core/run/model_registry.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"

namespace rlcm::run {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestList = std::size_t{1} << 20;
constexpr std::size_t kLongestName = 64;

fs::path listFile() {
    return userDataFolder() / "models.json";
}

/// Held while the list is read, changed and written; other processes wait.
class ListLock {
public:
    ListLock() {
        const fs::path folder = userDataFolder();
        std::error_code problem;
        fs::create_directories(folder, problem);
        m_fd = ::open((folder / "models.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (problem || m_fd < 0 || ::flock(m_fd, LOCK_EX) != 0) {
            const std::string reason = problem ? problem.message() : std::strerror(errno);
            if (m_fd >= 0) {
                ::close(m_fd);
            }
            throw Error(ErrorKind::Io, "cannot write to " + folder.string() + ", where added models are remembered: " + reason);
        }
    }
    ~ListLock() { ::close(m_fd); }
    ListLock(const ListLock&) = delete;
    ListLock& operator=(const ListLock&) = delete;

private:
    int m_fd = -1;
};

bool isGoodName(std::string_view name) {
    const auto isGood = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '+' || c == '-';
    };
    return !name.empty() && name.size() <= kLongestName && name.front() != '.' && name.front() != '-' && std::all_of(name.begin(), name.end(), isGood);
}

const ModelEntry* findName(const std::vector<ModelEntry>& entries, std::string_view name) {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const ModelEntry& one) { return one.name == name; });
    return found == entries.end() ? nullptr : &*found;
}

ModelEntry readEntry(const Json& json, const std::string& where) {
    const auto text = [&](const char* key) -> std::string {
        const auto found = json.is_object() ? json.find(key) : json.end();
        if (!json.is_object() || found == json.end() || !found->is_string()) {
            throw Error(ErrorKind::Format, where + ": every model needs the texts \"name\" and \"folder\"; correct the file or delete it");
        }
        return found->get<std::string>();
    };
    ModelEntry entry{text("name"), text("folder"), false, json.contains("copy") && json["copy"].is_boolean() && json["copy"].get<bool>()};
    if (!isGoodName(entry.name) || !entry.folder.is_absolute()) {
        throw Error(ErrorKind::Format,
                    where + ": \"" + entry.name + "\" in \"" + entry.folder.string() + "\" is no name with an absolute folder; correct the file or delete it");
    }
    return entry;
}

void writeList(std::vector<ModelEntry> entries) {
    std::sort(entries.begin(), entries.end(), [](const ModelEntry& a, const ModelEntry& b) { return a.name < b.name; });
    Json models = Json::array();
    for (const ModelEntry& entry : entries) {
        models.push_back({{"name", entry.name}, {"folder", entry.folder.string()}, {"copy", entry.isCopy}});
    }
    writeFileAtomically(listFile(), Json{{"version", 1}, {"models", models}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

/// The folder's own name, or the repository's in a download cache (models--owner--name/snapshots/hash).
std::string suggestedName(const fs::path& folder) {
    std::string name = folder.filename().string();
    if (folder.parent_path().filename() == "snapshots") {
        const std::string repository = folder.parent_path().parent_path().filename().string();
        if (const auto at = repository.rfind("--"); repository.starts_with("models--") && at != std::string::npos) {
            name = repository.substr(at + 2);
        }
    }
    for (char& c : name) {
        c = isGoodName(std::string{'a', c}) ? c : '-';
    }
    name = name.substr(0, kLongestName - 4);
    return isGoodName(name) ? name : "model" + name;
}

std::string freeName(const std::string& wish, const std::vector<ModelEntry>& bundled, const std::vector<ModelEntry>& added) {
    std::string name = wish;
    for (int i = 2; findName(bundled, name) != nullptr || findName(added, name) != nullptr; ++i) {
        name = wish + "-" + std::to_string(i);
    }
    return name;
}

}  // namespace

fs::path userDataFolder() {
    if (const char* given = std::getenv("XDG_DATA_HOME"); given != nullptr && *given == '/') {
        return fs::path(given) / "rlcm-workbench";
    }
    const char* home = std::getenv("HOME");
    if (home == nullptr || *home != '/') {
        throw Error(ErrorKind::Io, "no place for the list of models: neither XDG_DATA_HOME nor HOME is set");
    }
    return fs::path(home) / ".local/share/rlcm-workbench";
}

std::vector<ModelEntry> bundledModels() {
    std::vector<ModelEntry> entries;
    std::error_code failure;
    for (const auto& item : fs::directory_iterator(resourceFolder() / "models", failure)) {
        if (item.is_directory(failure)) {
            entries.push_back({item.path().filename().string(), item.path(), true, false});
        }
    }
    std::sort(entries.begin(), entries.end(), [](const ModelEntry& a, const ModelEntry& b) { return a.name < b.name; });
    return entries;
}

std::vector<ModelEntry> addedModels() {
    const fs::path file = listFile();
    std::error_code failure;
    if (!fs::exists(file, failure)) {
        return {};
    }
    const std::string where = file.string();
    const Json json = readJsonFile(file, kLargestList);
    const auto models = json.is_object() ? json.find("models") : json.end();
    if (!json.is_object() || models == json.end() || !models->is_array()) {
        throw Error(ErrorKind::Format, where + ": a list \"models\" is wanted; correct the file or delete it");
    }
    std::vector<ModelEntry> entries;
    for (const Json& model : *models) {
        entries.push_back(readEntry(model, where));
    }
    return entries;
}

ModelEntry rememberModel(ModelEntry entry) {
    entry.folder = fs::absolute(entry.folder).lexically_normal();
    if (!entry.folder.has_filename()) {
        entry.folder = entry.folder.parent_path();  // "folder/"
    }
    const ListLock lock;
    std::vector<ModelEntry> added = addedModels();
    const std::vector<ModelEntry> bundled = bundledModels();
    if (entry.name.empty()) {
        const auto same = std::find_if(added.begin(), added.end(), [&](const ModelEntry& one) { return one.folder == entry.folder; });
        if (same != added.end()) {
            return *same;
        }
        entry.name = freeName(suggestedName(entry.folder), bundled, added);
    }
    if (!isGoodName(entry.name)) {
        throw Error(ErrorKind::Config,
                    "the name \"" + entry.name + "\" cannot be used: up to 64 letters, digits and . _ + - are wanted, beginning with a letter or digit");
    }
    if (findName(bundled, entry.name) != nullptr) {
        throw Error(ErrorKind::Config, "a bundled model is called " + entry.name + "; choose another name");
    }
    if (const ModelEntry* other = findName(added, entry.name)) {
        if (other->folder == entry.folder) {
            return *other;
        }
        throw Error(ErrorKind::Config,
                    "the name " + entry.name + " belongs to " + other->folder.string() + "; choose another name, or remove that model first");
    }
    added.push_back(entry);
    writeList(std::move(added));
    return entry;
}

ModelEntry forgetModel(std::string_view name) {
    const ListLock lock;
    std::vector<ModelEntry> added = addedModels();
    const ModelEntry* found = findName(added, name);
    if (found == nullptr) {
        const bool isBundled = findName(bundledModels(), name) != nullptr;
        throw Error(ErrorKind::Config, isBundled ? std::string(name) + " is a bundled model and cannot be removed"
                                                 : "there is no added model \"" + std::string(name) + "\"; `rlcm models list` shows all");
    }
    const ModelEntry entry = *found;
    std::erase_if(added, [&](const ModelEntry& one) { return one.name == entry.name; });
    writeList(std::move(added));
    return entry;
}

fs::path modelFolder(std::string_view nameOrFolder) {
    std::string_view name = nameOrFolder;
    while (name.size() > 1 && name.ends_with('/')) {
        name.remove_suffix(1);
    }
    const std::vector<ModelEntry> bundled = bundledModels();
    if (const ModelEntry* found = findName(bundled, name)) {
        return found->folder;
    }
    // A path that is there needs no list, so a broken list does not stand in its way.
    std::error_code failure;
    const bool isThere = !name.empty() && fs::exists(fs::path(name), failure);
    if (isThere && name.find('/') != std::string_view::npos) {
        return fs::path(name);
    }
    const std::vector<ModelEntry> added = addedModels();
    if (const ModelEntry* found = findName(added, name)) {
        return found->folder;
    }
    if (isThere) {
        return fs::path(name);
    }
    std::vector<std::string> known;
    std::string list;
    for (const auto* entries : {&bundled, &added}) {
        for (const ModelEntry& one : *entries) {
            known.push_back(one.name);
            list += (list.empty() ? "" : ", ") + one.name;
        }
    }
    const std::string nearest = nearestName(name, known);
    throw Error(ErrorKind::Config, "model \"" + std::string(nameOrFolder) + "\" is neither a known model nor a folder" +
                                       (nearest.empty() ? "." : "; did you mean " + nearest + "?") + " Known: " + (list.empty() ? "none" : list));
}

}  // namespace rlcm::run
