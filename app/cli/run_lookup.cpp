#include "app/cli/run_lookup.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/json.h"

namespace rlcm::cli {
namespace {

/// `sort`: what the runs are called in a message, "" or "deleted ".
store::RunRow findAmong(const std::vector<store::RunRow>& rows, const std::string& sort, std::string_view idOrName, const std::filesystem::path& workspace) {
    std::vector<std::string> known, sharing;
    const store::RunRow* found = nullptr;
    for (const store::RunRow& row : rows) {
        if (row.id == idOrName) {
            return row;
        }
        if (row.name == idOrName) {
            found = &row;
            sharing.push_back(row.id);
        }
        known.push_back(row.id);
        known.push_back(row.name);
    }
    const std::string where = " in " + workspace.string();
    if (sharing.size() > 1) {
        std::string ids;
        for (const std::string& id : sharing) {
            ids += (ids.empty() ? "" : ", ") + id;
        }
        throw Error(ErrorKind::Config,
                    std::to_string(sharing.size()) + " " + sort + "runs" + where + " are named \"" + std::string(idOrName) + "\"; use an id: " + ids);
    }
    if (found == nullptr) {
        const std::string near = nearestName(idOrName, known);
        throw Error(ErrorKind::Config, "there is no " + sort + "run \"" + std::string(idOrName) + "\"" + where +
                                           (near.empty() ? (sort.empty() ? "; `rlcm runs` lists them" : "; `rlcm runs --deleted` lists them")
                                                         : "; did you mean \"" + near + "\"?"));
    }
    return *found;
}

}  // namespace

store::RunRow findRun(const store::StoreReader& reader, std::string_view idOrName) {
    return findAmong(reader.runs(), "", idOrName, reader.workspace());
}

store::RunRow findDeletedRun(const store::StoreReader& reader, std::string_view idOrName) {
    std::vector<store::RunRow> rows = reader.runs(true);
    std::erase_if(rows, [](const store::RunRow& row) { return !row.isDeleted; });
    return findAmong(rows, "deleted ", idOrName, reader.workspace());
}

}  // namespace rlcm::cli
