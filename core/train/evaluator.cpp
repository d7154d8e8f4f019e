#include "core/train/evaluator.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>

#include "core/base/sha256.h"
#include "core/data/prompt_set.h"
#include "core/image/codec.h"
#include "core/learn/summary.h"
#include "core/run/derive.h"
#include "core/sampling/sampler.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"
#include "core/train/panel.h"

namespace rlcm::train {

namespace measure = run::measure;

namespace {

// One constant for all runs: the evaluation noise must not depend on the run's seed, or runs could not be compared image by image.
constexpr std::uint64_t kEvaluationSeed = 0x524C434D;
constexpr std::size_t kMostCandidates = 256;

/// What is told of the set at other step counts than the horizon.
constexpr std::array kAtOtherSteps{measure::kEvalRewardMean, measure::kEvalJudgeAccuracy, measure::kEvalJudgeCosine,
                                   measure::kEvalDiversity,  measure::kEvalPairwise,      measure::kEvalSharpness};

int decoderStride(const image::Rgb8Image& picture, const learn::Learner& learner) {
    return picture.width / static_cast<int>(learner.sampler().latentShape().back());
}

std::vector<std::string> evenlySpread(const std::vector<std::string>& list, std::int64_t wanted) {
    std::vector<std::string> chosen;
    const auto count = std::min<std::size_t>(list.size(), static_cast<std::size_t>(wanted));
    for (std::size_t i = 0; i < count; ++i) {
        chosen.push_back(list[i * list.size() / count]);
    }
    return chosen;
}

/// Which noise an image starts from: a prompt has the same ones in every evaluation set, whatever stands before it. Below 2^52, so that the
/// numbers of its steps fit behind it.
std::uint64_t noiseNumber(const std::string& prompt, std::int64_t seed) {
    return std::stoull(sha256Hex(prompt + '\n' + std::to_string(seed)).substr(0, 13), nullptr, 16);
}

void addNoDistance(const diffusion::Policy& policy, run::Measures& measures) {
    measures.add(measure::kEvalPathKl, 0);
    if (policy.stochasticSteps() < policy.steps()) {
        measures.add(measure::kEvalLastStepDrift, 0);
    }
}

/// Over all images.
void addDistance(const std::vector<sampling::Drawn>& parts, run::Measures& measures) {
    sampling::PathDistance all;
    for (const sampling::Drawn& part : parts) {
        all.merge(part.distance);
    }
    measures.add(measure::kEvalPathKl, all.pathKl());
    if (const auto drift = all.lastStepDrift()) {
        measures.add(measure::kEvalLastStepDrift, *drift);
    }
}

}  // namespace

Evaluator::Evaluator(const run::RunConfig& config, const models::Pipeline& pipeline, at::Device device, const rewards::StopQuery& isStopped)
    : m_hasPathKl(config.evaluation.hasPathKl), m_pathKlEvery(config.evaluation.pathKlEvery), m_judges(config, {device.str(), 1}, isStopped) {
    const std::vector<std::string> train = data::loadPrompts(config.prompts.train).distinct();
    const std::vector<std::string> heldOut =
        config.evaluation.heldOutPrompts > 0 ? data::loadPrompts(config.prompts.heldOut).distinct() : std::vector<std::string>{};
    std::vector<std::string> texts = evenlySpread(train, config.evaluation.trainPrompts);
    const std::size_t trained = texts.size();
    const std::vector<std::string> unseen = evenlySpread(heldOut, config.evaluation.heldOutPrompts);
    texts.insert(texts.end(), unseen.begin(), unseen.end());
    for (std::size_t prompt = 0; prompt < texts.size(); ++prompt) {
        for (std::int64_t seed = 0; seed < config.evaluation.seedsPerPrompt; ++seed) {
            m_items.push_back({static_cast<std::int64_t>(prompt), prompt >= trained, noiseNumber(texts[prompt], seed)});
        }
    }
    if (!config.evaluation.judgeModel.empty()) {
        m_recogniser = std::make_unique<models::ClipModel>(models::ClipModel::load(models::findModel(config.evaluation.judgeModel), device));
        std::vector<std::string> candidates = texts;
        for (const auto* list : {&train, &heldOut}) {
            for (const std::string& text : *list) {
                if (candidates.size() < kMostCandidates && std::find(candidates.begin(), candidates.end(), text) == candidates.end()) {
                    candidates.push_back(text);
                }
            }
        }
        m_candidates = m_recogniser->embedTexts(candidates);
    }
    m_prompts = sampling::makePromptTable(pipeline, std::move(texts), device);
    for (const std::int64_t steps : run::evaluationSteps(config)) {
        OtherSteps& other = m_otherSteps.emplace_back(steps, nullptr);
        if (steps != config.sampling.steps) {
            run::RunConfig changed = config;
            changed.sampling.steps = steps;
            other.sampler = std::make_unique<sampling::Sampler>(pipeline, sampling::makePolicy(changed, pipeline, device), config.sampling.guidance, device);
        }
    }
}

std::vector<image::Rgb8Image> Evaluator::sample(learn::Learner& learner, const sampling::Sampler& sampler, run::Measures* distance) const {
    sampling::Session& session = learner.session();
    const std::vector<nn::MergedProjection> merged = learner.lora().merged();
    const bool isBase = learner.lora().changesNothing();
    const std::vector<nn::MergedProjection> base = distance != nullptr && !isBase ? learner.lora().unmerged() : std::vector<nn::MergedProjection>{};
    const auto chunks = sampling::splitRows(0, images(), learner.chunkImages(), session.workers.size());
    std::vector<sampling::Drawn> results(chunks.size());
    session.run(chunks.size(), [&](std::size_t task) {
        sampling::NoiseKey key{
            .streams = RandomStreams(kEvaluationSeed), .initial = Stream::EvaluationNoise, .step = Stream::EvaluationStepNoise, .epoch = 0, .samples = {}};
        std::vector<std::int64_t> prompts;
        for (std::int64_t row = chunks[task].first; row < chunks[task].first + chunks[task].second; ++row) {
            prompts.push_back(m_items[static_cast<std::size_t>(row)].prompt);
            key.samples.push_back(m_items[static_cast<std::size_t>(row)].noise);
        }
        const sampling::Batch batch{.prompts = std::move(prompts),
                                    .noise = sampling::makeNoise(std::move(key), sampler.latentShape(), sampler.device()),
                                    .projections = merged,
                                    .reference = base,
                                    .referenceEvery = std::min(m_pathKlEvery, images()),
                                    .firstRow = chunks[task].first};
        results[task] = sampler.draw(m_prompts, batch, session.gate);
        results[task].trajectory = {};  // large, and not asked for
    });
    std::vector<image::Rgb8Image> images;
    for (sampling::Drawn& part : results) {
        std::ranges::move(part.images, std::back_inserter(images));
    }
    if (distance != nullptr && isBase) {
        addNoDistance(sampler.policy(), *distance);
    } else if (distance != nullptr) {
        addDistance(results, *distance);
    }
    return images;
}

std::vector<double> Evaluator::recognise(const std::vector<image::Rgb8Image>& images, run::Measures& measures) const {
    const tensor::GradMode noGrad(false);
    const at::Tensor seen = m_recogniser->embedImages(images);
    const at::Tensor cosine = seen.matmul(m_candidates.t());
    std::int64_t recognised = 0;
    std::vector<double> own;
    std::vector<std::int64_t> prompts;
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        const at::Tensor row = cosine[static_cast<std::int64_t>(i)];
        recognised += row.argmax().item<std::int64_t>() == m_items[i].prompt ? 1 : 0;
        own.push_back(row[m_items[i].prompt].item<double>());
        prompts.push_back(m_items[i].prompt);
    }
    const auto count = static_cast<double>(m_items.size());
    measures.add(measure::kEvalJudgeAccuracy, static_cast<double>(recognised) / count);
    const learn::MeanStd agreement = learn::meanStd(own);
    measures.add(measure::kEvalJudgeCosine, agreement.mean);
    measures.add(measure::kEvalJudgeCosineStd, agreement.std);
    if (m_items.size() > 1) {
        // Mean cosine distance over all pairs: falls towards 0 when every prompt gives the same picture.
        const double all = seen.sum(0).square().sum().item<double>();
        measures.add(measure::kEvalDiversity, 1.0 - (all - count) / (count * (count - 1)));
    }
    addDiversity(seen, prompts, measures);
    return own;
}

std::vector<std::string> Evaluator::texts() const {
    std::vector<std::string> texts;
    for (const Item& item : m_items) {
        texts.push_back(m_prompts.texts[static_cast<std::size_t>(item.prompt)]);
    }
    return texts;
}

run::Measures Evaluator::look(learn::Learner& learner, const sampling::Sampler& sampler, const std::string& where) const {
    const std::vector<image::Rgb8Image> pictures = sample(learner, sampler);
    double paused = 0;
    std::future<rewards::Scores> pending = learner.rewards().submit(pictures, texts());
    const learn::MeanStd reward = learn::meanStd(learn::waitForScores(pending, learner.session(), paused).total);
    learn::requireFinite(reward, "the rewards of the evaluation " + where);
    run::Measures seen;
    seen.add(measure::kEvalRewardMean, reward.mean);
    addPictureMeasures(pictures, decoderStride(pictures.front(), learner), learner.session(), seen);
    if (m_recogniser) {
        recognise(pictures, seen);
    }
    return seen;
}

void Evaluator::addOtherSteps(learn::Learner& learner, run::Measures& measures) const {
    for (const OtherSteps& other : m_otherSteps) {
        const run::Measures seen = other.sampler ? look(learner, *other.sampler, "at " + std::to_string(other.steps) + " steps") : measures;
        for (const auto& [name, value] : seen.scalars()) {
            if (std::ranges::find(kAtOtherSteps, name) != kAtOtherSteps.end()) {
                measures.add(run::atSteps(name, other.steps), value);
            }
        }
    }
}

void Evaluator::addAverage(learn::Learner& learner, run::Measures& measures) const {
    if (!learner.hasAverage()) {
        return;
    }
    learner.withAverage([&] {
        for (const auto& [name, value] : look(learner, learner.sampler(), "of the averaged weights").scalars()) {
            if (std::ranges::find(kAtOtherSteps, name) != kAtOtherSteps.end()) {
                measures.add(run::ofAverage(name), value);
            }
        }
    });
}

void Evaluator::evaluate(learn::Learner& learner, run::EvaluationDone& event) {
    run::Measures measures;
    const std::vector<image::Rgb8Image> pictures = sample(learner, learner.sampler(), m_hasPathKl ? &measures : nullptr);
    const std::vector<std::string> texts = this->texts();
    std::future<rewards::Scores> pending = learner.rewards().submit(pictures, texts);
    m_judges.submit(pictures, texts);
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        event.images.push_back({.index = static_cast<std::int64_t>(i),
                                .prompt = texts[i],
                                .isHeldOut = m_items[i].isHeldOut,
                                .noiseSeed = m_items[i].noise,
                                .reward = 0,
                                .width = pictures[i].width,
                                .height = pictures[i].height,
                                .png = std::make_shared<const std::string>(image::encodePng(pictures[i]))});
    }
    double paused = 0;
    const rewards::Scores scores = learn::waitForScores(pending, learner.session(), paused);
    std::vector<double> trained, heldOut;
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        event.images[i].reward = scores.total[i];
        (m_items[i].isHeldOut ? heldOut : trained).push_back(scores.total[i]);
    }
    const learn::MeanStd all = learn::meanStd(scores.total);
    learn::requireFinite(all, "the rewards of the evaluation");
    measures.add(measure::kEvalRewardMean, all.mean);
    measures.add(measure::kEvalRewardStd, all.std);
    measures.add(measure::kEvalImages, static_cast<double>(m_items.size()));
    measures.add(measure::kEvalTrainRewardMean, learn::meanStd(trained).mean);
    if (!heldOut.empty()) {
        measures.add(measure::kEvalHeldOutRewardMean, learn::meanStd(heldOut).mean);
    }
    addPictureMeasures(pictures, decoderStride(pictures.front(), learner), learner.session(), measures);
    std::vector<std::vector<double>> judged;
    if (m_recogniser) {
        judged.push_back(recognise(pictures, measures));
    }
    std::ranges::move(m_judges.collect(learner.session(), measures), std::back_inserter(judged));
    addSuspicion(scores.total, judged, measures);
    addOtherSteps(learner, measures);
    addAverage(learner, measures);
    event.scalars = measures.scalars();
}

}  // namespace rlcm::train
