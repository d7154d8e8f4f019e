#include "core/rewards/make_reward.h"

#include <filesystem>

#include "core/base/error.h"
#include "core/models/pipeline.h"

namespace rlcm::rewards {
namespace {

namespace fs = std::filesystem;

bool isOpenClipFile(const fs::path& file) {
    const std::string name = file.filename().string();
    return name.ends_with(".pt") || name.ends_with(".pth") || name.starts_with("open_clip_");
}

/// open_clip's own checkpoints come as one pickle, or as a folder with open_clip_*.{bin,safetensors,json}.
bool isOpenClip(const fs::path& path) {
    std::error_code failure;
    if (fs::is_regular_file(path, failure)) {
        return isOpenClipFile(path);
    }
    if (fs::exists(path / "config.json", failure)) {
        return false;
    }
    for (const auto& entry : fs::directory_iterator(path, failure)) {
        if (isOpenClipFile(entry.path())) {
            return true;
        }
    }
    return false;
}

/// Folder of a CLIP model. throws: Config.
std::string clipFolder(const std::string& nameOrFolder) {
    if (isOpenClip(nameOrFolder)) {
        throw Error(ErrorKind::Config,
                    nameOrFolder + " is a checkpoint of open_clip; convert it to a CLIPModel folder with "
                                   "resources/convert/open_clip_to_transformers.py and name that folder here");
    }
    return models::findModel(nameOrFolder).string();
}

/// Runs `make`, putting the setting before the message of what goes wrong.
template <typename Make>
std::unique_ptr<Reward> withSetting(const char* setting, Make make) {
    try {
        return make();
    } catch (const Error& error) {
        throw Error(error.kind(), std::string(setting) + ": " + error.what());
    }
}

}  // namespace

std::unique_ptr<Reward> makeReward(const std::string& term,
                                   const run::RewardConfig& config,
                                   const NoticeSink& notice,
                                   const Place& place,
                                   const StopQuery& isStopped) {
    if (term == "compressibility") {
        return makeCompressibility();
    }
    if (term == "incompressibility") {
        return makeIncompressibility();
    }
    if (term == "colourfulness") {
        return makeColourfulness();
    }
    if (term == "alignment") {
        return withSetting("reward.clip_model", [&] { return makeAlignment(clipFolder(config.clipModel), place); });
    }
    if (term == "clipscore") {
        return withSetting("reward.clip_model", [&] { return makeClipScore(clipFolder(config.clipModel), place); });
    }
    if (term == "pickscore") {
        return withSetting("reward.pickscore_model",
                           [&] { return makePickScore(clipFolder(config.pickscoreModel), place); });
    }
    if (term == "hpsv2") {
        return withSetting("reward.hps_model", [&] { return makeHpsV2(clipFolder(config.hpsModel), place); });
    }
    if (term == "aesthetic") {
        return withSetting("reward.aesthetic_model, reward.aesthetic_head", [&] {
            return makeAesthetic(clipFolder(config.aestheticModel), models::findModel(config.aestheticHead).string(), place);
        });
    }
    if (term == "server") {
        return makeServerReward(config, notice, isStopped);
    }
    if (term == "program") {
        return makeProgramReward(config, notice);
    }
    throw Error(ErrorKind::Config, "reward \"" + term + "\" is not known to this build");
}

}  // namespace rlcm::rewards
