// Serves a Session to viewers over HTTP and WebSocket (remote_session.h is their side), to monitoring programs
// /metrics and /api/progress, and to anybody /healthz. All but /healthz ask for the token, in the header
// `Authorization: Bearer TOKEN` or as `?token=TOKEN`. Web pages of other places are refused.
#pragma once
#include "engine/control/session.h"
#include "engine/transport/listen_address.h"

namespace streamwright {

struct ServerOptions {
    std::string address = "127.0.0.1";      // a number, not a name; IPv6 without brackets
    uint16_t port = 0;                      // 0: any that is free
    std::string token;                      // empty: none is asked for
    // Called once, on a thread of the server, when nobody was connected and nothing ran for so long.
    std::function<void()> abandoned;
    Duration patience = seconds(10);
};

class SessionServer {
public:
    // `session` outlives the server.
    static Result<std::unique_ptr<SessionServer>> listen(Session& session, ServerOptions options);
    // Says farewell with the last snapshot to all viewers, and closes. Calls that wait are dropped.
    virtual ~SessionServer() = default;

    virtual std::string address() const = 0;    // "127.0.0.1:40211"
};

}
