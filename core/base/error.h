#pragma once
// The one failure type of the product, and the check for our own mistakes.
#include <source_location>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rlcm {

/// What kind of thing went wrong; decides the exit code and the icon, never the wording.
enum class ErrorKind { Config, Io, Format, Shape, Numeric, Device, Store, Reward };

/// Short lower-case name of a kind, as used in JSON and in the store.
std::string_view toString(ErrorKind kind);

/// A failure that is not a bug. The message says what, which value, where, and what to do about it.
class Error : public std::runtime_error {
public:
    /// What a message is about, for those who show it beside the setting or the advice apart.
    struct About {
        std::string setting{};  ///< path of a setting, "training.epochs"
        std::string advice{};   ///< a sentence that says what to do
    };
    Error(ErrorKind kind, const std::string& message) : Error(kind, message, {}) {}
    /// what() begins with the setting: "training.epochs must be ..." for a message that begins with must, else "reward.terms: ...".
    Error(ErrorKind kind, const std::string& message, About about);
    ErrorKind kind() const noexcept { return m_kind; }
    /// what() without the setting.
    const std::string& message() const noexcept { return m_message; }
    const std::string& setting() const noexcept { return m_about.setting; }
    const std::string& advice() const noexcept { return m_about.advice; }

private:
    ErrorKind m_kind;
    std::string m_message;
    About m_about;
};

/// Throws std::logic_error with the caller's place when `condition` is false. Active in every build type.
void ensure(bool condition, std::string_view what, std::source_location where = std::source_location::current());

}  // namespace rlcm
