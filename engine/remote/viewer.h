// The viewers of a session that are connected to a server. One of them controls: the first that came while nobody
// did. A viewer that comes back takes the place of its old connection. On the server's thread alone.
#pragma once
#include "engine/remote/verbs.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>

namespace streamwright {

class Viewer;

class Viewers {
public:
    Viewers(Session& session, std::shared_ptr<boost::asio::io_context> io);
    ~Viewers();

    // Takes the connection over, from its upgrade to its end.
    boost::asio::awaitable<void> serve(boost::beast::tcp_stream stream, boost::beast::http::request<boost::beast::http::string_body> upgrade);
    boost::asio::awaitable<Result<SessionSnapshot>> snapshot();
    // The last snapshot to all, and the end of their connections, or as far as it goes within `patience`.
    boost::asio::awaitable<void> sayFarewell(std::chrono::steady_clock::duration patience);
    size_t count() const { return viewers_.size(); }

    Session& session() { return session_; }
    // Runs work on the server's thread; forgotten when the server is gone.
    Executor executor() const;
    bool controls(const Viewer& viewer) const;
    // Whether the viewer controls now: it does if nobody else did.
    bool takeControl(const Viewer& viewer);

private:
    void leave(const Viewer& viewer);

    Session& session_;
    const std::shared_ptr<boost::asio::io_context> io_;
    std::vector<std::shared_ptr<Viewer>> viewers_;
    std::string controller_;            // its Hello::viewer
};

}
