// `rlcm`, the command line: train, watch and export runs without a screen.
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/output.h"
#include "core/base/error.h"
#include "core/tensor/failure.h"

namespace {

int runProgram(int argc, char** argv) {
    using namespace rlcm::cli;
    int exitCode = kDone;
    CLI::App program("Fine-tune few-step image models with reinforcement learning (RLCM) and compare with DDPO.", "rlcm");
    program.set_version_flag("--version", "rlcm " RLCM_VERSION);
    program.set_help_all_flag("--help-all", "Help of all commands");
    program.require_subcommand(1);
    program.get_formatter()->column_width(34);
    addTrain(program, exitCode);
    addSweep(program, exitCode);
    addStudy(program, exitCode);
    addPresets(program, exitCode);
    addRuns(program, exitCode);
    addCompare(program, exitCode);
    addModels(program, exitCode);
    addSample(program, exitCode);
    addScore(program, exitCode);
    addVote(program, exitCode);
    addExport(program, exitCode);
    addParity(program, exitCode);
    addTime(program, exitCode);
    addBench(program, exitCode);
    addDoctor(program, exitCode);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return program.exit(problem) == 0 ? kDone : kWrongUsage;
    }
    return exitCode;
}

int runTellingErrors(int argc, char** argv) {
    try {
        return runProgram(argc, argv);
    } catch (const rlcm::Error& problem) {
        std::cerr << "rlcm: " << problem.what() << '\n';
        return problem.kind() == rlcm::ErrorKind::Config ? rlcm::cli::kWrongUsage : rlcm::cli::kFailed;
    } catch (const std::exception& problem) {
        std::cerr << "rlcm: " << rlcm::tensor::failureText(problem) << '\n';
        return rlcm::cli::kFailed;
    }
}

}  // namespace

int main(int argc, char** argv) {
    rlcm::cli::openStandardStreams();
    const rlcm::cli::StandardOutput output;
    // A reader that goes away (`rlcm ... | head`) must end a write with an error, not the process without a word.
    std::signal(SIGPIPE, SIG_IGN);
    const int exitCode = runTellingErrors(argc, argv);
    const int problem = rlcm::cli::flushOutput();
    if (problem == 0) {
        return exitCode;
    }
    std::cerr << "rlcm: cannot write to standard output: " << std::strerror(problem) << '\n';
    // A run that was stopped because its reader went away says so by its own code.
    return problem == EPIPE && exitCode != rlcm::cli::kDone ? exitCode : rlcm::cli::kFailed;
}
