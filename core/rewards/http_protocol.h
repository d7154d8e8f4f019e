#pragma once
// Reward protocol v1 as bytes: what is sent, how answers are read. Knows no sockets. The protocol's page is
// resources/reward_servers/README.md. thread: any.
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace rlcm::rewards {

constexpr std::size_t kImagesPerRequest = 16;                   ///< more gain nothing and make repeats dearer
constexpr std::size_t kMaxReplyBytes = std::size_t{4} << 20;    ///< of one answer
constexpr std::size_t kMaxHeaderBytes = std::size_t{64} << 10;  ///< of one answer, interim ones (100 Continue) included
constexpr std::string_view kLinesProtocol = "reward-lines/1";
constexpr std::string_view kHttpProtocol = "reward-http/1";

/// Where a reward server is, taken apart.
struct ServerAddress {
    std::string origin;  ///< scheme://host:port, without a path
    std::string path;    ///< "" or "/prefix" before /v1/...
    bool isTls = false;
    bool isLoopback = false;
    bool operator==(const ServerAddress&) const = default;
};
/// throws: Config naming reward.server_url and what is wrong with it.
ServerAddress parseServerAddress(const std::string& url);

/// Answer of GET /v1/info.
struct ServerInfo {
    std::string name, version;
    std::size_t maxBatch = kImagesPerRequest;  ///< never more than kImagesPerRequest
    bool operator==(const ServerInfo&) const = default;
};
/// throws: Reward when the text is not such an answer, or the server needs what a run cannot give it.
ServerInfo parseServerInfo(std::string_view text);

/// One batch in the form in which it travels; pngs and prompts have the same length.
struct ScoreRequest {
    std::string id;  ///< the same for every repeat, so that a server can answer from memory
    std::vector<std::string> prompts;
    std::vector<std::string> pngs;
};
struct HttpBody {
    std::string contentType, bytes;
};
/// multipart/form-data: part "request" (JSON) and parts img0, img1, ... (image/png).
HttpBody multipartBody(const ScoreRequest& request);
/// One line of JSON without the newline; images as base64.
std::string jsonLine(const ScoreRequest& request);
/// Scores in item order. throws: Reward for a broken answer, another request's answer, a wrong count, or a
/// score that is missing or not finite, with what the answer says about that image.
std::vector<double> parseScores(std::string_view text, const ScoreRequest& request);

/// The object that a reply is. throws: Reward when it is none, saying what it is instead; `where` names it.
Json parseReply(std::string_view text, std::string_view where);
/// The list under `key`, one entry for each image. throws: Reward when it is absent, no list, or of another length.
const Json& listOfReply(const Json& reply, const std::string& key, const ScoreRequest& request);
/// throws: Reward with this reason.
[[noreturn]] void failReply(const std::string& why);
/// "image 3 (prompt "a cat")" of a request.
std::string imageText(std::size_t index, const ScoreRequest& request);
/// The number of a JSON value. throws: Reward when it is none, or not finite.
double finiteScore(const Json& score, const std::string& image);

/// What an HTTP error answer says, for people: its {"error":{"message":...}} or its "detail", as FastAPI has it, else the start of its text; ""
/// if empty.
std::string errorText(std::string_view body);
/// Printable single line of at most `limit` characters.
std::string oneLine(std::string_view text, std::size_t limit = 200);
/// True when asking again can help: 408, 425, 429 and 5xx but 501 and 505.
bool isWorthRepeating(int httpStatus);
/// Seconds that a Retry-After header asks for (a number, or a date relative to `now`); never negative.
/// Nothing if unreadable.
std::optional<double> retryAfterSeconds(std::string_view header, std::time_t now);

}  // namespace rlcm::rewards
