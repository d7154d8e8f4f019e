#include "core/rewards/http_answer.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "core/rewards/http_protocol.h"
#include "core/rewards/net_stream.h"

namespace rlcm::rewards {
namespace {

constexpr std::size_t kMaxChunkLine = 1024;

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

[[noreturn]] void refuseSize() {
    throw BrokenOff{"its answer is larger than " + std::to_string(kMaxReplyBytes >> 20) + " MiB", true};
}

/// The whole of `digits` as a size. throws: BrokenOff; one that is too large for a number is too large for an answer, too.
std::size_t sizeOf(std::string_view digits, int base, const char* what) {
    std::size_t size = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, base);
    if (error == std::errc::result_out_of_range) {
        refuseSize();
    }
    if (error != std::errc{} || end != digits.data() + digits.size()) {
        throw BrokenOff{"its answer has the " + std::string(what) + " \"" + oneLine(digits, 40) + "\", which is no size"};
    }
    return size;
}

}  // namespace

struct HttpAnswer::Header {
    std::optional<std::size_t> length;
    bool isChunked = false, endsConnection = false;
};

HttpReply HttpAnswer::read() {
    HttpReply reply;
    m_headerBudget = kMaxHeaderBytes;
    Header header;
    int status = 100;
    while (status >= 100 && status < 200 && status != 101) {
        reply = {};
        status = statusLine();
        header = headers(reply);
    }
    if (status == 101) {
        throw BrokenOff{"it wants to speak another protocol than HTTP"};
    }
    reply.isLengthKnown = true;
    if (header.isChunked) {
        chunks(reply.body);
    } else if (header.length) {
        body(reply.body, *header.length);
    } else if (status != 204 && status != 304) {
        reply.isLengthKnown = false;
        rest(reply.body);
    }
    m_canGoOn = reply.isLengthKnown && !header.endsConnection && m_waiting.empty();
    reply.status = status;
    return reply;
}

bool HttpAnswer::fill() {
    if (m_waiting.empty()) {
        m_waiting = std::string_view(m_buffer.data(), m_source(m_buffer.data(), m_buffer.size()));
    }
    return !m_waiting.empty();
}

/// Up to the next newline, of at most `budget` bytes, which it takes off. throws: BrokenOff when there are more, or at the end.
std::string HttpAnswer::line(std::size_t& budget) {
    std::string text;
    while (text.empty() || text.back() != '\n') {
        if (!fill()) {
            throw BrokenOff{"the connection broke off before the whole answer was there"};
        }
        const std::string_view piece = m_waiting.substr(0, std::min(m_waiting.find('\n'), m_waiting.size() - 1) + 1);
        if (piece.size() > budget) {
            throw BrokenOff{"the headers of its answer are larger than " + std::to_string(kMaxHeaderBytes >> 10) + " KiB; is it a reward server?", true};
        }
        budget -= piece.size();
        text += piece;
        m_waiting.remove_prefix(piece.size());
    }
    text.pop_back();
    if (text.ends_with('\r')) {
        text.pop_back();
    }
    return text;
}

int HttpAnswer::statusLine() {
    const std::string text = line(m_headerBudget);
    int status = 0;
    const bool isHttp = text.size() >= 12 && text.starts_with("HTTP/1.") && text[8] == ' ' && (text.size() == 12 || text[12] == ' ') &&
                        std::from_chars(text.data() + 9, text.data() + 12, status).ptr == text.data() + 12;
    if (!isHttp || status < 100) {
        throw BrokenOff{"it does not answer in HTTP there: \"" + oneLine(text, 80) + '"'};
    }
    return status;
}

HttpAnswer::Header HttpAnswer::headers(HttpReply& reply) {
    Header header;
    for (std::string text = line(m_headerBudget); !text.empty(); text = line(m_headerBudget)) {
        const std::size_t colon = text.find(':');
        if (colon == std::string::npos || colon == 0 || text.front() == ' ' || text.front() == '\t') {
            throw BrokenOff{"its answer has the header \"" + oneLine(text, 80) + "\", which is none"};
        }
        const std::string name = lower(std::string_view(text).substr(0, colon));
        const std::string value(trimmed(std::string_view(text).substr(colon + 1)));
        if (name == "content-type") {
            reply.contentType = value;
        } else if (name == "retry-after") {
            reply.retryAfter = value;
        } else if (name == "location") {
            reply.location = value;
        } else if (name == "connection") {
            header.endsConnection = header.endsConnection || lower(value).find("close") != std::string::npos;
        } else if (name == "content-length") {
            const std::size_t length = sizeOf(value, 10, "Content-Length");
            if (header.length.value_or(length) != length) {
                throw BrokenOff{"its answer names two lengths"};
            }
            header.length = length;
        } else if (name == "transfer-encoding") {
            if (lower(value) != "chunked") {
                throw BrokenOff{"its answer has the Transfer-Encoding \"" + oneLine(value, 40) + "\", but only \"chunked\" is understood", true};
            }
            header.isChunked = true;
        }
    }
    header.endsConnection = header.endsConnection || (header.isChunked && header.length);
    return header;
}

void HttpAnswer::body(std::string& into, std::size_t size) {
    if (size > kMaxReplyBytes - into.size()) {
        refuseSize();
    }
    while (size > 0) {
        if (!fill()) {
            throw BrokenOff{"the connection broke off before the whole answer was there"};
        }
        const std::string_view piece = m_waiting.substr(0, size);
        into += piece;
        size -= piece.size();
        m_waiting.remove_prefix(piece.size());
    }
}

void HttpAnswer::chunks(std::string& into) {
    while (true) {
        std::size_t budget = kMaxChunkLine;
        const std::string text = line(budget);
        const std::size_t size = sizeOf(trimmed(std::string_view(text).substr(0, text.find(';'))), 16, "chunk size");
        if (size == 0) {
            break;
        }
        body(into, size);
        if (!line(budget).empty()) {
            throw BrokenOff{"its answer has a chunk that is longer than it says"};
        }
    }
    while (!line(m_headerBudget).empty()) {  // trailers
    }
}

void HttpAnswer::rest(std::string& into) {
    while (fill()) {
        body(into, m_waiting.size());
    }
}

}  // namespace rlcm::rewards
