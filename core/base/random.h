#pragma once
// Stateless random numbers: every draw is a function of (run seed, stream, epoch, sample), so batch size, pausing
// and resuming never change a result, and a resumed run needs no saved generator.
#include <cstdint>
#include <span>
#include <vector>

namespace rlcm {

/// Names of the child streams. The numbers are part of every saved run: never renumber.
enum class Stream : std::uint64_t {
    InitialNoise = 1,
    StepNoise = 2,
    Prompts = 3,
    Shuffle = 4,
    TimeShuffle = 5,
    LoraInit = 6,
    EvaluationNoise = 7,
    EvaluationStepNoise = 8,
    Reward = 9,
    RewardNoise = 10,
    StepSubset = 11,
};

/// A small generator (splitmix64) started from one seed. Not thread safe; cheap to make.
class Random {
public:
    explicit Random(std::uint64_t seed) : m_state(seed) {}
    /// Next 64 random bits.
    std::uint64_t next();
    /// Uniform in [0, 1).
    double uniform();
    /// Uniform integer in [0, n); n > 0.
    std::uint64_t below(std::uint64_t n);
    /// Fills with independent standard normal values (Box-Muller in double, rounded to float).
    void fillNormal(std::span<float> out);
    /// A uniformly random order of 0..n-1 (Fisher-Yates).
    std::vector<std::int64_t> permutation(std::int64_t n);

private:
    std::uint64_t m_state;
};

/// Seeds for a whole run: `at(stream, epoch, index)` is a 64-bit mix of the run seed and the coordinates.
class RandomStreams {
public:
    explicit RandomStreams(std::uint64_t runSeed) : m_seed(runSeed) {}
    /// A generator for one (stream, epoch, index); same arguments, same numbers, on any thread.
    Random at(Stream stream, std::uint64_t epoch, std::uint64_t index) const;

private:
    std::uint64_t m_seed;
};

}  // namespace rlcm
