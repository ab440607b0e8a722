// Requests of an HTTP sink: what an answer means, when to try again, and which rows of a request the server refuses. One
// thread uses it; `readings` alone may be asked for by any other.
#pragma once
#include "engine/base/reading.h"
#include "engine/dataflow/probe.h"
#include "engine/transport/http_client.h"

#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace streamwright {

struct HttpTarget {
    HttpUrl url;
    std::string method = "POST";
    HttpHeaders headers;
    HttpTrust trust;
    HttpTimes times;
};

// A row of a request, and what the server says is wrong with it.
struct RefusedRow {
    size_t row = 0;
    std::string reason;
};

class HttpDelivery {
public:
    // `target` outlives it.
    explicit HttpDelivery(const HttpTarget& target) : target_(target), client_(target.times, kMostAnswer, target.trust) {}

    void heed(const StopToken* stop) { stop_ = stop; }
    // Sends rows 0 to `rows` as one request, or as many as it takes to find those that the server refuses: these are
    // returned. Transient until the server has taken or refused all; sent again, only what it has not.
    using Body = std::function<std::string(size_t from, size_t until)>;
    Result<std::vector<RefusedRow>> send(const std::string& key, size_t rows, const Body& body, std::string_view type);
    void close();
    Readings readings() const;
    void verify(Probe& probe);

private:
    static constexpr size_t kMostAnswer = 16 << 20;
    // What an answer means.
    enum class Meaning : unsigned char { Taken, Refused, Later, Never };
    static Meaning meaningOf(int status);

    Result<void> sendPart(const std::string& key, size_t from, size_t until, const Body& body, std::string_view type);
    Result<void> sendHalves(const std::string& key, size_t from, size_t until, const Body& body, std::string_view type);
    Result<HttpAnswer> ask(const HttpRequest& request);
    Error later(const HttpAnswer& answer);

    const HttpTarget& target_;
    HttpClient client_;
    const StopToken* stop_ = nullptr;
    int64_t notBefore_ = 0;             // steady nanoseconds: the server asked not to be asked earlier
    std::optional<Error> waiting_;      // why
    std::string chunk_;                 // the key of the request that `settled_` belongs to
    std::map<std::string, std::vector<RefusedRow>> settled_;     // parts of it that need not be sent again
    std::set<std::string> halved_;      // parts of it that are refused as a whole
    std::atomic<bool> connected_{false};
    std::atomic<int64_t> bytes_{0}, errors_{0}, requests_{0};
};

// What is wrong with a header of a request; `value` is none where it is no text.
std::optional<std::string> checkHttpHeader(std::string_view name, std::optional<std::string_view> value);

}
