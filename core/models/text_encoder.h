#pragma once
// From prompts to what a network is told of them.
#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::models {

/// What a network is told of prompts.
struct PromptEmbeddings {
    at::Tensor context;  ///< [B,T,X] f32
    at::Tensor pooled;   ///< [B,P] f32, SDXL only, else undefined
    /// Row i of the result is row index[i]; index [n] i64.
    PromptEmbeddings select(const at::Tensor& index) const;
    /// The same for rows first .. first + count - 1.
    PromptEmbeddings narrow(std::int64_t first, std::int64_t count) const;
    /// One row repeated.
    PromptEmbeddings expand(std::int64_t rows) const;
    PromptEmbeddings to(at::Device device) const;
    static PromptEmbeddings cat(const std::vector<PromptEmbeddings>& parts);
};

/// The text side of a pipeline: tokenizers and encoders. thread: any number at a time.
class TextEncoder {
public:
    virtual ~TextEncoder() = default;

    /// Numbers in one token's vector.
    virtual std::int64_t contextWidth() const = 0;
    /// Numbers in the pooled text; 0: there is none.
    virtual std::int64_t pooledWidth() const = 0;
    /// Embeddings of at least one prompt, padded to the length that the encoder takes, on its device.
    virtual PromptEmbeddings encode(const std::vector<std::string>& prompts) const = 0;
    /// One row that stands for "no prompt" in classifier-free guidance.
    virtual PromptEmbeddings encodeNothing() const = 0;
    /// Text of the first `tokens` tokens: what per-prompt statistics know a prompt by.
    virtual std::string promptKey(const std::string& prompt, std::int64_t tokens) const = 0;
    /// A sentence that names the prompts whose ends are not read, because they have more tokens than fit; empty when all fit.
    virtual std::string describeTooLong(const std::vector<std::string>& prompts) const = 0;
};

}  // namespace rlcm::models
