#include "app/cli/console_printer.h"

#include <algorithm>
#include <cmath>
#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "app/cli/text_table.h"
#include "core/base/plain_text.h"
#include "core/run/measures.h"

namespace rlcm::cli {
namespace {

std::size_t terminalWidth() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

std::string bar(double fraction, int width) {
    const auto full = static_cast<std::size_t>(std::clamp(static_cast<int>(std::lround(fraction * width)), 0, width));
    std::string text(static_cast<std::size_t>(width) + 2, '.');
    text.front() = '[';
    text.back() = ']';
    return text.replace(1, full, full, '#');
}

}  // namespace

ConsolePrinter::ConsolePrinter(std::string name, std::int64_t epochs)
    : m_name(printable(std::move(name))), m_epochs(epochs), m_isTerminal(::isatty(STDERR_FILENO) == 1) {}

void ConsolePrinter::onEvent(const run::RunEvent& event) noexcept {
    try {
        print(event);
    } catch (...) {
        // A person without a progress line is no reason to end a run.
    }
}

void ConsolePrinter::print(const run::RunEvent& event) {
    if (const auto* started = std::get_if<run::RunStarted>(&event)) {
        printAbove(started->id + " \"" + m_name +
                   "\": " + (started->firstEpoch > 0 ? "resuming after epoch " + std::to_string(started->firstEpoch) : std::string("starting")));
    } else if (const auto* progress = std::get_if<run::Progress>(&event)) {
        m_progress = *progress;
        redraw(false);
    } else if (const auto* evaluation = std::get_if<run::EvaluationDone>(&event)) {
        m_evaluation = run::scalar(evaluation->scalars, run::measure::kEvalRewardMean).value_or(m_evaluation);
        m_evaluatedEpoch = evaluation->epoch;
        if (evaluation->epoch == 0) {
            m_firstEvaluation = m_evaluation;
            printAbove("before training: evaluation reward " + shortNumber(m_evaluation));
        }
    } else if (const auto* epoch = std::get_if<run::EpochDone>(&event)) {
        m_reward = run::scalar(epoch->scalars, run::measure::kRewardMean).value_or(m_reward);
        m_isTerminal ? redraw(true) : printAbove(epochLine(*epoch));
    } else if (const auto* line = std::get_if<run::LogLine>(&event)) {
        if (line->level > log::Level::Debug) {
            printAbove((line->level > log::Level::Info ? std::string(log::toString(line->level)) + ": " : "") + line->text);
        }
    } else if (const auto* finished = std::get_if<run::RunFinished>(&event)) {
        std::string text = finished->id + ": " + std::string(run::toString(finished->state)) + " after epoch " + std::to_string(finished->counters.epoch) +
                           ", " + durationText(finished->counters.activeSeconds) + " of work";
        if (!std::isnan(m_firstEvaluation)) {
            text += ", evaluation reward " + shortNumber(m_firstEvaluation) + " -> " + shortNumber(m_evaluation);
        }
        m_progress = {};
        printAbove(finished->error.empty() ? text : text + "\n" + finished->id + ": " + finished->error);
        m_hasLine = false;
    }
}

std::string ConsolePrinter::epochLine(const run::EpochDone& event) const {
    const auto value = [&](std::string_view name) { return shortNumber(run::scalar(event.scalars, name).value_or(std::numeric_limits<double>::quiet_NaN())); };
    std::string line = "epoch " + std::to_string(event.counters.epoch) + "/" + std::to_string(m_epochs) + "  reward " + value(run::measure::kRewardMean) +
                       " +- " + value(run::measure::kRewardStd) + "  kl " + value(run::measure::kApproxKl) + "  grad " + value(run::measure::kGradNorm) + "  " +
                       shortNumber(event.seconds.total, 3) + " s";
    if (m_evaluatedEpoch == event.counters.epoch) {
        line += "  evaluation " + shortNumber(m_evaluation);
    }
    return line;
}

std::string ConsolePrinter::progressLine() const {
    const double done = (static_cast<double>(m_progress.epoch) + m_progress.fractionOfEpoch) / static_cast<double>(std::max<std::int64_t>(1, m_epochs));
    std::string line = bar(done, 20) + " epoch " + std::to_string(std::min(m_progress.epoch + 1, m_epochs)) + "/" + std::to_string(m_epochs) + " " +
                       std::string(run::toString(m_progress.phase));
    line += "  reward " + shortNumber(m_reward) + "  evaluation " + shortNumber(m_evaluation);
    if (m_progress.imagesPerSecond > 0) {
        line += "  " + shortNumber(m_progress.imagesPerSecond, 3) + " images/s";
    }
    return m_progress.secondsLeft < 0 ? line : line + "  " + durationText(m_progress.secondsLeft) + " left";
}

void ConsolePrinter::printAbove(const std::string& line) {
    if (m_isTerminal && m_hasLine) {
        std::cerr << "\r\x1b[K";
    }
    std::cerr << line << '\n' << std::flush;
    redraw(true);
}

void ConsolePrinter::redraw(bool isForced) {
    const auto now = std::chrono::steady_clock::now();
    if (!m_isTerminal || m_progress.epochs == 0 || (!isForced && now - m_lastDraw < std::chrono::milliseconds(100))) {
        return;
    }
    m_lastDraw = now;
    m_hasLine = true;
    std::cerr << "\r\x1b[K" << progressLine().substr(0, terminalWidth() - 1) << std::flush;
}

}  // namespace rlcm::cli
