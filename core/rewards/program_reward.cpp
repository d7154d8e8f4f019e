#include "core/rewards/program_reward.h"

#include <algorithm>
#include <cmath>

#include <sys/eventfd.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/image/codec.h"
#include "core/rewards/command_line.h"

namespace rlcm::rewards {
namespace {

constexpr int kRepeats = 3;
constexpr std::size_t kMostTextLines = 1000;  // of one batch, on standard output
constexpr std::size_t kMostErrorLines = 200;  // of one run, that go to its log
constexpr std::size_t kLastErrorLines = 5;    // that a message quotes

}  // namespace

ProgramReward::ProgramReward(const run::RewardConfig& config, NoticeSink notice)
    : m_arguments(splitCommandLine(config.program)),
      m_who("reward program `" + oneLine(config.program) + '`'),
      m_timeout(config.programTimeout),
      m_notice(std::move(notice)),
      m_stop(::eventfd(0, EFD_CLOEXEC)) {
    ensure(m_stop.isOpen(), "an eventfd can be made");
    m_process = std::make_unique<ProgramProcess>(m_arguments);
}

std::vector<double> ProgramReward::score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const {
    return m_cache.scores(images, prompts, [&](const std::vector<std::size_t>& rows) {
        std::vector<double> scores;
        const std::size_t parts = (rows.size() + kImagesPerRequest - 1) / kImagesPerRequest;
        for (std::size_t part = 0; part < parts; ++part) {
            ScoreRequest request;
            for (std::size_t i = rows.size() * part / parts; i < rows.size() * (part + 1) / parts; ++i) {
                request.prompts.push_back(prompts[rows[i]]);
                request.pngs.push_back(image::encodePngFast(images[rows[i]]));
            }
            const std::vector<double> some = ask(std::move(request));
            scores.insert(scores.end(), some.begin(), some.end());
        }
        return scores;
    });
}

std::vector<double> ProgramReward::ask(ScoreRequest request) const {
    const std::lock_guard lock(m_mutex);
    request.id = std::to_string(::getpid()) + '-' + std::to_string(++m_requests);
    const std::string line = jsonLine(request);
    for (int repeat = 0;; ++repeat) {
        const Attempt attempt = this->attempt(line);
        if (attempt.problem.empty()) {
            try {
                return parseScores(attempt.answer, request);
            } catch (const Error& error) {
                throw Error(ErrorKind::Reward, m_who + ": " + error.what() + lastWords(attempt));
            }
        }
        if (attempt.isFinal || repeat == kRepeats) {
            throw Error(ErrorKind::Reward, m_who + ' ' + attempt.problem + (repeat > 0 ? ", " + std::to_string(repeat + 1) + " times on the same batch" : "") +
                                               lastWords(attempt));
        }
        m_notice(log::Level::Warning, m_who + ' ' + attempt.problem + "; it is started again and gets the batch again (" + std::to_string(repeat + 1) + " of " +
                                          std::to_string(kRepeats) + ')');
    }
}

ProgramReward::Attempt ProgramReward::attempt(const std::string& line) const {
    Attempt attempt;
    m_lastErrors.clear();
    if (!m_process) {
        m_process = std::make_unique<ProgramProcess>(m_arguments);
    }
    const auto isAnswer = [&](std::string_view text) {
        if (text.starts_with('{')) {
            attempt.answer = text;
            return true;
        }
        if (!oneLine(text).empty() && ++attempt.textLines == 1) {
            attempt.firstText = oneLine(text);
        }
        return attempt.textLines > kMostTextLines;
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(std::llround(1000 * m_timeout));
    const ExchangeEnd end = m_process->exchange(
        line, deadline, {.output = isAnswer, .error = [this](std::string_view text) { readError(text); }, .longestLine = kMaxReplyBytes}, m_stop.get());
    switch (end) {
        case ExchangeEnd::Answered:
            if (attempt.textLines > kMostTextLines) {
                attempt.problem = "floods its standard output with text";
                attempt.isFinal = true;
            }
            break;
        case ExchangeEnd::Ended:
            attempt.problem = m_process->describeEnd();
            break;
        case ExchangeEnd::TooLate:
            attempt.problem = "gave no scores within " + std::to_string(std::llround(std::ceil(m_timeout))) + " s (reward.program_timeout)";
            break;
        case ExchangeEnd::Stopped:
            attempt.problem = "was ended, because the run stopped";
            attempt.isFinal = true;
            break;
        case ExchangeEnd::LineTooLong:
            attempt.problem = "wrote a line of more than " + std::to_string(kMaxReplyBytes >> 20) + " MiB";
            attempt.isFinal = true;
            break;
    }
    if (!attempt.problem.empty()) {
        m_process.reset();
    } else if (attempt.textLines > 0 && !m_isTextTold) {
        m_isTextTold = true;
        m_notice(log::Level::Warning,
                 m_who + " prints text on its standard output, where only answers belong (\"" + attempt.firstText + "\"); such lines are passed over");
    }
    return attempt;
}

/// A line of the program's standard error goes to the run's log, the first ones.
void ProgramReward::readError(std::string_view line) const {
    m_lastErrors.push_back(oneLine(line));
    if (m_lastErrors.size() > kLastErrorLines) {
        m_lastErrors.pop_front();
    }
    if (++m_errorLines <= kMostErrorLines) {
        m_notice(log::Level::Info, "reward program: " + m_lastErrors.back());
    }
    if (m_errorLines == kMostErrorLines) {
        m_notice(log::Level::Info, "reward program: further lines of its standard error are left out");
    }
}

/// What it said before, to find out why.
std::string ProgramReward::lastWords(const Attempt& attempt) const {
    std::string words;
    if (attempt.textLines > 0) {
        words += ". It printed " + std::to_string(attempt.textLines) + " lines that are no answers, the first: \"" + attempt.firstText + '"';
    }
    for (const std::string& line : m_lastErrors) {
        words += (&line == &m_lastErrors.front() ? ". Its last errors: " : " | ") + line;
    }
    return words;
}

void ProgramReward::demand(Demand demand) {
    if (demand == Demand::Stop) {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(m_stop.get(), &one, sizeof(one));
    }
}

std::unique_ptr<Reward> makeProgramReward(const run::RewardConfig& config, NoticeSink notice) {
    return std::make_unique<ProgramReward>(config, std::move(notice));
}

}  // namespace rlcm::rewards
