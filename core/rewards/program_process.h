#pragma once
// A child program whose standard streams are pipes.
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/descriptor.h"
#include "core/rewards/process_family.h"

namespace rlcm::rewards {

/// How an exchange ended.
enum class ExchangeEnd {
    Answered,  ///< a line was taken as the answer
    Ended,     ///< the program closed its output or ended
    TooLate,
    Stopped,  ///< the stop descriptor became readable
    LineTooLong,
};

/// Started without a shell, in a process group of its own, with default signals and no descriptor but its
/// three streams. thread: one at a time.
class ProgramProcess {
public:
    /// throws: Reward naming the program when it cannot be started.
    explicit ProgramProcess(const std::vector<std::string>& arguments);
    /// End of input and SIGTERM; half a second later SIGKILL for what is left of the group, and of all that it has started.
    ~ProgramProcess();
    ProgramProcess(const ProgramProcess&) = delete;
    ProgramProcess& operator=(const ProgramProcess&) = delete;

    struct Readers {
        std::function<bool(std::string_view line)> output;  ///< true: this line is the answer
        std::function<void(std::string_view line)> error;
        std::size_t longestLine = 0;  ///< bytes, of output
    };
    /// Writes `request` and a newline while both outputs are read, until the answer has come or `deadline`
    /// has passed.
    ExchangeEnd exchange(const std::string& request, std::chrono::steady_clock::time_point deadline, const Readers& readers, int stopDescriptor);
    /// "ended with exit code 1", "was ended by signal 9 (Killed)", or "closed its output" while it still
    /// runs.
    std::string describeEnd();

private:
    void start(const std::vector<std::string>& arguments);
    bool hasEnded() const;
    bool hasAnswer(const Readers& readers);
    void readErrors(const Readers& readers);

    int m_child = -1;
    ProcessFamily m_family;
    Descriptor m_input, m_output, m_error;
    std::string m_outputRest, m_errorRest;  // of lines that are not complete yet
};

}  // namespace rlcm::rewards
