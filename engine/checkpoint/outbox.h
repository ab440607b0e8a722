// Staged bytes of the sinks that publish from the checkpoint: segments of frames under staged/, shared by
// all sinks and many epochs, so that an epoch costs one fsync.
#pragma once
#include "engine/base/ids.h"
#include "engine/checkpoint/frame.h"

#include <map>
#include <memory>
#include <mutex>

namespace streamwright {

class Outbox {
public:
    static Result<std::unique_ptr<Outbox>> open(const std::filesystem::path& folder);

    // Staging again for the same epoch and sink takes the place of what was there.
    Result<void> stage(Epoch epoch, const NodeId& sink, std::string_view bytes);
    // One fsync for all that was staged.
    Result<void> seal();
    Result<std::string> read(Epoch epoch, const NodeId& sink);
    // Deletes what no epoch from `epoch` on needs.
    Result<void> forgetBefore(Epoch epoch);
    int64_t fsyncs() const { return fsyncs_.load(); }

private:
    struct Place {
        int64_t segment = 0;
        int64_t byte = 0;
        uint32_t length = 0;
    };
    explicit Outbox(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<void> load();
    Result<void> loadSegment(int64_t number, bool last);
    std::filesystem::path fileOf(int64_t number) const;
    Result<void> roll();

    std::filesystem::path folder_;
    std::mutex mutex_;
    std::map<int64_t, File> segments_;
    std::map<std::pair<Epoch, std::string>, Place> places_;
    int64_t newest_ = 0;
    bool nameDurable_ = true;
    std::optional<Error> lost_;     // a sync failed
    std::atomic<int64_t> fsyncs_{0};
};

}
