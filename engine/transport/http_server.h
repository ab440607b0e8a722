// An HTTP/1.1 server for requests with bodies. A request is looked at before its body is read; the whole one is answered
// whenever its answer is there. All of it runs on the one thread that calls `run`; answers may come from any.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/transport/http_client.h"
#include "engine/transport/listen_address.h"
#include "engine/transport/network_server.h"

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
    std::string body;                   // empty until it was read
    std::string_view header(std::string_view name) const { return findHeader(headers, name); }
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
    ListenAddress at;
    size_t connections = 1000;              // at once; more are closed right away
    size_t mostBody = 16 << 20;             // a longer one is refused with 413, unread if it tells its length
    size_t mostBodies = 64 << 20;           // of all requests at once: those above are refused with 503
    Duration head = seconds(30);            // to send a request's head, also of the next on the same connection
    Duration body = seconds(60);            // to send its body
};

using HttpRespond = std::function<void(HttpReply)>;
struct HttpHandler {
    // Looks at the head; a reply refuses the request.
    std::function<std::optional<HttpReply>(const HttpAsked&)> refuse;
    // The whole request; `HttpRespond` is called once.
    std::function<void(HttpAsked, HttpRespond)> handle;
};
// Transient when the port is taken.
Result<std::unique_ptr<NetworkServer>> listenHttp(HttpServerOptions options, HttpHandler handler);

}
