#include "engine/checkpoint/shipped_rows.h"

#include <array>
#include <cstring>
#include <fmt/ranges.h>

namespace streamwright {

namespace {

enum class Part : unsigned char {
    Now,        // the whole table says what holds now
    Epoch,      // rows by epoch
    Snapshot,   // in full dumps only
};

struct ShippedTable {
    std::string_view name;
    Part part;
    bool ownIds = false;    // `id` counts rows of this file and means nothing in another one
};

// `delivered` stays here: who goes on elsewhere sends a pending epoch from its beginning, under the same keys.
constexpr std::array<ShippedTable, 10> kTables{{{"identity", Part::Now},
                                                {"states", Part::Now},
                                                {"published", Part::Now},
                                                {"pending", Part::Now},
                                                {"epochs", Part::Epoch},
                                                {"offsets", Part::Epoch},
                                                {"changes", Part::Epoch, true},
                                                {"sizes", Part::Epoch},
                                                {"snapshots", Part::Snapshot},
                                                {"chunks", Part::Snapshot, true}}};

// Blocks of these belong to a state by its number.
constexpr std::array<std::string_view, 4> kOfStates = {"changes", "sizes", "snapshots", "chunks"};

const ShippedTable* tableNamed(std::string_view name)
{
    const auto found = std::find_if(kTables.begin(), kTables.end(), [&](const ShippedTable& table) { return table.name == name; });
    return found == kTables.end() ? nullptr : found;
}

struct Column {
    std::string name;
    std::string type;       // INTEGER, TEXT or BLOB: the tables are STRICT
};

Result<std::vector<Column>> columnsOf(Connection& connection, const ShippedTable& table)
{
    std::vector<Column> columns;
    auto done = connection.eachRow(fmt::format("PRAGMA table_info({})", table.name), [&](const Statement& at) {
        if (!(table.ownIds && at.text(1) == "id")) columns.push_back({std::string(at.text(1)), std::string(at.text(2))});
    });
    if (!done) return done.error();
    return columns;
}

void writeRow(BytesWriter& out, const Statement& row, const std::vector<Column>& columns)
{
    out.byte('r');
    for (size_t i = 0; i < columns.size(); ++i) {
        const int at = static_cast<int>(i);
        if (row.isNull(at)) {
            out.byte('n');
        } else if (columns[i].type == "INTEGER") {
            out.byte('i');
            out.number(row.integer(at));
        } else {
            const bool blob = columns[i].type == "BLOB";
            out.byte(blob ? 'b' : 't');
            out.text(blob ? row.blob(at) : row.text(at));
        }
    }
}

// "t" table, its columns, "r" rows, "e".
Result<void> dump(Connection& connection, const ShippedTable& table, const std::string& where, BytesWriter& out, size_t partBytes, const std::function<Result<void>(std::string)>& take)
{
    auto columns = columnsOf(connection, table);
    if (!columns) return columns.error();
    std::vector<std::string> names;
    for (const Column& column : *columns) names.push_back(quoteSqlName(column.name));
    const auto begin = [&] {
        out.byte('t');
        out.text(table.name);
        out.number(static_cast<int64_t>(columns->size()));
        for (const Column& column : *columns) out.text(column.name);
    };
    begin();
    auto done = connection.eachRow(fmt::format("SELECT {} FROM {} {}", fmt::join(names, ", "), table.name, where), [&](const Statement& row) -> Result<void> {
        writeRow(out, row, *columns);
        if (!take || out.size() < partBytes) return {};
        out.byte('e');
        if (auto taken = take(out.take()); !taken) return taken;
        begin();
        return {};
    });
    out.byte('e');
    return done;
}

Error damaged() { return permanent("rows of a checkpoint cannot be understood"); }

// The states that come may have numbers which meant others before: what was kept of those is no longer theirs.
Result<void> forgetOtherStates(Connection& connection)
{
    for (const std::string_view table : kOfStates) {
        auto gone = connection.script(fmt::format("DELETE FROM {} WHERE state NOT IN (SELECT s.id FROM states s JOIN states_before b ON b.id = s.id AND b.name = s.name AND b.layout = s.layout AND b.from_epoch = s.from_epoch)", table));
        if (!gone) return gone;
    }
    return {};
}

class Taking {
public:
    Taking(Connection& connection, std::string_view rows) : connection_(connection), in_(rows) {}

    Result<void> run()
    {
        while (!in_.atEnd()) {
            if (in_.byte() != 't') return damaged();
            if (auto taken = takeTable(); !taken) return taken;
        }
        return {};
    }

private:
    Result<void> takeTable()
    {
        const ShippedTable* table = tableNamed(in_.text());
        const int64_t count = in_.number();
        if (!table || !in_.good() || count < 1 || count > 64) return damaged();
        std::vector<std::string> names, places;
        for (int64_t i = 0; i < count; ++i) {
            names.push_back(quoteSqlName(in_.text()));
            places.push_back("?");
        }
        const bool states = table->name == "states";
        if (table->part == Part::Now) {
            Result<void> done;
            if (states) done = connection_.script("DROP TABLE IF EXISTS temp.states_before; CREATE TEMP TABLE states_before AS SELECT * FROM states");
            if (done) done = connection_.script(fmt::format("DELETE FROM {}", table->name));
            if (!done) return done;
        }
        auto insert = connection_.prepare(fmt::format("INSERT OR REPLACE INTO {} ({}) VALUES ({})", table->name, fmt::join(names, ", "), fmt::join(places, ", ")));
        if (!insert) return insert.error();
        for (char sign = in_.byte(); sign != 'e'; sign = in_.byte()) {
            if (sign != 'r') return damaged();
            for (int place = 1; place <= static_cast<int>(count); ++place) bindNext(*insert, place);
            if (!in_.good()) return damaged();
            auto done = insert->step();
            insert->reset();
            if (!done) return done.error();
        }
        return states ? forgetOtherStates(connection_) : Result<void>();
    }

    void bindNext(Statement& insert, int place)
    {
        switch (in_.byte()) {
            case 'n': return insert.bind(place, nullptr);
            case 'i': return insert.bind(place, in_.number());
            case 't': return insert.bind(place, in_.text());
            case 'b': return insert.bind(place, Blob{in_.text()});
            default: in_ = BytesReader({}), (void)in_.byte();
        }
    }

    Connection& connection_;
    BytesReader in_;
};

}

int64_t BytesReader::number()
{
    int64_t value = 0;
    if (bytes_.size() < sizeof value) return good_ = false, bytes_ = {}, 0;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
}

std::string_view BytesReader::text()
{
    const int64_t size = number();
    if (size < 0 || static_cast<size_t>(size) > bytes_.size()) return good_ = false, bytes_ = {}, std::string_view();
    const std::string_view text = bytes_.substr(0, static_cast<size_t>(size));
    bytes_.remove_prefix(text.size());
    return text;
}

char BytesReader::byte()
{
    if (bytes_.empty()) return good_ = false, '\0';
    const char value = bytes_.front();
    bytes_.remove_prefix(1);
    return value;
}

Result<std::string> rowsOfEpoch(Connection& connection, Epoch epoch)
{
    BytesWriter out;
    for (const ShippedTable& table : kTables) {
        if (table.part == Part::Snapshot) continue;
        if (auto done = dump(connection, table, table.part == Part::Now ? "" : fmt::format("WHERE epoch = {}", epoch.value), out, 0, nullptr); !done) return done.error();
    }
    return out.take();
}

Result<std::string> rowsOfNow(Connection& connection)
{
    BytesWriter out;
    for (const ShippedTable& table : kTables) {
        if (table.part != Part::Now) continue;
        if (auto done = dump(connection, table, "", out, 0, nullptr); !done) return done.error();
    }
    return out.take();
}

Result<void> rowsOfAll(Connection& connection, size_t partBytes, const std::function<Result<void>(std::string)>& take)
{
    BytesWriter out;
    for (const ShippedTable& table : kTables) {
        // Tables of now are small, and must not be cut: a second part would replace the first.
        const bool whole = table.part == Part::Now;
        if (auto done = dump(connection, table, "", out, partBytes, whole ? nullptr : take); !done) return done;
    }
    return take(out.take());
}

Result<void> takeRows(Connection& connection, std::string_view rows) { return Taking(connection, rows).run(); }

}
