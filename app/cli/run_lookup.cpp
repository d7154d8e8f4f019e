#include "app/cli/run_lookup.h"

#include "core/base/error.h"
#include "core/base/json.h"

namespace rlcm::cli {

store::RunRow findRun(const store::StoreReader& reader, std::string_view idOrName) {
    std::vector<store::RunRow> rows = reader.runs();
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
    const std::string where = " in " + reader.workspace().string();
    if (sharing.size() > 1) {
        std::string ids;
        for (const std::string& id : sharing) {
            ids += (ids.empty() ? "" : ", ") + id;
        }
        throw Error(ErrorKind::Config, std::to_string(sharing.size()) + " runs" + where + " are named \"" + std::string(idOrName) + "\"; use an id: " + ids);
    }
    if (found == nullptr) {
        const std::string near = nearestName(idOrName, known);
        throw Error(ErrorKind::Config, "there is no run \"" + std::string(idOrName) + "\"" + where +
                                           (near.empty() ? "; `rlcm runs` lists them" : "; did you mean \"" + near + "\"?"));
    }
    return *found;
}

}  // namespace rlcm::cli
