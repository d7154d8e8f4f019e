#pragma once
#include <string>
#include <string_view>

namespace rlcm {

/// Bytes as base64 with padding, on one line (RFC 4648).
std::string base64(std::string_view bytes);

}  // namespace rlcm
