// Copies the write-ahead log back into the database on a thread and a connection of its own, so that no
// commit waits for it.
#pragma once
#include "engine/storage/connection.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace streamwright {

class WalKeeper {
public:
    static Result<std::unique_ptr<WalKeeper>> start(const std::filesystem::path& database);
    ~WalKeeper();
    // Asks for a checkpoint of the log; returns at once.
    void wake();
    // What the last one failed with, told once.
    Result<void> outcome();

private:
    explicit WalKeeper(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
    void work();

    std::unique_ptr<Connection> connection_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool wanted_ = false;
    bool stopping_ = false;
    std::optional<Error> failed_;
    std::thread thread_;
};

}
