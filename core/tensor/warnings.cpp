#include "core/tensor/warnings.h"

#include "core/base/log.h"
#include "core/tensor/torch.h"

namespace rlcm::tensor {
namespace {

class LogHandler : public c10::WarningHandler {
public:
    void process(const c10::Warning& warning) override { log::debug("torch", warning.msg()); }
};

}  // namespace

void logWarnings() {
    static LogHandler handler;
    c10::WarningUtils::set_warning_handler(&handler);
}

}  // namespace rlcm::tensor
