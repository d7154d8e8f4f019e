#pragma once
// Values of runs' settings as texts, for what is asked of ten thousand runs with every letter that is typed.
#include <string>
#include <unordered_map>

#include "core/store/workspace.h"

namespace rlcm::ui {

/// Reads each value from a run's stored settings once, and again when those have changed.
class SettingTexts {
public:
    /// The value at a path as "training.learning_rate"; empty where a run's settings have none.
    const std::string& text(const store::RunRow& run, const std::string& path);

private:
    struct Known {
        std::size_t settings = 0;  ///< hash of what it was read from
        std::string text;
    };
    std::unordered_map<std::string, std::unordered_map<run::RunId, Known>> m_known;
};

}  // namespace rlcm::ui
