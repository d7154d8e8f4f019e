#pragma once
// The dtypes of the safetensors format. Private to core/data.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <ATen/core/Tensor.h>

namespace rlcm::data {

struct DtypeRow {
    std::string_view name;
    unsigned bits;
    std::optional<at::ScalarType> type;  ///< none: valid in a file, but not read into a tensor
};
// In the order of the reference library, which writes the largest first.
inline constexpr std::array<DtypeRow, 22> kDtypes{{
    {"BOOL", 8, at::kBool},
    {"F4", 4, {}},
    {"F6_E2M3", 6, {}},
    {"F6_E3M2", 6, {}},
    {"U8", 8, at::kByte},
    {"I8", 8, at::kChar},
    {"F8_E5M2", 8, {}},
    {"F8_E4M3", 8, {}},
    {"F8_E8M0", 8, {}},
    {"F8_E4M3FNUZ", 8, {}},
    {"F8_E5M2FNUZ", 8, {}},
    {"I16", 16, at::kShort},
    {"U16", 16, at::kUInt16},
    {"F16", 16, at::kHalf},
    {"BF16", 16, at::kBFloat16},
    {"I32", 32, at::kInt},
    {"U32", 32, at::kUInt32},
    {"F32", 32, at::kFloat},
    {"C64", 64, {}},
    {"F64", 64, at::kDouble},
    {"I64", 64, at::kLong},
    {"U64", 64, at::kUInt64},
}};

inline const DtypeRow* findDtype(std::string_view name) {
    const auto row = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeRow& r) { return r.name == name; });
    return row == kDtypes.end() ? nullptr : &*row;
}

}  // namespace rlcm::data
