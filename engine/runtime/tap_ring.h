// The flight recorder of a run: what left each port in the last batches, so that who looks after the event
// still sees it. Rows are compacted copies that hold no buffer of their batch. Any thread.
#pragma once
#include "engine/base/ids.h"
#include "engine/columns/batch.h"
#include "engine/runtime/run.h"
#include "engine/runtime/tap_profile.h"

#include <deque>
#include <map>
#include <mutex>

namespace streamwright {

// An output port whose rows are kept, and the sinks that are reached by nothing else.
struct TapPort {
    NodeId node;                        // empty: what reaches a sink over several edges
    std::string port;
    SchemaPtr schema;
    std::vector<NodeId> sinks;
};

enum class TapSampling : unsigned char { First, Last, Random };

// What is kept of a port, from the next batch on.
struct TapWish {
    TapSampling sampling = TapSampling::First;
    size_t rows = 256;
    bool profile = false;               // count what all rows hold, not only those that are kept
    bool operator==(const TapWish&) const = default;
};

// What is kept of a port in one batch.
struct TapRows {
    BatchPtr rows;                      // never null
    int64_t rowsInBatch = 0;
    int64_t bytes = 0;
    TapSampling sampling = TapSampling::First;
    std::shared_ptr<const TapProfile> profile;  // of all rows; null: nobody wished for it, or there was no memory
    bool complete() const { return rowsInBatch == static_cast<int64_t>(rows->rows()); }
};

class TapRing {
public:
    TapRing(std::vector<TapPort> ports, TapOptions options);

    // The port of a query: `port` empty is the first output, or what reaches a sink. None: nothing of it is kept.
    std::optional<size_t> find(const NodeId& node, const std::string& port) const;
    const TapPort& port(size_t index) const { return ports_[index]; }

    struct Page {
        int64_t batch = 0;
        Timestamp batchTime;
        std::shared_ptr<const TapRows> rows;
    };
    // What the batch put out there; without a batch the newest one that put out rows. None: not in the ring.
    std::optional<Page> page(size_t port, std::optional<int64_t> batch) const;
    std::vector<int64_t> batches(size_t port) const;    // that put out rows there, ascending

    // Holds for some seconds, then the first rows are kept again: an open tap asks again and again. Of several taps of a
    // port the newest says which rows are kept, and the one that wishes for most how many.
    void wish(size_t port, TapWish wish);
    std::vector<TapWish> wishes() const;                // by port

    // By the run, after each batch. The oldest go when there are too many, or too many bytes.
    void add(int64_t batch, Timestamp batchTime, std::vector<TapRows> ports);
    int64_t bytes() const;

private:
    struct Kept {
        int64_t batch = 0;
        Timestamp batchTime;
        int64_t bytes = 0;
        std::map<size_t, std::shared_ptr<const TapRows>> ports;     // those that put out rows
    };

    const std::vector<TapPort> ports_;
    const TapOptions options_;
    mutable std::mutex mutex_;
    struct Wished {
        TapWish wish;
        int64_t at = 0;                                             // steady time
    };
    std::map<size_t, std::vector<Wished>> wishes_;                  // by port; the newest last
    std::deque<Kept> kept_;
    int64_t bytes_ = 0;
};

}
