// An HTTP/1.1 server for requests with bodies. A request is looked at before its body is read; the whole one is answered
// whenever its answer is there. All of it runs on the one thread that calls `run`; `stop` and answers may come from any.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/transport/http_client.h"
#include "engine/transport/listen_address.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace streamwright {

// What a client asks for.
struct HttpAsked {
    std::string method;                 // "POST"
    std::string path;                   // without the query
    std::string query;                  // behind the ?, still encoded
    HttpHeaders headers;
    std::string peer;                   // "127.0.0.1:40212"
    std::string body;                   // empty until it was read
    std::string_view header(std::string_view name) const;   // whatever its case; empty if there is none
    // The token of `Authorization: Bearer TOKEN`; empty if there is none.
    std::string_view token() const;
};

struct HttpReply {
    int status = 200;
    std::string body;
    HttpHeaders headers;
    std::string type = "text/plain; charset=utf-8";
};

struct HttpServerOptions {
    std::string host = "127.0.0.1";
    uint16_t port = 0;
    size_t connections = 1000;              // at once; more are closed right away
    size_t mostBody = 16 << 20;             // a longer one is refused with 413, unread if it tells its length
    size_t mostBodies = 64 << 20;           // of all requests at once: those above are refused with 503
    Duration head = seconds(30);            // to send a request's head, also of the next on the same connection
    Duration body = seconds(60);            // to send its body
};

class HttpServer {
public:
    using Answer = std::function<void(HttpReply)>;
    struct Handler {
        // Looks at the head; a reply refuses the request.
        std::function<std::optional<HttpReply>(const HttpAsked&)> refuse;
        // The whole request; the answer is called once.
        std::function<void(HttpAsked, Answer)> handle;
    };
    // Transient when the port is taken.
    static Result<std::unique_ptr<HttpServer>> listen(HttpServerOptions options, Handler handler);
    virtual ~HttpServer() = default;

    // Serves until `stop`: nobody else is let in then; requests that are being answered are, within a second.
    virtual void run() = 0;
    virtual void stop() = 0;
    virtual std::string address() const = 0;
    virtual size_t connections() const = 0;     // any thread
    virtual int64_t refused() const = 0;        // connections and requests; any thread
};

}
