#pragma once
#include <span>
#include <string_view>

namespace rlcm::store {

/// The texts of resources/sql in order; entry n - 1 takes a database from version n - 1 to n.
std::span<const std::string_view> migrations();

}  // namespace rlcm::store
