// How rows go into a table of a database: appended, or in place of those with the same key.
#pragma once
#include "engine/dataflow/declare.h"

namespace streamwright {

struct TableMode {
    std::string mode = "append";
    std::vector<std::string> keys;
};

std::vector<FieldError> checkTableMode(const TableMode& options);
// The columns of `keys`.
Checked<std::vector<size_t>> keysOf(const TableMode& options, const Schema& schema);
// A row without a value in one of its keys is none that could be updated.
std::optional<Rejected> nullKey(const Batch& rows, std::span<const size_t> keys, size_t row);

template <class Options>
void declareTableMode(Declare<Options>& declare)
{
    declare.field(static_cast<std::string Options::*>(&TableMode::mode), {.name = "mode", .help = "append adds every row; upsert keeps the last row of each key.", .kind = FieldKind::Choice, .fallback = Json::string("append"), .choices = {"append", "upsert"}})
        .field(static_cast<std::vector<std::string> Options::*>(&TableMode::keys), {.name = "keys", .help = "Columns that identify a row, for upsert.", .kind = FieldKind::Columns, .example = Json::array({Json::string("word")}), .visibleWhen = FieldSpec::Visible{"mode", {Json::string("upsert")}}})
        .schema([](const Options& options, const Inputs& in, const PlanContext&) -> Checked<std::vector<Schema>> {
            if (auto keys = keysOf(options, in.only()); !keys) return keys.error();
            return std::vector<Schema>{};
        })
        .afterRewind("its rows stay; with mode append they come again beside them, with mode upsert in their place");
}

}
