// Windows over batch time, as Spark's DStreams have them: the window at t holds the batches in
// (t - length, t] and is put out when t - zero time is a multiple of the slide. Before the first full window
// there are partial ones.
#pragma once
#include "engine/dataflow/declare.h"

namespace streamwright {

struct WindowFrame {
    Duration length;
    Duration slide;

    bool emits(const BatchContext& context) const { return (context.batchTime - context.zeroTime).micros % slide.micros == 0; }
    // Batches at or before this are in no window of this batch or a later one.
    Timestamp before(const BatchContext& context) const { return context.batchTime - length; }
    // False when the batch falls into the gap between windows whose slide is longer than their length.
    bool holds(const BatchContext& context) const;
};

// Options `length` and `slide` (none: as the input); both must be multiples of how often the input comes.
Checked<WindowFrame> windowFrame(Duration length, const std::optional<Duration>& slide, const Inputs& in);

FieldSpec lengthField();
FieldSpec slideField();

}
