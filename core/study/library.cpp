#include "core/study/library.h"

#include <map>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/run/model_registry.h"
#include "core/store/recorded.h"

namespace rlcm::study {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestFile = std::size_t{1} << 20;

void addFrom(const fs::path& folder, bool isShipped, std::map<std::string, StudyFile>& found) {
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator(folder, absent)) {
        if (entry.path().extension() == ".json" && entry.is_regular_file(absent)) {
            const std::string name = entry.path().stem().string();
            found[name] = {name, entry.path(), isShipped};
        }
    }
}

}  // namespace

std::vector<StudyFile> studyFiles() {
    std::map<std::string, StudyFile> found;
    addFrom(resourceFolder() / "studies", true, found);
    addFrom(run::userDataFolder() / "studies", false, found);
    std::vector<StudyFile> files;
    for (auto& [name, file] : found) {
        files.push_back(std::move(file));
    }
    return files;
}

Study readStudy(const fs::path& file) {
    return studyFromJson(readJsonFile(file, kLargestFile), file.stem().string(), file.filename().string());
}

std::optional<fs::path> recordOf(const std::string& name) {
    const fs::path folder = resourceFolder() / "studies/results" / name;
    return store::isRecorded(folder) ? std::optional(folder) : std::nullopt;
}

Study findStudy(const std::string& nameOrFile) {
    if (nameOrFile.ends_with(".json")) {
        return readStudy(nameOrFile);
    }
    std::vector<std::string> names;
    for (const StudyFile& file : studyFiles()) {
        if (file.name == nameOrFile) {
            return readStudy(file.file);
        }
        names.push_back(file.name);
    }
    const std::string near = nearestName(nameOrFile, names);
    throw Error(ErrorKind::Config,
                "there is no study \"" + nameOrFile + '"' +
                    (near.empty() ? "; `rlcm study list` names them, and a path that ends in .json is read as a file" : " (did you mean " + near + "?)"));
}

}  // namespace rlcm::study
