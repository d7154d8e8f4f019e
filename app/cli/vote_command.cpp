// rlcm vote
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/run_lookup.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/plain_text.h"
#include "core/figure/votes.h"
#include "core/image/codec.h"

namespace rlcm::cli {
namespace {

namespace fs = std::filesystem;
using figure::Vote;

struct VoteOptions {
    fs::path workspace, out, answers;
    std::string a, b;
    std::optional<std::int64_t> epochA, epochB;
    std::size_t most = 100;
    std::uint64_t seed = 0;
    bool isJson = false;
};

/// The images of one side.
struct SideOf {
    store::RunRow run;
    std::int64_t epoch = 0;
    std::vector<store::SampleRow> samples{};

    std::string text() const { return run.id + " (" + run.name + ") at epoch " + std::to_string(epoch); }
};

SideOf sideOf(const store::StoreReader& reader, const std::string& name, std::optional<std::int64_t> wanted) {
    SideOf side{.run = findRun(reader, name)};
    const std::vector<std::int64_t> epochs = reader.sampleEpochs(side.run.id);
    if (epochs.empty()) {
        throw Error(ErrorKind::Config, "the run " + side.run.id + " (" + side.run.name + ") has no evaluation images");
    }
    side.epoch = epochs.front();
    for (const std::int64_t epoch : epochs) {
        side.epoch = !wanted || epoch <= *wanted ? epoch : side.epoch;
    }
    side.samples = reader.samples(side.run.id, side.epoch);
    return side;
}

/// Copies `picture` into `sheet` from column `left` on, enlarged by a whole factor.
void place(const image::Rgb8Image& picture, int factor, int left, image::Rgb8Image& sheet) {
    for (int y = 0; y < std::min(picture.height * factor, sheet.height); ++y) {
        for (int x = 0; x < picture.width * factor; ++x) {
            const auto from = static_cast<std::size_t>((y / factor * picture.width + x / factor) * 3);
            const auto to = static_cast<std::size_t>((y * sheet.width + left + x) * 3);
            std::copy_n(picture.pixels.begin() + static_cast<std::ptrdiff_t>(from), 3, sheet.pixels.begin() + static_cast<std::ptrdiff_t>(to));
        }
    }
}

/// Both images beside each other, large enough to be judged.
image::Rgb8Image sheetOf(const figure::VotePair& pair) {
    constexpr int kLeastSide = 320, kGap = 24;
    const image::Rgb8Image left = image::decodeImage(readFile(pair.isALeft ? pair.a : pair.b)),
                           right = image::decodeImage(readFile(pair.isALeft ? pair.b : pair.a));
    const int factor = std::max(1, kLeastSide / std::max({left.width, right.width, 1}));
    image::Rgb8Image sheet{(left.width + right.width) * factor + kGap, std::max(left.height, right.height) * factor, {}};
    sheet.pixels.assign(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) * 3, 255);
    place(left, factor, 0, sheet);
    place(right, factor, left.width * factor + kGap, sheet);
    return sheet;
}

/// Where votes come from: one key each of a terminal, or the letters of a file.
class Answers {
public:
    explicit Answers(const fs::path& file) : m_isTerminal(file.empty()) {
        if (!m_isTerminal) {
            m_letters = readFile(file);
        } else if (isatty(STDIN_FILENO) == 0) {
            throw Error(ErrorKind::Config, "votes are given with keys of a terminal, and standard input is none; --answers reads them from a file");
        }
    }
    bool isTerminal() const { return m_isTerminal; }
    /// The next of l, r, t and q, small; q at the end.
    char next() {
        for (;;) {
            const int key = m_isTerminal ? pressed() : m_at < m_letters.size() ? m_letters[m_at++] : 'q';
            const char letter = static_cast<char>(key >= 'A' && key <= 'Z' ? key + 32 : key);
            if (key < 0 || letter == 'q') {
                return 'q';
            }
            if (letter == 'l' || letter == 'r' || letter == 't') {
                return letter;
            }
        }
    }

private:
    /// One key, without Enter.
    static int pressed() {
        termios before{};
        tcgetattr(STDIN_FILENO, &before);
        termios raw = before;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        tcsetattr(STDIN_FILENO, TCSANOW, &raw);
        char key = 0;
        const auto count = read(STDIN_FILENO, &key, 1);
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
        return count == 1 ? static_cast<unsigned char>(key) : -1;
    }

    bool m_isTerminal;
    std::string m_letters;
    std::size_t m_at = 0;
};

struct Sides {
    const SideOf& a;
    const SideOf& b;
};

std::vector<figure::Voted> ask(const VoteOptions& options, const Sides& sides, const std::vector<figure::VotePair>& pairs) {
    Answers answers(options.answers);
    const fs::path sheet = fs::temp_directory_path() / ("rlcm-vote-" + std::to_string(getpid()) + ".png");
    std::vector<figure::Voted> votes;
    for (const figure::VotePair& pair : pairs) {
        if (answers.isTerminal()) {
            writeFileAtomically(sheet, image::encodePng(sheetOf(pair)));
            std::cerr << (votes.empty() ? "Look at " + sheet.string() + " in a viewer that follows changes of its file. Keys: l left, r right, t tie, q end.\n"
                                        : "")
                      << votes.size() + 1 << " of " << pairs.size() << ": \"" << printable(pair.prompt) << "\" - which is better? " << std::flush;
        }
        const char answer = answers.next();
        if (answers.isTerminal()) {
            std::cerr << answer << '\n';
        }
        if (answer == 'q') {
            break;
        }
        const bool isA = (answer == 'l') == pair.isALeft;
        votes.push_back({pair.prompt, answer == 't' ? Vote::Tie : isA ? Vote::A : Vote::B});
        if (!options.out.empty()) {  // after each, so that none is lost
            writeFileAtomically(options.out, figure::voteTable({{sides.a.run.id, sides.a.epoch}, {sides.b.run.id, sides.b.epoch}}, pairs, votes));
        }
    }
    std::error_code ignored;
    fs::remove(sheet, ignored);
    return votes;
}

Json intervalJson(const figure::Interval& interval) {
    return {interval.low, interval.high};
}

void print(const VoteOptions& options, const Sides& sides, const figure::VoteSummary& summary, std::size_t pairs) {
    if (options.isJson) {
        std::cout << Json{{"a", {{"run", sides.a.run.id}, {"epoch", sides.a.epoch}, {"votes", summary.a}}},
                          {"b", {{"run", sides.b.run.id}, {"epoch", sides.b.epoch}, {"votes", summary.b}}},
                          {"ties", summary.ties},
                          {"pairs", pairs},
                          {"share_of_a", summary.share ? Json(*summary.share) : Json()},
                          {"interval", intervalJson(summary.interval)},
                          {"prompts", summary.prompts},
                          {"interval_over_prompts", summary.overPrompts ? intervalJson(*summary.overPrompts) : Json()}}
                         .dump(2, ' ', false, Json::error_handler_t::replace)
                  << '\n';
        return;
    }
    std::cout << "A, " << printable(sides.a.text()) << ": " << summary.a << " votes\nB, " << printable(sides.b.text()) << ": " << summary.b << " votes\n"
              << summary.ties << " ties, left out\n";
    if (summary.share) {
        std::cout << "share of A: " << shortNumber(*summary.share, 3) << ", 95 % Wilson interval " << shortNumber(summary.interval.low, 3) << " to "
                  << shortNumber(summary.interval.high, 3) << " if the votes are independent";
        if (summary.overPrompts) {
            std::cout << "; over " << summary.prompts << " prompts " << shortNumber(summary.overPrompts->low, 3) << " to "
                      << shortNumber(summary.overPrompts->high, 3);
        }
        std::cout << '\n';
    } else {
        std::cout << "no vote decides anything\n";
    }
}

void runVote(const VoteOptions& options) {
    const store::StoreReader reader(options.workspace);
    const SideOf a = sideOf(reader, options.a, options.epochA), b = sideOf(reader, options.b, options.epochB);
    if (a.run.id == b.run.id && a.epoch == b.epoch) {
        throw Error(ErrorKind::Config, "both sides are " + a.text() + "; give another run, or other epochs with --epoch-a and --epoch-b");
    }
    const Sides sides{a, b};
    const std::vector<figure::VotePair> pairs = figure::drawPairs(a.samples, b.samples, options.seed, options.most);
    if (pairs.empty()) {
        throw Error(ErrorKind::Config, a.text() + " and " + b.text() + " share no prompt with the same noise: nothing can be compared");
    }
    const std::vector<figure::Voted> votes = ask(options, sides, pairs);
    print(options, sides, figure::summarise(votes, options.seed), pairs.size());
}

}  // namespace

void addVote(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<VoteOptions>();
    CLI::App* command = program.add_subcommand("vote", "Vote blindly between the images of two runs or epochs: same prompt and noise, random order and sides");
    command->add_option("--workspace", options->workspace, "Workspace folder")->required();
    command->add_option("--a", options->a, "One run, by id or name")->required();
    command->add_option("--b", options->b, "The other; it may be the same run at another epoch")->required();
    command->add_option("--epoch-a", options->epochA, "The evaluation at or before it; newest when absent");
    command->add_option("--epoch-b", options->epochB, "The same of the other");
    command->add_option("--votes", options->most, "Most pairs that are shown")->check(CLI::Range(1, 100000))->capture_default_str();
    command->add_option("--seed", options->seed, "Of order and sides: another one for every vote")->capture_default_str();
    command->add_option("--out", options->out, "Table of the votes (.csv), written after each");
    command->add_option("--answers", options->answers, "A file with the letters l, r and t in place of keys");
    command->add_flag("--json", options->isJson, "One JSON document");
    command->callback([options, &exitCode] {
        runVote(*options);
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
