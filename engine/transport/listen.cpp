#include "engine/transport/listen.h"

#include "engine/base/printable.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <fmt/format.h>

namespace streamwright {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::use_awaitable;

namespace {

// So soon after an error of accepting it is tried again.
constexpr auto kPauseOfAccepting = std::chrono::milliseconds(100);

// What is owed to the peers when a server stops is waited for so long, and looked at so often.
constexpr auto kFarewell = std::chrono::seconds(1);
constexpr auto kLookAgain = std::chrono::milliseconds(5);

}

std::string hostAndPort(const std::string& host, int64_t port) { return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port); }

Result<ListenAddress> parseListenAddress(std::string_view text)
{
    ListenAddress address;
    const size_t colon = text.rfind(':');
    const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
    std::string_view host = colon == std::string_view::npos ? std::string_view() : text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (!host.empty()) address.address = host;
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (failure != std::errc() || end != port.data() + port.size()) return mistake(fmt::format("an address to listen at is ADDRESS:PORT, but is \"{}\"", text), "write for example 127.0.0.1:8080");
    return address;
}

bool sameSecret(std::string_view given, std::string_view wanted)
{
    unsigned different = given.size() == wanted.size() ? 0 : 1;
    for (size_t i = 0; i < given.size(); ++i) different |= static_cast<unsigned>(static_cast<unsigned char>(given[i]) ^ static_cast<unsigned char>(i < wanted.size() ? wanted[i] : 0));
    return different == 0;
}

Result<tcp::acceptor> listenAt(asio::io_context& io, const ListenAddress& address)
{
    boost::system::error_code failure;
    const auto number = asio::ip::make_address(address.address, failure);
    if (failure) return mistake(fmt::format("an address to listen at is a number like 127.0.0.1, but is \"{}\"", address.address), "0.0.0.0 is every address of this machine");
    const tcp::endpoint endpoint(number, address.port);
    const auto refused = [&](const char* what) {
        const std::string message = fmt::format("cannot {} {}: {}", what, address.text(), continued(failure.message()));
        if (failure == asio::error::address_in_use) return transient(message, "choose another port, or 0 for any that is free");
        return mistake(message, "choose another address or port");
    };
    tcp::acceptor acceptor(io);
    if (acceptor.open(endpoint.protocol(), failure)) return refused("open");
    acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
    if (acceptor.bind(endpoint, failure)) return refused("listen at");
    if (acceptor.listen(asio::socket_base::max_listen_connections, failure)) return refused("listen at");
    return acceptor;
}

std::string placeOf(const tcp::acceptor& acceptor)
{
    boost::system::error_code failure;
    const auto endpoint = acceptor.local_endpoint(failure);
    return hostAndPort(endpoint.address().to_string(), endpoint.port());
}

std::string peerOf(const tcp::socket& socket)
{
    boost::system::error_code failure;
    const auto endpoint = socket.remote_endpoint(failure);
    return failure ? "a peer that has gone" : hostAndPort(endpoint.address().to_string(), endpoint.port());
}

asio::awaitable<void> acceptEach(tcp::acceptor& acceptor, std::function<void(tcp::socket)> take)
{
    while (acceptor.is_open()) {
        auto [failure, socket] = co_await acceptor.async_accept(asio::as_tuple(use_awaitable));
        if (!failure) {
            take(std::move(socket));
            continue;
        }
        if (!acceptor.is_open()) co_return;
        asio::steady_timer pause(acceptor.get_executor(), kPauseOfAccepting);
        co_await pause.async_wait(use_awaitable);
    }
}

Result<void> ListeningServer::open(const ListenAddress& address)
{
    auto acceptor = listenAt(*io_, address);
    if (!acceptor) return acceptor.error();
    acceptor_ = std::move(*acceptor);
    address_ = placeOf(acceptor_);
    return {};
}

void ListeningServer::run()
{
    asio::co_spawn(*io_, acceptEach(acceptor_, [this](tcp::socket socket) { greet(std::move(socket)); }), asio::detached);
    io_->run();
}

void ListeningServer::stop()
{
    asio::post(*io_, [this] { asio::co_spawn(*io_, farewell(), asio::detached); });
}

void ListeningServer::greet(tcp::socket socket)
{
    if (connections_ >= most_) return refuse();     // the socket closes
    ++connections_;
    asio::co_spawn(*io_, serve(std::move(socket)), [this](const std::exception_ptr&) { --connections_; });
}

asio::awaitable<void> ListeningServer::farewell()
{
    if (std::exchange(closing_, true)) co_return;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    end();
    const auto latest = std::chrono::steady_clock::now() + kFarewell;
    asio::steady_timer moment(*io_);
    while (busy() && std::chrono::steady_clock::now() < latest) {
        moment.expires_after(kLookAgain);
        co_await moment.async_wait(use_awaitable);
    }
    io_->stop();
}

}
