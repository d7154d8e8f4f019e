#pragma once
// Gradient checkpointing: memory for time.
#include <functional>
#include <span>
#include <vector>

#include <ATen/core/Tensor.h>

namespace rlcm::nn {

/// A piece of a network. Every tensor that a gradient is wanted for must come in through `inputs`; what it captures is frozen and
/// must live as long as the backward graph.
using Piece = std::function<at::Tensor(std::span<const at::Tensor> inputs)>;

/// piece(inputs). With `isRecomputed` the backward graph keeps only the inputs, and the piece runs a second time on the way back;
/// the gradient is the same to the bit, because both ways sum what flows into an input of a piece before passing it on.
/// Without grad mode or without an input that wants a gradient it is a plain call. thread: any.
at::Tensor runPiece(const Piece& piece, std::vector<at::Tensor> inputs, bool isRecomputed);

}  // namespace rlcm::nn
