#include "core/run/model_library.h"

namespace rlcm::run {

std::string_view toString(ModelKind kind) {
    switch (kind) {
        case ModelKind::Consistency:
            return "consistency";
        case ModelKind::Diffusion:
            return "diffusion";
        case ModelKind::ClipScorer:
            return "clip";
        case ModelKind::ScoreHead:
            return "score_head";
        case ModelKind::Unknown:
            break;
    }
    return "unknown";
}

}  // namespace rlcm::run
