#include "engine/control/checkpoint_reader.h"

#include "engine/columns/compare.h"
#include "engine/control/grid.h"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace streamwright {

namespace {

constexpr size_t kLookForStop = 4096;

// The state of the query's node at an epoch.
Result<StateInfo> stateOf(Browser& browser, const NodeId& node, const std::string& state, Epoch epoch)
{
    auto states = browser.states(epoch);
    if (!states) return states.error();
    std::vector<StateInfo> found;
    for (StateInfo& one : *states) {
        if (one.identity.node == node && (state.empty() || one.identity.name == state)) found.push_back(std::move(one));
    }
    if (found.empty()) return mistake(fmt::format("{} keeps no state{}{} at epoch {}", node.name, state.empty() ? "" : " ", state, epoch.value));
    if (found.size() > 1) return mistake(fmt::format("{} keeps {} states", node.name, found.size()), "name one of them");
    return found.front();
}

// A checkpoint at the moment that is asked for, and the state.
struct Opened {
    std::unique_ptr<Browser> browser;
    Epoch epoch;
};
Result<Opened> openAt(const std::filesystem::path& checkpoint, Moment moment)
{
    auto browser = Browser::open(checkpoint);
    if (!browser) return browser.error();
    auto epoch = epochOf(**browser, moment);
    if (!epoch) return epoch.error();
    return Opened{std::move(*browser), *epoch};
}

// -1, 0, 1; NULL is the least.
int compareCells(const Column& column, uint32_t a, uint32_t b)
{
    const bool nullA = column.isNull(a), nullB = column.isNull(b);
    if (nullA || nullB) return static_cast<int>(nullB) - static_cast<int>(nullA);
    return compareValues(column, a, column, b);
}

}

Result<Epoch> epochOf(Browser& browser, Moment moment)
{
    if (moment.isLive()) return browser.newest();
    auto epochs = browser.epochs();
    if (!epochs) return epochs.error();
    const auto after = std::ranges::upper_bound(*epochs, Epoch{*moment.batch}, {}, &EpochInfo::epoch);
    if (after != epochs->begin()) return std::prev(after)->epoch;
    return mistake(fmt::format("batch {} is not retained in the checkpoint", *moment.batch), epochs->empty() ? "it holds no epoch yet" : fmt::format("its epochs are {} to {}", epochs->front().epoch.value, epochs->back().epoch.value));
}

Result<std::vector<EpochInfo>> CheckpointReader::epochs(const std::filesystem::path& checkpoint)
{
    auto browser = Browser::open(checkpoint);
    if (!browser) return browser.error();
    return (*browser)->epochs();
}

Result<std::vector<StateInfo>> CheckpointReader::states(const std::filesystem::path& checkpoint, Moment moment)
{
    auto browser = Browser::open(checkpoint);
    if (!browser) return browser.error();
    auto epoch = epochOf(**browser, moment);
    if (!epoch) return epoch.error();
    return (*browser)->states(*epoch);
}

Result<KeyHistory> CheckpointReader::keyHistory(const std::filesystem::path& checkpoint, const KeyQuery& query, const StopToken& stop)
{
    auto at = openAt(checkpoint, Moment::live());
    if (!at) return at.error();
    auto state = stateOf(*at->browser, query.node, query.state, at->epoch);
    if (!state) return state.error();
    auto found = at->browser->keyVersions(query.node, state->identity.name, query.key, stop);
    if (!found) return found.error();
    std::vector<uint32_t> rows(found->rows->rows());
    std::iota(rows.begin(), rows.end(), 0u);
    return KeyHistory{{*found->schema, cellsOf(*found->rows, rows, {})}, shownColumns(*found->schema, found->identity, found->keys), std::move(found->versions)};
}

Result<std::vector<TopKey>> CheckpointReader::topKeys(const std::filesystem::path& checkpoint, const TopKeysQuery& query, const StopToken& stop)
{
    auto at = openAt(checkpoint, query.moment);
    if (!at) return at.error();
    auto state = stateOf(*at->browser, query.node, query.state, at->epoch);
    if (!state) return state.error();
    return at->browser->topKeys(query.node, state->identity.name, at->epoch, query.search, stop);
}

Result<std::vector<EpochInput>> CheckpointReader::inputs(const std::filesystem::path& checkpoint, Moment moment)
{
    auto at = openAt(checkpoint, moment);
    if (!at) return at.error();
    return at->browser->inputs(at->epoch);
}

Result<std::vector<ExportedTable>> CheckpointReader::exportStates(const std::filesystem::path& checkpoint, const ExportQuery& query)
{
    if (!query.file.is_absolute()) return mistake(fmt::format("the file to export to needs its whole path, but is {}", query.file.string()));
    auto at = openAt(checkpoint, query.moment);
    if (!at) return at.error();
    if (query.format == ExportQuery::Format::Sqlite) return exportSqlite(*at->browser, query.node, query.state, at->epoch, query.search, query.file);
    auto table = exportCsv(*at->browser, query.node, query.state, at->epoch, query.search, query.file);
    if (!table) return table.error();
    return std::vector{std::move(*table)};
}

Result<std::vector<StateDifference>> CheckpointReader::diff(const std::filesystem::path& checkpoint, const DiffQuery& query)
{
    auto browser = Browser::open(checkpoint);
    if (!browser) return browser.error();
    auto from = epochOf(**browser, query.from);
    if (!from) return from.error();
    auto to = epochOf(**browser, query.to);
    if (!to) return to.error();
    return (*browser)->diff(query.node, *from, *to, query.most);
}

Result<void> CheckpointReader::load(Browser& browser, Key key, Epoch epoch)
{
    if (key_ == key) return {};
    key_.reset();
    orderedBy_.clear();
    entries_ = {};
    auto entries = browser.entries(key.node, key.state, epoch, {});
    if (!entries) return entries.error();
    entries_ = std::move(*entries);
    key_ = std::move(key);
    return {};
}

const std::vector<uint32_t>& CheckpointReader::ordered(const std::string& name, const StopToken& stop)
{
    if (orderedBy_ == name && order_.size() == entries_.rows->rows()) return order_;
    order_.resize(entries_.rows->rows());
    std::iota(order_.begin(), order_.end(), 0u);
    orderedBy_ = name;
    if (name.empty()) return order_;
    const Column& column = *entries_.rows->column(*entries_.schema->indexOf(name));
    size_t compared = 0;
    try {
        std::ranges::stable_sort(order_, [&](uint32_t a, uint32_t b) {
            if (++compared % kLookForStop == 0) stop.check();
            return compareCells(column, a, b) < 0;
        });
    } catch (...) {
        order_.clear();
        throw;
    }
    return order_;
}

std::vector<uint32_t> CheckpointReader::matching(const StateQuery& query, const StopToken& stop)
{
    std::vector<uint32_t> rows = ordered(query.sortBy, stop);
    if (query.descending) std::ranges::reverse(rows);
    if (query.search.key.empty()) return rows;
    size_t looked = 0;
    std::erase_if(rows, [&](uint32_t row) {
        if (++looked % kLookForStop == 0) stop.check();
        const std::string text = keyText(entries_, row);
        return query.search.match == EntrySearch::Match::Exact ? text != query.search.key : text.find(query.search.key) == std::string::npos;
    });
    return rows;
}

Result<StatePage> CheckpointReader::page(const std::filesystem::path& checkpoint, const StateQuery& query, const StopToken& stop)
{
    auto browser = Browser::open(checkpoint);
    if (!browser) return browser.error();
    auto identity = (*browser)->identity();
    if (!identity) return identity.error();
    auto epoch = epochOf(**browser, query.moment);
    if (!epoch) return epoch.error();
    auto state = stateOf(**browser, query.node, query.state, *epoch);
    if (!state) return state.error();
    stop.check();
    Key key{checkpoint, fmt::format("{} {}", identity->id, identity->incarnation), query.node, state->identity.name, state->changed};
    if (auto loaded = load(**browser, std::move(key), *epoch); !loaded) return loaded.error();
    if (!query.sortBy.empty() && !entries_.schema->indexOf(query.sortBy)) return mistake(fmt::format("the state has no column {}", query.sortBy));
    const std::vector<uint32_t> rows = matching(query, stop);
    StatePage page{.info = std::move(*state), .keys = entries_.keys, .shown = shownColumns(*entries_.schema, entries_.identity, entries_.keys), .matching = static_cast<int64_t>(rows.size())};
    page.grid.schema = *entries_.schema;
    const size_t from = std::min(rows.size(), static_cast<size_t>(std::max<int64_t>(0, query.search.from)));
    const size_t count = std::min(rows.size() - from, static_cast<size_t>(std::max<int64_t>(0, query.search.limit)));
    page.grid.rows = cellsOf(*entries_.rows, std::span(rows).subspan(from, count), {});
    return page;
}

}
