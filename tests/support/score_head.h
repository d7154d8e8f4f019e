#pragma once
#include <cstdint>
#include <filesystem>

#include "core/data/safetensors.h"
#include "core/tensor/torch.h"

namespace rlcm::test {

/// A head of the aesthetic score: one linear layer over embeddings of `width` numbers, weight i is (i % 5) - 2, bias 5. Returns the file.
inline std::filesystem::path writeHead(const std::filesystem::path& file, std::int64_t width) {
    const at::Tensor weight = at::arange(width, at::kFloat).remainder(5).sub(2).unsqueeze(0);
    data::writeSafetensors(file, {{"weight", weight}, {"bias", at::full({1}, 5.0)}});
    return file;
}

}  // namespace rlcm::test
