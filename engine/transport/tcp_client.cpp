#include "engine/transport/tcp_client.h"

#include "engine/base/printable.h"

#include <algorithm>
#include <cerrno>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace streamwright {

namespace {

// Large enough that a fast peer need not wait between two reads.
constexpr int kReceiveBuffer = 4 << 20;
// A stop token is looked at this often, in milliseconds.
constexpr int kLookForStop = 50;

Error socketError(int code) { return transient(continued(std::strerror(code))); }

bool isThisMachine(const std::string& host) { return host == "localhost" || host.ends_with(".localhost"); }

using Addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

Result<Addresses> lookUp(const std::string& name, const char* port)
{
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int code = ::getaddrinfo(name.c_str(), port, &hints, &found)) return transient(continued(::gai_strerror(code)));
    return Addresses(found, &::freeaddrinfo);
}

}

Result<std::vector<std::string>> addressesOf(const std::string& host)
{
    if (isThisMachine(host)) return std::vector<std::string>{"127.0.0.1", "::1"};
    const auto found = lookUp(host, nullptr);
    if (!found) return found.error();
    std::vector<std::string> addresses;
    for (const addrinfo* address = found->get(); address; address = address->ai_next) {
        char text[NI_MAXHOST];
        if (::getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST) == 0) addresses.emplace_back(text);
    }
    return addresses;
}

TcpClient::TcpClient() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

TcpClient::~TcpClient()
{
    close();
    ::close(wake_);
}

void TcpClient::close()
{
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

void TcpClient::cancel()
{
    const uint64_t one = 1;
    // The counter stays above zero for good, so a failed write means that it was set already.
    [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof(one));
}

bool TcpClient::cancelled() const
{
    pollfd wake{wake_, POLLIN, 0};
    return (stop_ && stop_->requested()) || ::poll(&wake, 1, 0) > 0;
}

bool TcpClient::pause(Duration duration)
{
    pollfd wake{wake_, POLLIN, 0};
    const int milliseconds = static_cast<int>(std::min<int64_t>((duration.micros + 999) / 1000, 24 * 3600 * 1000));
    return ::poll(&wake, 1, milliseconds) == 0;
}

bool TcpClient::waitFor(short events, int milliseconds)
{
    pollfd both[2] = {{wake_, POLLIN, 0}, {socket_, events, 0}};
    int left = milliseconds;
    while (true) {
        const int most = stop_ ? left < 0 ? kLookForStop : std::min(left, kLookForStop) : left;
        const int ready = ::poll(both, 2, most);
        if (ready < 0 && errno == EINTR) continue;
        if (stop_ && stop_->requested()) return false;
        if (ready > 0) return both[0].revents == 0;
        if (left >= 0) left -= most;
        if (left == 0) return false;
    }
}

Result<void> TcpClient::connect(const std::string& host, uint16_t port, Duration timeout)
{
    if (!isThisMachine(host)) return connectTo(host, port, timeout);
    auto done = connectTo("127.0.0.1", port, timeout);
    if (!done && !cancelled() && connectTo("::1", port, timeout)) return {};
    return done;
}

Result<void> TcpClient::connectTo(const std::string& name, uint16_t port, Duration timeout)
{
    close();
    const auto addresses = lookUp(name, std::to_string(port).c_str());
    if (!addresses) return addresses.error();
    Error last = transient("no address");
    for (const addrinfo* address = addresses->get(); address; address = address->ai_next) {
        socket_ = ::socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol);
        if (socket_ < 0) {
            last = socketError(errno);
            continue;
        }
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof(kReceiveBuffer));
        int code = ::connect(socket_, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
        if (code == EINPROGRESS) {
            code = ETIMEDOUT;
            if (waitFor(POLLOUT, static_cast<int>(timeout.micros / 1000))) {
                socklen_t size = sizeof(code);
                ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &code, &size);
            }
        }
        if (code == 0) {
            // A peer whose machine vanished is noticed within a minute or so, not after two hours.
            const int on = 1, idle = 30, every = 10, tries = 3;
            ::setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
            ::setsockopt(socket_, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
            ::setsockopt(socket_, IPPROTO_TCP, TCP_KEEPINTVL, &every, sizeof(every));
            ::setsockopt(socket_, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries));
            return {};
        }
        last = cancelled() ? transient("cancelled") : socketError(code);
        close();
        if (cancelled()) break;
    }
    return last;
}

Result<void> TcpClient::write(std::span<const char> bytes, Duration timeout)
{
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes = bytes.subspan(static_cast<size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return socketError(errno);
        if (!waitFor(POLLOUT, static_cast<int>(timeout.micros / 1000))) return transient(cancelled() ? "cancelled" : "nothing could be sent for " + std::to_string(timeout.micros / 1'000'000) + " s");
    }
    return {};
}

Result<void> TcpClient::flush(Duration timeout)
{
    // The kernel tells nobody when its send queue becomes empty.
    constexpr Duration kLookAgain = milliseconds(1);
    int before = -1;
    for (Duration waited; waited < timeout; waited.micros += kLookAgain.micros) {
        int unsent = 0;
        if (::ioctl(socket_, SIOCOUTQ, &unsent) != 0) return socketError(errno);
        int failure = 0;
        socklen_t size = sizeof(failure);
        if (::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 && failure != 0) return socketError(failure);
        if (unsent == 0) return {};
        if (unsent != before) waited = {};
        before = unsent;
        if (!pause(kLookAgain)) return transient("cancelled");
    }
    return transient("the peer acknowledged nothing for " + std::to_string(timeout.micros / 1'000'000) + " s");
}

bool TcpClient::waitForBytes(Duration timeout) { return waitFor(POLLIN, static_cast<int>(timeout.micros / 1000)); }

Result<size_t> TcpClient::read(std::span<char> into)
{
    while (true) {
        const ssize_t got = ::recv(socket_, into.data(), into.size(), 0);
        if (got >= 0) return static_cast<size_t>(got);
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return socketError(errno);
        if (!waitFor(POLLIN, -1)) return size_t{0};
    }
}

}
