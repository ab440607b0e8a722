#include "engine/transport/http_server.h"

#include "engine/base/names.h"
#include "engine/transport/listen.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

namespace streamwright {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using asio::use_awaitable;
using Parser = http::request_parser<http::string_body>;

constexpr size_t kMostHead = 16 << 10;
constexpr auto kFarewell = std::chrono::seconds(1);
// A refused body is read to its end, so that the client sees the answer, if it is no longer than this.
constexpr size_t kReadInVain = 256 << 10;
constexpr auto kSlowestAnswer = std::chrono::seconds(60);

std::chrono::microseconds chronoOf(Duration duration) { return std::chrono::microseconds(duration.micros); }

HttpAsked askedOf(const Parser::value_type& request)
{
    HttpAsked asked;
    asked.method = std::string_view(request.method_string());
    const std::string_view target(request.target());
    const size_t question = std::min(target.find('?'), target.size());
    asked.path = target.substr(0, question);
    asked.query = target.substr(std::min(question + 1, target.size()));
    for (const auto& field : request) asked.headers.emplace_back(std::string_view(field.name_string()), std::string_view(field.value()));
    return asked;
}

http::response<http::string_body> responseOf(HttpReply reply, unsigned version)
{
    http::response<http::string_body> response(static_cast<http::status>(reply.status), version);
    response.set(http::field::content_type, reply.type);
    response.set(http::field::cache_control, "no-store");
    for (const auto& [name, value] : reply.headers) response.set(name, value);
    response.body() = std::move(reply.body);
    response.prepare_payload();
    return response;
}

// Bytes of bodies that are being read, of all requests.
class Bodies {
public:
    explicit Bodies(size_t most) : most_(most) {}
    bool take(size_t bytes)
    {
        // One alone may always be read.
        if (used_ > 0 && used_ + bytes > most_) return false;
        used_ += bytes;
        return true;
    }
    void give(size_t bytes) { used_ -= bytes; }

private:
    size_t most_;
    size_t used_ = 0;
};

// One more while it lives.
class Counted {
public:
    explicit Counted(size_t& count) : count_(count) { ++count_; }
    ~Counted() { --count_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    size_t& count_;
};

// Cancels what a stream reads when its time is over. A timeout of the stream's own closes it, and nobody could be told.
class Deadline {
public:
    Deadline(beast::tcp_stream& stream, Duration time) : timer_(stream.get_executor(), chronoOf(time)), reading_(std::make_shared<beast::tcp_stream*>(&stream))
    {
        timer_.async_wait([weak = std::weak_ptr(reading_)](const boost::system::error_code& cancelled) {
            const auto reading = weak.lock();
            if (!cancelled && reading) std::exchange(*reading, nullptr)->cancel();
        });
    }
    bool passed() const { return !*reading_; }

private:
    asio::steady_timer timer_;
    std::shared_ptr<beast::tcp_stream*> reading_;   // null once its time is over
};

// An answer that comes from elsewhere; the connection waits for it.
struct Waiting {
    explicit Waiting(asio::io_context& io) : timer(io, asio::steady_timer::time_point::max()) {}
    asio::steady_timer timer;
    std::optional<HttpReply> reply;
};

class Server final : public ListeningServer {
public:
    Server(HttpServerOptions options, HttpHandler handler) : ListeningServer(options.connections), options_(std::move(options)), handler_(std::move(handler)), bodies_(options_.mostBodies) {}

private:
    asio::awaitable<void> serve(tcp::socket socket) override
    {
        beast::tcp_stream stream(std::move(socket));
        beast::flat_buffer buffer(kMostHead + kReadInVain);
        while (!closing() && co_await exchange(stream, buffer)) {
        }
        boost::system::error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    // One request and its answer; whether another may follow on the connection.
    asio::awaitable<bool> exchange(beast::tcp_stream& stream, beast::flat_buffer& buffer)
    {
        Parser parser;
        parser.header_limit(kMostHead);
        parser.body_limit(options_.mostBody);
        stream.expires_after(chronoOf(options_.head));
        const auto [failure, got] = co_await http::async_read_header(stream, buffer, parser, asio::as_tuple(use_awaitable));
        if (failure == http::error::header_limit) co_return co_await reply(stream, refusal(431, "The head of the request must not have more than 16 KiB.\n"), 11, false);
        // A body that is announced as too long is noticed here already.
        if (failure == http::error::body_limit) co_return co_await reply(stream, tooLong(), 11, false);
        if (failure == http::error::end_of_stream || failure == beast::error::timeout || !isHttp(failure)) co_return false;
        if (failure) co_return co_await reply(stream, refusal(400, fmt::format("This is no HTTP request: {}.\n", failure.message())), 11, false);
        const Counted busy(busy_);
        co_return co_await answer(stream, buffer, parser);
    }

    static bool isHttp(const boost::system::error_code& failure) { return !failure || failure.category() == http::make_error_code(http::error::bad_method).category(); }

    asio::awaitable<bool> answer(beast::tcp_stream& stream, beast::flat_buffer& buffer, Parser& parser)
    {
        const unsigned version = parser.get().version();
        HttpAsked asked = askedOf(parser.get());
        if (auto refused = handler_.refuse(asked)) co_return co_await refuse(stream, buffer, parser, std::move(*refused));
        const auto length = parser.content_length();
        if (length && *length > options_.mostBody) co_return co_await refuse(stream, buffer, parser, tooLong());
        const size_t reserved = length ? static_cast<size_t>(*length) : parser.chunked() ? options_.mostBody : 0;
        if (!bodies_.take(reserved)) {
            HttpReply busy = refusal(503, "Too many large requests at once; try again.\n");
            busy.headers.emplace_back("Retry-After", "1");
            co_return co_await refuse(stream, buffer, parser, std::move(busy));
        }
        const std::shared_ptr<void> given(nullptr, [this, reserved](void*) { bodies_.give(reserved); });
        if (sameName(parser.get()[http::field::expect], "100-continue")) {
            const http::response<http::empty_body> goOn(http::status::continue_, version);
            co_await http::async_write(stream, goOn, use_awaitable);
        }
        const Deadline deadline(stream, options_.body);
        // Where the deadline fell between two reads.
        stream.expires_after(chronoOf(options_.body) + kFarewell);
        const auto [failure, got] = co_await http::async_read(stream, buffer, parser, asio::as_tuple(use_awaitable));
        if (failure == http::error::body_limit) co_return co_await reply(stream, tooLong(), version, false);
        if (failure == asio::error::operation_aborted && deadline.passed()) co_return co_await reply(stream, refusal(408, "The request took too long to come.\n"), version, false);
        if (failure) co_return failure != http::error::end_of_stream && isHttp(failure) && co_await reply(stream, refusal(400, fmt::format("The body cannot be read: {}.\n", failure.message())), version, false);
        asked.body = std::move(parser.get().body());
        const bool keepAlive = parser.get().keep_alive();
        stream.expires_never();
        HttpReply made = co_await handled(std::move(asked));
        co_return co_await reply(stream, std::move(made), version, keepAlive);
    }

    asio::awaitable<HttpReply> handled(HttpAsked asked)
    {
        const auto waiting = std::make_shared<Waiting>(*io_);
        handler_.handle(std::move(asked), [weakIo = std::weak_ptr(io_), weak = std::weak_ptr(waiting)](HttpReply reply) {
            const auto io = weakIo.lock();
            if (!io) return;
            asio::post(*io, [weak, reply = std::move(reply)]() mutable {
                const auto waits = weak.lock();
                if (!waits) return;
                waits->reply = std::move(reply);
                waits->timer.cancel();
            });
        });
        while (!waiting->reply) co_await waiting->timer.async_wait(asio::as_tuple(use_awaitable));
        co_return std::move(*waiting->reply);
    }

    HttpReply refusal(int status, std::string why) const { return {status, std::move(why), {}}; }
    HttpReply tooLong() const { return refusal(413, fmt::format("The body must not have more than {} bytes.\n", options_.mostBody)); }

    // The answer to a request whose body is not wanted. One that is short, or not sent before it is asked for, is no
    // reason to give up the connection.
    asio::awaitable<bool> refuse(beast::tcp_stream& stream, beast::flat_buffer& buffer, Parser& parser, HttpReply why)
    {
        const unsigned version = parser.get().version();
        bool keepAlive = parser.get().keep_alive();
        const bool expects = sameName(parser.get()[http::field::expect], "100-continue");
        const auto length = parser.content_length();
        if (expects || parser.chunked() || (length && *length > kReadInVain)) {
            keepAlive = false;
        } else if (length && *length > 0) {
            stream.expires_after(chronoOf(options_.body));
            co_await http::async_read(stream, buffer, parser, use_awaitable);
        }
        co_return co_await reply(stream, std::move(why), version, keepAlive);
    }

    asio::awaitable<bool> reply(beast::tcp_stream& stream, HttpReply reply, unsigned version, bool keepAlive)
    {
        if (reply.status >= 400) ListeningServer::refuse();
        auto response = responseOf(std::move(reply), version);
        response.keep_alive(keepAlive && !closing());
        stream.expires_after(kSlowestAnswer);
        co_await http::async_write(stream, response, use_awaitable);
        if (!response.keep_alive()) co_await linger(stream);
        co_return response.keep_alive();
    }

    // A connection that is closed while bytes of the client are unread is reset, and the answer with it.
    static asio::awaitable<void> linger(beast::tcp_stream& stream)
    {
        boost::system::error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
        std::array<char, 16 << 10> unread;
        size_t read = 0;
        stream.expires_after(kFarewell);
        while (read < kReadInVain) {
            const auto [failure, got] = co_await stream.async_read_some(asio::buffer(unread), asio::as_tuple(use_awaitable));
            if (failure) co_return;
            read += got;
        }
    }

    bool busy() const override { return busy_ > 0; }

    HttpServerOptions options_;
    HttpHandler handler_;
    Bodies bodies_;
    size_t busy_ = 0;           // requests that are being read or answered
};

}

std::string_view HttpAsked::token() const
{
    static constexpr std::string_view kBearer = "Bearer ";
    const std::string_view given = header("Authorization");
    return given.starts_with(kBearer) ? given.substr(kBearer.size()) : std::string_view();
}

Result<std::unique_ptr<NetworkServer>> listenHttp(HttpServerOptions options, HttpHandler handler)
{
    const ListenAddress at = options.at;
    auto server = std::make_unique<Server>(std::move(options), std::move(handler));
    if (auto opened = server->open(at); !opened) return opened.error();
    return std::unique_ptr<NetworkServer>(std::move(server));
}

}
