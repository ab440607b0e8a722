// Stands between a program and a server on loopback, and does to their connections what networks do: cuts them, swallows
// what they carry, loses the answer to something that arrived. Any thread.
#pragma once
#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <list>
#include <mutex>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace streamwright {

class Proxy {
public:
    explicit Proxy(int serverPort) : serverPort_(serverPort), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        listen();
        thread_ = std::thread([this] { work(); });
    }
    ~Proxy()
    {
        ending_ = true;
        wake();
        thread_.join();
        for (Pair& pair : pairs_) closeBoth(pair);
        if (listener_ >= 0) ::close(listener_);
        ::close(wake_);
    }
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    int port() const { return port_; }
    // Connections that were made so far.
    int accepted() const { return accepted_; }
    // Answers that were lost so far, and connections that went silent because of what they carried.
    int lost() const { return lost_; }
    int swallowed() const { return swallowed_; }

    // Cuts the connections that there are, as a reset does.
    void drop()
    {
        const std::lock_guard lock(mutex_);
        for (Pair& pair : pairs_) pair.end = true;
        wake();
    }
    // Those that there are stay open and carry nothing any more, whatever happens at either end; with `New::Too` also those
    // that come, until `restore`.
    enum class New : unsigned char { Pass, Too };
    void swallow(New those = New::Pass)
    {
        const std::lock_guard lock(mutex_);
        for (Pair& pair : pairs_) pair.silent = true;
        silentNew_ = those == New::Too;
        wake();
    }
    // The next time that the client has sent what `meant` recognises (all that it sent since the last such moment of the
    // connection, so far as it is not older than 64 KiB), the server gets it, and from then on the connection carries
    // nothing, whatever happens at either end.
    using Meant = std::function<bool(std::string_view sent)>;
    void swallowAfter(Meant meant)
    {
        const std::lock_guard lock(mutex_);
        meant_ = std::move(meant);
        then_ = Then::Swallow;
    }
    // Nobody listens, until `restore`; what is there stays.
    void refuse()
    {
        const std::lock_guard lock(mutex_);
        // A thread that polls it would keep it listening.
        if (listener_ >= 0) ::shutdown(listener_, SHUT_RDWR);
        if (listener_ >= 0) ::close(std::exchange(listener_, -1));
        wake();
    }
    void restore()
    {
        const std::lock_guard lock(mutex_);
        silentNew_ = false;
        if (listener_ < 0) listen();
        wake();
    }
    // The same, but the server answers, and the answer does not arrive: the connection is cut instead.
    void loseReplyTo(Meant meant)
    {
        const std::lock_guard lock(mutex_);
        meant_ = std::move(meant);
        then_ = Then::LoseReply;
    }
    // Recognises these words, one after the other.
    static Meant inOrder(std::vector<std::string> words)
    {
        return [words = std::move(words)](std::string_view sent) {
            return std::all_of(words.begin(), words.end(), [&](const std::string& one) {
                const size_t at = sent.find(one);
                sent.remove_prefix(at == std::string_view::npos ? sent.size() : at + one.size());
                return at != std::string_view::npos;
            });
        };
    }

private:
    static constexpr size_t kRemembered = 64 << 10;
    enum class Then : unsigned char { LoseReply, Swallow };
    struct Side {
        int socket = -1;
        std::string waiting;    // came from the other side, is not sent yet
        bool ended = false;     // sends no more
        bool told = false;      // was told that the other sends no more
    };
    struct Pair {
        Side client, server;
        std::string sent;       // the last of what the client sent
        bool silent = false;
        bool losing = false;    // the server's next answer is the one to lose
        bool swallowing = false;    // silent as soon as the server has what was sent
        bool end = false;
    };

    void wake() const
    {
        const uint64_t one = 1;
        (void)!::write(wake_, &one, sizeof one);
    }

    void listen()
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        const int on = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address = loopback(port_);
        socklen_t size = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0) {
            std::perror("proxy: cannot listen");
            std::abort();
        }
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    static sockaddr_in loopback(int port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    static void reset(int& socket)
    {
        if (socket < 0) return;
        const linger now{1, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        ::close(std::exchange(socket, -1));
    }
    static void closeBoth(Pair& pair)
    {
        reset(pair.client.socket);
        reset(pair.server.socket);
    }

    void accept()
    {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client < 0) return;
        ++accepted_;
        Pair& pair = pairs_.emplace_back();
        pair.client.socket = client;
        pair.silent = silentNew_;
        if (pair.silent) return;
        // Loopback answers at once.
        pair.server.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address = loopback(serverPort_);
        if (::connect(pair.server.socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) pair.end = true;
    }

    // What `from` has sent goes into the other side's hands. False: the connection broke.
    bool take(Pair& pair, Side& from, Side& to)
    {
        char bytes[64 << 10];
        const ssize_t got = ::recv(from.socket, bytes, sizeof bytes, MSG_DONTWAIT);
        if (got < 0) return errno == EAGAIN || errno == EINTR;
        if (got == 0) {
            from.ended = true;
            return !pair.losing;
        }
        if (&from == &pair.server && pair.losing) {
            ++lost_;
            return false;
        }
        to.waiting.append(bytes, static_cast<size_t>(got));
        if (&from == &pair.client) watchFor(pair, std::string_view(bytes, static_cast<size_t>(got)));
        return true;
    }
    void watchFor(Pair& pair, std::string_view bytes)
    {
        pair.sent.append(bytes);
        if (pair.sent.size() > kRemembered) pair.sent.erase(0, pair.sent.size() - kRemembered);
        if (!meant_ || !meant_(pair.sent)) return;
        meant_ = nullptr;
        pair.losing = then_ == Then::LoseReply;
        pair.swallowing = then_ == Then::Swallow;
        pair.sent.clear();
    }
    static bool give(Side& to, const Side& from)
    {
        while (!to.waiting.empty()) {
            const ssize_t sent = ::send(to.socket, to.waiting.data(), to.waiting.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0) return errno == EAGAIN || errno == EINTR;
            to.waiting.erase(0, static_cast<size_t>(sent));
        }
        if (from.ended && !std::exchange(to.told, true)) ::shutdown(to.socket, SHUT_WR);
        return true;
    }

    static short wanted(const Side& side, const Side& other)
    {
        // No more is taken than the other side can follow.
        const bool reads = !side.ended && other.waiting.size() < (1 << 20);
        return static_cast<short>((reads ? POLLIN : 0) | (side.waiting.empty() ? 0 : POLLOUT));
    }

    void move(Pair& pair, short client, short server)
    {
        bool whole = true;
        if (client & (POLLIN | POLLHUP | POLLERR)) whole = take(pair, pair.client, pair.server);
        if (whole && (server & (POLLIN | POLLHUP | POLLERR))) whole = take(pair, pair.server, pair.client);
        whole = whole && give(pair.server, pair.client) && give(pair.client, pair.server);
        if (whole && pair.swallowing && pair.server.waiting.empty()) {
            pair.silent = true;
            ++swallowed_;
            return;
        }
        pair.end = pair.end || !whole || (pair.client.ended && pair.server.ended && pair.client.waiting.empty() && pair.server.waiting.empty());
    }

    void work()
    {
        while (!ending_) {
            std::vector<pollfd> polled;
            std::vector<Pair*> whose;
            {
                const std::lock_guard lock(mutex_);
                polled.push_back({wake_, POLLIN, 0});
                polled.push_back({listener_, POLLIN, 0});
                for (Pair& pair : pairs_) {
                    if (pair.silent) continue;
                    whose.push_back(&pair);
                    polled.push_back({pair.client.socket, wanted(pair.client, pair.server), 0});
                    polled.push_back({pair.server.socket, wanted(pair.server, pair.client), 0});
                }
            }
            ::poll(polled.data(), polled.size(), -1);
            const std::lock_guard lock(mutex_);
            uint64_t count = 0;
            if (polled[0].revents) (void)!::read(wake_, &count, sizeof count);
            for (size_t i = 0; i < whose.size(); ++i) {
                Pair& pair = *whose[i];
                if (!pair.end && !pair.silent) move(pair, polled[2 * i + 2].revents, polled[2 * i + 3].revents);
            }
            pairs_.remove_if([](Pair& pair) {
                if (pair.end) closeBoth(pair);
                return pair.end;
            });
            if (polled[1].revents && polled[1].fd == listener_) accept();
        }
    }

    int serverPort_;
    int port_ = 0;
    int listener_ = -1;
    int wake_;
    std::mutex mutex_;
    std::list<Pair> pairs_;
    bool silentNew_ = false;
    Meant meant_;
    Then then_ = Then::LoseReply;
    std::atomic<int> accepted_{0};
    std::atomic<int> lost_{0};
    std::atomic<int> swallowed_{0};
    std::atomic<bool> ending_{false};
    std::thread thread_;
};

}
