// A TCP connection. One thread uses it; `cancel` alone may be called from any other.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/stop_token.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace streamwright {

// The addresses of a host, in numbers, as `TcpClient::connect` would try them. Looking up a name blocks and cannot be
// cancelled. Transient, with the reason alone.
Result<std::vector<std::string>> addressesOf(const std::string& host);

class TcpClient {
public:
    TcpClient();
    ~TcpClient();
    TcpClient(const TcpClient&) = delete;
    TcpClient& operator=(const TcpClient&) = delete;

    // Tries the addresses of `host` one after the other, each for `timeout` at most. Failures are Transient
    // and say the reason alone ("connection refused"). Looking up a name blocks and cannot be cancelled; localhost
    // is this machine also where no hosts file says so (RFC 6761).
    Result<void> connect(const std::string& host, uint16_t port, Duration timeout);
    // Waits for bytes and reads as many as are there and fit: at least one, or 0 when the peer has closed the
    // connection or the client was cancelled. A connection that breaks is Transient.
    Result<size_t> read(std::span<char> into);
    // Sends all of it; Transient when the connection breaks, the client is cancelled, or nothing could be sent for
    // `timeout`.
    Result<void> write(std::span<const char> bytes, Duration timeout);
    // Waits until the peer's machine has acknowledged all that was sent; Transient as above.
    Result<void> flush(Duration timeout);
    // Waits for bytes, or for the end of the connection; false after `timeout`, and when cancelled.
    bool waitForBytes(Duration timeout);
    void close();

    // Ends what is waiting, now and later.
    void cancel();
    // Ends it soon after `stop` is requested, too, which outlives the client.
    void heed(const StopToken* stop) { stop_ = stop; }
    bool cancelled() const;
    // Waits; false when cancelled meanwhile.
    bool pause(Duration duration);

private:
    Result<void> connectTo(const std::string& name, uint16_t port, Duration timeout);
    // True when the socket is ready for `events`; false after `milliseconds` (-1: for ever) or a cancel.
    bool waitFor(short events, int milliseconds);

    const StopToken* stop_ = nullptr;
    int socket_ = -1;
    int wake_ = -1;     // eventfd, readable once cancelled
};

}
