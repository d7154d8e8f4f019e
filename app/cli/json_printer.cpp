#include "app/cli/json_printer.h"

#include <cerrno>
#include <cstring>
#include <iostream>

#include "app/cli/event_json.h"
#include "app/cli/output.h"
#include "core/base/log.h"

namespace rlcm::cli {

void JsonPrinter::onEvent(const run::RunEvent& event) noexcept {
    try {
        print(event);
    } catch (const std::exception& problem) {
        log::error("cli", std::string("cannot print an event: ") + problem.what());
    }
}

void JsonPrinter::print(const run::RunEvent& event) {
    if (std::holds_alternative<run::Progress>(event)) {
        const auto now = std::chrono::steady_clock::now();
        if (now - m_lastProgress < std::chrono::seconds(1)) {
            return;
        }
        m_lastProgress = now;
    }
    if (const auto* evaluation = std::get_if<run::EvaluationDone>(&event); evaluation != nullptr && !evaluation->isExtra && evaluation->epoch > 0) {
        flushEvaluation();
        m_evaluation = *evaluation;
        m_evaluation->images.clear();
        return;
    }
    Json json = eventJson(event);
    if (const auto* epoch = std::get_if<run::EpochDone>(&event)) {
        if (m_evaluation && m_evaluation->epoch == epoch->counters.epoch) {
            mergeEvaluation(json, *m_evaluation);
            m_evaluation.reset();
        }
        flushEvaluation();
    } else if (const auto* finished = std::get_if<run::RunFinished>(&event)) {
        flushEvaluation();
        if (!finished->error.empty()) {
            log::error(finished->id, finished->error);
        }
    } else if (const auto* line = std::get_if<run::LogLine>(&event)) {
        log::write(line->level, line->id, line->text);
    }
    printLine(json);
}

void JsonPrinter::flushEvaluation() {
    if (m_evaluation) {
        const run::EvaluationDone evaluation = *std::move(m_evaluation);
        m_evaluation.reset();
        printLine(eventJson(evaluation));
    }
}

void JsonPrinter::printLine(const Json& json) {
    if (m_isBroken) {
        return;
    }
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    if (const int problem = flushOutput(); problem != 0) {
        m_isBroken = true;
        const std::string what = problem == EPIPE ? "standard output was closed" : std::string("cannot write to standard output: ") + std::strerror(problem);
        log::error("cli", what + "; stopping the run (its last finished epoch stays)");
        m_commands.stopNow();
    }
}

}  // namespace rlcm::cli
