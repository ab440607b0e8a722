#include "engine/transport/tcp_server.h"

#include "engine/base/printable.h"
#include "engine/transport/listen.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <optional>
#include <set>

namespace streamwright {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::use_awaitable;

// A listener that could not take what came is asked again after this time.
constexpr auto kPause = std::chrono::milliseconds(20);
// What is owed to a peer that has ended is waited for so long.
constexpr auto kMostOwed = std::chrono::seconds(10);
constexpr auto kLookForMore = std::chrono::milliseconds(5);

std::string reasonOf(const boost::system::error_code& code)
{
    return code == asio::error::eof ? std::string(TcpListener::kPeerClosed) : continued(code.message());
}

// One connection. Held by its coroutines, used on the server's thread alone.
class Connection final : public std::enable_shared_from_this<Connection> {
public:
    Connection(asio::io_context& io, tcp::socket socket) : socket_(std::move(socket)), timer_(io) {}

    void send(std::string message)
    {
        if (!socket_.is_open()) return;
        waiting_ = std::move(message);
        if (!std::exchange(sending_, true)) asio::co_spawn(socket_.get_executor(), write(shared_from_this()), asio::detached);
    }

    // Reads until the connection ends; why it did.
    asio::awaitable<std::string> read(TcpListener& listener, Duration idle)
    {
        for (;;) {
            const std::span<char> room = listener.room();
            late_ = false;
            ++reads_;
            if (idle.micros > 0) watch(idle);
            const auto [failure, got] = co_await socket_.async_read_some(asio::buffer(room.data(), room.size()), asio::as_tuple(use_awaitable));
            timer_.cancel();
            if (failure) co_return ending_ ? *ending_ : late_ ? fmt::format("it sent nothing for {} s", idle.micros / 1'000'000) : reasonOf(failure);
            for (Result<void> taken = listener.take(got); !taken; taken = listener.take(0)) {
                if (taken.error().kind != ErrorKind::Transient) co_return taken.error().message;
                timer_.expires_after(kPause);
                co_await timer_.async_wait(asio::as_tuple(use_awaitable));
                if (ending_) co_return *ending_;
            }
        }
    }

    void end(std::string why)
    {
        ending_ = std::move(why);
        timer_.cancel();
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_receive, ignored);
        socket_.cancel(ignored);
    }
    bool sending() const { return sending_ || waiting_.has_value(); }
    void close()
    {
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }

private:
    // Ends the read when its time is over.
    void watch(Duration idle)
    {
        timer_.expires_after(std::chrono::microseconds(idle.micros));
        timer_.async_wait([weak = weak_from_this(), read = reads_](const boost::system::error_code& cancelled) {
            const auto self = weak.lock();
            // The read may have ended at the same moment, and another one begun.
            if (cancelled || !self || self->reads_ != read) return;
            self->late_ = true;
            boost::system::error_code ignored;
            self->socket_.cancel(ignored);
        });
    }
    asio::awaitable<void> write(std::shared_ptr<Connection> held)
    {
        (void)held;
        while (waiting_) {
            const std::string message = std::move(*std::exchange(waiting_, std::nullopt));
            const auto [failure, sent] = co_await asio::async_write(socket_, asio::buffer(message), asio::as_tuple(use_awaitable));
            // The reading side notices too.
            if (failure) waiting_.reset();
        }
        sending_ = false;
    }

    tcp::socket socket_;
    asio::steady_timer timer_;
    std::optional<std::string> waiting_;
    std::optional<std::string> ending_;
    bool sending_ = false;
    bool late_ = false;
    uint64_t reads_ = 0;
};

// What the rest of the program holds of a connection: it may outlive the server.
class Peer final : public TcpPeer {
public:
    Peer(std::weak_ptr<asio::io_context> io, std::weak_ptr<Connection> connection, std::string address) : io_(std::move(io)), connection_(std::move(connection)), address_(std::move(address)) {}

    void send(std::string message) override
    {
        const auto io = io_.lock();
        if (!io) return;
        asio::post(*io, [connection = connection_, message = std::move(message)]() mutable {
            if (const auto open = connection.lock()) open->send(std::move(message));
        });
    }
    const std::string& address() const override { return address_; }

private:
    std::weak_ptr<asio::io_context> io_;
    std::weak_ptr<Connection> connection_;
    std::string address_;
};

class Server final : public ListeningServer {
public:
    Server(TcpServerOptions options, TcpGreet greet) : ListeningServer(options.connections), options_(std::move(options)), greet_(std::move(greet)) {}

private:
    // What is owed is also sent to a peer that has said all it had to say.
    asio::awaitable<void> serve(tcp::socket socket) override
    {
        if (closing()) co_return;
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        socket.set_option(asio::socket_base::keep_alive(true), ignored);
        const auto peer = peerOf(socket);
        const auto connection = std::make_shared<Connection>(*io_, std::move(socket));
        open_.insert(connection);
        const auto listener = greet_(std::make_shared<Peer>(io_, connection, peer));
        listener->end(co_await connection->read(*listener, options_.idle));
        asio::steady_timer moment(*io_);
        for (Result<void> taken = listener->take(0); !taken && taken.error().kind == ErrorKind::Transient && !closing(); taken = listener->take(0)) {
            moment.expires_after(kPause);
            co_await moment.async_wait(use_awaitable);
        }
        const auto latest = std::chrono::steady_clock::now() + kMostOwed;
        while ((listener->owes() || connection->sending()) && std::chrono::steady_clock::now() < latest) {
            moment.expires_after(kLookForMore);
            co_await moment.async_wait(use_awaitable);
        }
        connection->close();
        open_.erase(connection);
    }

    void end() override
    {
        for (const auto& connection : open_) connection->end(std::string(TcpListener::kStopped));
    }
    bool busy() const override { return !open_.empty(); }

    TcpServerOptions options_;
    TcpGreet greet_;
    std::set<std::shared_ptr<Connection>> open_;
};

}

Result<std::unique_ptr<NetworkServer>> listenTcp(TcpServerOptions options, TcpGreet greet)
{
    const ListenAddress at = options.at;
    auto server = std::make_unique<Server>(std::move(options), std::move(greet));
    if (auto opened = server->open(at); !opened) return opened.error();
    return std::unique_ptr<NetworkServer>(std::move(server));
}

}
