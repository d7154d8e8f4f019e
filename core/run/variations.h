#pragma once
// Several runs from one set of settings: every choice of one value for each setting that is varied. `rlcm sweep` and the form make theirs here.
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/run/run_config.h"

namespace rlcm::run {

/// One setting with the values that it takes in turn, as text.
struct Variation {
    std::string path;
    std::vector<std::string> values;
};

inline constexpr std::size_t kMostVariations = 10000;

/// Parts between commas; between semicolons when there is one, for values that hold commas themselves. No text at all is one empty value.
/// `what` begins the message. throws: Config for an empty part.
std::vector<std::string> splitValues(const std::string& text, const std::string& what);

/// The last setting turns fastest. `finish`, if there is one, has the last word on each config before it gets its name; nothing else is checked than what the settings can be.
/// Names tell what varies: what a run is called by default tells some of it already. throws: Config for a value that its setting cannot have, for more than kMostVariations
/// runs, and what `finish` throws. thread: any.
std::vector<RunConfig> vary(const RunConfig& base, std::span<const Variation> variations, const std::function<void(RunConfig&)>& finish = {});

/// The settings for another method: what belongs to the method itself (model, guidance, horizon, optimiser, what the loss leaves out) from the first preset of that method,
/// if possible one with the same reward; everything else as it is. The config itself when it has the method already.
RunConfig asMethod(const RunConfig& config, Method method);

}  // namespace rlcm::run
