#include "engine/nodes/sources/shared/receiving_server.h"

#include "engine/dataflow/probe.h"

#include <condition_variable>
#include <fmt/format.h>

namespace streamwright {

namespace {

constexpr auto kPause = std::chrono::seconds(1);

}

Result<void> ReceivingServer::serve(RecordQueue& queue, const std::string& place, const Listen& listen)
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

std::shared_ptr<const NetworkServer> ReceivingServer::server() const
{
    std::lock_guard lock(mutex_);
    return server_;
}

void ReceivingServer::verify(const ListenOptions& options, const Listen& listen, Probe& probe)
{
    const auto server = listen();
    probe.step("listen at " + options.at().text(), server ? Result<std::string>("it is free") : server.error());
}

void ReceivingServer::serveWith(const std::shared_ptr<NetworkServer>& server, RecordQueue& queue)
{
    const auto set = [this](std::shared_ptr<NetworkServer> now) {
        std::lock_guard lock(mutex_);
        server_ = std::move(now);
    };
    set(server);
    queue.setStatus("listening at " + server->address());
    queue.setStatus({});
    queue.onStop([server] { server->stop(); });
    server->run();
    set(nullptr);
}

void ReceivingServer::pause(RecordQueue& queue)
{
    const auto changed = std::make_shared<std::condition_variable>();
    queue.onStop([changed] { changed->notify_all(); });
    std::unique_lock lock(mutex_);
    changed->wait_for(lock, kPause, [&] { return queue.stopping(); });
}

}
