#pragma once
// The half of torch that knows CUDA. Private to core/tensor.
#include <string>

namespace rlcm::tensor {

/// Loads torch's CUDA library if this torch has one, the first time it is called: nothing of ours names a symbol of it, so one program
/// serves torch with and without CUDA, and what never asks for a device does not wait for it. Call before torch is asked whether it
/// sees a GPU, because it remembers the answer. Any thread.
void loadCudaLibrary();
/// Why it could not be loaded, in the loader's words; empty when it was, or when there is none.
std::string cudaLibraryFailure();
/// throws: Device when the torch that runs is not of the version, as 2.13, that this program was compiled for: their functions differ.
void checkTorchVersion();

}  // namespace rlcm::tensor
