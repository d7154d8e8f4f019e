#pragma once
// All processes that a program has started, wherever they went. Private to core/rewards.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

namespace rlcm::rewards {

/// The program gets a mark in its environment, which what it starts inherits, in whatever group, session or under whatever parent. Only a process that was
/// given another environment and has lost its parents goes unseen.
class ProcessFamily {
public:
    ProcessFamily();
    /// The environment for the program: this process's, with the mark.
    std::vector<std::string> environment() const;
    /// Remembers the descendants that `root` has now, before they lose the parents that tell whose they are.
    void note(pid_t root);
    /// SIGKILL to all that are left; returns when they have ended or after half a second. Processes of others are never touched.
    void end() const;

private:
    std::string m_mark;
    std::map<pid_t, std::int64_t> m_noted;  // start times, because numbers are used again
};

}  // namespace rlcm::rewards
