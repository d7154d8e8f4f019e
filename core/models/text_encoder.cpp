#include "core/models/text_encoder.h"

#include "core/tensor/torch.h"

namespace rlcm::models {

PromptEmbeddings PromptEmbeddings::select(const at::Tensor& index) const {
    return {context.index_select(0, index), pooled.defined() ? pooled.index_select(0, index) : pooled};
}

PromptEmbeddings PromptEmbeddings::narrow(std::int64_t first, std::int64_t count) const {
    return {context.narrow(0, first, count), pooled.defined() ? pooled.narrow(0, first, count) : pooled};
}

PromptEmbeddings PromptEmbeddings::expand(std::int64_t rows) const {
    return {context.expand({rows, -1, -1}), pooled.defined() ? pooled.expand({rows, -1}) : pooled};
}

PromptEmbeddings PromptEmbeddings::to(at::Device device) const {
    return {context.to(device), pooled.defined() ? pooled.to(device) : pooled};
}

PromptEmbeddings PromptEmbeddings::cat(const std::vector<PromptEmbeddings>& parts) {
    std::vector<at::Tensor> contexts, pooled;
    for (const PromptEmbeddings& part : parts) {
        contexts.push_back(part.context);
        if (part.pooled.defined()) {
            pooled.push_back(part.pooled);
        }
    }
    return {at::cat(contexts), pooled.empty() ? at::Tensor() : at::cat(pooled)};
}

}  // namespace rlcm::models
