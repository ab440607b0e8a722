#include "engine/nodes/sinks/shared/http_delivery.h"

#include "engine/base/clock.h"
#include "engine/base/names.h"
#include "engine/base/printable.h"
#include "engine/nodes/probe_host.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <fmt/format.h>

namespace streamwright {

namespace {

constexpr size_t kShownBody = 300;
// Longer pauses are asked for by no server that is well.
constexpr int64_t kLongestPause = 24 * 3600;

// "HTTP 422: the field amount is missing".
std::string wordsOf(const HttpAnswer& answer)
{
    std::string body = printable(std::string_view(answer.body).substr(0, kShownBody));
    while (!body.empty() && std::isspace(static_cast<unsigned char>(body.back()))) body.pop_back();
    return body.empty() ? fmt::format("HTTP {}", answer.status) : fmt::format("HTTP {}: {}{}", answer.status, body, answer.body.size() > kShownBody ? "…" : "");
}

// Seconds from now: Retry-After is a number of them, or a date.
std::optional<int64_t> retryAfter(std::string_view text)
{
    int64_t seconds = 0;
    const auto number = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (number.ec == std::errc() && number.ptr == text.data() + text.size()) return std::clamp<int64_t>(seconds, 0, kLongestPause);
    std::tm date{};
    const std::string whole(text);
    const char* end = ::strptime(whole.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (!end || *end != '\0') return std::nullopt;
    return std::clamp<int64_t>(::timegm(&date) - wallClock()->now().micros / 1'000'000, 0, kLongestPause);
}

}

std::optional<std::string> checkHttpHeader(std::string_view name, std::optional<std::string_view> value)
{
    static constexpr std::array<std::string_view, 6> kOurs{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Idempotency-Key"};
    static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    const bool isToken = !name.empty() && std::ranges::all_of(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || kMarks.find(c) != std::string_view::npos; });
    if (!isToken) return fmt::format("the name of a header has letters, digits and hyphens, but is \"{}\"", name);
    if (std::ranges::any_of(kOurs, [&](std::string_view ours) { return sameName(ours, name); })) return fmt::format("the header {} is written by the sink itself", name);
    if (!value) return fmt::format("the value of header {} must be text", name);
    if (std::ranges::any_of(*value, [](char c) { return static_cast<unsigned char>(c) < 32 && c != '\t'; })) return fmt::format("the value of header {} must be one line", name);
    return std::nullopt;
}

HttpDelivery::Meaning HttpDelivery::meaningOf(int status)
{
    if (status >= 200 && status < 300) return Meaning::Taken;
    if (status == 408 || status == 425 || status == 429 || status >= 500) return Meaning::Later;
    // Of the whole service, whatever the rows are: they must not all be thrown out because a token has expired.
    static constexpr std::array<int, 9> kNever{401, 403, 404, 405, 407, 410, 415, 426, 451};
    if (status < 400 || std::ranges::find(kNever, status) != kNever.end()) return Meaning::Never;
    return Meaning::Refused;
}

Result<std::vector<RefusedRow>> HttpDelivery::send(const std::string& key, size_t rows, const Body& body, std::string_view type)
{
    if (steadyNanos() < notBefore_) return *waiting_;
    if (std::exchange(chunk_, key) != key) {
        settled_.clear();
        halved_.clear();
    }
    if (auto sent = sendPart(key, 0, rows, body, type); !sent) return sent.error();
    std::vector<RefusedRow> refused;
    for (auto& [part, of] : settled_) std::ranges::move(of, std::back_inserter(refused));
    std::ranges::sort(refused, {}, &RefusedRow::row);
    chunk_.clear();
    return refused;
}

// Halves what is refused until it is one row.
Result<void> HttpDelivery::sendPart(const std::string& key, size_t from, size_t until, const Body& body, std::string_view type)
{
    if (settled_.contains(key)) return {};
    if (halved_.contains(key)) return sendHalves(key, from, until, body, type);
    const std::string bytes = body(from, until);
    HttpRequest request{target_.method, target_.url, target_.headers, bytes};
    const bool typed = std::ranges::any_of(request.headers, [](const auto& header) { return sameName(header.first, "Content-Type"); });
    if (!typed) request.headers.emplace_back("Content-Type", type);
    request.headers.emplace_back("Idempotency-Key", key);
    auto answer = ask(request);
    if (!answer) return answer.error();
    switch (meaningOf(answer->status)) {
    case Meaning::Taken:
        bytes_ += static_cast<int64_t>(bytes.size());
        settled_[key] = {};
        return {};
    case Meaning::Later: return later(*answer);
    case Meaning::Never: {
        const std::string_view location = answer->header("Location");
        return permanent(fmt::format("{} {}: {}", target_.method, target_.url.address.text(), wordsOf(*answer)), location.empty() ? "look at url, token and headers" : fmt::format("it is elsewhere: {}", location));
    }
    case Meaning::Refused: break;
    }
    if (until - from == 1) {
        settled_[key] = {{from, wordsOf(*answer)}};
        return {};
    }
    halved_.insert(key);
    return sendHalves(key, from, until, body, type);
}

Result<void> HttpDelivery::sendHalves(const std::string& key, size_t from, size_t until, const Body& body, std::string_view type)
{
    const size_t middle = from + (until - from) / 2;
    if (auto sent = sendPart(key + ".0", from, middle, body, type); !sent) return sent;
    return sendPart(key + ".1", middle, until, body, type);
}

Result<HttpAnswer> HttpDelivery::ask(const HttpRequest& request)
{
    ++requests_;
    try {
        auto answer = client_.send(request, stop_);
        connected_ = answer.has_value();
        if (!answer || meaningOf(answer->status) != Meaning::Taken) ++errors_;
        return answer;
    } catch (const Stopped&) {
        return transient("the run is to end at once");
    }
}

// Until when the server asks not to be asked again is heeded by answering so until then: the runtime's pauses are shorter.
Error HttpDelivery::later(const HttpAnswer& answer)
{
    const auto pause = retryAfter(answer.header("Retry-After"));
    std::string message = fmt::format("{} {}: {}", target_.method, target_.url.address.text(), wordsOf(answer));
    if (pause.value_or(0) > 0) message += fmt::format(" (it asks to wait {} s)", *pause);
    waiting_ = transient(std::move(message));
    notBefore_ = steadyNanos() + pause.value_or(0) * 1'000'000'000;
    return *waiting_;
}

void HttpDelivery::close()
{
    client_.close();
    connected_ = false;
}

Readings HttpDelivery::readings() const
{
    return {{"connected", connected_ ? 1.0 : 0.0}, {"bytes", static_cast<double>(bytes_.load())}, {"requests", static_cast<double>(requests_.load())}, {"errors", static_cast<double>(errors_.load())}};
}

// A HEAD request has no effect, and is answered as to who may come.
void HttpDelivery::verify(Probe& probe)
{
    const std::string& host = target_.url.address.host;
    if (!probeHost(host, probe)) return;
    if (!probe.step("connect to " + target_.url.address.text(), client_.connect(target_.url, &probe.stop()))) return;
    const auto answer = client_.send({"HEAD", target_.url, target_.headers, {}}, &probe.stop());
    if (!answer) return (void)probe.step("ask whether it takes requests", answer.error());
    const int status = answer->status;
    const bool refused = status == 401 || status == 403 || status == 404 || status == 407 || status == 410 || status >= 500;
    probe.step("ask whether it takes requests", refused ? Result<std::string>(permanent(wordsOf(*answer), "look at url, token and headers")) : Result<std::string>(fmt::format("HEAD is answered with {}; nothing was sent", status)));
}

}
