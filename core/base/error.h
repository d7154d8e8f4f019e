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
    Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), m_kind(kind) {}
    ErrorKind kind() const noexcept { return m_kind; }

private:
    ErrorKind m_kind;
};

/// Throws std::logic_error with the caller's place when `condition` is false. Active in every build type.
void ensure(bool condition, std::string_view what, std::source_location where = std::source_location::current());

}  // namespace rlcm
