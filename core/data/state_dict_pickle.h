#pragma once
// The few instructions of a pickle that a saved state dict needs. Nothing is executed: the values are looked at, never
// built. Private to core/data.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::data {

/// A tensor as a pickle describes it: a view into a storage that is kept elsewhere. Nothing is checked against the storage.
struct PickledTensor {
    std::string_view name;    ///< key in the dictionary
    std::string storageType;  ///< "FloatStorage", ...
    std::string_view storageKey;
    std::int64_t storageElements = 0;
    std::int64_t offset = 0;                   ///< elements
    std::vector<std::int64_t> shape, strides;  ///< same length, at most 8
};

/// The tensors of a pickled dictionary from names to tensors, in its order; views into `pickle`. Takes about a
/// hundred bytes of memory per byte of the pickle, which may have 1 MiB.
/// throws: Format naming `where` and the instruction, global or entry that a state dict has no use for.
std::vector<PickledTensor> readStateDictPickle(std::string_view pickle, const std::string& where);

}  // namespace rlcm::data
