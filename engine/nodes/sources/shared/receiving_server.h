// The server of a receiver: listens, waits while its port is taken, and serves until the run stops.
#pragma once
#include "engine/dataflow/source.h"

#include <condition_variable>
#include <fmt/format.h>
#include <mutex>

namespace streamwright {

template <class Server>
class ReceivingServer {
public:
    // Blocks. `place` is where it listens, for people, and `listen` makes the server: a Transient error is tried again.
    Result<void> serve(RecordQueue& queue, const std::string& place, const std::function<Result<std::unique_ptr<Server>>()>& listen)
    {
        while (!queue.stopping()) {
            auto server = listen();
            if (server) {
                serveWith(std::move(*server), queue);
                return {};
            }
            if (server.error().kind != ErrorKind::Transient) return server.error();
            queue.setStatus(fmt::format("waiting for {}: {}", place, server.error().message));
            pause(queue);
        }
        return {};
    }
    // Null while it does not serve. Any thread.
    std::shared_ptr<Server> server() const
    {
        std::lock_guard lock(mutex_);
        return server_;
    }

private:
    void serveWith(std::shared_ptr<Server> server, RecordQueue& queue)
    {
        set(server);
        queue.setStatus("listening at " + server->address());
        queue.setStatus({});
        queue.onStop([server] { server->stop(); });
        server->run();
        set(nullptr);
    }
    void set(std::shared_ptr<Server> server)
    {
        std::lock_guard lock(mutex_);
        server_ = std::move(server);
    }
    void pause(RecordQueue& queue)
    {
        const auto changed = std::make_shared<std::condition_variable>();
        queue.onStop([changed] { changed->notify_all(); });
        std::unique_lock lock(mutex_);
        changed->wait_for(lock, std::chrono::seconds(1), [&] { return queue.stopping(); });
    }

    mutable std::mutex mutex_;
    std::shared_ptr<Server> server_;
};

}
