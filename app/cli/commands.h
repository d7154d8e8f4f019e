#pragma once
// The subcommands of `rlcm`. Each function adds one to the program; running it sets `exitCode`.

namespace CLI {
class App;
}

namespace rlcm::cli {

/// What the process ends with.
enum ExitCode { kDone = 0, kFailed = 1, kWrongUsage = 2, kStopped = 3 };

void addTrain(CLI::App& program, int& exitCode);
void addSweep(CLI::App& program, int& exitCode);
void addStudy(CLI::App& program, int& exitCode);
void addPresets(CLI::App& program, int& exitCode);
void addRuns(CLI::App& program, int& exitCode);
void addCompare(CLI::App& program, int& exitCode);
void addModels(CLI::App& program, int& exitCode);
void addSample(CLI::App& program, int& exitCode);
void addScore(CLI::App& program, int& exitCode);
void addVote(CLI::App& program, int& exitCode);
void addExport(CLI::App& program, int& exitCode);
void addParity(CLI::App& program, int& exitCode);
void addTime(CLI::App& program, int& exitCode);
void addBench(CLI::App& program, int& exitCode);
void addDoctor(CLI::App& program, int& exitCode);

}  // namespace rlcm::cli
