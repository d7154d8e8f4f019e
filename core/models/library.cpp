#include "core/models/library.h"

#include <algorithm>
#include <string>

#include <unistd.h>

#include "core/base/error.h"
#include "core/models/inspect.h"
#include "core/run/model_registry.h"

namespace rlcm::models {
namespace {

namespace fs = std::filesystem;

fs::path copiesFolder() {
    return run::userDataFolder() / "models";
}

/// Files of links are copied, so that the copy stands alone; links to folders are not followed.
void copyFiles(const fs::path& from, const fs::path& to) {
    fs::create_directories(to);
    for (auto at = fs::recursive_directory_iterator(from); at != fs::recursive_directory_iterator(); ++at) {
        const fs::path target = to / at->path().lexically_relative(from);
        if (at->is_regular_file()) {
            fs::copy_file(at->path(), target);
        } else if (at->is_directory() && !at->is_symlink()) {
            fs::create_directories(target);
        }
    }
}

/// Nothing is left behind when it fails.
void copyModel(const fs::path& from, const fs::path& to) {
    const fs::path part = to.string() + ".part" + std::to_string(::getpid());
    std::error_code ignored;
    try {
        fs::create_directories(part.parent_path());
        if (fs::is_directory(from)) {
            copyFiles(from, part);
        } else {
            fs::copy_file(from, part);
        }
        fs::rename(part, to);
    } catch (const fs::filesystem_error& problem) {
        fs::remove_all(part, ignored);
        throw Error(ErrorKind::Io, "cannot copy " + from.string() + " to " + to.string() + ": " + problem.code().message());
    }
}

class Library : public run::ModelLibrary {
public:
    std::vector<run::ModelEntry> list() const override {
        std::vector<run::ModelEntry> entries = run::bundledModels();
        const std::vector<run::ModelEntry> added = run::addedModels();
        entries.insert(entries.end(), added.begin(), added.end());
        return entries;
    }

    run::ModelEntry add(const fs::path& folder, std::string_view name, bool isCopied) override {
        std::error_code failure;
        if (!fs::exists(folder, failure)) {
            throw Error(ErrorKind::Config, "there is no folder " + folder.string());
        }
        const run::ModelFacts facts = inspectModel(folder);
        if (facts.kind == run::ModelKind::Unknown) {
            const run::ModelProblem& problem = facts.problems.front();
            throw Error(ErrorKind::Format, problem.what + (problem.fix.empty() ? "" : "\n" + problem.fix));
        }
        const run::ModelEntry entry = run::rememberModel({std::string(name), folder, false, false});
        return isCopied && !entry.isCopy ? copied(entry) : entry;
    }

    void remove(std::string_view name) override {
        const run::ModelEntry entry = run::forgetModel(name);
        // Only ever what add() has put there.
        if (entry.isCopy && entry.folder.parent_path() == copiesFolder()) {
            std::error_code problem;
            fs::remove_all(entry.folder, problem);
            if (problem) {
                throw Error(ErrorKind::Io, "the model is off the list, but its copy " + entry.folder.string() + " cannot be deleted: " + problem.message());
            }
        }
    }

    run::ModelFacts inspect(std::string_view nameOrFolder) const override {
        const std::vector<run::ModelEntry> bundled = run::bundledModels();
        run::ModelFacts facts = inspectModel(run::modelFolder(nameOrFolder));
        facts.name = std::string(nameOrFolder);
        facts.isBundled = std::any_of(bundled.begin(), bundled.end(), [&](const run::ModelEntry& one) { return one.folder == facts.folder; });
        return facts;
    }

private:
    /// Puts a copy in the place of a fresh entry; the entry goes when that fails.
    static run::ModelEntry copied(const run::ModelEntry& entry) {
        const fs::path target = copiesFolder() / entry.name;
        run::forgetModel(entry.name);
        copyModel(entry.folder, target);
        return run::rememberModel({entry.name, target, false, true});
    }
};

}  // namespace

std::shared_ptr<run::ModelLibrary> makeModelLibrary() {
    return std::make_shared<Library>();
}

}  // namespace rlcm::models
