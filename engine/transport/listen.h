// Where servers listen, and how they take in connections.
#pragma once
#include "engine/transport/listen_address.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>

namespace streamwright {

// Transient when the port is taken: it may become free. A Mistake where it can never be.
Result<boost::asio::ip::tcp::acceptor> listenAt(boost::asio::io_context& io, const ListenAddress& address);
// Where it listens, with the port that was free.
std::string placeOf(const boost::asio::ip::tcp::acceptor& acceptor);

// Hands each connection on until the acceptor is closed. Goes on after errors of accepting (no file descriptors).
boost::asio::awaitable<void> acceptEach(boost::asio::ip::tcp::acceptor& acceptor, std::function<void(boost::asio::ip::tcp::socket)> take);

}
