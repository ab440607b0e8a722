// Where servers listen, and how they take in connections.
#pragma once
#include "engine/transport/listen_address.h"
#include "engine/transport/network_server.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <atomic>
#include <functional>
#include <memory>

namespace streamwright {

// Transient when the port is taken: it may become free. A Mistake where it can never be.
Result<boost::asio::ip::tcp::acceptor> listenAt(boost::asio::io_context& io, const ListenAddress& address);
// Where it listens, with the port that was free.
std::string placeOf(const boost::asio::ip::tcp::acceptor& acceptor);
// The other end of a connection, for people: "127.0.0.1:40212".
std::string peerOf(const boost::asio::ip::tcp::socket& socket);

// Hands each connection on until the acceptor is closed. Goes on after errors of accepting (no file descriptors).
boost::asio::awaitable<void> acceptEach(boost::asio::ip::tcp::acceptor& acceptor, std::function<void(boost::asio::ip::tcp::socket)> take);

// A server whose connections are coroutines on the thread that runs it.
class ListeningServer : public NetworkServer {
public:
    // Before `run`.
    Result<void> open(const ListenAddress& address);

    void run() final;
    void stop() final;
    const std::string& address() const final { return address_; }
    size_t connections() const final { return connections_; }
    int64_t refused() const final { return refused_; }

protected:
    // `most` connections at once; more are closed right away.
    explicit ListeningServer(size_t most) : most_(most) {}

    // A connection, until it ends; an exception ends it.
    virtual boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket) = 0;
    // The server stops: connections are to end soon.
    virtual void end() {}
    // Something is still to be sent.
    virtual bool busy() const = 0;

    void refuse() { ++refused_; }
    bool closing() const { return closing_; }
    const std::shared_ptr<boost::asio::io_context> io_ = std::make_shared<boost::asio::io_context>(1);

private:
    void greet(boost::asio::ip::tcp::socket socket);
    boost::asio::awaitable<void> farewell();

    const size_t most_;
    boost::asio::ip::tcp::acceptor acceptor_{*io_};
    std::string address_;
    std::atomic<size_t> connections_{0};
    std::atomic<int64_t> refused_{0};
    bool closing_ = false;
};

}
