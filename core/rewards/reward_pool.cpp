#include "core/rewards/reward.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <stop_token>
#include <thread>

#include "core/base/error.h"
#include "core/rewards/make_reward.h"
#include "core/tensor/failure.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

struct Term {
    std::string id;
    double weight = 1;
    std::unique_ptr<Reward> reward;
};
using Terms = std::vector<Term>;

struct Job {
    std::vector<image::Rgb8Image> images;
    std::vector<std::string> prompts;
    std::promise<Scores> promise;
};

std::vector<double> checkedScores(const std::string& id, const Reward& reward, const Job& job) {
    const std::string who = "reward \"" + id + "\"";
    std::vector<double> scores;
    try {
        scores = reward.score(job.images, job.prompts);
    } catch (const std::exception& error) {
        throw Error(ErrorKind::Reward, who + " failed on a batch of " + std::to_string(job.images.size()) + " images: " + tensor::failureText(error));
    }
    if (scores.size() != job.images.size()) {
        throw Error(ErrorKind::Reward, who + " returned " + std::to_string(scores.size()) + " scores for " + std::to_string(job.images.size()) + " images");
    }
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (!std::isfinite(scores[i])) {
            throw Error(ErrorKind::Reward, who + " returned " + std::to_string(scores[i]) + " for image " + std::to_string(i) + " of the batch, prompt \"" +
                                               job.prompts[i] + "\"; a score must be a finite number");
        }
    }
    return scores;
}

Scores scoreAll(const Terms& terms, const Job& job) {
    Scores result;
    result.total.assign(job.images.size(), 0.0);
    for (const auto& [id, weight, reward] : terms) {
        std::vector<double> scores = checkedScores(id, *reward, job);
        for (std::size_t i = 0; i < scores.size(); ++i) {
            result.total[i] += weight * scores[i];
        }
        result.terms.emplace_back(id, std::move(scores));
    }
    for (std::size_t i = 0; i < result.total.size(); ++i) {
        if (!std::isfinite(result.total[i])) {
            throw Error(ErrorKind::Reward, "the weighted sum of reward.terms is " + std::to_string(result.total[i]) + " for image " + std::to_string(i) +
                                               " of the batch, prompt \"" + job.prompts[i] + "\"; make the weights smaller");
        }
    }
    return result;
}

}  // namespace

at::Tensor Reward::scorePictures(const at::Tensor&, const std::vector<std::string>&) const {
    ensure(false, "the reward " + std::string(name()) + " has no gradient");
    return {};
}

struct RewardPool::Impl {
    std::mutex mutex;
    std::condition_variable_any filled;
    std::deque<Job> queue;        // guarded by mutex
    std::vector<Notice> notices;  // guarded by mutex
    Terms terms;
    std::vector<std::jthread> workers;  // last: they stop before anything that they use goes away

    void start(std::int64_t count) {
        ensure(!terms.empty() && count >= 1, "a reward pool needs a reward and a worker");
        for (std::int64_t i = 0; i < count; ++i) {
            workers.emplace_back([this](const std::stop_token& stop) { work(stop); });
        }
    }

    void work(const std::stop_token& stop) {
        while (true) {
            std::unique_lock lock(mutex);
            filled.wait(lock, stop, [this] { return !queue.empty(); });
            if (stop.stop_requested()) {
                return;
            }
            Job job = std::move(queue.front());
            queue.pop_front();
            lock.unlock();
            try {
                job.promise.set_value(scoreAll(terms, job));
            } catch (...) {
                job.promise.set_exception(std::current_exception());
            }
        }
    }
};

RewardPool::RewardPool(const run::RewardConfig& config, const Place& place, const StopQuery& isStopped) : m_impl(std::make_unique<Impl>()) {
    const NoticeSink notice = [impl = m_impl.get()](log::Level level, const std::string& text) {
        const std::lock_guard lock(impl->mutex);
        impl->notices.push_back({level, text});
    };
    std::int64_t threads = config.workers;
    for (const run::RewardTerm& term : run::parseRewardTerms(config.terms)) {
        m_impl->terms.push_back({term.id, term.weight, makeReward(term, config, notice, place, isStopped)});
        if (run::rewardKind(term.kind).waits) {
            threads = std::max(threads, settingsOf(term, config).serverParallel);
        }
    }
    m_impl->start(threads);
}

RewardPool::RewardPool(std::vector<std::pair<double, std::unique_ptr<Reward>>> terms, int workers) : m_impl(std::make_unique<Impl>()) {
    for (auto& [weight, reward] : terms) {
        std::string id(reward->name());
        m_impl->terms.push_back({std::move(id), weight, std::move(reward)});
    }
    m_impl->start(workers);
}

RewardPool::~RewardPool() {
    for (std::jthread& worker : m_impl->workers) {
        worker.request_stop();
    }
    demand(Demand::Stop);
    m_impl->workers.clear();
    for (Job& job : m_impl->queue) {
        job.promise.set_exception(std::make_exception_ptr(Error(ErrorKind::Reward, "the run stopped before this batch was scored")));
    }
}

at::Tensor RewardPool::scorePictures(const at::Tensor& pictures, const std::vector<std::string>& prompts) const {
    at::Tensor sum;
    for (const auto& [id, weight, reward] : m_impl->terms) {
        if (reward->isDifferentiable()) {
            const at::Tensor scores = weight * reward->scorePictures(pictures, prompts);
            sum = sum.defined() ? sum + scores : scores;
        }
    }
    ensure(sum.defined(), "no term of the reward has a gradient");
    return sum;
}

bool RewardPool::isGroupWise() const {
    return std::ranges::any_of(m_impl->terms, [](const Term& term) { return term.reward->isGroupWise(); });
}

std::vector<double> RewardPool::differentiableWeights() const {
    std::vector<double> weights;
    for (const Term& term : m_impl->terms) {
        weights.push_back(term.reward->isDifferentiable() ? term.weight : 0.0);
    }
    return weights;
}

void RewardPool::demand(Demand demand) {
    for (const Term& term : m_impl->terms) {
        term.reward->demand(demand);
    }
}

std::vector<Notice> RewardPool::takeNotices() {
    const std::lock_guard lock(m_impl->mutex);
    return std::exchange(m_impl->notices, {});
}

std::future<Scores> RewardPool::submit(std::vector<image::Rgb8Image> images, std::vector<std::string> prompts) {
    ensure(images.size() == prompts.size(), "one prompt per image is needed");
    Job job{.images = std::move(images), .prompts = std::move(prompts), .promise = {}};
    std::future<Scores> future = job.promise.get_future();
    {
        const std::lock_guard lock(m_impl->mutex);
        m_impl->queue.push_back(std::move(job));
    }
    m_impl->filled.notify_one();
    return future;
}

}  // namespace rlcm::rewards
