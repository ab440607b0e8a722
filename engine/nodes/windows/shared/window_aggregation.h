// Aggregates per key over a window of batch time: what reduce_by_window, reduce_by_key_and_window,
// count_by_value_and_window and group_by_key_and_window are. Each batch is reduced to one row per key, its
// pane; the panes are the state.
#pragma once
#include "engine/dataflow/key_columns.h"
#include "engine/expression/aggregate.h"
#include "engine/nodes/windows/shared/window_frame.h"
#include "engine/nodes/windows/shared/window_keys.h"

namespace streamwright {

// Kept: as with Spark's inverse function, keys stay, their value neutral, after their last row has left,
// until `having` drops them.
enum class LeavingKeys : unsigned char { Dropped, Kept };

struct WindowAggregation {
    WindowFrame frame;
    KeyColumns keys;
    std::vector<std::unique_ptr<AggregateCall>> calls;
    LeavingKeys leavingKeys = LeavingKeys::Dropped;
    std::optional<Expression> having;   // over `output`
    std::string field = "aggregates";   // the option that calls come from, for rejected rows
    SchemaPtr output;

    // Pane columns: sequence, keys, partials.
    std::vector<Field> paneFields() const;
    PaneColumns paneColumns() const;
};

// Keys and aggregates of options, compiled; `having` may be empty.
Checked<WindowAggregation> compileWindowAggregation(const WindowFrame& frame, const std::vector<std::string>& keys, const std::vector<std::string>& aggregates, const Schema& input);
// Sets `output` once keys and calls are there; a name that stands twice is a mistake in `field`.
Checked<WindowAggregation> withOutput(WindowAggregation node);

std::unique_ptr<BatchOperator> makeWindowOperator(WindowAggregation node);

}
