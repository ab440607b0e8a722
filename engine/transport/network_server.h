// A server of connections, as its owner sees it: it listens once it is made (tcp_server.h, http_server.h).
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace streamwright {

class NetworkServer {
public:
    virtual ~NetworkServer() = default;
    // Serves until `stop`, on the thread that calls it: nobody else is let in then, and what the peers are owed is sent
    // within a second.
    virtual void run() = 0;
    // The others: any thread.
    virtual void stop() = 0;
    virtual const std::string& address() const = 0;     // where it listens: "127.0.0.1:9000"
    virtual size_t connections() const = 0;
    virtual int64_t refused() const = 0;                // connections for being too many, and requests
};

}
