#include "core/base/log.h"

#include <memory>
#include <string>

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "core/base/error.h"

namespace rlcm::log {
namespace {

std::shared_ptr<spdlog::logger> logger() {
    static const auto instance = [] {
        // Standard output belongs to the JSON lines of the command line tools.
        auto made = std::make_shared<spdlog::logger>("rlcm", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("%Y-%m-%d %H:%M:%S.%e %L %v");
        made->flush_on(spdlog::level::info);
        return made;
    }();
    return instance;
}

spdlog::level::level_enum native(Level level) {
    switch (level) {
        case Level::Debug:
            return spdlog::level::debug;
        case Level::Info:
            return spdlog::level::info;
        case Level::Warning:
            return spdlog::level::warn;
        case Level::Error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

std::string_view toString(Level level) noexcept {
    constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
    return kNames[static_cast<std::size_t>(level)];
}

void write(Level level, std::string_view component, std::string_view text) noexcept {
    try {
        logger()->log(native(level), "[{}] {}", component, text);
    } catch (...) {
        // A log line that cannot be written must not stop a run; there is nowhere left to say so.
    }
}

void setLevel(Level level) noexcept {
    logger()->set_level(native(level));
}

void openFile(const std::filesystem::path& file) {
    try {
        auto sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), 5u << 20, 3);
        logger()->sinks().push_back(sink);
        sink->set_pattern("%Y-%m-%d %H:%M:%S.%e %L %v");
    } catch (const spdlog::spdlog_ex& problem) {
        throw Error(ErrorKind::Io, "cannot open the log file " + file.string() + ": " + problem.what());
    }
}

}  // namespace rlcm::log
