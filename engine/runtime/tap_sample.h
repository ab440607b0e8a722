// What one worker keeps of the rows that leave one port in one batch. The samples of all workers are joined
// when the batch has ended; the joined one does not depend on which worker did what.
#pragma once
#include "engine/dataflow/context.h"
#include "engine/runtime/tap_ring.h"

namespace streamwright {

class TapSample {
public:
    TapSample(TapWish wish, uint64_t seed) : wish_(wish), seed_(seed) {}

    // Takes what belongs to the sample so far; over the run's memory budget it keeps nothing, and the run goes on.
    void take(Ordinal ordinal, const BatchPtr& batch);
    static TapRows join(std::span<TapSample* const> samples, const SchemaPtr& schema);

    // A port keeps at most so many bytes of a batch; a single row may have more, up to a limit of its own.
    static constexpr int64_t kMostBytes = 1 << 20;
    static constexpr int64_t kMostRowBytes = 16 << 20;

private:
    struct Piece {
        Ordinal ordinal;
        BatchPtr rows;
        int64_t bytes = 0;
        bool whole = true;                  // every row of its morsel
        bool copied = true;                 // holds no buffer of the batch
        std::vector<uint64_t> draws;        // Random: one a row; the smallest stay
    };
    void takeFirst(Ordinal ordinal, const BatchPtr& batch);
    void takeLast(Ordinal ordinal, const BatchPtr& batch);
    void takeRandom(Ordinal ordinal, const Batch& batch);
    void insert(Piece piece);
    void keepSmallestDraws();
    void giveUp();
    struct Picked {
        std::vector<BatchPtr> pieces;
        int64_t bytes = 0;
        bool held = false;                  // a piece holds buffers of the batch
    };
    Picked firstRows() const;
    Picked lastRows() const;

    TapWish wish_;
    TapProfile profile_;                    // where it is wished for
    uint64_t seed_;
    int64_t total_ = 0;
    size_t rows_ = 0;                       // of the pieces
    int64_t bytes_ = 0;
    uint64_t greatest_ = UINT64_MAX;        // Random: draws above it stay out
    bool gaveUp_ = false;
    std::vector<Piece> pieces_;             // ascending by ordinal
};

}
