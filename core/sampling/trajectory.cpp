#include "core/sampling/trajectory.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::sampling {

Trajectory sampleTrajectory(const Denoiser& denoiser, const diffusion::Policy& policy, const TrajectoryInputs& inputs, Gate& gate) {
    Trajectory result;
    result.states.push_back(inputs.noise.initial);
    const auto rows = static_cast<double>(inputs.noise.initial.size(0));
    diffusion::Transition transition;
    for (std::int64_t step = 0; step < policy.steps(); ++step) {
        result.pausedSeconds += gate.pass();
        const Stopwatch watch;
        const at::Tensor x = result.states.back();
        const bool keepsGraph = std::ranges::binary_search(inputs.graphSteps, step);
        at::Tensor eps;
        {
            const tensor::GradMode grad(keepsGraph);
            eps = denoiser.predict(step, x, inputs.condition, inputs.projections);
        }
        const tensor::GradMode noGrad(false);
        if (keepsGraph || inputs.keepsPredictions) {
            result.predictions.push_back(eps);
        }
        const at::Tensor index = at::full({1}, step, at::TensorOptions(at::kLong).device(x.device()));
        transition = policy.transition(index, x, eps.detach());
        if (inputs.keepsDenoised) {
            result.denoised.push_back(transition.denoised);
        }
        at::Tensor next =
            step < policy.stochasticSteps() ? at::addcmul(transition.mean, transition.std, inputs.noise.atStep(step)) : policy.deterministicNext(transition);
        if (step < inputs.scoredSteps) {
            if (inputs.keepsMeans) {
                result.means.push_back(transition.mean);
            }
            result.logProbs.push_back(diffusion::logProbPerElement(next, transition.mean, transition.std));
        }
        result.states.push_back(std::move(next));
        tensor::waitFor(x.device());  // commands, the time of a call and the progress are about what is done
        gate.noteCall(watch.seconds());
        gate.addWork(rows);
    }
    result.finalLatent = policy.finalLatent(transition, result.states.back());
    if (!result.finalLatent.isfinite().all().item<bool>()) {
        throw Error(
            ErrorKind::Numeric,
            "sampling gave latents that are not finite: the weights have diverged. Resume from an earlier checkpoint with a lower training.learning_rate");
    }
    return result;
}

}  // namespace rlcm::sampling
