#include "engine/nodes/probe_host.h"

#include "engine/transport/listen_address.h"

#include <fmt/ranges.h>

namespace streamwright {

namespace {

constexpr Duration kLongest = seconds(10);

}

bool probeHost(const std::string& host, Probe& probe)
{
    const auto addresses = addressesOf(host);
    return probe.step("find " + host, addresses ? Result<std::string>(fmt::format("{}", fmt::join(*addresses, ", "))) : addresses.error());
}

bool probeConnection(TcpClient& client, const std::string& host, int64_t port, const std::string& connected, Probe& probe)
{
    if (!probeHost(host, probe)) return false;
    const auto made = client.connect(host, static_cast<uint16_t>(port), kLongest);
    return probe.step("connect to " + hostAndPort(host, port), made ? Result<std::string>(connected) : made.error());
}

}
