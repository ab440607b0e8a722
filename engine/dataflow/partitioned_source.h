// A source that is made of parts, each of which is read by itself, such as the partitions of a topic.
#pragma once
#include "engine/dataflow/source.h"

namespace streamwright {

class PartitionedSource : public ReplayableSource {
public:
    struct Run {
        bool bounded = false;       // what is there when the source opens is all that is read (available_now, once, a virtual clock)
        std::string checkpointId;   // empty without a checkpoint
    };
    // Told before `open`.
    virtual void belongsTo(const Run& run) = 0;
    // How far the batch got that read the range; asked after its last piece. May know what only reading tells.
    virtual Offset reached(const Range& range) = 0;
};

}
