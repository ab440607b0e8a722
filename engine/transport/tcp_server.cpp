#include "engine/transport/tcp_server.h"

#include "engine/transport/listen.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <atomic>
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
// What is owed to a peer that has ended, and to all when the run stops, is waited for so long.
constexpr auto kMostOwed = std::chrono::seconds(10);
constexpr auto kFarewell = std::chrono::seconds(1);
constexpr auto kLookForMore = std::chrono::milliseconds(5);

std::string reasonOf(const boost::system::error_code& code)
{
    if (code == asio::error::eof) return std::string(TcpServer::kPeerClosed);
    std::string text = code.message();
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
    return text;
}

std::string addressOf(const tcp::socket& socket)
{
    boost::system::error_code failure;
    const auto endpoint = socket.remote_endpoint(failure);
    if (failure) return "a peer that has gone";
    const std::string host = endpoint.address().to_string();
    return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port()) : fmt::format("{}:{}", host, endpoint.port());
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

class Server final : public TcpServer {
public:
    Server(TcpServerOptions options, Greet greet) : options_(std::move(options)), greet_(std::move(greet)), acceptor_(*io_) {}

    Result<void> open()
    {
        auto acceptor = listenAt(*io_, {options_.host, options_.port});
        if (!acceptor) return acceptor.error();
        acceptor_ = std::move(*acceptor);
        address_ = placeOf(acceptor_);
        return {};
    }

    void run() override
    {
        asio::co_spawn(*io_, acceptEach(acceptor_, [this](tcp::socket socket) { greet(std::move(socket)); }), asio::detached);
        io_->run();
    }

    void stop() override
    {
        asio::post(*io_, [this] { asio::co_spawn(*io_, farewell(), asio::detached); });
    }

    std::string address() const override { return address_; }
    size_t connections() const override { return count_.load(); }
    int64_t refused() const override { return refused_.load(); }

private:
    void greet(tcp::socket socket)
    {
        if (open_.size() >= options_.connections) {
            ++refused_;
            return;     // the socket closes
        }
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        socket.set_option(asio::socket_base::keep_alive(true), ignored);
        const auto peer = addressOf(socket);
        const auto connection = std::make_shared<Connection>(*io_, std::move(socket));
        open_.insert(connection);
        count_ = open_.size();
        asio::co_spawn(*io_, serve(connection, greet_(std::make_shared<Peer>(io_, connection, peer))), asio::detached);
    }

    // What is owed is also sent to a peer that has said all it had to say.
    asio::awaitable<void> serve(std::shared_ptr<Connection> connection, std::unique_ptr<TcpListener> listener)
    {
        listener->end(co_await connection->read(*listener, options_.idle));
        asio::steady_timer moment(*io_);
        for (Result<void> taken = listener->take(0); !taken && taken.error().kind == ErrorKind::Transient && !closing_; taken = listener->take(0)) {
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
        count_ = open_.size();
    }

    asio::awaitable<void> farewell()
    {
        if (std::exchange(closing_, true)) co_return;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        for (const auto& connection : open_) connection->end(std::string(TcpServer::kStopped));
        const auto latest = std::chrono::steady_clock::now() + kFarewell;
        asio::steady_timer moment(*io_);
        while (!open_.empty() && std::chrono::steady_clock::now() < latest) {
            moment.expires_after(kLookForMore);
            co_await moment.async_wait(use_awaitable);
        }
        io_->stop();
    }

    TcpServerOptions options_;
    Greet greet_;
    const std::shared_ptr<asio::io_context> io_ = std::make_shared<asio::io_context>(1);
    tcp::acceptor acceptor_;
    std::string address_;
    std::set<std::shared_ptr<Connection>> open_;
    std::atomic<size_t> count_{0};
    std::atomic<int64_t> refused_{0};
    bool closing_ = false;
};

}

Result<std::unique_ptr<TcpServer>> TcpServer::listen(TcpServerOptions options, Greet greet)
{
    auto server = std::make_unique<Server>(std::move(options), std::move(greet));
    if (auto opened = server->open(); !opened) return opened.error();
    return std::unique_ptr<TcpServer>(std::move(server));
}

}
