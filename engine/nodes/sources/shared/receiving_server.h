// What receivers have in common that are servers: where they listen, and how they serve until the run stops.
#pragma once
#include "engine/dataflow/declare.h"
#include "engine/dataflow/source.h"
#include "engine/transport/listen_address.h"
#include "engine/transport/network_server.h"

#include <mutex>

namespace streamwright {

struct ListenOptions {
    std::string host = "127.0.0.1";
    int64_t port = 0;
    int64_t connections = 1000;

    ListenAddress at() const { return {host, static_cast<uint16_t>(port)}; }
};

template <class Options>
void declareListenFields(Declare<Options>& declare, int64_t examplePort)
{
    const auto member = [](auto ListenOptions::*of) { return static_cast<std::remove_reference_t<decltype(std::declval<Options>().*of)> Options::*>(of); };
    declare
        .field(member(&ListenOptions::host), {.name = "host", .help = "Address of this machine to listen at, as a number; 0.0.0.0 for all of them.", .kind = FieldKind::Text, .fallback = Json::string("127.0.0.1"), .example = Json::string("0.0.0.0")})
        .field(member(&ListenOptions::port), {.name = "port", .help = "TCP port to listen at; 0 for any that is free, which the log tells.", .kind = FieldKind::Integer, .required = true, .least = 0, .most = 65535, .example = Json::integer(examplePort)})
        .field(member(&ListenOptions::connections), {.name = "max_connections", .help = "More connections at once are closed right away.", .kind = FieldKind::Integer, .fallback = Json::integer(1000), .least = 1, .most = 100000, .advanced = true});
}

class ReceivingServer {
public:
    using Listen = std::function<Result<std::unique_ptr<NetworkServer>>()>;
    // Blocks. `place` is where it listens, for people, and `listen` makes the server: a Transient error is tried again.
    Result<void> serve(RecordQueue& queue, const std::string& place, const Listen& listen);
    // Null while it does not serve. Any thread.
    std::shared_ptr<const NetworkServer> server() const;

    // Verify: whether it could listen.
    static void verify(const ListenOptions& options, const Listen& listen, Probe& probe);

private:
    void serveWith(const std::shared_ptr<NetworkServer>& server, RecordQueue& queue);
    void pause(RecordQueue& queue);

    mutable std::mutex mutex_;
    std::shared_ptr<NetworkServer> server_;
};

}
