#include "engine/checkpoint/export.h"

#include "engine/base/files.h"
#include "engine/columns/print.h"
#include "engine/storage/sql_value.h"
#include "engine/storage/transaction.h"

namespace streamwright {

namespace {

constexpr size_t kBytesAtOnce = 1 << 20;

std::filesystem::path unfinished(const std::filesystem::path& file) { return file.string() + ".unfinished"; }

// Only what is whole takes the file's name.
Result<void> finish(const std::filesystem::path& file)
{
    if (auto synced = syncFile(unfinished(file)); !synced) return synced;
    return replaceFile(unfinished(file), file);
}

// The states that are asked for.
Result<std::vector<StateInfo>> statesOf(Browser& browser, const NodeId& node, const std::string& state, Epoch epoch)
{
    auto states = browser.states(epoch);
    if (!states) return states.error();
    std::erase_if(*states, [&](const StateInfo& one) { return (!node.name.empty() && one.identity.node != node) || (!state.empty() && one.identity.name != state); });
    if (states->empty()) return mistake(node.name.empty() ? fmt::format("no node keeps state at epoch {}", epoch.value) : fmt::format("{} keeps no state {} at epoch {}", node.name, state, epoch.value));
    return states;
}

// `node`, or `node_state` where a node keeps several; each once.
std::vector<std::string> tableNames(const std::vector<StateInfo>& states)
{
    std::vector<std::string> names;
    for (const StateInfo& state : states) {
        const auto of = std::ranges::count_if(states, [&](const StateInfo& other) { return other.identity.node == state.identity.node; });
        std::string name = of > 1 ? state.identity.node.name + "_" + state.identity.name : state.identity.node.name;
        while (name == "checkpoint" || std::ranges::find(names, name) != names.end()) name += "_";
        names.push_back(std::move(name));
    }
    return names;
}

Result<int64_t> fillTable(Connection& connection, const std::string& table, const StateEntries& entries)
{
    const std::vector<size_t> shown = shownColumns(*entries.schema, entries.identity, entries.keys);
    std::string columns, places;
    for (const size_t column : shown) {
        columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ", quoteSqlName((*entries.schema)[column].name), sqlType((*entries.schema)[column].type));
        places += places.empty() ? "?" : ", ?";
    }
    if (auto made = connection.script(fmt::format("CREATE TABLE {} ({})", quoteSqlName(table), columns)); !made) return made.error();
    auto insert = connection.prepare(fmt::format("INSERT INTO {} VALUES ({})", quoteSqlName(table), places));
    if (!insert) return insert.error();
    std::vector<std::string> held(shown.size());
    for (size_t row = 0; row < entries.rows->rows(); ++row) {
        for (size_t i = 0; i < shown.size(); ++i) bindValue(*insert, static_cast<int>(i) + 1, *entries.rows->column(shown[i]), row, held[i]);
        if (auto done = insert->step(); !done) return done.error();
        insert->reset();
    }
    return static_cast<int64_t>(entries.rows->rows());
}

Result<std::vector<ExportedTable>> fillDatabase(Browser& browser, const std::vector<StateInfo>& states, Epoch epoch, const EntrySearch& search, const std::filesystem::path& path)
{
    auto connection = Connection::open(path, OpenMode::Create);
    if (!connection) return connection.error();
    auto done = (*connection)->script("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    if (!done) return done.error();
    auto transaction = Transaction::begin(**connection);
    if (!transaction) return transaction.error();
    const std::vector<std::string> names = tableNames(states);
    std::vector<ExportedTable> tables;
    done = (*connection)->script("CREATE TABLE checkpoint (table_name TEXT, node TEXT, state TEXT, node_type TEXT, epoch INTEGER)");
    for (size_t i = 0; done && i < states.size(); ++i) {
        const StateIdentity& identity = states[i].identity;
        auto entries = browser.entries(identity.node, identity.name, epoch, search);
        if (!entries) return entries.error();
        auto rows = fillTable(**connection, names[i], *entries);
        if (!rows) return rows.error();
        tables.push_back({names[i], *rows});
        done = (*connection)->run("INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?)", names[i], identity.node.name, identity.name, identity.nodeType, epoch.value);
    }
    if (done) done = transaction->commit();
    if (!done) return done.error();
    return tables;
}

Result<int64_t> writeCsv(const StateEntries& entries, const std::filesystem::path& path)
{
    auto file = File::create(path);
    if (!file) return file.error();
    const std::vector<size_t> shown = shownColumns(*entries.schema, entries.identity, entries.keys);
    std::vector<Field> fields;
    std::vector<ColumnPtr> columns;
    for (const size_t column : shown) {
        fields.push_back((*entries.schema)[column]);
        columns.push_back(entries.rows->column(column));
    }
    const BatchPtr rows = makeBatch(std::make_shared<const Schema>(std::move(fields)), std::move(columns), entries.rows->rows());
    std::string text = csvHeader(rows->schema());
    for (size_t row = 0; row < rows->rows(); ++row) {
        appendCsvRow(*rows, row, text);
        if (text.size() < kBytesAtOnce) continue;
        if (auto written = file->write(text); !written) return written.error();
        text.clear();
    }
    if (auto written = file->write(text); !written) return written.error();
    return static_cast<int64_t>(rows->rows());
}

}

Result<ExportedTable> exportCsv(Browser& browser, const NodeId& node, const std::string& state, Epoch epoch, const EntrySearch& search, const std::filesystem::path& file)
{
    auto states = statesOf(browser, node, state, epoch);
    if (!states) return states.error();
    if (states->size() != 1) return mistake(fmt::format("CSV holds the entries of one state, but there are {}", states->size()), "name one of them, or export to SQLite");
    auto entries = browser.entries(states->front().identity.node, states->front().identity.name, epoch, search);
    if (!entries) return entries.error();
    if (auto gone = removeAll(unfinished(file)); !gone) return gone.error();
    auto rows = writeCsv(*entries, unfinished(file));
    if (rows) {
        if (auto done = finish(file); !done) rows = done.error();
    }
    if (!rows) {
        (void)removeAll(unfinished(file));
        return rows.error();
    }
    return ExportedTable{tableNames(*states).front(), *rows};
}

Result<std::vector<ExportedTable>> exportSqlite(Browser& browser, const NodeId& node, const std::string& state, Epoch epoch, const EntrySearch& search, const std::filesystem::path& file)
{
    auto states = statesOf(browser, node, state, epoch);
    if (!states) return states.error();
    if (auto gone = removeAll(unfinished(file)); !gone) return gone.error();
    auto tables = fillDatabase(browser, *states, epoch, search, unfinished(file));
    if (tables) {
        if (auto done = finish(file); !done) tables = done.error();
    }
    if (!tables) (void)removeAll(unfinished(file));
    return tables;
}

}
