// The connection of a remote session: made when it is first needed, kept, made again when it is lost. It has a thread
// of its own, on which everything here happens but what is said to be called by any.
#pragma once
#include "engine/remote/remote_session.h"
#include "engine/remote/verbs.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

namespace streamwright {

class Link {
public:
    struct Call {
        uint64_t id = 0;
        About about = About::Run;
        bool begins = false;            // starts a run: what was seen before is over
        std::string message;
        std::function<void(Reader& answer, Link& link)> take;
        std::function<void(const Error& error)> fail;
        // Of calls that are answered from what was seen last, once that has ended. Else null.
        std::function<void(const SessionSnapshot& last)> takeLast;
    };

    explicit Link(std::shared_ptr<Place> place);
    ~Link();
    // Ends the thread; nothing is answered after it.
    void stop();

    uint64_t newId() { return ++ids_; }             // any thread, as the four below
    void send(Call call);
    void cancel(uint64_t id);
    void browse(StartRequest request);
    // Ends the place by force if the call has no answer by then.
    void killUnlessAnswered(uint64_t id, std::chrono::milliseconds patience);

    void namePlace(SessionSnapshot& now) const;
    // What came last is what stays when the other side is gone.
    void remember(const SessionSnapshot& now)
    {
        if (!ended_) last_ = now;
    }

private:
    struct Connection;
    boost::asio::awaitable<void> live();
    boost::asio::awaitable<Error> connect(Endpoint endpoint);
    boost::asio::awaitable<Result<std::string>> greet(Connection& connection, const Endpoint& endpoint);
    boost::asio::awaitable<Error> use(std::shared_ptr<Connection> connection, std::string address);
    boost::asio::awaitable<void> write(std::shared_ptr<Connection> connection);
    void add(Call call);
    void take(std::string_view message);
    // Who waits is answered: all, or those whose call was sent.
    void failAll(const Error& error, bool sentOnly);
    void becomeGone(const Error& error);

    const std::shared_ptr<Place> place_;
    const std::string viewer_;
    std::atomic<uint64_t> ids_{0};
    boost::asio::io_context io_{1};
    boost::asio::steady_timer wake_;                // cancelled when a pause is to end
    std::map<uint64_t, Call> waiting_;              // by id, in order
    std::shared_ptr<Connection> connection_;        // null: none that calls can be sent on
    std::optional<Error> problem_;                  // why there is none; null while one is being made
    bool connected_ = false;                        // a connection was there
    bool gone_ = false;                             // for good, until something is asked that may begin it anew
    std::optional<Error> farewell_;
    std::optional<SessionSnapshot> last_;
    bool ended_ = false;                            // the process of what was seen last is gone
    std::string browsed_;                           // the message, for each new connection
    std::thread thread_;
};

}
