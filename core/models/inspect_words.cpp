#include "core/models/inspect_words.h"

#include <algorithm>
#include <set>

#include "core/base/file_error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/models/component.h"

namespace rlcm::models {
namespace {

namespace fs = std::filesystem;

/// For a POSIX shell.
std::string quoted(const std::string& text) {
    std::string result = "'";
    for (const char c : text) {
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return result + "'";
}

std::string conversion(const fs::path& folder) {
    const bool isClip = !fs::exists(folder / "model_index.json");
    const std::string library = isClip ? "transformers" : "diffusers", name = isClip ? "CLIPModel" : "DiffusionPipeline";
    return "Convert it once: python3 -c \"import sys; from " + library + " import " + name +
           " as M; M.from_pretrained(sys.argv[1]).save_pretrained(sys.argv[2])\" " + quoted(folder.string()) + " " + quoted(folder.string() + "-safetensors") +
           (isClip ? " ; then copy the tokenizer files and preprocessor_config.json beside it" : "");
}

std::string oneFileConversion(const fs::path& file) {
    return "Convert it once: python3 -c \"import sys; from diffusers import StableDiffusionPipeline as M; "
           "M.from_single_file(sys.argv[1]).save_pretrained(sys.argv[2])\" " +
           quoted(file.string()) + " " + quoted((file.parent_path() / file.stem()).string());
}

std::string adviceOn(FileFault fault, const fs::path& folder) {
    switch (fault) {
        case FileFault::NotDownloaded:
            return "Run git lfs install, then git lfs pull in " + quoted(folder.string()) + "; or download the files from the model's page.";
        case FileFault::Incomplete:
            return "The copy of the model is not complete or damaged: download or copy it again.";
        case FileFault::Executable:
            return conversion(folder);
        case FileFault::Single:
            return oneFileConversion(folder);
        case FileFault::Mixed:
            return "Take all files of the model from the same place and version; a config.json of another model is the usual reason.";
        case FileFault::Unsupported:
            break;
    }
    std::error_code ignored;
    return fs::exists(folder / "model_index.json", ignored)
               ? "This architecture can not be trained here; use a model shaped like Stable Diffusion 1.5, SDXL or a latent consistency model."
               : "This architecture is not read; use a CLIPModel as OpenAI's or LAION's.";
}

run::ModelUse yes(const char* what, std::string why) {
    return {what, true, std::move(why)};
}
run::ModelUse no(const char* what, std::string why) {
    return {what, false, std::move(why)};
}

std::vector<run::ModelUse> usesOfClip(const ClipShape& clip) {
    const std::string shape = shapeOf(clip);
    const bool isH = shape == "ViT-H/14" && clip.projection == 1024;
    const bool isL = shape == "ViT-L/14" && clip.projection == 768;
    const std::string mine = shape == "other" ? "this one has another" : "this is a " + shape;
    std::vector<run::ModelUse> uses{yes("alignment, clipscore", "Agreement of text and image: reward.clip_model."),
                                    yes("judge", "A model that watches and is never optimised: evaluation.judge_model.")};
    uses.push_back(isL ? yes("aesthetic", "Its embeddings fit LAION's head: reward.aesthetic_model. Only OpenAI's weights give meaningful scores.")
                       : no("aesthetic", "LAION's head wants the embeddings of a ViT-L/14 with 768 numbers; " + mine + "."));
    uses.push_back(
        isH ? yes("pickscore, hpsv2", "It has their shape (reward.pickscore_model, reward.hps_model); whether the weights are theirs, the file does not say.")
            : no("pickscore, hpsv2", "They are ViT-H/14 models with 1024 numbers; " + mine + "."));
    return uses;
}

}  // namespace

std::string shapeOf(const shapes::UNetShape& unet) {
    using Channels = std::vector<std::int64_t>;
    const bool isSdSized = unet.blockOutChannels == Channels{320, 640, 1280, 1280};
    if (isSdSized && unet.crossAttentionDim == 768) {
        return "SD 1.5";
    }
    if (isSdSized && unet.crossAttentionDim == 1024) {
        return "SD 2";
    }
    if (unet.addition && unet.blockOutChannels == Channels{320, 640, 1280} && unet.crossAttentionDim == 2048) {
        // Distilled ones, as SSD-1B, leave transformers out.
        const bool isWhole = unet.midDepth == 10 && unet.downDepths[1] == Channels{2, 2} && unet.upDepths[1] == Channels{2, 2, 2};
        return isWhole ? "SDXL" : "SDXL-shaped";
    }
    return "other";
}

std::string shapeOf(const ClipShape& clip) {
    struct Known {
        std::int64_t width, layers, patch;
        const char* name;
    };
    for (const Known& known :
         {Known{768, 12, 32, "ViT-B/32"}, Known{768, 12, 16, "ViT-B/16"}, Known{1024, 24, 14, "ViT-L/14"}, Known{1280, 32, 14, "ViT-H/14"}}) {
        if (clip.visionWidth == known.width && clip.visionLayers == known.layers && clip.patch == known.patch) {
            return known.name;
        }
    }
    return "other";
}

std::string dtypeWord(std::string_view dtype) {
    if (dtype == "BF16") {
        return "bf16";
    }
    if (dtype == "F32" || dtype == "F16" || dtype == "F64") {
        return "fp" + std::string(dtype.substr(1));
    }
    return std::string(dtype);
}

bool isCheckpoint(const std::map<std::string, data::TensorEntry>& entries) {
    return std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
        return entry.first.starts_with("model.diffusion_model.") || entry.first.starts_with("first_stage_model.") ||
               entry.first.starts_with("cond_stage_model.");
    });
}

std::string strayWeights(const fs::path& folder) {
    std::error_code failure;
    std::string best;
    for (const auto& entry : fs::directory_iterator(folder, failure)) {
        const std::string name = entry.path().filename().string();
        if (name.ends_with(".ckpt") || name.ends_with(".safetensors")) {
            best = best.empty() ? name : std::min(best, name);
        }
    }
    return best;
}

std::vector<fs::path> weightFiles(const fs::path& folder, std::string_view stem) {
    const fs::path file = findWeightFile(folder, stem);
    if (file.extension() != ".json") {
        return {file};
    }
    std::set<std::string> names;
    const Json index = readPythonJsonFile(file);
    for (const auto& [tensor, name] : index.at("weight_map").items()) {
        if (name.is_string()) {
            names.insert(name.get<std::string>());
        }
    }
    std::vector<fs::path> files;
    for (const std::string& name : names) {
        files.push_back(insideFolder(folder, name));
    }
    return files;
}

run::ModelProblem problemOf(const std::exception& failure, const fs::path& folder) {
    std::string fix;
    if (const auto* ofFile = dynamic_cast<const FileError*>(&failure)) {
        fix = adviceOn(ofFile->fault(), folder);
    } else if (const auto* known = dynamic_cast<const Error*>(&failure)) {
        fix = known->advice();
    }
    return {failure.what(), std::move(fix)};
}

std::vector<run::ModelUse> usesOf(const run::ModelFacts& facts, const ClipShape& clip, bool isDistilled) {
    std::vector<run::ModelUse> uses;
    switch (facts.kind) {
        case run::ModelKind::Consistency:
            uses = {yes("RLCM", "Fine-tune it with a few steps an image: method rlcm."),
                    no("DDPO", "DDPO trains an ordinary diffusion model; this one has learnt to skip its steps."), yes("Sampling", "Images in 1 to 8 steps.")};
            break;
        case run::ModelKind::Diffusion:
            uses = {no("RLCM", "RLCM needs a consistency model: a UNet with a guidance embedding (time_cond_proj_dim)."),
                    isDistilled ? no("DDPO", "DDPO trains an ordinary diffusion model; the scheduler of this one, LCMScheduler, skips steps.")
                                : yes("DDPO", "Fine-tune it with 16 to 50 steps an image: method ddpo."),
                    yes("Sampling", isDistilled ? "Images in 1 to 8 steps with a guidance scale of 1 to 2." : "Images in 20 to 50 steps.")};
            break;
        case run::ModelKind::ClipScorer:
            uses = usesOfClip(clip);
            break;
        case run::ModelKind::ScoreHead:
            uses = {clip.projection == 768
                        ? yes("aesthetic", "Scores embeddings of a CLIP ViT-L/14: reward.aesthetic_head.")
                        : no("aesthetic", "It takes embeddings of " + std::to_string(clip.projection) + " numbers, a CLIP ViT-L/14 gives 768.")};
            break;
        case run::ModelKind::Unknown:
            break;
    }
    if (!facts.problems.empty()) {
        for (run::ModelUse& use : uses) {
            use = use.isPossible ? no(use.what.c_str(), "Not before its problems are solved.") : use;
        }
    }
    return uses;
}

}  // namespace rlcm::models
