#include "engine/remote/link.h"

#include "engine/remote/token.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <algorithm>
#include <deque>
#include <fmt/format.h>

namespace streamwright {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using asio::use_awaitable;
using Milliseconds = std::chrono::milliseconds;

namespace {

constexpr Milliseconds kConnectWithin{5000};
constexpr Milliseconds kShortestPause{100}, kLongestPause{2000};

websocket::stream_base::timeout timeouts() { return {.handshake_timeout = std::chrono::seconds(5), .idle_timeout = std::chrono::seconds(20), .keep_alive_pings = true}; }

// "host:port", "[::1]:port".
std::pair<std::string, std::string> split(const std::string& address)
{
    const size_t colon = address.rfind(':');
    if (colon == std::string::npos) return {address, ""};
    std::string host = address.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return {host, address.substr(colon + 1)};
}

}

struct Link::Connection {
    explicit Connection(asio::io_context& io) : socket(io), changed(io, asio::steady_timer::time_point::max()) {}
    void send(std::string message)
    {
        waiting.push_back(std::move(message));
        changed.cancel();
    }
    void close()
    {
        open = false;
        changed.cancel();
        beast::get_lowest_layer(socket).close();
    }

    websocket::stream<beast::tcp_stream> socket;
    asio::steady_timer changed;         // cancelled when there is something to write
    std::deque<std::string> waiting;
    bool open = true;
};

Link::Link(std::shared_ptr<Place> place) : place_(std::move(place)), viewer_(newToken()), wake_(io_)
{
    asio::co_spawn(io_, [this] { return live(); }, asio::detached);
    thread_ = std::thread([this] { io_.run(); });
}

Link::~Link() { stop(); }

void Link::stop()
{
    io_.stop();
    if (thread_.joinable()) thread_.join();
}

void Link::send(Call call)
{
    asio::post(io_, [this, call = std::move(call)]() mutable { add(std::move(call)); });
}

void Link::cancel(uint64_t id)
{
    asio::post(io_, [this, id] {
        if (waiting_.erase(id) == 0 || !connection_) return;
        Writer out;
        streamwright::write(out, MessageKind::Cancel);
        out.number(id);
        connection_->send(out.take());
    });
}

void Link::browse(StartRequest request)
{
    Writer out;
    streamwright::write(out, MessageKind::Browse);
    streamwright::write(out, request);
    asio::post(io_, [this, message = out.take()]() mutable {
        browsed_ = std::move(message);
        if (connection_) connection_->send(browsed_);
    });
}

void Link::killUnlessAnswered(uint64_t id, Milliseconds patience)
{
    asio::post(io_, [this, id, patience] {
        auto timer = std::make_shared<asio::steady_timer>(io_, patience);
        timer->async_wait([this, id, timer](const boost::system::error_code&) {
            if (waiting_.contains(id)) place_->kill();
        });
    });
}

void Link::namePlace(SessionSnapshot& now) const { now.where = place_->name(); }

// A call waits while a connection is being made; between two attempts it is answered with what the last one met.
void Link::add(Call call)
{
    if (gone_ && call.about == About::Pipeline && place_->begin()) {
        gone_ = false;
        problem_.reset();
        wake_.cancel();
    }
    if (call.begins) ended_ = false;
    if (ended_ && call.takeLast) return call.takeLast(*last_);
    if (problem_) return call.fail(*problem_);
    if (connection_) connection_->send(std::exchange(call.message, {}));
    waiting_.emplace(call.id, std::move(call));
}

asio::awaitable<void> Link::live()
{
    Milliseconds pause = kShortestPause;
    std::optional<Error> lost;          // what ended the connection that was there
    while (true) {
        const Result<Endpoint> endpoint = place_->find();
        Error problem;
        if (endpoint) {
            // The other side is still there: the connection alone was lost.
            if (lost) failAll(*std::exchange(lost, std::nullopt), true);
            problem = co_await connect(*endpoint);
        } else {
            problem = endpoint.error();
        }
        connection_.reset();
        if (std::exchange(connected_, false) && problem.kind != ErrorKind::Permanent) {
            pause = kShortestPause;
            lost = std::move(problem);
            continue;
        }
        lost.reset();
        if (problem.kind == ErrorKind::Permanent) becomeGone(problem);
        failAll(problem, false);
        problem_ = std::move(problem);
        if (gone_) wake_.expires_at(asio::steady_timer::time_point::max());
        else wake_.expires_after(pause);
        co_await wake_.async_wait(asio::as_tuple(use_awaitable));
        problem_.reset();
        pause = std::min(pause * 2, kLongestPause);
    }
}

// Makes a connection and uses it until it ends; why it ended, or could not be made.
asio::awaitable<Error> Link::connect(Endpoint endpoint)
{
    const auto connection = std::make_shared<Connection>(io_);
    Result<std::string> refused = std::string();
    try {
        refused = co_await greet(*connection, endpoint);
    } catch (const boost::system::system_error& failure) {
        refused = transient(fmt::format("{} does not answer: {}", endpoint.address, failure.code().message()), "it is tried again");
    }
    if (!refused) co_return refused.error();
    connected_ = true;
    if (!refused->empty()) {
        problem_ = permanent(*refused, "use the same version of Streamwright on both sides");
        failAll(*problem_, false);
    } else {
        connection_ = connection;
        if (!browsed_.empty()) connection->send(browsed_);
        for (auto& [id, call] : waiting_) {
            if (!call.message.empty()) connection->send(std::exchange(call.message, {}));
        }
    }
    co_return co_await use(connection, endpoint.address);
}

// The sentence of a server that does not speak as we do; empty: all is well.
asio::awaitable<Result<std::string>> Link::greet(Connection& connection, const Endpoint& endpoint)
{
    auto& stream = beast::get_lowest_layer(connection.socket);
    const auto [host, port] = split(endpoint.address);
    tcp::resolver resolver(io_);
    stream.expires_after(kConnectWithin);
    const auto addresses = co_await resolver.async_resolve(host, port, use_awaitable);
    co_await stream.async_connect(addresses, use_awaitable);
    stream.socket().set_option(tcp::no_delay(true));
    stream.expires_never();
    connection.socket.set_option(timeouts());
    connection.socket.read_message_max(kLargestMessage);
    connection.socket.set_option(websocket::stream_base::decorator([token = endpoint.token](websocket::request_type& request) {
        if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
    }));
    websocket::response_type response;
    const auto [failure] = co_await connection.socket.async_handshake(response, endpoint.address, "/session", asio::as_tuple(use_awaitable));
    if (failure == websocket::error::upgrade_declined && response.result() == http::status::unauthorized) {
        co_return permanent(fmt::format("{} refused the token", endpoint.address), "the right one stands in the file of the run in $XDG_RUNTIME_DIR/streamwright, on its machine");
    }
    if (failure == websocket::error::upgrade_declined) co_return permanent(fmt::format("what answers at {} is no session of Streamwright", endpoint.address), "look at the address and the port");
    if (failure) throw boost::system::system_error(failure);
    connection.socket.text(true);
    const Hello ours = ourHello(viewer_);
    const std::string text = printHello(ours);
    co_await connection.socket.async_write(asio::buffer(text), use_awaitable);
    beast::flat_buffer buffer;
    co_await connection.socket.async_read(buffer, use_awaitable);
    connection.socket.binary(true);
    const auto bytes = buffer.data();
    const Result<Hello> theirs = readHello({static_cast<const char*>(bytes.data()), bytes.size()});
    if (!theirs) co_return theirs.error();
    co_return theirs->refused.empty() ? mismatchOf(*theirs, ours) : theirs->refused;
}

asio::awaitable<Error> Link::use(std::shared_ptr<Connection> connection, std::string address)
{
    asio::co_spawn(io_, [this, connection] { return write(connection); }, [connection](const std::exception_ptr&) { connection->close(); });
    std::string why;
    beast::flat_buffer buffer;
    try {
        while (true) {
            co_await connection->socket.async_read(buffer, use_awaitable);
            const auto bytes = buffer.data();
            take({static_cast<const char*>(bytes.data()), bytes.size()});
            buffer.clear();
        }
    } catch (const boost::system::system_error& failure) {
        why = failure.code().message();
    } catch (const WireProblem& problem) {
        why = fmt::format("what came is no message: {}", problem.what());
    }
    connection->close();
    if (farewell_) {
        // Its place knows by now that it is gone.
        (void)place_->find();
        co_return *std::exchange(farewell_, std::nullopt);
    }
    co_return transient(fmt::format("the connection to {} was lost: {}", address, why), "it is made again");
}

asio::awaitable<void> Link::write(std::shared_ptr<Connection> connection)
{
    while (connection->open) {
        if (connection->waiting.empty()) {
            co_await connection->changed.async_wait(asio::as_tuple(use_awaitable));
            continue;
        }
        const std::string message = std::move(connection->waiting.front());
        connection->waiting.pop_front();
        co_await connection->socket.async_write(asio::buffer(message), use_awaitable);
    }
}

void Link::take(std::string_view message)
{
    Reader in(message);
    switch (read<MessageKind>(in)) {
    case MessageKind::Answer: {
        const auto found = waiting_.find(in.number());
        if (found == waiting_.end()) return;        // nobody waits any more
        const Call call = std::move(found->second);
        waiting_.erase(found);
        try {
            return call.take(in, *this);
        } catch (const WireProblem& problem) {
            call.fail(permanent(fmt::format("the answer cannot be read: {}", problem.what())));
            throw;
        }
    }
    case MessageKind::Farewell: {
        last_ = read<SessionSnapshot>(in);
        namePlace(*last_);
        farewell_ = permanent("the run has ended, and its process with it");
        return;
    }
    default: throw WireProblem("this is for servers");
    }
}

void Link::failAll(const Error& error, bool sentOnly)
{
    for (auto& [id, call] : std::exchange(waiting_, {})) {
        if (sentOnly && !call.message.empty()) waiting_.emplace(id, std::move(call));
        else if (ended_ && call.takeLast) call.takeLast(*last_);
        else call.fail(error);
    }
}

// What was seen last stays, as a run that failed if it had not ended.
void Link::becomeGone(const Error& error)
{
    gone_ = true;
    ended_ = last_.has_value();
    if (!last_ || !last_->run || last_->run->state >= RunState::Finished) return;
    Snapshot run = *last_->run;
    run.state = RunState::Failed;
    run.message = error.message;
    run.working = 0;
    last_->run = std::make_shared<const Snapshot>(std::move(run));
    last_->failure = error;
}

}
