// HTTP/1.1 requests, one after the other, over connections that stay open. Each call waits for its answer, for a stop or a
// deadline. One thread uses a client.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/stop_token.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

struct HttpAddress {
    std::string host;
    uint16_t port = 80;
    std::string text() const;       // "host:port", with [] around IPv6
    auto operator<=>(const HttpAddress&) const = default;
};

struct HttpUrl {
    HttpAddress address;
    std::string target = "/";       // path and query, as they are sent
    bool tls = false;               // https
};
// `http://host[:port][/path][?query]`, or https; a mistake says what is wrong with it.
Result<HttpUrl> parseHttpUrl(std::string_view text);
// "host", "host:port", "[::1]:port".
Result<HttpAddress> parseHttpAddress(std::string_view text, uint16_t defaultPort);
// Text as it may stand in a path (slashes stay) or in a value of a query.
std::string percentEncoded(std::string_view text, std::string_view keep = "");

struct HttpTimes {
    Duration connect = seconds(10);
    Duration answer = seconds(60);      // from the request's last byte to the answer's head
    Duration progress = seconds(30);    // without a byte sent or received
};

// Whose certificates are trusted: those of a file in PEM form, or the system's. A server's must be for its name.
struct HttpTrust {
    std::string file;
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;
// The value of the first of this name, whatever its case; empty if there is none.
std::string_view findHeader(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
    std::string method = "GET";
    HttpUrl to;
    HttpHeaders headers = {};
    std::string_view body = {};
};

struct HttpAnswer {
    int status = 0;
    HttpHeaders headers;
    std::string body;
    std::string_view header(std::string_view name) const { return findHeader(headers, name); }
};

class HttpClient {
public:
    explicit HttpClient(HttpTimes times = {}, size_t mostBody = size_t{1} << 30, HttpTrust trust = {});
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // The answer, whatever its status: redirects are not followed. Transient where there is none, and then nobody knows
    // whether the request was acted on, unless `sent` is false: not one byte of it left. Permanent when the server's
    // certificate is not trusted. Throws Stopped when `stop` is requested meanwhile.
    Result<HttpAnswer> send(const HttpRequest& request, const StopToken* stop = nullptr);
    bool sent() const { return sent_; }
    // Makes the connection that the next request to `to` uses; the protocol and who vouches for the server, for people.
    Result<std::string> connect(const HttpUrl& to, const StopToken* stop = nullptr);
    // Connections are made anew for the next request.
    void close();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
    bool sent_ = false;
};

}
