#include "engine/remote/server.h"

#include "engine/remote/metrics_text.h"
#include "engine/remote/token.h"
#include "engine/remote/viewer.h"
#include "engine/transport/listen.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>
#include <thread>

namespace streamwright {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using asio::use_awaitable;
using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

constexpr auto kSlowestRequest = std::chrono::seconds(30);
constexpr auto kSlowestFarewell = std::chrono::seconds(1);

Response respond(const Request& request, http::status status, std::string body, std::string_view type = "text/plain; charset=utf-8")
{
    Response response(status, request.version());
    response.set(http::field::content_type, beast::string_view(type.data(), type.size()));
    response.set(http::field::cache_control, "no-store");
    response.keep_alive(request.keep_alive());
    response.body() = std::move(body);
    response.prepare_payload();
    return response;
}

std::string_view viewOf(beast::string_view text) { return {text.data(), text.size()}; }

std::string_view pathOf(const Request& request)
{
    const std::string_view target = viewOf(request.target());
    return target.substr(0, target.find('?'));
}

std::string_view tokenOf(const Request& request)
{
    static constexpr std::string_view kBearer = "Bearer ", kParameter = "token=";
    const std::string_view header = viewOf(request[http::field::authorization]);
    if (header.starts_with(kBearer)) return header.substr(kBearer.size());
    const std::string_view target = viewOf(request.target());
    for (size_t at = target.find('?'); at != std::string_view::npos; at = target.find('&', at + 1)) {
        const std::string_view parameter = target.substr(at + 1, target.find('&', at + 1) - at - 1);
        if (parameter.starts_with(kParameter)) return parameter.substr(kParameter.size());
    }
    return {};
}

class Server final : public SessionServer {
public:
    Server(Session& session, ServerOptions options) : options_(std::move(options)), acceptor_(*io_), idle_(*io_), viewers_(session, io_) {}

    Result<void> open();
    ~Server() override;
    std::string address() const override { return address_; }

private:
    asio::awaitable<void> serve(tcp::socket socket);
    asio::awaitable<Response> answer(const Request& request);
    asio::awaitable<void> watchForAbandonment();
    asio::awaitable<void> sayFarewell();
    // What is wrong with the request before it is looked at closely; a response, or none.
    std::optional<Response> refusal(const Request& request) const;
    template <class F>
    void spawn(F work);

    const ServerOptions options_;
    const std::shared_ptr<asio::io_context> io_ = std::make_shared<asio::io_context>(1);
    tcp::acceptor acceptor_;
    asio::steady_timer idle_;
    Viewers viewers_;
    std::string address_;
    bool closing_ = false;
    std::thread thread_;
};

// A connection that breaks ends its coroutine, nothing else. What still waits at the end goes with io_.
template <class F>
void Server::spawn(F work)
{
    asio::co_spawn(*io_, std::move(work), [](const std::exception_ptr&) {});
}

Result<void> Server::open()
{
    auto acceptor = listenAt(*io_, {options_.address, options_.port});
    if (!acceptor) return Error{ErrorKind::Mistake, acceptor.error().message, acceptor.error().hint};
    acceptor_ = std::move(*acceptor);
    address_ = placeOf(acceptor_);
    spawn([this] {
        return acceptEach(acceptor_, [this](tcp::socket socket) {
            const auto shared = std::make_shared<tcp::socket>(std::move(socket));
            spawn([this, shared] { return serve(std::move(*shared)); });
        });
    });
    if (options_.abandoned) spawn([this] { return watchForAbandonment(); });
    thread_ = std::thread([this] { io_->run(); });
    return {};
}

Server::~Server()
{
    if (!thread_.joinable()) return;
    spawn([this] { return sayFarewell(); });
    thread_.join();
}

asio::awaitable<void> Server::sayFarewell()
{
    closing_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    idle_.cancel();
    co_await viewers_.sayFarewell(kSlowestFarewell);
    io_->stop();
}

asio::awaitable<void> Server::serve(tcp::socket socket)
{
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    while (!closing_) {
        stream.expires_after(kSlowestRequest);
        Request request;
        co_await http::async_read(stream, buffer, request, use_awaitable);
        auto refused = refusal(request);
        if (!refused && beast::websocket::is_upgrade(request) && pathOf(request) == "/session") {
            stream.expires_never();
            co_await viewers_.serve(std::move(stream), std::move(request));
            co_return;
        }
        Response response;
        if (refused) response = std::move(*refused);
        else response = co_await answer(request);
        co_await http::async_write(stream, response, use_awaitable);
        if (!response.keep_alive()) break;
    }
    boost::system::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

std::optional<Response> Server::refusal(const Request& request) const
{
    if (request.method() != http::verb::get) return respond(request, http::status::method_not_allowed, "Only GET is answered here.\n");
    // A browser says where a page that asks came from; our viewers and monitoring programs send no such thing.
    if (request.find(http::field::origin) != request.end()) return respond(request, http::status::forbidden, "Web pages may not ask here.\n");
    if (pathOf(request) == "/healthz" || options_.token.empty() || sameSecret(tokenOf(request), options_.token)) return std::nullopt;
    Response response = respond(request, http::status::unauthorized, "The token is missing or wrong. Send the header `Authorization: Bearer TOKEN`; the token stands in the file of the run in $XDG_RUNTIME_DIR/streamwright.\n");
    response.set(http::field::www_authenticate, "Bearer");
    return response;
}

asio::awaitable<Response> Server::answer(const Request& request)
{
    const std::string_view path = pathOf(request);
    if (path == "/healthz") co_return respond(request, http::status::ok, "ok\n");
    if (path == "/session") co_return respond(request, http::status::upgrade_required, "Sessions are served over WebSocket: attach with streamwright-designer.\n");
    if (path != "/metrics" && path != "/api/progress") co_return respond(request, http::status::not_found, "There are /healthz, /metrics, /api/progress, and /session for viewers.\n");
    const Result<SessionSnapshot> now = co_await viewers_.snapshot();
    if (!now) co_return respond(request, http::status::service_unavailable, now.error().message + "\n");
    if (path == "/metrics") co_return respond(request, http::status::ok, metricsText(*now), "text/plain; version=0.0.4; charset=utf-8");
    co_return respond(request, http::status::ok, progressText(*now), "application/json");
}

asio::awaitable<void> Server::watchForAbandonment()
{
    const auto pause = std::chrono::microseconds(options_.patience.micros);
    auto since = std::chrono::steady_clock::now();
    while (!closing_) {
        idle_.expires_after(pause / 10);
        co_await idle_.async_wait(use_awaitable);
        const Result<SessionSnapshot> now = co_await viewers_.snapshot();
        const bool runs = now && now->run && now->run->state < RunState::Finished;
        if (runs || viewers_.count() > 0) since = std::chrono::steady_clock::now();
        if (std::chrono::steady_clock::now() - since < pause) continue;
        options_.abandoned();
        co_return;
    }
}

}

Result<std::unique_ptr<SessionServer>> SessionServer::listen(Session& session, ServerOptions options)
{
    auto server = std::make_unique<Server>(session, std::move(options));
    if (auto opened = server->open(); !opened) return opened.error();
    return std::unique_ptr<SessionServer>(std::move(server));
}

}
