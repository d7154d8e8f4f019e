#pragma once
#include <chrono>
#include <optional>

#include "core/base/json.h"
#include "core/run/run.h"

namespace rlcm::cli {

/// Prints events as JSON lines on standard output, each flushed, and log lines on standard error too. An evaluation that belongs
/// to an epoch appears in that epoch's line; the one before training and extra ones are lines of their own.
class JsonPrinter : public run::RunObserver {
public:
    /// `commands`: told to stop when standard output can no longer be written.
    explicit JsonPrinter(run::RunCommands& commands) : m_commands(commands) {}
    void onEvent(const run::RunEvent& event) noexcept override;

private:
    void print(const run::RunEvent& event);
    void printLine(const Json& json);
    void flushEvaluation();

    run::RunCommands& m_commands;
    std::optional<run::EvaluationDone> m_evaluation;  // waits for its epoch
    std::chrono::steady_clock::time_point m_lastProgress{};
    bool m_isBroken = false;
};

}  // namespace rlcm::cli
