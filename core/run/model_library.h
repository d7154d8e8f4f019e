#pragma once
// What is known about model folders, as plain values: front ends list, add and inspect models through this header and
// see no torch.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rlcm::run {

/// What a folder (or file) holds.
enum class ModelKind { Consistency, Diffusion, ClipScorer, ScoreHead, Unknown };

/// Lower-case name as in JSON: "consistency", "diffusion", "clip", "score_head", "unknown".
std::string_view toString(ModelKind kind);

/// One part of a model with weights, such as the unet.
struct ModelComponent {
    std::string name;  ///< folder inside the model; empty when the model is one part
    std::int64_t tensors = 0;
    std::int64_t parameters = 0;
    std::int64_t bytes = 0;  ///< of its weights
    std::string dtype;       ///< "fp32", or "fp16 + fp32"
};

/// A thing one might want to do with the model.
struct ModelUse {
    std::string what;  ///< "RLCM", "reward term pickscore"
    bool isPossible = false;
    std::string why;  ///< how, or what stands against it; one sentence
};

struct ModelProblem {
    std::string what;  ///< what, which value, where
    std::string fix;   ///< what to do about it; may name a command
};

/// Everything that can be said about a model without reading its weights.
struct ModelFacts {
    std::string name;
    std::filesystem::path folder;  ///< or the file of a score head
    ModelKind kind = ModelKind::Unknown;
    std::string shape;  ///< "SD 1.5", "SDXL", "SDXL-shaped", "ViT-L/14", "other"
    std::int64_t parameters = 0;
    std::string dtype;
    std::int64_t resolution = 0;  ///< side of the images in pixels; 0: not known
    std::int64_t bytes = 0;       ///< on disk, everything in the folder
    std::vector<ModelComponent> components;
    std::vector<ModelUse> uses;
    std::vector<ModelProblem> problems;
    bool isBundled = false;
};

/// A model that can be named in settings.
struct ModelEntry {
    std::string name;
    std::filesystem::path folder;
    bool isBundled = false;
    bool isCopy = false;  ///< its files were copied when it was added, and go when it is removed
};

/// The bundled models and those that the user has added. Nothing is kept in memory: another process may change the list.
/// thread: any.
class ModelLibrary {
public:
    virtual ~ModelLibrary() = default;
    /// Bundled ones first, then the others, each by name. throws: Format when the list of added models cannot be read.
    virtual std::vector<ModelEntry> list() const = 0;
    /// Remembers a folder under `name` (empty: the folder's own name), without copying it unless asked to.
    /// throws: Config when the name cannot be used or holds another folder, Format when this is no model, Io.
    virtual ModelEntry add(const std::filesystem::path& folder, std::string_view name, bool isCopied = false) = 0;
    /// Forgets an added model; its folder stays where it is, unless it is a copy made by add().
    /// throws: Config for a bundled or unknown name, Io.
    virtual void remove(std::string_view name) = 0;
    /// Facts from configs and headers only; no tensor is read. What is wrong with the model is in `problems`.
    /// throws: Config when there is no such name or folder.
    virtual ModelFacts inspect(std::string_view nameOrFolder) const = 0;
};

}  // namespace rlcm::run
