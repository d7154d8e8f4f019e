// rlcm export
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/run_lookup.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/report/report.h"
#include "core/tools/lora_export.h"

namespace rlcm::cli {
namespace {

struct ExportOptions {
    std::filesystem::path workspace, out;
    std::vector<std::string> runs;
    std::string loraFormat;
    bool isGrid = false, isCurve = false, isCsv = false, isLora = false, isJson = false, hasNoLabels = false;
    report::GridOptions grid;
    report::CurveOptions curve;
    std::optional<std::int64_t> epoch;
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
    for (const auto& entry : std::filesystem::directory_iterator(place)) {
        bytes += entry.file_size();
    }
    return bytes;
}

void exportLora(const store::StoreReader& reader, const run::RunId& id, const ExportOptions& options) {
    const std::vector<store::CheckpointRow> checkpoints = reader.checkpoints(id);
    std::string kept;
    for (const store::CheckpointRow& checkpoint : checkpoints) {
        if (!options.epoch || checkpoint.epoch == *options.epoch) {
            tools::exportLora(checkpoint.folder, loraFormat(options), options.out, reader.run(id).value().name);
            return;
        }
        kept += " " + std::to_string(checkpoint.epoch);
    }
    throw Error(ErrorKind::Config, checkpoints.empty() ? "the run " + id + " has no checkpoint yet"
                                                       : "the run " + id + " has no checkpoint of epoch " + std::to_string(*options.epoch) + "; kept:" + kept);
}

void runExport(const ExportOptions& options) {
    const store::StoreReader reader(options.workspace);
    std::vector<run::RunId> ids;
    for (const std::string& given : options.runs) {
        ids.push_back(findRun(reader, given).id);
    }
    if (ids.size() > 1 && !options.isCurve) {
        throw Error(ErrorKind::Config, "only --curve takes several runs");
    }
    if (options.isGrid) {
        report::GridOptions grid = options.grid;
        grid.epoch = options.epoch;
        grid.hasLabels = !options.hasNoLabels;
        report::exportGrid(reader, ids.front(), options.out, grid);
    } else if (options.isCurve) {
        report::exportCurve(reader, ids, options.out, options.curve);
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
    command->add_option("--run", options->runs, "Run by id or name; several for --curve")->required();
    command->add_option("--out", options->out, "File to write, or a new folder for --format merged; the extension decides the format")->required();
    CLI::Option_group* what = command->add_option_group("what");
    what->add_flag("--grid", options->isGrid, "Evaluation images (.png, .jpg)");
    what->add_flag("--curve", options->isCurve, "Curves (.pdf, .svg, .png)");
    what->add_flag("--csv", options->isCsv, "All numbers, one row per epoch (.csv)");
    CLI::Option* lora = what->add_flag("--lora", options->isLora, "LoRA of a checkpoint for other programs (.safetensors)");
    what->require_option(1);
    command->add_option("--format", options->loraFormat,
                        "Of --lora: kohya (read by diffusers, ComfyUI, A1111), peft (pytorch_lora_weights.safetensors of diffusers) or merged (a UNet folder); "
                        "peft for .peft.safetensors, else kohya, when absent")
        ->check(CLI::IsMember({"kohya", "peft", "merged"}))->needs(lora);
    command->add_option("--epoch", options->epoch, "Epoch of the grid (the evaluation at or before it) or of the checkpoint; newest when absent");
    command->add_option("--columns", options->grid.columns, "Columns of the grid; 0: near square")->check(CLI::Range(0, 1000))->capture_default_str();
    command->add_option("--cell", options->grid.cellPixels, "Side of an image in the grid in pixels")->check(CLI::Range(1, 4096))->capture_default_str();
    command->add_flag("--no-labels", options->hasNoLabels, "No prompts, rewards and title in the grid");
    command->add_option("--quality", options->grid.jpegQuality, "JPEG quality")->check(CLI::Range(1, 100))->capture_default_str();
    command->add_option("--scalar", options->curve.scalars, "Scalars to draw; reward_mean and eval_reward_mean when absent");
    command->add_option("--x-axis", options->curve.xAxis, "epoch, optimizer_steps, images, reward_queries, denoiser_evaluations, nominal_denoiser_evaluations, active_seconds or wall_seconds")
        ->capture_default_str();
    command->add_option("--width", options->curve.widthPx, "Width of the figure in pixels")->check(CLI::Range(100, 20000))->capture_default_str();
    command->add_option("--height", options->curve.heightPx, "Height of the figure in pixels")->check(CLI::Range(100, 20000))->capture_default_str();
    command->add_flag("--json", options->isJson, "One JSON document");
    command->callback([options, &exitCode] {
        runExport(*options);
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
