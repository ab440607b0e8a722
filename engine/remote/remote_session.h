// A session elsewhere: in another process or on another machine, reached over HTTP and WebSocket (server.h is the
// other side). A connection that is lost is made again, with growing pauses; what waited for an answer is answered with
// the reason, and never asked a second time by itself. A server of another protocol is not left: every call is
// answered with the sentence that says so.
#pragma once
#include "engine/control/session.h"

namespace streamwright {

struct Endpoint {
    std::string address;                // "127.0.0.1:40211", "host:port"
    std::string token;                  // empty: none
};

// Where a session is. Asked on the session's own thread.
class Place {
public:
    virtual ~Place() = default;
    // Before each connection; may take a moment. Permanent: it is gone for good, until `begin`.
    virtual Result<Endpoint> find() = 0;
    virtual std::string name() const = 0;           // "own process 1234"
    // Of one that is gone: whether the next `find` may find one that begins anew.
    virtual bool begin() { return false; }
    // What does not stop is ended by force. False: not from here.
    virtual bool kill() { return false; }
};

// "host:port" or the address of a published run.
std::unique_ptr<Place> placeAt(Endpoint endpoint);

// When it is destroyed, every call that still waits is answered with an Error; what it looked at goes on.
std::unique_ptr<Session> remoteSession(std::shared_ptr<Place> place);

}
