#include "core/rewards/http_protocol.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "core/base/base64.h"
#include "core/base/error.h"

namespace rlcm::rewards {
namespace {

std::string imageName(std::size_t index) {
    return "img" + std::to_string(index);
}

/// The JSON part of a request; `imageOf(i)` is the key and value that say where image i is.
template <typename ImageOf>
std::string requestJson(const ScoreRequest& request, std::string_view protocol, const ImageOf& imageOf) {
    Json items = Json::array();
    for (std::size_t i = 0; i < request.prompts.size(); ++i) {
        const auto [key, value] = imageOf(i);
        items.push_back({{"id", std::to_string(i)}, {"prompt", request.prompts[i]}, {"metadata", Json::object()}, {key, value}});
    }
    const Json json{{"protocol", protocol}, {"request_id", request.id}, {"items", std::move(items)}};
    // Prompts come from the user's files: bytes that are not UTF-8 must not end the run.
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// What the answer says about an image without a score.
std::string reasonOf(const Json& reply, std::size_t index) {
    const auto errors = reply.find("errors");
    if (errors == reply.end() || !errors->is_array() || index >= errors->size() || (*errors)[index].is_null()) {
        return "no reason was given";
    }
    const Json& reason = (*errors)[index];
    return oneLine(reason.is_string() ? reason.get<std::string>() : reason.dump());
}

double scoreOf(const Json& reply, std::size_t index, const ScoreRequest& request) {
    const Json& score = reply["scores"][index];
    const std::string which = imageText(index, request);
    if (score.is_null()) {
        failReply("there is no score for " + which + ": " + reasonOf(reply, index));
    }
    return finiteScore(score, which);
}

/// FastAPI's "detail": a text, or a list of faults that say where and what.
std::string detailText(const Json& detail) {
    if (detail.is_array() && !detail.empty() && detail[0].is_object() && detail[0].contains("msg") && detail[0]["msg"].is_string()) {
        std::string where;
        for (const Json& key : detail[0].value("loc", Json::array())) {
            where += (where.empty() ? "" : ".") + (key.is_string() ? key.get<std::string>() : key.dump());
        }
        return oneLine((where.empty() ? "" : where + ": ") + detail[0]["msg"].get<std::string>());
    }
    return oneLine(detail.is_string() ? detail.get<std::string>() : detail.dump());
}

bool isLoopbackHost(std::string_view host) {
    return host == "localhost" || host == "[::1]" || (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos);
}

bool isHostName(std::string_view host) {
    if (host.starts_with('[')) {
        return host.size() > 2 && host.ends_with(']') &&
               host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
    }
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
}

}  // namespace

void failReply(const std::string& why) {
    throw Error(ErrorKind::Reward, why);
}

Json parseReply(std::string_view text, std::string_view where) {
    Json json;
    try {
        json = parseJson(text, where, kMaxReplyBytes);
    } catch (const Error& error) {
        const bool isNotFinite = text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos;
        failReply(std::string(error.what()) +
                  (isNotFinite ? " (NaN and Infinity are not JSON: send null and say why in \"errors\")" : "; it begins \"" + oneLine(text, 80) + '"'));
    }
    if (!json.is_object()) {
        failReply(std::string(where) + " is not a JSON object; it begins \"" + oneLine(text, 80) + '"');
    }
    return json;
}

const Json& listOfReply(const Json& reply, const std::string& key, const ScoreRequest& request) {
    const auto list = reply.find(key);
    if (list == reply.end() || !list->is_array()) {
        failReply("the answer has no list \"" + key + '"');
    }
    if (list->size() != request.prompts.size()) {
        failReply("the answer has " + std::to_string(list->size()) + ' ' + key + " for " + std::to_string(request.prompts.size()) + " images");
    }
    return *list;
}

std::string imageText(std::size_t index, const ScoreRequest& request) {
    return "image " + std::to_string(index) + " (prompt \"" + oneLine(request.prompts[index]) + "\")";
}

double finiteScore(const Json& score, const std::string& image) {
    if (!score.is_number() || !std::isfinite(score.get<double>())) {
        failReply("the score of " + image + " is " + oneLine(score.dump(), 40) + ", not a finite number");
    }
    return score.get<double>();
}

ServerAddress parseServerAddress(const std::string& url) {
    const auto refuse = [&url](const std::string& why) {
        throw Error(ErrorKind::Config, "reward.server_url \"" + oneLine(url) + "\" " + why + "; it must look like http://127.0.0.1:8085");
    };
    ServerAddress address;
    std::string_view rest = url;
    if (rest.starts_with("https://")) {
        address.isTls = true;
        rest.remove_prefix(8);
    } else if (rest.starts_with("http://")) {
        rest.remove_prefix(7);
    } else {
        refuse("begins neither with http:// nor with https://");
    }
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, slash);
    std::string_view path = rest.substr(slash);
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    if (authority.find('@') != std::string_view::npos) {
        // Without the address: a password in it must not reach the log.
        throw Error(ErrorKind::Config,
                    "reward.server_url holds a user name before an @; it must look like http://127.0.0.1:8085. "
                    "Put a token into the environment variable RLCM_REWARD_TOKEN instead");
    }
    if (std::any_of(rest.begin(), rest.end(), [](unsigned char c) { return c == '?' || c == '#' || c <= ' ' || c >= 0x7f; })) {
        refuse("holds a query, a fragment, a space or a character that is not ASCII");
    }
    const std::size_t colon = authority.rfind(':');
    const bool hasPort = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
    const std::string_view host = hasPort ? authority.substr(0, colon) : authority;
    if (!isHostName(host)) {
        refuse("has no host name that can be read");
    }
    int port = address.isTls ? 443 : 80;
    if (hasPort) {
        const std::string_view digits = authority.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (error != std::errc{} || end != digits.data() + digits.size() || port < 1 || port > 65535) {
            refuse("has the port \"" + std::string(digits) + "\", which is not a number from 1 to 65535");
        }
    }
    address.origin = std::string(address.isTls ? "https://" : "http://") + std::string(host) + ':' + std::to_string(port);
    address.path = path;
    address.isLoopback = isLoopbackHost(host);
    return address;
}

ServerInfo parseServerInfo(std::string_view text) {
    const Json json = parseReply(text, "the answer to /v1/info");
    const auto textOf = [&json](const char* key) {
        const auto found = json.find(key);
        return found != json.end() && found->is_string() ? oneLine(found->get<std::string>(), 80) : std::string();
    };
    ServerInfo info{.name = textOf("name"), .version = textOf("version")};
    if (info.name.empty()) {
        failReply("the answer to /v1/info has no \"name\": is this a reward server (protocol v1)?");
    }
    if (const auto batch = json.find("max_batch"); batch != json.end()) {
        if (!batch->is_number_integer() || batch->get<std::int64_t>() < 1) {
            failReply("the answer to /v1/info has max_batch " + oneLine(batch->dump(), 40) + "; it must be a whole number from 1 on");
        }
        info.maxBatch = static_cast<std::size_t>(std::min<std::int64_t>(batch->get<std::int64_t>(), static_cast<std::int64_t>(kImagesPerRequest)));
    }
    if (const auto needs = json.find("needs"); needs != json.end() && needs->is_array()) {
        for (const Json& need : *needs) {
            if (need != "image" && need != "prompt" && need != "metadata") {
                failReply("the server needs " + oneLine(need.dump(), 40) + "; a run can send \"image\" and \"prompt\" only");
            }
        }
    }
    return info;
}

HttpBody multipartBody(const ScoreRequest& request) {
    const std::string boundary = "rlcm-" + request.id;
    const std::string open = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"";
    std::string bytes = open + "request\"\r\nContent-Type: application/json\r\n\r\n" +
                        requestJson(request, kHttpProtocol, [](std::size_t i) { return std::pair("image", imageName(i)); });
    for (std::size_t i = 0; i < request.pngs.size(); ++i) {
        bytes += "\r\n" + open + imageName(i) + "\"; filename=\"" + std::to_string(i) + ".png\"\r\nContent-Type: image/png\r\n\r\n";
        bytes += request.pngs[i];
    }
    bytes += "\r\n--" + boundary + "--\r\n";
    return {"multipart/form-data; boundary=" + boundary, std::move(bytes)};
}

std::string jsonLine(const ScoreRequest& request) {
    return requestJson(request, kLinesProtocol, [&request](std::size_t i) { return std::pair("image_b64", base64(request.pngs[i])); });
}

std::vector<double> parseScores(std::string_view text, const ScoreRequest& request) {
    const Json reply = parseReply(text, "the answer");
    const auto id = reply.find("request_id");
    if (id == reply.end() || *id != request.id) {
        failReply("the answer belongs to request " + (id == reply.end() ? std::string("(none named)") : oneLine(id->dump(), 80)) + ", not to \"" + request.id +
                  '"');
    }
    const Json& scores = listOfReply(reply, "scores", request);
    std::vector<double> result;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        result.push_back(scoreOf(reply, i, request));
    }
    return result;
}

std::string errorText(std::string_view body) {
    const Json json = Json::parse(body, nullptr, false);
    if (json.is_object() && json.contains("error")) {
        const Json& error = json["error"];
        if (error.is_object() && error.contains("message") && error["message"].is_string()) {
            const bool hasItem = error.contains("item") && error["item"].is_number_integer();
            return (hasItem ? "image " + error["item"].dump() + ": " : "") + oneLine(error["message"].get<std::string>());
        }
        return oneLine(error.is_string() ? error.get<std::string>() : error.dump());
    }
    if (json.is_object() && json.contains("detail")) {
        return detailText(json["detail"]);
    }
    return oneLine(body);
}

std::string oneLine(std::string_view text, std::size_t limit) {
    const bool isCut = text.size() > limit;
    std::string line(text.substr(0, limit));
    while (isCut && !line.empty() && (static_cast<unsigned char>(text[line.size()]) & 0xC0U) == 0x80U) {
        line.pop_back();  // not in the middle of a UTF-8 character
    }
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
            c = ' ';
        }
    }
    const std::size_t first = line.find_first_not_of(' ');
    line = first == std::string::npos ? "" : line.substr(first, line.find_last_not_of(' ') - first + 1);
    return isCut ? line + "..." : line;
}

bool isWorthRepeating(int httpStatus) {
    return httpStatus == 408 || httpStatus == 425 || httpStatus == 429 || (httpStatus >= 500 && httpStatus != 501 && httpStatus != 505);
}

std::optional<double> retryAfterSeconds(std::string_view header, std::time_t now) {
    const std::string text(header);
    double seconds = 0;
    if (const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        error == std::errc{} && end == text.data() + text.size() && std::isfinite(seconds)) {
        return std::max(0.0, seconds);
    }
    // "Sun, 06 Nov 1994 08:49:37 GMT", read without strptime because that follows the locale.
    constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    std::tm date{};
    std::array<char, 4> month{};
    if (std::sscanf(text.c_str(), "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &date.tm_mday, month.data(), &date.tm_year, &date.tm_hour, &date.tm_min, &date.tm_sec) !=
        6) {
        return std::nullopt;
    }
    const std::size_t place = kMonths.find(month.data());
    if (place == std::string_view::npos || place % 3 != 0) {
        return std::nullopt;
    }
    date.tm_mon = static_cast<int>(place / 3);
    date.tm_year -= 1900;
    return std::max(0.0, std::difftime(::timegm(&date), now));
}

}  // namespace rlcm::rewards
