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
        throw Error(ErrorKind::Config, nameOrFolder +
                                           " is a checkpoint of open_clip; convert it to a CLIPModel folder with "
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
        throw Error(error.kind(), error.what(), {.setting = setting});
    }
}

/// What a maker may use.
struct Making {
    const run::RewardConfig& config;
    const NoticeSink& notice;
    const Place& place;
    const StopQuery& isStopped;
};

/// One way to make each kind of the catalogue.
struct Maker {
    std::string_view kind;
    std::unique_ptr<Reward> (*make)(const Making&);
};

const Maker kMakers[] = {
    {"compressibility", [](const Making&) { return makeCompressibility(); }},
    {"incompressibility", [](const Making&) { return makeIncompressibility(); }},
    {"colourfulness", [](const Making&) { return makeColourfulness(); }},
    {"subject_size", [](const Making&) { return makeSubjectSize(); }},
    {"subject_x", [](const Making&) { return makeSubjectX(); }},
    {"subject_y", [](const Making&) { return makeSubjectY(); }},
    {"alignment", [](const Making& m) { return withSetting("reward.clip_model", [&] { return makeAlignment(clipFolder(m.config.clipModel), m.place); }); }},
    {"clipscore", [](const Making& m) { return withSetting("reward.clip_model", [&] { return makeClipScore(clipFolder(m.config.clipModel), m.place); }); }},
    {"contrast",
     [](const Making& m) {
         return withSetting("reward.clip_model",
                            [&] { return makeContrast(clipFolder(m.config.clipModel), m.config.contrastToward, m.config.contrastAway, m.place); });
     }},
    {"pickscore",
     [](const Making& m) { return withSetting("reward.pickscore_model", [&] { return makePickScore(clipFolder(m.config.pickscoreModel), m.place); }); }},
    {"hpsv2", [](const Making& m) { return withSetting("reward.hps_model", [&] { return makeHpsV2(clipFolder(m.config.hpsModel), m.place); }); }},
    {"aesthetic",
     [](const Making& m) {
         return withSetting("reward.aesthetic_model, reward.aesthetic_head",
                            [&] { return makeAesthetic(clipFolder(m.config.aestheticModel), models::findModel(m.config.aestheticHead).string(), m.place); });
     }},
    {"server", [](const Making& m) { return makeServerReward(m.config, m.notice, m.isStopped); }},
    {"program", [](const Making& m) { return makeProgramReward(m.config, m.notice); }},
};

}  // namespace

std::unique_ptr<Reward> makeReward(const run::RewardTerm& term, const run::RewardConfig& config, const NoticeSink& notice, const Place& place,
                                   const StopQuery& isStopped) {
    for (const Maker& maker : kMakers) {
        if (maker.kind == term.kind) {
            const run::RewardConfig own = settingsOf(term, config);
            return maker.make({own, notice, place, isStopped});
        }
    }
    throw Error(ErrorKind::Config, "reward \"" + term.kind + "\" is not known to this build");
}

}  // namespace rlcm::rewards
