#include "core/base/error.h"

#include <utility>

namespace rlcm {
namespace {

std::string withSetting(const std::string& setting, const std::string& message) {
    if (setting.empty()) {
        return message;
    }
    return setting + (message.starts_with("must ") ? " " : ": ") + message;
}

}  // namespace

std::string_view toString(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::Config:
            return "config";
        case ErrorKind::Io:
            return "io";
        case ErrorKind::Format:
            return "format";
        case ErrorKind::Shape:
            return "shape";
        case ErrorKind::Numeric:
            return "numeric";
        case ErrorKind::Device:
            return "device";
        case ErrorKind::Store:
            return "store";
        case ErrorKind::Reward:
            return "reward";
    }
    return "unknown";
}

Error::Error(ErrorKind kind, const std::string& message, About about)
    : std::runtime_error(withSetting(about.setting, message)), m_kind(kind), m_message(message), m_about(std::move(about)) {}

void ensure(bool condition, std::string_view what, std::source_location where) {
    if (condition) {
        return;
    }
    throw std::logic_error(std::string(what) + " (" + where.file_name() + ":" + std::to_string(where.line()) + ")");
}

}  // namespace rlcm
