// rlcm models
#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/text_table.h"
#include "core/base/json.h"
#include "core/models/inspect.h"
#include "core/models/library.h"

namespace rlcm::cli {
namespace {

struct ModelsOptions {
    std::string model;  ///< name or folder
    std::string name;
    bool isCopied = false;
    bool isJson = false;
};

Json problemsJson(const std::vector<run::ModelProblem>& problems) {
    Json list = Json::array();
    for (const run::ModelProblem& problem : problems) {
        list.push_back({{"what", problem.what}, {"fix", problem.fix.empty() ? Json() : Json(problem.fix)}});
    }
    return list;
}

Json entryJson(const run::ModelEntry& entry) {
    return {{"name", entry.name}, {"folder", entry.folder.string()}, {"bundled", entry.isBundled}, {"copy", entry.isCopy}};
}

Json factsJson(const run::ModelFacts& facts) {
    Json components = Json::array(), uses = Json::array();
    for (const run::ModelComponent& part : facts.components) {
        components.push_back({{"name", part.name}, {"tensors", part.tensors}, {"parameters", part.parameters}, {"bytes", part.bytes}, {"dtype", part.dtype}});
    }
    for (const run::ModelUse& use : facts.uses) {
        uses.push_back({{"what", use.what}, {"possible", use.isPossible}, {"why", use.why}});
    }
    return {{"name", facts.name},
            {"folder", facts.folder.string()},
            {"kind", run::toString(facts.kind)},
            {"shape", facts.shape},
            {"parameters", facts.parameters},
            {"dtype", facts.dtype},
            {"resolution", facts.resolution},
            {"bytes", facts.bytes},
            {"bundled", facts.isBundled},
            {"components", components},
            {"uses", uses},
            {"problems", problemsJson(facts.problems)}};
}

void print(const Json& json) {
    std::cout << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

std::string kindWord(run::ModelKind kind) {
    switch (kind) {
        case run::ModelKind::Consistency:
            return "consistency model";
        case run::ModelKind::Diffusion:
            return "diffusion model";
        case run::ModelKind::ClipScorer:
            return "CLIP scorer";
        case run::ModelKind::ScoreHead:
            return "score head";
        case run::ModelKind::Unknown:
            break;
    }
    return "not a known model";
}

std::string countText(std::int64_t count) {
    return count >= 1'000'000 ? shortNumber(static_cast<double>(count) / 1e6) + " M" : std::to_string(count);
}

std::string bytesText(std::int64_t bytes) {
    const auto value = static_cast<double>(bytes);
    return value >= 1e9 ? shortNumber(value / 1e9, 3) + " GB" : shortNumber(value / 1e6, 3) + " MB";
}

void printProblems(const std::vector<run::ModelProblem>& problems) {
    for (const run::ModelProblem& problem : problems) {
        std::cout << "problem: " << problem.what << '\n';
        if (!problem.fix.empty()) {
            std::cout << "    fix: " << problem.fix << '\n';
        }
    }
}

void printFacts(const run::ModelFacts& facts) {
    std::cout << facts.name << "  (" << facts.folder.string() << ")\n";
    if (facts.kind != run::ModelKind::Unknown) {
        std::cout << "  " << kindWord(facts.kind) << ", shape " << (facts.shape.empty() ? "-" : facts.shape) << ", " << countText(facts.parameters)
                  << " parameters, " << (facts.dtype.empty() ? "-" : facts.dtype)
                  << (facts.resolution > 0 ? ", " + std::to_string(facts.resolution) + " px" : "") << ", " << bytesText(facts.bytes) << " on disk\n";
    }
    if (facts.components.size() > 1) {
        for (const run::ModelComponent& part : facts.components) {
            std::cout << "    " << part.name << ": " << countText(part.parameters) << " parameters in " << part.tensors << " tensors, " << part.dtype << '\n';
        }
    }
    for (const run::ModelUse& use : facts.uses) {
        std::cout << (use.isPossible ? "  can: " : "  not: ") << use.what << " - " << use.why << '\n';
    }
    printProblems(facts.problems);
}

void list(const ModelsOptions& options) {
    const auto library = models::makeModelLibrary();
    Json json = Json::array();
    std::vector<std::vector<std::string>> cells{{"name", "kind", "shape", "parameters", "dtype", "px", "size", "problems", "folder"}};
    for (const run::ModelEntry& entry : library->list()) {
        const run::ModelFacts facts = models::inspectModel(entry.folder);
        Json row = factsJson(facts);
        row.update(entryJson(entry));
        json.push_back(std::move(row));
        cells.push_back({entry.name, std::string(run::toString(facts.kind)), facts.shape, countText(facts.parameters), facts.dtype,
                         facts.resolution > 0 ? std::to_string(facts.resolution) : "", bytesText(facts.bytes), std::to_string(facts.problems.size()),
                         entry.folder.string()});
    }
    options.isJson ? print(json) : static_cast<void>(std::cout << textTable(cells));
}

void add(const ModelsOptions& options) {
    const auto library = models::makeModelLibrary();
    const run::ModelEntry entry = library->add(options.model, options.name, options.isCopied);
    const run::ModelFacts facts = library->inspect(entry.name);
    if (options.isJson) {
        Json json = factsJson(facts);
        json.update(entryJson(entry));
        print(json);
    } else {
        std::cout << "added as " << entry.name << '\n';
        printFacts(facts);
    }
}

/// Returns what is wrong with the model.
std::vector<run::ModelProblem> inspect(const ModelsOptions& options, bool isThorough) {
    run::ModelFacts facts = models::makeModelLibrary()->inspect(options.model);
    if (isThorough) {
        for (run::ModelProblem& problem : models::checkFiles(facts.folder)) {
            const auto isKnown = [&](const run::ModelProblem& known) { return known.what == problem.what; };
            if (std::none_of(facts.problems.begin(), facts.problems.end(), isKnown)) {
                facts.problems.push_back(std::move(problem));
            }
        }
    }
    options.isJson ? print(factsJson(facts)) : printFacts(facts);
    if (isThorough && !options.isJson && facts.problems.empty()) {
        std::cout << "no problems\n";
    }
    return facts.problems;
}

void remove(const ModelsOptions& options) {
    models::makeModelLibrary()->remove(options.model);
    if (options.isJson) {
        print({{"removed", options.model}});
    } else {
        std::cout << options.model << " is off the list\n";
    }
}

}  // namespace

void addModels(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<ModelsOptions>();
    CLI::App* models = program.add_subcommand("models", "The models that settings can name: list, add, inspect");
    models->require_subcommand(1);
    const auto make = [&](const char* name, const char* help, const char* argument) {
        CLI::App* command = models->add_subcommand(name, help);
        if (*argument != '\0') {
            command->add_option("model", options->model, argument)->required();
        }
        command->add_flag("--json", options->isJson, "One JSON document");
        return command;
    };
    make("list", "Bundled and added models", "")->callback([options, &exitCode] {
        list(*options);
        exitCode = kDone;
    });
    CLI::App* adding =
        make("add", "Give a model folder a name; it stays where it is", "Folder in the diffusers or transformers layout, or the file of a score head");
    adding->add_option("--name", options->name, "Name for settings; made from the folder's when left out");
    adding->add_flag("--copy", options->isCopied, "Copy the files to the user's data folder");
    adding->callback([options, &exitCode] {
        add(*options);
        exitCode = kDone;
    });
    make("inspect", "What a model is and what it can be used for, from configs and headers", "Name or folder")->callback([options, &exitCode] {
        inspect(*options, false);
        exitCode = kDone;
    });
    make("check", "Inspect, and open every weight file; exit code 1 when anything is wrong", "Name or folder")->callback([options, &exitCode] {
        exitCode = inspect(*options, true).empty() ? kDone : kFailed;
    });
    make("remove", "Take an added model off the list; its folder stays, unless it is a copy made by add", "Name")->callback([options, &exitCode] {
        remove(*options);
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
