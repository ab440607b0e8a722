// A state that changes record by record, worked out in rounds: the k-th row of every key in round k.
#pragma once
#include "engine/dataflow/entry_groups.h"
#include "engine/dataflow/rejecting.h"

namespace streamwright {

struct RecordStates {
    ColumnPtr before;                   // per row in group order; NULL for rows that were not reached
    ColumnPtr after;
    ColumnPtr last;                     // per group
    std::vector<std::string> failures;  // per group: why its rows are rejected; empty if they are not
    std::vector<std::string> fields;    // per group: the option that failed
};

// `columns` are the input's, in group order; `states` those of the groups' keys before the batch. `update`
// is over the input's columns and `state`, whose schema is `input`.
RecordStates applyRecords(const Expression& update, const SchemaPtr& input, const std::vector<ColumnPtr>& columns, const EntryGroups& groups, ColumnPtr states, const EvalContext& context);

}
