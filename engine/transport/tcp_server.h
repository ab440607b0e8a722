// A TCP server for peers that send: each connection has a listener of its own in the program. All of it runs on the
// one thread that calls `run`; `TcpPeer::send` may be called from any.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/transport/listen_address.h"
#include "engine/transport/network_server.h"

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace streamwright {

// The other end of a connection; outlives it.
class TcpPeer {
public:
    virtual ~TcpPeer() = default;
    // Takes the place of what was not sent yet: a peer that does not read costs one message. Nothing happens once the
    // connection has ended.
    virtual void send(std::string message) = 0;
    virtual const std::string& address() const = 0;     // "127.0.0.1:40212"
};

// What a connection's bytes go to.
class TcpListener {
public:
    // Ends that are no fault.
    static constexpr std::string_view kPeerClosed = "the peer closed the connection", kStopped = "the run stopped";

    virtual ~TcpListener() = default;
    // Where the next bytes go; never empty.
    virtual std::span<char> room() = 0;
    // `size` bytes came into `room`; 0: those that were not taken before are to be tried again. A Transient error: not
    // now, nothing is read from the peer until it went well. Any other ends the connection.
    virtual Result<void> take(size_t size) = 0;
    // No more comes, for the reason that `why` tells. `take(0)` follows until it went well.
    virtual void end(const std::string& why) = 0;
    // Something will still be sent: the connection stays open for it a while.
    virtual bool owes() const = 0;
};

struct TcpServerOptions {
    ListenAddress at;
    size_t connections = 1000;          // at once; more are closed right away
    Duration idle;                      // a peer that sends nothing for so long is disconnected; 0: never
};

using TcpGreet = std::function<std::unique_ptr<TcpListener>(std::shared_ptr<TcpPeer>)>;
// Transient when the port is taken.
Result<std::unique_ptr<NetworkServer>> listenTcp(TcpServerOptions options, TcpGreet greet);

}
