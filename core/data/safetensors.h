#pragma once
// Strict safetensors reading and writing.
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::data {

/// One entry of the header.
struct TensorEntry {
    std::string dtype;  ///< as in the file: "F32", "BF16", ...
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;  ///< bytes, relative to the data start
};

/// A checked, memory-mapped safetensors file. The header is fully validated before any tensor is touched; nothing is
/// allocated in proportion to a number read from the file before that number was checked against the file's size.
class SafetensorsFile {
public:
    /// throws: Io when it cannot be opened, Format naming file, tensor and rule when it breaks one.
    explicit SafetensorsFile(const std::filesystem::path& file);
    /// Same rules for bytes in memory (kept by the object); `where` names them in messages.
    static SafetensorsFile fromBytes(std::string bytes, std::string_view where);
    ~SafetensorsFile();
    SafetensorsFile(SafetensorsFile&&) noexcept;
    SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

    const std::string& name() const;
    const std::map<std::string, TensorEntry>& entries() const;  ///< by tensor name
    const std::map<std::string, std::string>& metadata() const;
    bool contains(std::string_view tensor) const;
    /// A copy of one tensor in the file's dtype. throws: Format when it is missing or its dtype is not supported.
    at::Tensor tensor(std::string_view name) const;
    /// The raw bytes of a tensor inside the mapping; valid while the object lives.
    std::string_view bytes(std::string_view name) const;

private:
    struct Impl;
    explicit SafetensorsFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;
/// Writes tensors (made contiguous, on the CPU) as the reference library does: sorted by dtype alignment descending, then
/// name; header padded to 8 bytes; `format: pt` added to the metadata; temporary file, sync, rename.
/// throws: Io with the system's reason, Format for a duplicate name or a dtype that cannot be stored.
void writeSafetensors(const std::filesystem::path& file, const NamedTensors& tensors, const std::map<std::string, std::string>& metadata = {});

/// By which the programs of kohya's world know a LoRA again, whatever is later written into its metadata.
struct NetworkHashes {
    std::string model;   ///< sshs_model_hash: SHA-256 of all tensors in the order of the file
    std::string legacy;  ///< sshs_legacy_hash: of 64 KiB that begin at 1 MiB of the file with the ss_ metadata alone, 8 digits
};
/// source: kohya-ss/sd-scripts, library/train_util.py, precalculate_safetensors_hashes.
NetworkHashes networkHashes(const NamedTensors& tensors, const std::map<std::string, std::string>& metadata);

}  // namespace rlcm::data
