#pragma once
// A workspace in a temporary folder, removed at the end.
#include <filesystem>
#include <vector>

#include "core/run/run.h"
#include "tests/support/fake_run.h"

namespace rlcm::test {

class TempWorkspace {
public:
    /// Makes an empty folder; the database appears with the first writer.
    TempWorkspace();
    ~TempWorkspace();
    TempWorkspace(const TempWorkspace&) = delete;
    TempWorkspace& operator=(const TempWorkspace&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    /// Creates a run and executes it as a fake to its end.
    run::RunId addRun(const run::RunConfig& config, const FakeScript& script = {});
    /// A small study: RLCM with horizons 2, 4, 8 and DDPO with 20 steps, two seeds each, 12 epochs, images
    /// every 4.
    std::vector<run::RunId> addStudy();

private:
    std::filesystem::path m_path;
};

/// A config that is quick to fake: `epochs` epochs, an evaluation every 4 of 4 + 2 images.
run::RunConfig smallConfig(std::int64_t epochs = 12, std::int64_t steps = 4, std::int64_t seed = 0);

}  // namespace rlcm::test
