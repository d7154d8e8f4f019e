#pragma once
// Workspaces are code: a stored run may name a program, or a server that images, prompts and a token go to. What this user
// has agreed to is kept as digests in trusted.txt of userDataFolder(). thread: any; several processes may add.
#include <filesystem>
#include <string>

#include "core/run/run_config.h"
#include "core/run/run_event.h"

namespace rlcm::run {

/// What a run's reward and judges start or ask outside of this process, for people: "the program `python3 score.py`"; "" when nothing.
std::string outsideReward(const RunConfig& config);
/// True when there is nothing outside, or the user has made a run with it, or agreed to it, in that workspace.
bool isTrusted(const std::filesystem::path& workspace, const RunConfig& config);
/// throws: Config, saying what `run` of that workspace uses and how to agree, unless it is trusted.
void requireTrusted(const std::filesystem::path& workspace, const RunId& run, const RunConfig& config);
/// The user has seen it. Where that cannot be remembered, isTrusted() stays false.
void trust(const std::filesystem::path& workspace, const RunConfig& config) noexcept;

}  // namespace rlcm::run
