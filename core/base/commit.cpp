#include "core/base/commit.h"

#include <utility>

namespace rlcm {
namespace {

std::string& stored() {
    static std::string commit;  // made when it is asked for first, which is before main()
    return commit;
}

}  // namespace

const std::string& programCommit() {
    return stored();
}

void setProgramCommit(std::string commit) {
    stored() = std::move(commit);
}

}  // namespace rlcm
