#include "app/cli/output.h"

#include <cerrno>
#include <cstddef>
#include <iostream>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace rlcm::cli {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;

StandardOutput* g_output = nullptr;  // the one that is alive

}  // namespace

void openStandardStreams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
            // The lowest free number is this one. Opened the wrong way round, it tells whoever uses it.
            [[maybe_unused]] const int same = ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

StandardOutput::StandardOutput() : m_isTerminal(::isatty(STDOUT_FILENO) == 1), m_before(std::cout.rdbuf(this)) {
    g_output = this;
}

StandardOutput::~StandardOutput() {
    std::cout.flush();
    std::cout.rdbuf(m_before);
    g_output = nullptr;
}

StandardOutput::int_type StandardOutput::overflow(int_type one) {
    if (traits_type::eq_int_type(one, traits_type::eof())) {
        return sync() == 0 ? traits_type::not_eof(one) : traits_type::eof();
    }
    const char letter = traits_type::to_char_type(one);
    return xsputn(&letter, 1) == 1 ? one : traits_type::eof();
}

std::streamsize StandardOutput::xsputn(const char* text, std::streamsize size) {
    const std::string_view piece(text, static_cast<std::size_t>(size));
    m_waiting += piece;
    const bool isDue = m_waiting.size() >= kPiece || (m_isTerminal && piece.find('\n') != std::string_view::npos);
    return isDue && sync() != 0 ? 0 : size;
}

int StandardOutput::sync() {
    std::string_view rest = m_waiting;
    while (!rest.empty() && m_problem == 0) {
        const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            m_problem = errno;
        }
    }
    m_waiting.clear();
    return m_problem == 0 ? 0 : -1;
}

int flushOutput() {
    std::cout.flush();
    return g_output != nullptr ? g_output->m_problem : 0;
}

}  // namespace rlcm::cli
