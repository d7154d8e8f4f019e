#pragma once
// Standard output: whether what was printed has arrived.
#include <streambuf>
#include <string>

namespace rlcm::cli {

/// Opens what is closed of the three standard streams, so that no file of ours gets their numbers; using one of these fails.
void openStandardStreams();

/// While alive, std::cout writes through it, and the reason of the first write that failed is kept. thread: one at a time.
class StandardOutput : public std::streambuf {
public:
    StandardOutput();
    ~StandardOutput() override;
    StandardOutput(const StandardOutput&) = delete;
    StandardOutput& operator=(const StandardOutput&) = delete;

protected:
    int_type overflow(int_type one) override;
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    int sync() override;

private:
    friend int flushOutput();
    std::string m_waiting;
    int m_problem = 0;
    bool m_isTerminal;
    std::streambuf* m_before;
};

/// Flushes standard output. Returns 0, or the errno of the first write that failed; what is printed after that is lost.
int flushOutput();

}  // namespace rlcm::cli
