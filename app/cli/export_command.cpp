// rlcm export
#include <algorithm>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/run_lookup.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/figure/best_checkpoint.h"
#include "core/figure/figure_spec.h"
#include "core/figure/gain_panels.h"
#include "core/report/report.h"
#include "core/run/counters.h"
#include "core/tools/lora_export.h"

namespace rlcm::cli {
namespace {

struct ExportOptions {
    std::filesystem::path workspace, out, spec;
    std::vector<std::string> runs;
    std::string loraFormat;
    bool isGrid = false, isCurve = false, isGain = false, isCsv = false, isLora = false, isEvents = false, isJson = false, hasNoLabels = false;
    report::GridOptions grid;
    std::vector<std::string> measures;
    std::string axis = "epoch";
    int widthPx = 1200, heightPx = 750;
    std::optional<std::int64_t> epoch;
    bool isBest = false, isAveraged = false;
};

/// The format asked for, or what the file's name says.
tools::LoraFormat loraFormat(const ExportOptions& options) {
    if (!options.loraFormat.empty()) {
        return tools::parseLoraFormat(options.loraFormat);
    }
    return options.out.string().ends_with(".peft.safetensors") ? tools::LoraFormat::Peft : tools::LoraFormat::Kohya;
}

/// Bytes of a file, or of the files in a folder.
std::uintmax_t sizeOf(const std::filesystem::path& place) {
    if (!std::filesystem::is_directory(place)) {
        return std::filesystem::file_size(place);
    }
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
        bytes += entry.is_regular_file() ? entry.file_size() : 0;
    }
    return bytes;
}

void exportLora(const store::StoreReader& reader, const run::RunId& id, const ExportOptions& options) {
    const std::vector<store::CheckpointRow> checkpoints = reader.checkpoints(id);
    std::string kept;
    for (const store::CheckpointRow& checkpoint : checkpoints) {
        if (!options.epoch || checkpoint.epoch == *options.epoch) {
            tools::exportLora(checkpoint.folder, loraFormat(options), options.out, reader.run(id).value().name,
                              options.isAveraged ? tools::LoraWeights::Averaged : tools::LoraWeights::Trained);
            return;
        }
        kept += " " + std::to_string(checkpoint.epoch);
    }
    throw Error(ErrorKind::Config, checkpoints.empty() ? "the run " + id + " has no checkpoint yet"
                                                       : "the run " + id + " has no checkpoint of epoch " + std::to_string(*options.epoch) + "; kept:" + kept);
}

/// The figure that the options describe, of runs by id.
figure::FigureSpec figureSpec(const store::StoreReader& reader, const ExportOptions& options, const std::vector<run::RunId>& ids) {
    if (options.isGain) {
        return {.kind = figure::FigureKind::OverOptimisation,
                .series = figure::seriesOf(options.measures.empty() ? figure::gainMeasures(reader, ids.front()) : options.measures, ids),
                .size = figure::sizeInPixels(options.widthPx, options.heightPx)};
    }
    if (options.spec.empty()) {
        return {.axis = options.axis, .series = figure::seriesOf(options.measures, ids), .size = figure::sizeInPixels(options.widthPx, options.heightPx)};
    }
    figure::FigureSpec spec = figure::figureSpecFromJson(readJsonFile(options.spec), options.spec.string());
    for (figure::Series& series : spec.series) {
        for (run::RunId& id : series.runs) {
            id = findRun(reader, id).id;
        }
    }
    return spec;
}

/// Each run of a figure once.
std::vector<run::RunId> runsOf(const figure::FigureSpec& spec) {
    std::vector<run::RunId> ids;
    for (const figure::Series& series : spec.series) {
        std::copy_if(series.runs.begin(), series.runs.end(), std::back_inserter(ids),
                     [&](const run::RunId& id) { return std::find(ids.begin(), ids.end(), id) == ids.end(); });
    }
    return ids;
}

/// "epoch, images or wall_seconds": what can stand on the horizontal axis.
std::string axisNames() {
    std::string names;
    for (const run::CounterField& field : run::counterFields()) {
        names += names.empty() ? "" : &field == &run::counterFields().back() ? " or " : ", ";
        names += field.name;
    }
    return names;
}

/// The epoch that was asked for; the best one by the run's own rule.
std::optional<std::int64_t> epochOf(const store::StoreReader& reader, const ExportOptions& options) {
    if (!options.isBest) {
        return options.epoch;
    }
    const store::RunRow run = findRun(reader, options.runs.front());
    const auto best = figure::bestOf(reader, run);
    if (!best) {
        throw Error(ErrorKind::Config, "the run " + run.id + " has no best checkpoint: its rule (checkpoint.best) is last, or nothing was evaluated");
    }
    return best->epoch;
}

void runExport(ExportOptions options) {
    const store::StoreReader reader(options.workspace);
    std::vector<run::RunId> ids;
    for (const std::string& given : options.runs) {
        ids.push_back(findRun(reader, given).id);
    }
    options.epoch = epochOf(reader, options);
    if (ids.size() > 1 && !options.isCurve && !options.isGain && !options.isEvents) {
        throw Error(ErrorKind::Config, "only --curve, --over-optimisation and --tensorboard take several runs");
    }
    if (options.isGrid) {
        report::GridOptions grid = options.grid;
        grid.epoch = options.epoch;
        grid.hasLabels = !options.hasNoLabels;
        report::exportGrid(reader, ids.front(), options.out, grid);
    } else if (options.isCurve || options.isGain || !options.spec.empty()) {
        const figure::FigureSpec spec = figureSpec(reader, options, ids);
        const bool isTable = !options.isCurve && options.out.extension() == ".csv";
        (isTable ? report::exportFigureTable : report::exportFigure)(reader, spec, options.out);
        ids = runsOf(spec);
    } else if (options.isEvents) {
        for (const run::RunId& id : ids) {
            report::exportEventsInto(reader, id, options.out);
        }
    } else if (options.isCsv) {
        report::exportCsv(reader, ids.front(), options.out);
    } else {
        exportLora(reader, ids.front(), options);
    }
    const auto bytes = sizeOf(options.out);
    if (options.isJson) {
        std::cout << Json{{"file", options.out.string()}, {"bytes", bytes}, {"runs", ids}}.dump(2) << '\n';
    } else {
        std::cout << options.out.string() << '\n';
    }
}

}  // namespace

void addExport(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<ExportOptions>();
    CLI::App* command = program.add_subcommand("export", "Write figures, tables and LoRA files of a run");
    command->add_option("--workspace", options->workspace, "Workspace folder")->required();
    CLI::Option* runs = command->add_option("--run", options->runs, "Run by id or name; several for --curve and --tensorboard");
    command->add_option("--out", options->out, "File to write, or a folder for --tensorboard and --format merged; the extension decides the format")
        ->required();
    CLI::Option_group* what = command->add_option_group("what");
    what->add_flag("--grid", options->isGrid, "Evaluation images (.png, .jpg)");
    what->add_flag("--curve", options->isCurve, "Curves (.pdf, .svg, .png)");
    what->add_flag("--over-optimisation", options->isGain,
                   "What reward and judges gained over the distance from the base model, with fitted curves and their peaks (.pdf, .svg, .png, .csv)");
    what->add_flag("--csv", options->isCsv, "All numbers, one row per epoch (.csv)");
    what->add_flag("--tensorboard", options->isEvents,
                   "All numbers as event files of TensorBoard, in a folder for each run (a folder, for tensorboard --logdir)");
    CLI::Option* lora = what->add_flag("--lora", options->isLora, "LoRA of a checkpoint for other programs (.safetensors)");
    CLI::Option* spec =
        what->add_option("--spec", options->spec, "A figure that a JSON file describes (.pdf, .svg, .png, or .csv for its numbers)")->excludes(runs);
    what->require_option(1);
    command
        ->add_option("--format", options->loraFormat,
                     "Of --lora: kohya (read by diffusers, ComfyUI, A1111), peft (pytorch_lora_weights.safetensors of diffusers) or merged (a UNet folder); "
                     "peft for .peft.safetensors, else kohya, when absent")
        ->check(CLI::IsMember({"kohya", "peft", "merged"}))
        ->needs(lora);
    CLI::Option* epoch =
        command->add_option("--epoch", options->epoch, "Epoch of the grid (the evaluation at or before it) or of the checkpoint; newest when absent");
    command->add_flag("--best", options->isBest, "The epoch of the best checkpoint, by the rule of the run's settings (checkpoint.best)")
        ->excludes(epoch)
        ->needs(runs);
    command->add_flag("--averaged", options->isAveraged, "The averaged weights (training.ema_decay) in place of the trained ones")->needs(lora);
    command->add_option("--columns", options->grid.columns, "Columns of the grid; 0: near square")->check(CLI::Range(0, 1000))->capture_default_str();
    command->add_option("--cell", options->grid.cellPixels, "Side of an image in the grid in pixels")->check(CLI::Range(1, 4096))->capture_default_str();
    command->add_flag("--no-labels", options->hasNoLabels, "No prompts, rewards and title in the grid");
    command->add_option("--quality", options->grid.jpegQuality, "JPEG quality")->check(CLI::Range(1, 100))->capture_default_str();
    command->add_option("--scalar", options->measures, "Scalars to draw; reward_mean and eval_reward_mean when absent");
    command->add_option("--x-axis", options->axis, axisNames())->capture_default_str();
    command->add_option("--width", options->widthPx, "Width of the figure in pixels")->check(CLI::Range(100, 20000))->capture_default_str();
    command->add_option("--height", options->heightPx, "Height of the figure in pixels")->check(CLI::Range(100, 20000))->capture_default_str();
    command->add_flag("--json", options->isJson, "One JSON document");
    command->callback([options, runs, spec, &exitCode] {
        if (!*spec && !*runs) {
            throw CLI::RequiredError("--run");
        }
        runExport(*options);
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
