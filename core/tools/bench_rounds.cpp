#include "core/tools/bench_rounds.h"

#include "core/run/field_table.h"
#include "core/tensor/device.h"
#include "core/tensor/memory.h"

namespace rlcm::tools {
namespace {

/// How a run begins, before the first large tensor.
const run::RunConfig& prepared(const run::RunConfig& config) {
    run::requireValid(config);
    tensor::keepFreedMemory();
    tensor::setDeterministic();
    tensor::setIntraOpThreads(1);
    return config;
}

}  // namespace

BenchRounds::BenchRounds(const run::RunConfig& config)
    : m_learningRate(prepared(config).training.learningRate),
      m_gate(std::stop_token{}, m_commands),
      m_session(m_gate, tensor::parseDevice(config.compute.device).is_cpu() ? sampling::threadCount(config) : 1),
      m_pipeline(sampling::loadModel(config)),
      m_learner(config, m_pipeline, {}, m_session) {}

TimedRound BenchRounds::next() {
    const sampling::Stopwatch watch;
    TimedRound timed;
    timed.result = m_learner.round({m_round++, 0}, m_learningRate);
    timed.seconds = watch.seconds();
    return timed;
}

}  // namespace rlcm::tools
