// Stands between Kafka's clients and a broker, sees which requests pass, and can cut, freeze, or lose the answer to one of them.
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace streamwright {

// Numbers of Kafka's requests.
inline constexpr int kProduceRequest = 0;
inline constexpr int kFetchRequest = 1;
inline constexpr int kEndTransactionRequest = 26;

class KafkaProxy {
public:
    // `front` and `behind` are "127.0.0.1:port".
    KafkaProxy(const std::string& front, const std::string& behind) : behind_(portOf(behind))
    {
        server_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(server_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        const sockaddr_in address = loopback(portOf(front));
        if (::bind(server_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(server_, 64) != 0) std::abort();
        accepting_ = std::thread([this] { accept(); });
    }
    ~KafkaProxy()
    {
        ending_ = true;
        cut();
        accepting_.join();
        for (std::thread& pump : pumps_) pump.join();
        ::close(server_);
    }

    enum class Lose : unsigned char { Answer, Request };
    // The next request of this kind is the last that passes (or does not): from then on nothing moves until `restore`.
    void freezeAt(int request, Lose lose)
    {
        const std::lock_guard lock(mutex_);
        frozenBy_ = request;
        lose_ = lose;
        reached_ = false;
    }
    // True when that request has come.
    bool waitUntilFrozen(int milliseconds)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return reached_; });
    }
    // Nothing moves, connections stay.
    void freeze()
    {
        const std::lock_guard lock(mutex_);
        frozen_ = true;
    }
    // Whoever was connected must connect again.
    void restore()
    {
        {
            const std::lock_guard lock(mutex_);
            frozen_ = false;
            frozenBy_ = -1;
        }
        cut();
    }
    // All connections end.
    void cut()
    {
        const std::lock_guard lock(mutex_);
        for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    int seen(int request) const { return request < 128 ? seen_[request].load() : 0; }

private:
    static int portOf(const std::string& address) { return std::atoi(address.c_str() + address.rfind(':') + 1); }
    static sockaddr_in loopback(int port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    void accept()
    {
        while (!ending_) {
            pollfd wait{server_, POLLIN, 0};
            if (::poll(&wait, 1, 50) != 1) continue;
            const int client = ::accept4(server_, nullptr, nullptr, SOCK_CLOEXEC);
            const int broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
            const sockaddr_in address = loopback(behind_);
            if (::connect(broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
                ::close(broker);
                ::close(client);
                continue;
            }
            const std::lock_guard lock(mutex_);
            sockets_.insert(sockets_.end(), {client, broker});
            pumps_.emplace_back([this, client, broker] { pump(client, broker); });
        }
    }

    // Both ways of one connection.
    void pump(int client, int broker)
    {
        std::string requests;
        std::vector<char> bytes(1 << 16);
        for (bool open = true; open && !ending_;) {
            if (isFrozen()) {
                // Gone when it was cut.
                pollfd hung[2] = {{client, POLLRDHUP, 0}, {broker, POLLRDHUP, 0}};
                open = ::poll(hung, 2, 20) == 0;
                continue;
            }
            pollfd ready[2] = {{client, POLLIN, 0}, {broker, POLLIN, 0}};
            if (::poll(ready, 2, 20) <= 0) continue;
            for (int way = 0; way < 2 && open; ++way) {
                if (!ready[way].revents) continue;
                const ssize_t got = ::recv(way == 0 ? client : broker, bytes.data(), bytes.size(), 0);
                if (got <= 0) {
                    open = false;
                } else if (way == 0) {
                    open = passRequests(requests.append(bytes.data(), static_cast<size_t>(got)), broker);
                } else if (!isFrozen()) {
                    open = send(client, bytes.data(), static_cast<size_t>(got));
                }
            }
        }
        const std::lock_guard lock(mutex_);
        std::erase_if(sockets_, [&](int socket) { return socket == client || socket == broker; });
        ::close(client);
        ::close(broker);
    }

    // Whole requests, one after the other; takes them out of `bytes`.
    bool passRequests(std::string& bytes, int broker)
    {
        while (bytes.size() >= 6 && !isFrozen()) {
            uint32_t size = 0;
            uint16_t request = 0;
            std::memcpy(&size, bytes.data(), 4);
            std::memcpy(&request, bytes.data() + 4, 2);
            const size_t whole = 4 + ntohl(size);
            if (bytes.size() < whole) return true;
            const int kind = ntohs(request);
            if (kind < 128) ++seen_[kind];
            bool passes = true;
            {
                const std::lock_guard lock(mutex_);
                if (kind == frozenBy_) {
                    frozen_ = true;
                    passes = lose_ == Lose::Answer;
                }
            }
            if (passes && !send(broker, bytes.data(), whole)) return false;
            bytes.erase(0, whole);
            const std::lock_guard lock(mutex_);
            if (kind == frozenBy_) {
                reached_ = true;
                changed_.notify_all();
            }
        }
        return true;
    }

    static bool send(int socket, const char* bytes, size_t size)
    {
        while (size > 0) {
            const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes += sent;
            size -= static_cast<size_t>(sent);
        }
        return true;
    }
    bool isFrozen()
    {
        const std::lock_guard lock(mutex_);
        return frozen_;
    }

    int behind_;
    int server_ = -1;
    std::atomic<bool> ending_{false};
    std::atomic<int> seen_[128] = {};
    std::mutex mutex_;
    std::condition_variable changed_;
    bool frozen_ = false;
    int frozenBy_ = -1;
    Lose lose_ = Lose::Answer;
    bool reached_ = false;
    std::vector<int> sockets_;
    std::list<std::thread> pumps_;
    std::thread accepting_;
};

}
