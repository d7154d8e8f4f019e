#include "core/rewards/http_reward.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/image/codec.h"

namespace rlcm::rewards {
namespace {

constexpr double kMeetSeconds = 10.0;  // for the first answer of a server
constexpr const char* kTokenVariable = "RLCM_REWARD_TOKEN";

std::string randomId() {
    std::random_device device;
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%08x%08x", device(), device());
    return text.data();
}

std::string statusText(const HttpReply& reply) {
    const std::string says = errorText(reply.body);
    return "HTTP " + std::to_string(reply.status) + (says.empty() ? "" : ": " + says);
}

/// Why the answer cannot be used, if asking again can help. throws: Reward if it cannot.
std::optional<Failure> failureOf(const HttpReply& reply, const std::string& who, std::string_view protocol) {
    const auto refuse = [&who](const std::string& why) { throw Error(ErrorKind::Reward, who + ": " + why); };
    if (reply.status == 0) {
        if (reply.isFinal) {
            refuse(reply.problem);
        }
        return Failure{reply.problem, std::nullopt};
    }
    if (isWorthRepeating(reply.status)) {
        return Failure{statusText(reply), retryAfterSeconds(reply.retryAfter, std::time(nullptr))};
    }
    if (reply.status >= 300 && reply.status < 400) {
        refuse("it sends requests on to " + oneLine(reply.location) + "; set reward.server_url to the address that answers");
    }
    if (reply.status == 401 || reply.status == 403) {
        refuse(statusText(reply) + ". It wants a token: set the environment variable " + kTokenVariable);
    }
    if (reply.status != 200) {
        refuse(statusText(reply));
    }
    if (!reply.contentType.starts_with("application/json")) {
        refuse("it answered with " + (reply.contentType.empty() ? "no content type" : oneLine(reply.contentType, 60)) +
               " instead of application/json; is it a reward server (" + std::string(protocol) + ")?" +
               (reply.contentType.starts_with("application/octet-stream") ? " Servers that answer with Python's pickles are not read: whoever reaches the "
                                                                            "port could run any code here."
                                                                          : "") +
               " The answer begins \"" + oneLine(reply.body, 80) + '"');
    }
    if (!reply.isLengthKnown && !Json::accept(reply.body)) {
        return Failure{"its answer was cut off", std::nullopt};
    }
    return std::nullopt;
}

ServerInfo infoOf(const HttpReply& reply, const ServerDialect& dialect, const std::string& who) {
    try {
        return dialect.readMeeting(reply.body);
    } catch (const Error& error) {
        throw Error(error.kind(), who + ": " + error.what());
    }
}

std::string describe(const ServerInfo& info) {
    return info.name + (info.version.empty() ? "" : ' ' + info.version);
}

}  // namespace

HttpReward::HttpReward(const run::RewardConfig& config, const std::string& token, NoticeSink notice, const StopQuery& isStopped)
    : m_address(parseServerAddress(config.serverUrl)),
      m_dialect(makeServerDialect(config)),
      m_isGroupWise(config.serverGroupWise),
      m_who("reward server " + m_address.origin + m_address.path),
      m_idBase(randomId()),
      m_notice(std::move(notice)),
      m_patience(m_who, config.serverPatience, m_notice) {
    if (!m_address.isLoopback) {
        m_notice(log::Level::Warning,
                 m_who + " is another machine: images and prompts leave this one" +
                     (m_address.isTls ? "" : std::string(", and the connection is not encrypted") + (token.empty() ? "" : ", nor is the token")));
    }
    meetServer(config, token, isStopped);
    for (std::int64_t i = 0; i < config.serverParallel; ++i) {
        m_connections.push_back(std::make_unique<HttpConnection>(m_address, token, config.serverTimeout, [this] { return m_isStopped.load(); }));
    }
    for (const auto& connection : m_connections) {
        m_threads.emplace_back([this, c = connection.get()](const std::stop_token& stop) { work(*c, stop); });
    }
}

HttpReward::~HttpReward() {
    demand(Demand::Stop);
}

/// A run whose server is not there fails before it starts; one that is still loading is waited for later.
void HttpReward::meetServer(const run::RewardConfig& config, const std::string& token, const StopQuery& isStopped) {
    HttpConnection connection(m_address, token, std::min(kMeetSeconds, config.serverTimeout), isStopped);
    const std::string meeting(m_dialect->meetingPath()), protocol(m_dialect->name());
    const HttpReply reply = connection.get(meeting);
    const std::string hint = ". Start it (resources/reward_servers/README.md tells how) or correct reward.server_url";
    if (reply.status == 404 || reply.status == 405) {
        throw Error(ErrorKind::Reward,
                    m_who + " does not know " + meeting + ": it is no reward server (" + protocol + ")" + hint + " or reward.server_protocol");
    }
    if (const auto failure = failureOf(reply, m_who, protocol)) {
        if (reply.status == 0) {
            throw Error(ErrorKind::Reward, m_who + " does not answer: " + failure->reason + hint);
        }
        m_notice(log::Level::Info, m_who + " is not ready yet (" + failure->reason + ")");
        return;
    }
    const ServerInfo info = infoOf(reply, *m_dialect, m_who);
    recognise(info);
    m_notice(log::Level::Info, "scores come from " + describe(info) + " at " + m_address.origin + m_address.path + ": " +
                                   (m_isGroupWise ? "all images of a prompt" : "up to " + std::to_string(info.maxBatch) + " images") + " in a request, " +
                                   std::to_string(config.serverParallel) + " requests at a time");
}

std::vector<double> HttpReward::score(const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) const {
    Batch batch{images, prompts};
    if (m_isGroupWise) {
        return scoreGroups(batch);
    }
    return m_cache.scores(images, prompts, [&](const std::vector<std::size_t>& rows) { return ask(batch, rows); });
}

std::vector<double> HttpReward::ask(Batch& batch, const std::vector<std::size_t>& rows) const {
    if (!info()) {
        enqueue(batch, {}).get();
    }
    const std::size_t limit = info()->maxBatch;
    const std::size_t count = (rows.size() + limit - 1) / limit;
    std::vector<std::vector<std::size_t>> parts;
    for (std::size_t part = 0; part < count; ++part) {
        const auto at = [&](std::size_t place) { return rows.begin() + static_cast<std::ptrdiff_t>(rows.size() * place / count); };
        parts.emplace_back(at(part), at(part + 1));
    }
    return askParts(batch, std::move(parts));
}

std::vector<double> HttpReward::scoreGroups(Batch& batch) const {
    if (!info()) {
        enqueue(batch, {}).get();
    }
    std::map<std::string_view, std::vector<std::size_t>> groups;
    for (std::size_t row = 0; row < batch.prompts.size(); ++row) {
        groups[batch.prompts[row]].push_back(row);
    }
    std::vector<std::vector<std::size_t>> parts;
    std::vector<std::size_t> order;
    for (const auto& [prompt, rows] : groups) {
        parts.push_back(rows);
        order.insert(order.end(), rows.begin(), rows.end());
    }
    const std::vector<double> inOrder = askParts(batch, std::move(parts));
    std::vector<double> scores(order.size());
    for (std::size_t place = 0; place < order.size(); ++place) {
        scores[order[place]] = inOrder[place];
    }
    return scores;
}

std::vector<double> HttpReward::askParts(Batch& batch, std::vector<std::vector<std::size_t>> parts) const {
    std::vector<std::future<std::vector<double>>> answers;
    for (std::vector<std::size_t>& rows : parts) {
        answers.push_back(enqueue(batch, std::move(rows)));
    }
    std::vector<double> scores;
    std::exception_ptr problem;
    for (auto& answer : answers) {  // all of them: requests read the caller's images
        try {
            const std::vector<double> some = answer.get();
            scores.insert(scores.end(), some.begin(), some.end());
        } catch (...) {
            batch.isLost = true;
            problem = problem ? problem : std::current_exception();
        }
    }
    if (problem) {
        std::rethrow_exception(problem);
    }
    return scores;
}

std::future<std::vector<double>> HttpReward::enqueue(Batch& batch, std::vector<std::size_t> rows) const {
    Part part{&batch, std::move(rows), {}};
    std::future<std::vector<double>> answer = part.scores.get_future();
    {
        const std::lock_guard lock(m_mutex);
        m_queue.push_back(std::move(part));
    }
    m_filled.notify_one();
    return answer;
}

void HttpReward::work(HttpConnection& connection, const std::stop_token& stop) {
    while (true) {
        std::unique_lock lock(m_mutex);
        if (!m_filled.wait(lock, stop, [this] { return !m_queue.empty(); })) {
            return;
        }
        Part part = std::move(m_queue.front());
        m_queue.pop_front();
        lock.unlock();
        try {
            part.scores.set_value(request(connection, part));
        } catch (...) {
            part.scores.set_exception(std::current_exception());
        }
    }
}

std::vector<double> HttpReward::request(HttpConnection& connection, const Part& part) {
    Patience::Trouble trouble;
    try {
        std::vector<double> scores = attempts(connection, part, trouble);
        m_patience.overcome(trouble);
        return scores;
    } catch (...) {
        m_patience.abandon(trouble);
        throw;
    }
}

std::vector<double> HttpReward::attempts(HttpConnection& connection, const Part& part, Patience::Trouble& trouble) {
    const ScoreRequest request = encode(part);
    const HttpBody body = m_dialect->body(request);
    bool isKnown = info().has_value();
    while (!isKnown || !part.rows.empty()) {
        m_patience.pass(trouble);
        if (part.batch->isLost) {
            throw Error(ErrorKind::Reward, m_who + ": another request of the same batch failed");
        }
        const HttpReply reply = isKnown ? connection.post(std::string(m_dialect->scorePath()), body) : connection.get(std::string(m_dialect->meetingPath()));
        if (const auto failure = failureOf(reply, m_who, m_dialect->name())) {
            // Behind a broken connection another server may come up.
            isKnown = isKnown && reply.status != 0;
            m_patience.waitAfter(*failure, trouble);
            continue;
        }
        if (!isKnown) {
            recognise(infoOf(reply, *m_dialect, m_who));
            isKnown = true;
            continue;
        }
        try {
            return m_dialect->readScores(reply.body, request);
        } catch (const Error& error) {
            throw Error(error.kind(), m_who + ": " + error.what());
        }
    }
    return {};
}

ScoreRequest HttpReward::encode(const Part& part) {
    ScoreRequest request;
    {
        const std::lock_guard lock(m_mutex);
        request.id = m_idBase + '-' + std::to_string(++m_requests);
    }
    for (const std::size_t row : part.rows) {
        request.prompts.push_back(part.batch->prompts[row]);
        request.pngs.push_back(image::encodePngFast(part.batch->images[row]));
    }
    return request;
}

/// Notes who the server is, and that it stays the same one.
void HttpReward::recognise(const ServerInfo& info) {
    const std::lock_guard lock(m_mutex);
    if (m_info && (m_info->name != info.name || m_info->version != info.version)) {
        throw Error(ErrorKind::Reward, m_who + ": the run began with scores from " + describe(*m_info) + ", but now " + describe(info) +
                                           " answers; their scores cannot be mixed in one run");
    }
    m_info = m_info ? m_info : info;
}

std::optional<ServerInfo> HttpReward::info() const {
    const std::lock_guard lock(m_mutex);
    return m_info;
}

void HttpReward::demand(Demand demand) {
    m_isStopped = m_isStopped || demand == Demand::Stop;
    m_patience.demand(demand);
}

std::unique_ptr<Reward> makeServerReward(const run::RewardConfig& config, NoticeSink notice, const StopQuery& isStopped) {
    const char* token = std::getenv(kTokenVariable);
    if (token != nullptr && std::any_of(token, token + std::strlen(token), [](unsigned char c) { return c <= ' ' || c >= 0x7f; })) {
        throw Error(ErrorKind::Config,
                    std::string("the token in the environment variable ") + kTokenVariable + " holds a space, a line break or a character that is not ASCII");
    }
    return std::make_unique<HttpReward>(config, token != nullptr ? token : "", std::move(notice), isStopped);
}

}  // namespace rlcm::rewards
