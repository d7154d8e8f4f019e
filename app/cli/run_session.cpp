#include "app/cli/run_session.h"

#include <csignal>
#include <iostream>

#include "app/cli/commands.h"
#include "app/cli/console_printer.h"
#include "app/cli/json_printer.h"
#include "app/cli/signal_watch.h"
#include "core/base/error.h"
#include "core/health/watch.h"
#include "core/run/derive.h"
#include "core/store/workspace.h"
#include "core/train/make_run.h"

namespace rlcm::cli {
namespace {

/// Prepares and claims a run in a scope of its own, so that no editing connection stays open while it trains.
run::RunRequest claimRun(const run::RunId& id, const SessionOptions& options) {
    store::StoreEditor editor(options.workspace, store::Patience::Minutes);
    run::RunRequest request = editor.request(id);  // first: a run that cannot be made is not claimed
    editor.claim(id);
    request.allowsChangedInputs = options.allowsChangedInputs;
    if (options.adjust) {
        options.adjust(request.config);
    }
    return request;
}

int exitCodeOf(run::RunState state) {
    return state == run::RunState::Finished ? kDone : state == run::RunState::Stopped ? kStopped : kFailed;
}

}  // namespace

int trainRun(const run::RunId& id, const SessionOptions& options) {
    run::RunCommands commands;
    const SignalWatch signals([&commands](int number, int count) {
        if (number == SIGINT && count == 1) {
            std::cerr << "\nstopping after this epoch; once more stops now\n";
            commands.stopAfterEpoch();
        } else {
            std::cerr << "\nstopping now: the epoch under way is dropped, finished ones stay; once more ends at once\n";
            commands.stopNow();
        }
    });
    const run::RunRequest request = claimRun(id, options);
    const std::string name = request.config.name.empty() ? run::defaultName(request.config) : request.config.name;
    store::StoreWriter writer(options.workspace, id, commands);
    ConsolePrinter console(name, request.config.training.epochs);
    JsonPrinter json(commands);
    run::ObserverFanout observers;
    observers.add(writer);
    if (options.isJson) {
        observers.add(json);
    } else {
        observers.add(console);
    }
    health::Watch watch(observers, request.config, &commands,
                        [&](const run::RunId& run, run::RunObserver& rules) { store::StoreReader(options.workspace).replay(run, rules); });
    observers.add(watch);
    const run::RunState state = train::makeRun(request, observers)->execute(std::stop_token{}, commands);
    if (const auto problem = writer.error()) {
        throw Error(ErrorKind::Store, *problem);
    }
    return exitCodeOf(state);
}

}  // namespace rlcm::cli
