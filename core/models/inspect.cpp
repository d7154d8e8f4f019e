#include "core/models/inspect.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "core/base/file_error.h"
#include "core/data/safetensors.h"
#include "core/data/tokenizer.h"
#include "core/models/clip.h"
#include "core/models/component.h"
#include "core/models/inspect_words.h"
#include "core/models/pipeline.h"
#include "core/models/score_head.h"
#include "core/tensor/torch.h"

namespace rlcm::models {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEntries = 4096;  // of a folder that are looked at
constexpr int kDeepest = 3;

/// Visits the regular files below a folder, not following links to other folders and not without end.
template <typename Visit>
void forEachFile(const fs::path& folder, const Visit& visit) {
    std::error_code failure;
    std::size_t count = 0;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, failure);
    for (; !failure && at != fs::recursive_directory_iterator() && count < kMostEntries; at.increment(failure), ++count) {
        if (at.depth() >= kDeepest) {
            at.disable_recursion_pending();
        }
        std::error_code ignored;
        if (at->is_regular_file(ignored)) {
            visit(*at);
        }
    }
}

std::int64_t bytesOnDisk(const fs::path& place) {
    std::error_code failure;
    if (fs::is_regular_file(place, failure)) {
        return static_cast<std::int64_t>(fs::file_size(place, failure));
    }
    std::int64_t sum = 0;
    forEachFile(place, [&](const fs::directory_entry& entry) {
        std::error_code ignored;
        const std::uintmax_t size = entry.file_size(ignored);
        sum += ignored ? 0 : static_cast<std::int64_t>(size);
    });
    return sum;
}

/// A configuration file that is no regular file would be waited for, as a pipe.
void requireRegular(const fs::path& file) {
    std::error_code failure;
    if (fs::exists(file, failure) && !fs::is_regular_file(file, failure)) {
        throw Error(ErrorKind::Io, file.string() + " is not a regular file");
    }
}

std::string textOf(const Json& json, const char* key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

class Inspector {
public:
    explicit Inspector(const fs::path& folder) : m_folder(folder) { m_facts.folder = folder; }

    run::ModelFacts run() {
        m_facts.bytes = bytesOnDisk(m_folder);
        attempt([&] { look(); });
        sumUp();
        m_facts.uses = usesOf(m_facts, m_clip, m_isDistilled);
        return m_facts;
    }

private:
    /// Runs a check; what it throws becomes a problem.
    template <typename Check>
    void attempt(const Check& check) {
        try {
            check();
        } catch (const std::exception& failure) {
            m_facts.problems.push_back(problemOf(failure, m_folder));
        }
    }

    void look() {
        std::error_code failure;
        if (fs::is_regular_file(m_folder, failure)) {
            lookAtFile();
        } else if (!fs::is_directory(m_folder, failure)) {
            throw Error(ErrorKind::Io, m_folder.string() + " is not there any more; mount its disk, or take the model off the list");
        } else if (fs::exists(m_folder / "model_index.json", failure)) {
            lookAtPipeline();
        } else if (fs::exists(m_folder / "config.json", failure)) {
            lookAtPart();
        } else {
            failWithoutConfig();
        }
    }

    [[noreturn]] void failWithoutConfig() const {
        const std::string what =
            m_folder.string() + " holds no model: there is neither model_index.json (a text-to-image model) nor config.json (a CLIP model)";
        const std::string weights = strayWeights(m_folder);
        if (weights.empty()) {
            throw Error(ErrorKind::Format, what);
        }
        throw FileError(ErrorKind::Format, FileFault::Single, what + "; " + weights + " is there, perhaps a single-file checkpoint");
    }

    void lookAtFile() {
        const std::string name = m_folder.filename().string();
        if (name.ends_with(".safetensors") && isCheckpoint(data::SafetensorsFile(m_folder).entries())) {
            throw FileError(ErrorKind::Format, FileFault::Single,
                            m_folder.string() + " is a whole model in one file (single-file checkpoint), which is not read");
        }
        if (name.ends_with(".ckpt") || name.ends_with(".bin") || m_facts.bytes > kLargestHead) {
            throw Error(ErrorKind::Format, m_folder.string() + " is a single file; a model folder is wanted, or the small file of a score head");
        }
        const ScoreHead head = ScoreHead::load(m_folder);
        m_facts.kind = run::ModelKind::ScoreHead;
        m_facts.shape = "embeddings of " + std::to_string(head.width());
        m_facts.dtype = "fp32";
        m_clip.projection = head.width();
    }

    void lookAtPipeline() {
        requireRegular(m_folder / "model_index.json");
        const Json index = readPythonJsonFile(m_folder / "model_index.json");
        const std::string className = textOf(index, "_class_name");
        m_facts.kind = className == "LatentConsistencyModelPipeline" ? run::ModelKind::Consistency : run::ModelKind::Diffusion;
        std::vector<std::string> texts{"text_encoder"}, tokenizers{"tokenizer"};
        if (className == "StableDiffusionXLPipeline") {
            texts.emplace_back("text_encoder_2");
            tokenizers.emplace_back("tokenizer_2");
        }
        for (const std::string& part : {std::string("unet"), std::string("vae"), std::string("scheduler")}) {
            requireConfigs(part);
        }
        for (const auto& parts : {texts, tokenizers}) {
            for (const std::string& part : parts) {
                requireConfigs(part);
            }
        }
        readSizes();
        // The whole first, because it is usually right; else part by part, so that every problem is named. What no part has is of the whole.
        try {
            loadPipeline(m_folder, at::kFloat, at::kMeta);
        } catch (const std::exception& failure) {
            checkParts(texts, tokenizers);
            const run::ModelProblem whole = problemOf(failure, m_folder);
            if (std::none_of(m_facts.problems.begin(), m_facts.problems.end(), [&](const run::ModelProblem& one) { return one.what == whole.what; })) {
                m_facts.problems.push_back(whole);
            }
        }
        addComponent("unet", kDiffusersStem);
        addComponent("vae", kDiffusersStem);
        for (const std::string& part : texts) {
            addComponent(part, kTransformersStem);
        }
    }

    void requireConfigs(const std::string& part) {
        for (const char* name : {"config.json", "scheduler_config.json", "tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json",
                                 "special_tokens_map.json", "added_tokens.json"}) {
            requireRegular(m_folder / part / name);
        }
    }

    /// Shape, resolution and kind from the configs alone; what is wrong with them is said elsewhere.
    void readSizes() {
        try {
            const fs::path file = m_folder / "unet" / "config.json";
            const shapes::UNetShape unet = shapes::UNetShape::fromJson(readPythonJsonFile(file), file.string());
            m_facts.shape = shapeOf(unet);
            m_facts.kind = unet.timeCondProjDim ? run::ModelKind::Consistency : run::ModelKind::Diffusion;
            const fs::path vaeFile = m_folder / "vae" / "config.json";
            m_facts.resolution = unet.sampleSize * shapes::VaeShape::fromJson(readPythonJsonFile(vaeFile), vaeFile.string()).downFactor();
            m_isDistilled = SchedulerConfig::load(m_folder).isLcm();
        } catch (const Error&) {
            // The same reading fails again below, where the problem is kept.
        }
    }

    void checkParts(const std::vector<std::string>& texts, const std::vector<std::string>& tokenizers) {
        const auto check = [&](const std::string& part, const auto& load) {
            attempt([&] {
                std::error_code failure;
                if (!fs::is_directory(m_folder / part, failure)) {
                    throw FileError(ErrorKind::Io, FileFault::Incomplete,
                                    m_folder.string() + ": the component \"" + part + "\" is missing; there is no folder of that name");
                }
                load(m_folder / part);
            });
        };
        check("unet", [](const fs::path& folder) { loadNetwork(folder, at::kFloat, at::kMeta); });
        check("vae", [](const fs::path& folder) { Vae::load(folder, at::kFloat, at::kMeta); });
        check("scheduler", [](const fs::path& folder) { SchedulerConfig::load(folder.parent_path()); });
        for (const std::string& part : texts) {
            check(part, [](const fs::path& folder) { ClipText::load(folder, at::kFloat, at::kMeta); });
        }
        for (const std::string& part : tokenizers) {
            check(part, [](const fs::path& folder) { data::Tokenizer::load(folder); });
        }
    }

    /// A folder with config.json beside the weights: a CLIPModel, or one part of something larger.
    void lookAtPart() {
        requireRegular(m_folder / "config.json");
        const Json config = readPythonJsonFile(m_folder / "config.json");
        const std::string className = textOf(config, "_class_name"), type = textOf(config, "model_type");
        if (!className.empty()) {
            throw Error(ErrorKind::Format,
                        m_folder.string() + " holds only one part of a model (" + className + "); add the folder above it, the one with model_index.json");
        }
        if (type != "clip") {
            throw Error(ErrorKind::Format,
                        m_folder.string() + "/config.json: model_type is \"" + type + "\"; of the transformers models only clip can be used");
        }
        m_facts.kind = run::ModelKind::ClipScorer;
        for (const char* name : {"processor_config.json", "preprocessor_config.json", "tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json",
                                 "special_tokens_map.json", "added_tokens.json"}) {
            requireRegular(m_folder / name);
        }
        attempt([&] {
            const ClipModel model = ClipModel::load(m_folder, at::kMeta);
            const shapes::ClipVisionShape& vision = model.vision().config();
            m_clip = {vision.hidden, vision.layers, vision.patchSize, model.text().config().projection};
            m_facts.shape = shapeOf(m_clip);
            m_facts.resolution = vision.imageSize;
        });
        addComponent("", kTransformersStem);
    }

    /// Counts what the headers say; a part that cannot be read has been complained about already.
    void addComponent(const std::string& part, std::string_view stem) {
        run::ModelComponent component{part, 0, 0, 0, {}};
        std::set<std::string> dtypes;
        try {
            for (const fs::path& file : weightFiles(m_folder / part, stem)) {
                const data::SafetensorsFile source(file);
                for (const auto& [name, entry] : source.entries()) {
                    std::uint64_t count = 1;  // wraps where a hostile shape with a zero in it would overflow
                    for (const std::int64_t size : entry.shape) {
                        count *= static_cast<std::uint64_t>(size);
                    }
                    ++component.tensors;
                    component.parameters += static_cast<std::int64_t>(count);
                    component.bytes += static_cast<std::int64_t>(entry.end - entry.begin);
                    if (entry.dtype.starts_with('F') || entry.dtype.starts_with('B')) {
                        dtypes.insert(dtypeWord(entry.dtype));
                    }
                }
            }
        } catch (const std::exception&) {
            return;
        }
        for (const std::string& dtype : dtypes) {
            component.dtype += (component.dtype.empty() ? "" : " + ") + dtype;
        }
        m_facts.components.push_back(std::move(component));
    }

    void sumUp() {
        std::set<std::string> dtypes;
        for (const run::ModelComponent& part : m_facts.components) {
            m_facts.parameters += part.parameters;
            dtypes.insert(part.dtype);
        }
        for (const std::string& dtype : dtypes) {
            m_facts.dtype += (m_facts.dtype.empty() ? "" : " + ") + dtype;
        }
    }

    static constexpr std::int64_t kLargestHead = std::int64_t{64} << 20;
    const fs::path m_folder;
    run::ModelFacts m_facts;
    ClipShape m_clip;
    bool m_isDistilled = false;  ///< its scheduler skips steps
};

}  // namespace

run::ModelFacts inspectModel(const fs::path& folder) {
    return Inspector(folder).run();
}

std::vector<run::ModelProblem> checkFiles(const fs::path& folder) {
    std::vector<run::ModelProblem> problems;
    forEachFile(folder, [&](const fs::directory_entry& entry) {
        if (entry.path().extension() == ".safetensors") {
            try {
                const data::SafetensorsFile file(entry.path());
            } catch (const Error& problem) {
                problems.push_back(problemOf(problem, folder));
            }
        }
    });
    return problems;
}

}  // namespace rlcm::models
