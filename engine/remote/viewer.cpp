#include "engine/remote/viewer.h"

#include "engine/remote/token.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <deque>
#include <fmt/format.h>

namespace streamwright {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::use_awaitable;

namespace {

// A viewer that does not read its answers gets no more than these at once.
constexpr size_t kMostCalls = 1000;
constexpr size_t kMostBytesWaiting = 64 << 20;

websocket::stream_base::timeout timeouts() { return {.handshake_timeout = std::chrono::seconds(10), .idle_timeout = std::chrono::seconds(20), .keep_alive_pings = true}; }

}

// One connection. Held by its coroutines.
class Viewer : public std::enable_shared_from_this<Viewer> {
public:
    Viewer(Viewers& viewers, asio::io_context& io, beast::tcp_stream stream) : viewers_(viewers), socket_(std::move(stream)), changed_(io, asio::steady_timer::time_point::max()) {}

    const std::string& name() const { return hello_.viewer; }
    bool open() const { return open_; }

    asio::awaitable<void> greet(beast::http::request<beast::http::string_body> upgrade);
    asio::awaitable<void> readAll();
    asio::awaitable<void> writeAll();
    void send(std::string message)
    {
        waitingBytes_ += message.size();
        waiting_.push_back(std::move(message));
        changed_.cancel();
    }
    // Once all is written the connection is closed.
    void finish()
    {
        finishing_ = true;
        changed_.cancel();
    }
    void end();

private:
    void take(std::string_view message);
    template <size_t... I>
    void call(size_t verb, uint64_t id, Duration deadline, Reader& in, std::index_sequence<I...>);
    template <class V>
    void callVerb(uint64_t id, Duration deadline, Reader& in);
    template <class T>
    void answer(uint64_t id, const Result<T>& result);

    Viewers& viewers_;
    websocket::stream<beast::tcp_stream> socket_;
    asio::steady_timer changed_;        // cancelled when there is something to write, or room for more
    std::deque<std::string> waiting_;
    size_t waitingBytes_ = 0;
    std::map<uint64_t, Cancel> calls_;
    Hello hello_;
    bool open_ = false;
    bool finishing_ = false;
};

asio::awaitable<void> Viewer::greet(beast::http::request<beast::http::string_body> upgrade)
{
    socket_.set_option(timeouts());
    socket_.read_message_max(kLargestMessage);
    co_await socket_.async_accept(upgrade, use_awaitable);
    beast::flat_buffer buffer;
    co_await socket_.async_read(buffer, use_awaitable);
    const auto bytes = buffer.data();
    const auto hello = readHello({static_cast<const char*>(bytes.data()), bytes.size()});
    Hello ours = ourHello();
    if (hello) hello_ = *hello;
    if (hello_.viewer.empty()) hello_.viewer = newToken();
    ours.refused = hello ? mismatchOf(ours, hello_) : "the viewer did not say which protocol it speaks";
    socket_.text(true);
    const std::string text = printHello(ours);
    co_await socket_.async_write(asio::buffer(text), use_awaitable);
    socket_.binary(true);
    open_ = ours.refused.empty();
}

// Messages of a viewer that speaks otherwise are not looked at.
asio::awaitable<void> Viewer::readAll()
{
    beast::flat_buffer buffer;
    while (!finishing_) {
        while (waitingBytes_ > kMostBytesWaiting) co_await changed_.async_wait(asio::as_tuple(use_awaitable));
        co_await socket_.async_read(buffer, use_awaitable);
        const auto bytes = buffer.data();
        if (open_) take({static_cast<const char*>(bytes.data()), bytes.size()});
        buffer.clear();
    }
}

asio::awaitable<void> Viewer::writeAll()
{
    while (true) {
        while (waiting_.empty() && !finishing_) co_await changed_.async_wait(asio::as_tuple(use_awaitable));
        if (waiting_.empty()) break;
        const std::string message = std::move(waiting_.front());
        waiting_.pop_front();
        co_await socket_.async_write(asio::buffer(message), use_awaitable);
        waitingBytes_ -= message.size();
        changed_.cancel();
    }
    if (open_) co_await socket_.async_close(websocket::close_code::going_away, use_awaitable);
    open_ = false;
}

void Viewer::end()
{
    open_ = false;
    finish();
    beast::get_lowest_layer(socket_).close();
    for (auto& [id, cancel] : std::exchange(calls_, {})) cancel.request();
}

void Viewer::take(std::string_view message)
{
    Reader in(message);
    switch (read<MessageKind>(in)) {
    case MessageKind::Call: {
        const uint64_t id = in.number();
        const uint64_t verb = in.number();
        const auto deadline = read<Duration>(in);
        return call(verb, id, deadline, in, std::make_index_sequence<kVerbs>());
    }
    case MessageKind::Cancel: {
        const auto found = calls_.find(in.number());
        if (found != calls_.end()) Cancel(found->second).request();
        return;
    }
    case MessageKind::Browse:
        if (viewers_.controls(*this)) viewers_.session().browse(read<StartRequest>(in));
        return;
    default: throw WireProblem("this is for viewers");
    }
}

template <size_t... I>
void Viewer::call(size_t verb, uint64_t id, Duration deadline, Reader& in, std::index_sequence<I...>)
{
    if (verb >= kVerbs) throw WireProblem("there is no such verb");
    ((verb == I ? callVerb<VerbAt<I>>(id, deadline, in) : void()), ...);
}

template <class V>
void Viewer::callVerb(uint64_t id, Duration deadline, Reader& in)
{
    using T = typename V::Answered;
    // The elements of a braced list are read in their order.
    auto arguments = [&]<class... A>(std::tuple<A...>*) { return std::tuple<A...>{read<A>(in)...}; }(static_cast<typename V::Arguments*>(nullptr));
    in.end();
    if (calls_.size() >= kMostCalls) return answer<T>(id, transient("too many questions at once"));
    if (V::kAsks == Asks::Controller && !viewers_.takeControl(*this)) return answer<T>(id, mistake("another viewer controls this run", "it lets go of the run when it is closed"));
    const CallOptions options{.answerOn = viewers_.executor(), .deadline = deadline};
    calls_.emplace(id, options.cancel);
    // The session may keep it for longer than there is a server.
    Answer<T> whenAnswered = [weak = weak_from_this(), id](Result<T> result) {
        const auto self = weak.lock();
        if (!self) return;
        self->calls_.erase(id);
        if constexpr (verbs::same<V::kMethod, &Session::snapshot>()) {
            if (result) result->controls = self->viewers_.controls(*self);
        }
        if (self->open_) self->answer<T>(id, result);
    };
    std::apply([&](auto&... argument) { (viewers_.session().*V::kMethod)(std::move(argument)..., options, std::move(whenAnswered)); }, arguments);
}

template <class T>
void Viewer::answer(uint64_t id, const Result<T>& result)
{
    Writer out;
    write(out, MessageKind::Answer);
    out.number(id);
    write(out, result);
    std::string message = out.take();
    if (message.size() > kLargestMessage) return answer<T>(id, mistake(fmt::format("the answer has {} MiB, more than can be sent", message.size() >> 20), "ask for less"));
    send(std::move(message));
}

Viewers::Viewers(Session& session, std::shared_ptr<asio::io_context> io) : session_(session), io_(std::move(io)) {}

Viewers::~Viewers() = default;

Executor Viewers::executor() const
{
    return [io = std::weak_ptr(io_)](std::function<void()> work) {
        if (const auto alive = io.lock()) asio::post(*alive, std::move(work));
    };
}

bool Viewers::controls(const Viewer& viewer) const { return controller_.empty() || controller_ == viewer.name(); }

bool Viewers::takeControl(const Viewer& viewer)
{
    if (!controls(viewer)) return false;
    controller_ = viewer.name();
    return true;
}

void Viewers::leave(const Viewer& viewer)
{
    std::erase_if(viewers_, [&](const auto& one) { return one.get() == &viewer; });
    const bool stays = std::ranges::any_of(viewers_, [&](const auto& one) { return one->name() == viewer.name(); });
    if (controller_ == viewer.name() && !stays) controller_.clear();
}

asio::awaitable<void> Viewers::serve(beast::tcp_stream stream, beast::http::request<beast::http::string_body> upgrade)
{
    const auto viewer = std::make_shared<Viewer>(*this, *io_, std::move(stream));
    co_await viewer->greet(std::move(upgrade));
    viewers_.push_back(viewer);
    if (viewer->open()) takeControl(*viewer);
    asio::co_spawn(*io_, [viewer] { return viewer->writeAll(); }, [viewer](const std::exception_ptr&) { viewer->end(); });
    try {
        co_await viewer->readAll();
    } catch (const std::exception&) {
        // The connection broke, or what came is no message: either way it ends.
    }
    viewer->end();
    leave(*viewer);
}

asio::awaitable<Result<SessionSnapshot>> Viewers::snapshot()
{
    // The answer ends the wait.
    const auto answered = std::make_shared<asio::steady_timer>(*io_, asio::steady_timer::time_point::max());
    const auto result = std::make_shared<std::optional<Result<SessionSnapshot>>>();
    session_.snapshot(Moment::live(), {.answerOn = executor()}, [weak = std::weak_ptr(answered), result](Result<SessionSnapshot> snapshot) {
        result->emplace(std::move(snapshot));
        if (const auto waits = weak.lock()) waits->cancel();
    });
    while (!*result) co_await answered->async_wait(asio::as_tuple(use_awaitable));
    co_return std::move(**result);
}

asio::awaitable<void> Viewers::sayFarewell(std::chrono::steady_clock::duration patience)
{
    const Result<SessionSnapshot> last = co_await snapshot();
    Writer out;
    write(out, MessageKind::Farewell);
    write(out, last ? *last : SessionSnapshot());
    const std::string message = out.take();
    for (const auto& viewer : viewers_) {
        if (viewer->open()) viewer->send(message);
        viewer->finish();
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!viewers_.empty() && std::chrono::steady_clock::now() < end) {
        asio::steady_timer moment(*io_, std::chrono::milliseconds(5));
        co_await moment.async_wait(use_awaitable);
    }
}

}
