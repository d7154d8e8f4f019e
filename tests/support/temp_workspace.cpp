#include "tests/support/temp_workspace.h"

#include <cstdlib>
#include <stdexcept>

#include "core/store/workspace.h"

namespace rlcm::test {

TempWorkspace::TempWorkspace() {
    std::string pattern = (std::filesystem::temp_directory_path() / "rlcm-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("cannot make a temporary folder");
    }
    m_path = pattern;
}

TempWorkspace::~TempWorkspace() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

run::RunId TempWorkspace::addRun(const run::RunConfig& config, const FakeScript& script) {
    store::StoreEditor editor(m_path);
    const run::RunId id = editor.createRun(config);
    editor.claim(id);
    run::RunCommands commands;
    store::StoreWriter writer(m_path, id, commands);
    makeFakeRun(editor.request(id), writer, script)->execute({}, commands);
    return id;
}

std::vector<run::RunId> TempWorkspace::addStudy() {
    std::vector<run::RunId> ids;
    for (const std::int64_t seed : {0, 1}) {
        for (const std::int64_t steps : {2, 4, 8, 20}) {
            run::RunConfig config = smallConfig(12, steps, seed);
            if (steps == 20) {
                config.algorithm.method = run::Method::Ddpo;
                config.model.path = "emoji-sd";
            }
            ids.push_back(addRun(config));
        }
    }
    return ids;
}

run::RunConfig smallConfig(std::int64_t epochs, std::int64_t steps, std::int64_t seed) {
    run::RunConfig config;
    config.seed = seed;
    config.compute.dtype = run::Dtype::Fp32;
    config.sampling.steps = steps;
    config.training.epochs = epochs;
    config.training.imagesPerRound = 16;
    config.evaluation.every = 4;
    config.evaluation.trainPrompts = 4;
    config.evaluation.heldOutPrompts = 2;
    config.checkpoint.every = 4;
    return config;
}

}  // namespace rlcm::test
