// What Verify looks at first of a node that reaches a host by its name.
#pragma once
#include "engine/dataflow/probe.h"
#include "engine/transport/tcp_client.h"

namespace streamwright {

// "find HOST": its addresses.
bool probeHost(const std::string& host, Probe& probe);
// The same, and "connect to HOST:PORT"; `connected` is said of a connection that was made.
bool probeConnection(TcpClient& client, const std::string& host, int64_t port, const std::string& connected, Probe& probe);

}
