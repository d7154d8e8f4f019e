#include "core/train/run_clock.h"

#include <algorithm>

#include "core/run/derive.h"

namespace rlcm::train {
namespace {

constexpr std::size_t kEpochsForForecast = 5;

}  // namespace

void RunClock::startFrom(double active, double wall) {
    m_earlierActive = active;
    m_earlierWall = wall;
}

void RunClock::pause() {
    if (!m_pause) {
        m_pause.emplace();
    }
}

void RunClock::resume() {
    m_paused = paused();
    m_pause.reset();
}

Forecast::Forecast(const run::RunConfig& config, double workPerRound, std::int64_t evaluationImages)
    : m_epochs(config.training.epochs),
      m_evaluateEvery(config.evaluation.every),
      m_workOfRounds(workPerRound * static_cast<double>(config.training.roundsPerEpoch)),
      m_workOfEvaluation(static_cast<double>(evaluationImages * run::stepsOfEvaluation(config))) {}

void Forecast::edit(const run::RunConfig& config) {
    m_epochs = config.training.epochs;
    m_evaluateEvery = config.evaluation.every;
}

double Forecast::workOfEpoch(std::int64_t epoch) const {
    return workFrom(epoch) - workFrom(epoch + 1);
}

/// Work of this epoch and all that follow.
double Forecast::workFrom(std::int64_t epoch) const {
    if (epoch >= m_epochs) {
        return 0;
    }
    const std::int64_t evaluations = m_epochs / m_evaluateEvery - epoch / m_evaluateEvery + (m_epochs % m_evaluateEvery != 0 ? 1 : 0);
    return static_cast<double>(m_epochs - epoch) * m_workOfRounds + static_cast<double>(evaluations) * m_workOfEvaluation;
}

double Forecast::fraction(std::int64_t epoch, double done) const {
    const double work = workOfEpoch(epoch);
    return work > 0 ? std::min(1.0, done / work) : 1.0;
}

void Forecast::addEpoch(std::int64_t epoch, double seconds) {
    m_recent.push_back({workOfEpoch(epoch), seconds});
    if (m_recent.size() > kEpochsForForecast) {
        m_recent.pop_front();
    }
}

double Forecast::secondsLeft(std::int64_t epoch, double done) const {
    if (m_recent.empty()) {
        return -1;
    }
    Done sum{0, 0};
    for (const Done& one : m_recent) {
        sum.work += one.work;
        sum.seconds += one.seconds;
    }
    const double left = workFrom(epoch) - fraction(epoch, done) * workOfEpoch(epoch);
    return left * sum.seconds / sum.work;
}

}  // namespace rlcm::train
