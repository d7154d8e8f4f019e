#pragma once
// Weights in the files that torch.save writes (.pth, .pt, .bin), read without executing anything.
#include <filesystem>
#include <string>
#include <string_view>

#include "core/data/safetensors.h"

namespace rlcm::data {

/// The tensors of a saved state dict in its order, contiguous, in the file's dtypes, on the CPU wherever they were saved.
/// Takes no more memory than three times the file, besides a hundred megabytes at most for its list of tensors.
/// throws: Io when it cannot be read; Format naming file and reason: no zip of PyTorch 1.6 or newer (older files get the
/// hint how to convert them), damaged, compressed, big-endian, or anything but a dictionary of tensors.
NamedTensors readPth(const std::filesystem::path& file);
/// The same for bytes in memory; `where` names them in messages.
NamedTensors readPthBytes(std::string_view bytes, const std::string& where);

}  // namespace rlcm::data
