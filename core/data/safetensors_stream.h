#pragma once
// Writes a safetensors file tensor by tensor, so that only one tensor at a time need lie in memory.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/atomic_file.h"

namespace rlcm::data {

class SafetensorsStream {
public:
    struct Item {
        std::string name;
        std::string dtype;  ///< as in the file: "F32"
        std::vector<std::int64_t> shape;
        std::size_t bytes = 0;
    };
    /// Writes the header, padded to 8 bytes and with `format: pt` in the metadata. Nothing is seen under `file` before finish().
    /// throws: Io, Format for a duplicate name or text that is not UTF-8.
    SafetensorsStream(const std::filesystem::path& file, const std::vector<Item>& items, const std::map<std::string, std::string>& metadata);
    /// The bytes of the next tensor, in the order of the items. throws: Io.
    void append(std::string_view bytes);
    /// To be called after the last tensor. throws: Io.
    void finish();

private:
    std::vector<std::size_t> m_sizes;
    std::size_t m_next = 0;
    AtomicFile m_file;
};

/// The header of a file with these tensors, padded to 8 bytes. throws: Format, `where` in the message, for a duplicate name or text that is not
/// UTF-8.
std::string safetensorsHeader(const std::string& where, const std::vector<SafetensorsStream::Item>& items, const std::map<std::string, std::string>& metadata);

}  // namespace rlcm::data
