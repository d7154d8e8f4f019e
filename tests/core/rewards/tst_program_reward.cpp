#include <QtTest>

#include <csignal>
#include <fstream>
#include <future>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/rewards/command_line.h"
#include "core/rewards/program_reward.h"
#include "tests/core/rewards/reward_errors.h"
#include "tests/support/waiting.h"

using namespace rlcm;
using rlcm::test::Clock;
using rlcm::test::kAtOnce;
using rlcm::test::messageOf;
using rlcm::test::secondsSince;
using rlcm::test::verifyHolds;
using namespace rlcm::rewards;

namespace {

/// A well-behaved program; what stands in for %BEFORE% runs once, for %EACH% before each answer, %SCORES% are its scores.
const char* const kProgram = R"(
import base64, json, os, signal, sys, time
%BEFORE%
for line in sys.stdin:
    request = json.loads(line)
    items = request["items"]
    assert request["protocol"] == "reward-lines/1"
    assert all(base64.b64decode(item["image_b64"]).startswith(b"\x89PNG") for item in items)
    %EACH%
    print(json.dumps({"request_id": request["request_id"], "scores": %SCORES%}), flush=True)
)";

struct Log {
    std::vector<std::string> lines;
    std::mutex mutex;
    NoticeSink sink() {
        return [this](log::Level, const std::string& text) {
            const std::lock_guard lock(mutex);
            lines.push_back(text);
        };
    }
    int count(const std::string& words) {
        const std::lock_guard lock(mutex);
        return static_cast<int>(std::count_if(lines.begin(), lines.end(), [&](const std::string& line) { return line.find(words) != std::string::npos; }));
    }
};

std::vector<image::Rgb8Image> images(std::size_t count, int side = 4) {
    std::vector<image::Rgb8Image> result;
    const auto bytes = static_cast<std::size_t>(side * side * 3);
    for (std::size_t i = 0; i < count; ++i) {
        result.push_back({.width = side, .height = side, .pixels = std::vector<std::uint8_t>(bytes, static_cast<std::uint8_t>(i))});
    }
    return result;
}

std::vector<std::string> prompts(std::size_t count) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < count; ++i) {
        result.push_back(std::string(i, 'p'));
    }
    return result;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    return text.replace(text.find(what), what.size(), with);
}

}  // namespace

class TestProgramReward : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    Log m_log;

    std::string path(const char* name) const { return m_folder.filePath(QString::fromUtf8(name)).toStdString(); }
    /// The settings for a python program.
    run::RewardConfig program(const std::string& source, double timeout = 20) {
        writeFileAtomically(path("a program.py"), source);
        return command("python3 '" + path("a program.py") + "'", timeout);
    }
    static run::RewardConfig command(const std::string& line, double timeout = 20) {
        run::RewardConfig config;
        config.program = line;
        config.programTimeout = timeout;
        return config;
    }
    static std::string python(const std::string& before, const std::string& each = "pass",
                              const std::string& scores = "[float(len(item['prompt'])) for item in items]") {
        return replaced(replaced(replaced(kProgram, "%BEFORE%", before), "%EACH%", each), "%SCORES%", scores);
    }
    std::string failure(const run::RewardConfig& config) {
        return messageOf([&] { ProgramReward(config, m_log.sink()).score(images(2), prompts(2)); });
    }

private Q_SLOTS:
    void init() {
        m_log.lines.clear();
        for (const char* name : {"count", "pid"}) {
            std::remove(path(name).c_str());
        }
    }

    void scoresAreThoseOfTheProgram() {
        const ProgramReward reward(program(python("")), m_log.sink());
        std::vector<double> expected;
        for (int i = 0; i < 37; ++i) {
            expected.push_back(i);
        }
        QCOMPARE(reward.score(images(37), prompts(37)), expected);
        QVERIFY(m_log.lines.empty());
    }
    void nothingIsScoredTwice() {
        const ProgramReward reward(program(python("n = 0", "n += 1", "[float(n)] * len(items)")), m_log.sink());
        QCOMPARE(reward.score(images(2), prompts(2)), (std::vector<double>{1, 1}));
        QCOMPARE(reward.score(images(3), prompts(3)), (std::vector<double>{1, 1, 2}));
    }
    void largeBatchesDoNotBlock() {
        // The program talks before it reads, more than a pipe holds, while more than a pipe holds is sent to it.
        const ProgramReward reward(program(python("sys.stderr.write('x' * 1000000 + '\\n'); sys.stderr.flush()")), m_log.sink());
        std::vector<image::Rgb8Image> noise = images(16, 256);
        std::uint32_t state = 1;
        for (image::Rgb8Image& image : noise) {
            for (std::uint8_t& byte : image.pixels) {
                byte = static_cast<std::uint8_t>((state = state * 1664525U + 1013904223U) >> 24);
            }
        }
        QCOMPARE(reward.score(noise, prompts(16)).size(), std::size_t{16});
    }

    void commandLinesAreSplitAsAShellWould_data() {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("spaces") << QStringLiteral("  python3   a.py\t--x 1 ")
                                << QStringList{QStringLiteral("python3"), QStringLiteral("a.py"), QStringLiteral("--x"), QStringLiteral("1")};
        QTest::newRow("quotes") << QStringLiteral("a 'b c' \"d \\\"e\\\" \\\\ \\n\" f'g h'\"i\"")
                                << QStringList{QStringLiteral("a"), QStringLiteral("b c"), QStringLiteral("d \"e\" \\ \\n"), QStringLiteral("fg hi")};
        QTest::newRow("nothing is expanded") << QStringLiteral("a $HOME * ~ ; `b` >c")
                                             << QStringList{QStringLiteral("a"), QStringLiteral("$HOME"), QStringLiteral("*"), QStringLiteral("~"),
                                                            QStringLiteral(";"), QStringLiteral("`b`"),   QStringLiteral(">c")};
        QTest::newRow("empty argument") << QStringLiteral("a '' \"\"") << QStringList{QStringLiteral("a"), QString(), QString()};
        QTest::newRow("backslash") << QStringLiteral("a\\ b 'c\\d'") << QStringList{QStringLiteral("a b"), QStringLiteral("c\\d")};
    }
    void commandLinesAreSplitAsAShellWould() {
        QFETCH(QString, line);
        QFETCH(QStringList, arguments);
        QStringList ours;
        for (const std::string& argument : splitCommandLine(line.toStdString())) {
            ours.append(QString::fromStdString(argument));
        }
        QCOMPARE(ours, arguments);
    }
    void badCommandLinesAreRefused() {
        const auto refusal = [](const char* line) { return messageOf([&] { splitCommandLine(line); }, ErrorKind::Config); };
        verifyHolds(refusal("python3 'a.py"), {"reward.program", "quote '"});
        verifyHolds(refusal("python3 \"a.py'"), {"quote \""});
        verifyHolds(refusal("python3 a\\"), {"backslash"});
        verifyHolds(refusal("  "), {"empty"});
        verifyHolds(refusal("'' a"), {"empty"});
        verifyHolds(failure(command("no-such-program-here --x")), {"no-such-program-here", "cannot be started", "PATH"});
    }

    void programThatDiesIsStartedAgain() {
        // Dies twice on the first batch, then works.
        const std::string count = "open('" + path("count") + "', 'a+')";
        const ProgramReward reward(
            program(python("f = " + count + "; f.write('x'); f.flush(); f.seek(0); n = len(f.read())", "if n < 3: sys.stderr.write('boom\\n'); sys.exit(7)")),
            m_log.sink());
        QCOMPARE(reward.score(images(3), prompts(3)), (std::vector<double>{0, 1, 2}));
        QCOMPARE(readFile(path("count")), std::string("xxx"));
        QCOMPARE(m_log.count("ended with exit code 7; it is started again"), 2);
        QCOMPARE(m_log.count("reward program: boom"), 2);
    }
    void programThatAlwaysDiesEndsTheBatch() {
        verifyHolds(failure(program(python("", "sys.exit('no graphics card')"))),
                    {"a program.py", "ended with exit code 1, 4 times on the same batch", "no graphics card"});
        QCOMPARE(m_log.count("it is started again"), 3);
        verifyHolds(failure(program(python("", "os.kill(os.getpid(), signal.SIGKILL)"))), {"ended by signal 9"});
        verifyHolds(failure(command("true")), {"ended with exit code 0"});
        verifyHolds(failure(program("import os, time\nos.close(1)\ntime.sleep(60)\n")), {"closed its output"});
    }
    void hangingProgramIsEndedAndTriedAgain() {
        const auto start = Clock::now();
        verifyHolds(failure(program(python("", "time.sleep(60)"), 0.4)), {"gave no scores within 1 s", "4 times"});
        QVERIFY(secondsSince(start) < kAtOnce);
    }
    void textOnTheOutputIsPassedOver() {
        const ProgramReward reward(program(python("print('Loading model'); print()", "print('scoring', len(items))")), m_log.sink());
        QCOMPARE(reward.score(images(2), prompts(2)), (std::vector<double>{0, 1}));
        QCOMPARE(m_log.count("prints text on its standard output, where only answers belong (\"Loading model\")"), 1);
    }
    void floodsAreStopped() {
        const auto start = Clock::now();
        verifyHolds(failure(command("yes hello")), {"floods", "1001 lines", "hello"});
        verifyHolds(failure(command("cat /dev/zero")), {"a line of more than 4 MiB"});
        QVERIFY(secondsSince(start) < kAtOnce);
        m_log.lines.clear();
        // A flood of errors does no harm and does not fill the log.
        const ProgramReward reward(program(python("", "sys.stderr.write('tick\\n' * 100000)")), m_log.sink());
        QCOMPARE(reward.score(images(1), prompts(1)), std::vector<double>{0});
        QCOMPARE(m_log.count("reward program: tick"), 200);
        QCOMPARE(m_log.count("left out"), 1);
    }
    void brokenAnswersEndTheBatchAtOnce() {
        verifyHolds(failure(program(python("print('warming up')", "pass", "[1.0]"))), {"1 scores for 2 images", "warming up"});
        verifyHolds(failure(program(python("", "request['request_id'] = 'x'"))), {"\"x\""});
        verifyHolds(failure(program(python("", "pass", "[1.0, float('nan')]"))), {"NaN and Infinity are not JSON"});
        verifyHolds(failure(program(python("", "pass", "[1.0, None]"))), {"no score for image 1", "prompt \"p\""});
        verifyHolds(failure(program(python("", "print('{half an answer')"))), {"{half an answer"});
        QCOMPARE(m_log.count("started again"), 0);
        // The next batch gets a program again.
        const ProgramReward reward(program(python("", "pass", "[1.0]")), m_log.sink());
        messageOf([&] { reward.score(images(2), prompts(2)); });
        QCOMPARE(reward.score(images(1), prompts(1)), std::vector<double>{1.0});
    }

    void stopEndsEvenAStubbornProgramAndItsChildren() {
        const std::string source = python(
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "import subprocess\n"
            "child = subprocess.Popen(['sleep', '60'])\n"
            "open('" +
                path("pid") + "', 'w').write(f'{os.getpid()} {child.pid} ')",
            "time.sleep(60)");
        run::RewardConfig config = program(source);
        config.terms = "program";
        std::future<Scores> pending;
        int parent = 0, child = 0;
        Clock::time_point start;
        {
            RewardPool pool(config);
            pending = pool.submit(images(2), prompts(2));
            QTRY_VERIFY((std::ifstream(path("pid")) >> parent >> child) && child > 0);
            start = Clock::now();
        }
        QVERIFY2(secondsSince(start) < kAtOnce, std::to_string(secondsSince(start)).c_str());
        verifyHolds(messageOf([&] { pending.get(); }), {"the run stopped"});
        QVERIFY(::kill(parent, 0) != 0);
        // The grandchild is left to the system to collect: it may still be listed as dead.
        QTRY_VERIFY(::kill(child, 0) != 0 || readFile("/proc/" + std::to_string(child) + "/stat").find(") Z") != std::string::npos);
    }
    void noDescendantSurvives_data() {
        QTest::addColumn<QString>("start");
        QTest::addColumn<QString>("each");
        const auto row = [](const char* name, const char* how, const char* each) {
            QTest::newRow(name) << QString::fromLatin1(how) << QString::fromLatin1(each);
        };
        row("a session of its own", "note(subprocess.Popen(SLEEP, start_new_session=True).pid)\n", "time.sleep(60)");
        row("after the program has ended by itself", "note(subprocess.Popen(SLEEP, start_new_session=True).pid)\n", "sys.exit(1)");
        row("without its parent", "subprocess.run(['sh', '-c', 'setsid sleep 61 </dev/null >/dev/null 2>&1 & echo $! 0 >' + PID])\n", "time.sleep(60)");
        row("another environment", "note(subprocess.Popen(SLEEP, start_new_session=True, env={}).pid)\n", "time.sleep(60)");
        row("a daemon", "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        note(os.getpid()); time.sleep(60)\n    os._exit(0)\nos.wait()\n",
            "time.sleep(60)");
    }
    void noDescendantSurvives() {
        QFETCH(QString, start);
        QFETCH(QString, each);
        const std::string helper =
            "import subprocess\nPID = '" + path("pid") + "'\nSLEEP = ['sleep', '61']\ndef note(pid):\n    open(PID, 'w').write(f'{pid} 0 ')\n";
        run::RewardConfig config = program(python(helper + start.toStdString(), each.toStdString()));
        config.terms = "program";
        // A child of this process that is not the program's must go on.
        const pid_t bystander = ::fork();
        if (bystander == 0) {
            ::pause();
            ::_exit(0);
        }
        int child = 0, end = -1;
        {
            RewardPool pool(config);
            std::future<Scores> pending = pool.submit(images(1), prompts(1));
            QTRY_VERIFY((std::ifstream(path("pid")) >> child >> end) && child > 0);
            if (each == QStringLiteral("sys.exit(1)")) {
                pending.wait();
            }
        }
        QTRY_VERIFY(::kill(child, 0) != 0 || readFile("/proc/" + std::to_string(child) + "/stat").find(") Z") != std::string::npos);
        QCOMPARE(::kill(bystander, 0), 0);
        QVERIFY(readFile("/proc/" + std::to_string(bystander) + "/stat").find(") Z") == std::string::npos);
        ::kill(bystander, SIGKILL);
        ::waitpid(bystander, nullptr, 0);
    }
    void programInheritsThreeStreamsAndNothingElse() {
        const int leaked = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
        const ProgramReward reward(program(python("fds = [f for f in range(3, 100) if os.path.exists(f'/proc/self/fd/{f}')]\n"
                                                  "blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [])",
                                                  "pass", "[float(len(fds)), float(len(blocked))]")),
                                   m_log.sink());
        QCOMPARE(reward.score(images(2), prompts(2)), (std::vector<double>{0, 0}));
        ::close(leaked);
    }
};

QTEST_GUILESS_MAIN(TestProgramReward)
#include "tst_program_reward.moc"
