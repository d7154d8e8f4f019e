#pragma once
// Published network shapes with random weights: alone, or alternating with diffusers + peft.
#include <iosfwd>

#include "app/cli/bench_peer.h"
#include "core/base/json.h"
#include "core/tools/bench_shape.h"

namespace rlcm::cli {

/// Whether `shape` is one that bench_shape times.
bool isPublishedShape(const std::string& shape);
/// "sd15 512 px, batch 1, fp32, 1 thread"
std::string titleOf(const tools::ShapeBench& one);
/// Times one case in this process.
Json timeShape(const tools::ShapeBench& one);
/// Runs FOLDER/unet_peer.py and ours in turns, each in a process of its own, and forms the ratios peer / ours (more than 1: ours is faster) within
/// each pair. throws: Io when a process fails.
Json compareShape(const tools::ShapeBench& one, const PeerOptions& options);
void printShape(std::ostream& out, const Json& result);

}  // namespace rlcm::cli
