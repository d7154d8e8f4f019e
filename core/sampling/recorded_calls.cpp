#include "core/sampling/recorded_calls.h"

#include <algorithm>
#include <bit>
#include <exception>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/log.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::sampling {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int kTimesBefore = 2;             // a shape that does not come again is not worth a record
constexpr std::ptrdiff_t kMostShapes = 12;  // whole and last chunks of rollouts, updates and evaluations

/// What tells calls apart that one record cannot serve.
std::vector<std::int64_t> shapesOf(const CallInputs& inputs, bool wantsGradient) {
    std::vector<std::int64_t> key{wantsGradient ? 1 : 0};
    for (const at::Tensor* one : {&inputs.step, &inputs.x, &inputs.context, &inputs.added}) {
        key.push_back(one->defined() ? static_cast<std::int64_t>(one->scalar_type()) : -1);
        if (one->defined()) {
            key.push_back(one->dim());
            key.insert(key.end(), one->sizes().begin(), one->sizes().end());
        }
    }
    for (const nn::MergedProjection& projection : inputs.projections) {
        key.push_back(projection.down.defined() ? 1 : 0);
        key.push_back(projection.down.defined() ? std::bit_cast<std::int64_t>(projection.scale) : 0);
    }
    return key;
}

/// A and B of each projection that has them, in order.
std::vector<at::Tensor> leavesOf(std::span<const nn::MergedProjection> projections) {
    std::vector<at::Tensor> leaves;
    for (const nn::MergedProjection& projection : projections) {
        if (projection.down.defined()) {
            leaves.insert(leaves.end(), {projection.down, projection.up});
        }
    }
    return leaves;
}

at::Tensor copyOf(const at::Tensor& given) {
    return given.defined() ? given.detach().clone() : given;
}

bool areSame(const std::vector<at::Tensor>& some, const std::vector<at::Tensor>& others) {
    return std::ranges::equal(some, others,
                              [](const at::Tensor& a, const at::Tensor& b) { return a.defined() == b.defined() && (!a.defined() || at::equal(a, b)); });
}

std::vector<at::Tensor> copiesOf(const std::vector<at::Tensor>& given) {
    std::vector<at::Tensor> copies;
    std::ranges::transform(given, std::back_inserter(copies), copyOf);
    return copies;
}

}  // namespace

/// The tensors that a record reads and writes, always the same.
struct RecordedCalls::Record {
    at::Tensor step, x, context, added;
    std::vector<nn::MergedProjection> projections;
    std::vector<at::Tensor> leaves;            // of those
    std::vector<at::Tensor> weights;           // the last ones that were copied, by projection
    std::vector<std::int64_t> weightVersions;  // of those
    at::Tensor output, incoming;               // and what comes back for it
    std::vector<at::Tensor> gradients;         // of the leaves
    tensor::LaunchRecorder::Work forward, backward;

    Record(const CallInputs& inputs, bool wantsGradient)
        : step(copyOf(inputs.step)), x(copyOf(inputs.x)), context(copyOf(inputs.context)), added(copyOf(inputs.added)) {
        for (const nn::MergedProjection& given : inputs.projections) {
            nn::MergedProjection& mine = projections.emplace_back();
            mine.weight = copyOf(given.weight);
            mine.scale = given.scale;
            weights.push_back(given.weight);
            weightVersions.push_back(given.weight._version());
            if (wantsGradient && given.down.defined()) {
                mine.down = copyOf(given.down).requires_grad_(true);
                mine.up = copyOf(given.up).requires_grad_(true);
            }
        }
        leaves = leavesOf(projections);
    }

    CallInputs inputs() const { return {.step = step, .x = x, .context = context, .added = added, .projections = projections}; }

    /// Copies the inputs of a call; weights, which serve many, only where they are others than before.
    void take(const CallInputs& given) {
        const tensor::GradMode noGrad(false);
        step.copy_(given.step);
        x.copy_(given.x);
        context.copy_(given.context);
        if (added.defined()) {
            added.copy_(given.added);
        }
        std::vector<at::Tensor> to, from;
        for (std::size_t i = 0; i < projections.size(); ++i) {
            const at::Tensor& weight = given.projections[i].weight;
            if (!weight.is_same(weights[i]) || weight._version() != weightVersions[i]) {
                to.push_back(projections[i].weight);
                from.push_back(weight);
                weights[i] = weight;
                weightVersions[i] = weight._version();
            }
        }
        if (!to.empty()) {
            at::_foreach_copy_(to, from);
        }
        if (!leaves.empty()) {
            at::_foreach_copy_(leaves, leavesOf(given.projections));
        }
    }
};

/// A replayed call in the graph of a loss.
struct RecordedCalls::Replayed : torch::autograd::Function<RecordedCalls::Replayed> {
    struct Claimed {
        std::shared_ptr<Record> record;
        std::shared_ptr<void> claim;  // others go the plain way while it is held
    };
    struct Kept : torch::CustomClassHolder {
        explicit Kept(Claimed c) : claimed(std::move(c)) {}
        Claimed claimed;
    };

    // The leaves are there for the graph's sake: their values have been copied.
    static at::Tensor forward(AutogradContext* context, const Claimed& claimed, at::TensorList) {
        context->saved_data["kept"] = c10::IValue::make_capsule(c10::make_intrusive<Kept>(claimed));
        claimed.record->forward();
        return copyOf(claimed.record->output);
    }

    static variable_list backward(AutogradContext* context, variable_list gradients) {
        const auto kept = c10::static_intrusive_pointer_cast<Kept>(context->saved_data["kept"].toCapsule());
        std::shared_ptr<void>& claim = kept->claimed.claim;
        ensure(claim != nullptr, "the way back of a recorded call is gone once");
        Record& record = *kept->claimed.record;
        record.incoming.copy_(gradients[0]);
        record.backward();
        claim.reset();
        variable_list result(1);  // nothing for the record itself
        const std::vector<at::Tensor> ofLeaves = copiesOf(record.gradients);
        result.insert(result.end(), ofLeaves.begin(), ofLeaves.end());
        return result;
    }
};

RecordedCalls::RecordedCalls(std::unique_ptr<tensor::LaunchRecorder> recorder, Call call) : m_recorder(std::move(recorder)), m_call(std::move(call)) {}
RecordedCalls::~RecordedCalls() = default;

at::Tensor RecordedCalls::operator()(const CallInputs& inputs) {
    const auto hasLeaves = [](const nn::MergedProjection& projection) { return projection.down.defined(); };
    const bool wantsGradient = at::GradMode::is_enabled() && std::ranges::any_of(inputs.projections, hasLeaves);
    const std::unique_lock lock(m_mutex);
    const std::shared_ptr<Record> record = recordFor(inputs, wantsGradient);
    if (record == nullptr) {
        return m_call(inputs);
    }
    record->take(inputs);
    if (!wantsGradient) {
        record->forward();
        return record->output.clone();
    }
    const auto claim = std::make_shared<int>();
    m_outstanding = claim;
    const std::vector<at::Tensor> leaves = leavesOf(inputs.projections);
    return Replayed::apply(Replayed::Claimed{record, claim}, at::TensorList(leaves));
}

/// nullptr: the call goes the plain way.
std::shared_ptr<RecordedCalls::Record> RecordedCalls::recordFor(const CallInputs& inputs, bool wantsGradient) {
    const auto isWhole = [](const nn::MergedProjection& projection) { return projection.whole.defined(); };
    if (m_isGivenUp || !m_outstanding.expired() || inputs.x.requires_grad() || std::ranges::any_of(inputs.projections, isWhole)) {
        return nullptr;
    }
    Seen& seen = m_seen[shapesOf(inputs, wantsGradient)];
    const auto hasRecord = [](const auto& entry) { return entry.second.record != nullptr; };
    if (seen.record == nullptr && ++seen.times > kTimesBefore && std::ranges::count_if(m_seen, hasRecord) < kMostShapes) {
        try {
            seen.record = makeRecord(inputs, wantsGradient);
        } catch (const std::exception& problem) {
            m_isGivenUp = true;
            m_seen.clear();  // and the memory of its records
            const std::string why = problem.what();
            log::warning("gpu", "calls of the network cannot be recorded here and go on one by one: " + why.substr(0, why.find('\n')));
            return nullptr;
        }
    }
    return seen.record;
}

std::shared_ptr<RecordedCalls::Record> RecordedCalls::makeRecord(const CallInputs& inputs, bool wantsGradient) {
    const auto record = std::make_shared<Record>(inputs, wantsGradient);
    const auto forward = [this, one = record.get(), wantsGradient] {
        const tensor::GradMode grad(wantsGradient);
        one->output = m_call(one->inputs());
    };
    const auto backward = [one = record.get()] { one->gradients = torch::autograd::grad({one->output}, one->leaves, {one->incoming}, false, false, true); };
    m_recorder->rehearse([&] {
        forward();
        if (wantsGradient) {
            record->incoming = at::full_like(record->output.detach(), 1.0 / static_cast<double>(record->output.numel()));
            backward();
        }
    });
    const at::Tensor output = copyOf(record->output);
    const std::vector<at::Tensor> gradients = copiesOf(record->gradients);
    record->gradients.clear();
    record->forward = m_recorder->record(forward);
    if (wantsGradient) {
        record->backward = m_recorder->record(backward);
    }
    record->forward();
    if (wantsGradient) {
        record->backward();
    }
    if (!areSame({output}, {record->output.detach()}) || !areSame(gradients, record->gradients)) {
        throw Error(ErrorKind::Device, "a replay gave other numbers than the call that was recorded");
    }
    return record;
}

}  // namespace rlcm::sampling
