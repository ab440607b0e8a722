#include "engine/nodes/state/shared/record_rounds.h"

#include <numeric>

namespace streamwright {

RecordStates applyRecords(const Expression& update, const SchemaPtr& input, const std::vector<ColumnPtr>& columns, const EntryGroups& groups, ColumnPtr states, const EvalContext& context)
{
    const size_t rows = groups.offsets.back();
    RecordStates result;
    result.failures.resize(groups.size());
    result.fields.assign(groups.size(), "state");
    std::vector<uint32_t> active(groups.size());
    std::iota(active.begin(), active.end(), 0u);
    std::vector<ColumnPtr> befores, afters;
    std::vector<uint32_t> placeOf(rows, kNoRow);    // of a row among all rounds
    std::vector<uint32_t> lastOf(groups.size(), 0);
    uint32_t done = 0;
    for (uint32_t round = 0; !active.empty(); ++round) {
        if (context.stop) context.stop->check();
        std::vector<uint32_t> ours(active.size());
        for (size_t i = 0; i < active.size(); ++i) {
            ours[i] = groups.offsets[active[i]] + round;
            placeOf[ours[i]] = lastOf[active[i]] = done + static_cast<uint32_t>(i);
        }
        done += static_cast<uint32_t>(ours.size());
        std::vector<ColumnPtr> values;
        const bool whole = ours.size() == rows;
        for (const ColumnPtr& column : columns) values.push_back(whole ? column : gather(*column, ours));
        values.push_back(states);
        Evaluated evaluated = update.evaluate(*makeBatch(input, std::move(values), ours.size()), context);
        for (RowError& error : evaluated.errors) result.failures[active[error.row]] = std::move(error.reason);
        befores.push_back(std::move(states));
        afters.push_back(evaluated.column);
        std::vector<uint32_t> next, places;
        for (uint32_t i = 0; i < active.size(); ++i) {
            if (groups.rowsOf(active[i]) <= round + 1 || !result.failures[active[i]].empty()) continue;
            next.push_back(active[i]);
            places.push_back(i);
        }
        if (!next.empty()) states = gather(*evaluated.column, places);
        active = std::move(next);
    }
    const ColumnPtr allAfter = concatenate(afters);
    result.before = gatherOrNull(*concatenate(befores), placeOf);
    result.after = gatherOrNull(*allAfter, placeOf);
    result.last = gather(*allAfter, lastOf);
    return result;
}

}
