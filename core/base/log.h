#pragma once
// Logging facade. Names neither spdlog nor fmt, because files that include torch must not see their headers.
#include <filesystem>
#include <string_view>

namespace rlcm::log {

enum class Level { Debug, Info, Warning, Error };
/// Lower-case name, as in JSON.
std::string_view toString(Level level) noexcept;

/// Writes one finished line for `component` ("train", "store", ...) to standard error and, when set, the log file.
/// thread: any. Never throws.
void write(Level level, std::string_view component, std::string_view text) noexcept;
/// Lines below `level` are dropped. Default: Info.
void setLevel(Level level) noexcept;
/// Adds a rotating file (5 MB, 3 kept). throws: Io when it cannot be opened.
void openFile(const std::filesystem::path& file);

inline void debug(std::string_view component, std::string_view text) noexcept {
    write(Level::Debug, component, text);
}
inline void info(std::string_view component, std::string_view text) noexcept {
    write(Level::Info, component, text);
}
inline void warning(std::string_view component, std::string_view text) noexcept {
    write(Level::Warning, component, text);
}
inline void error(std::string_view component, std::string_view text) noexcept {
    write(Level::Error, component, text);
}

}  // namespace rlcm::log
