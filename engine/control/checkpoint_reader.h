// Questions about a checkpoint, whether or not a run writes it. One thread asks.
#pragma once
#include "engine/base/stop_token.h"
#include "engine/control/session.h"

namespace streamwright {

class CheckpointReader {
public:
    Result<std::vector<EpochInfo>> epochs(const std::filesystem::path& checkpoint);
    Result<std::vector<StateInfo>> states(const std::filesystem::path& checkpoint, Moment moment);
    // The whole state is kept until another one is asked for: pages, searches and orders of it are quick.
    Result<StatePage> page(const std::filesystem::path& checkpoint, const StateQuery& query, const StopToken& stop);
    Result<KeyHistory> keyHistory(const std::filesystem::path& checkpoint, const KeyQuery& query, const StopToken& stop);
    Result<std::vector<TopKey>> topKeys(const std::filesystem::path& checkpoint, const TopKeysQuery& query, const StopToken& stop);
    Result<std::vector<EpochInput>> inputs(const std::filesystem::path& checkpoint, Moment moment);
    Result<std::vector<ExportedTable>> exportStates(const std::filesystem::path& checkpoint, const ExportQuery& query);
    Result<std::vector<StateDifference>> diff(const std::filesystem::path& checkpoint, const DiffQuery& query);

private:
    struct Key {
        std::filesystem::path checkpoint;
        std::string id;                     // of the checkpoint, and its incarnation: another one may come to the same place
        NodeId node;
        std::string state;
        Epoch changed;                      // the state is the same up to its next change
        bool operator==(const Key&) const = default;
    };
    Result<void> load(Browser& browser, Key key, Epoch epoch);
    std::vector<uint32_t> matching(const StateQuery& query, const StopToken& stop);
    const std::vector<uint32_t>& ordered(const std::string& column, const StopToken& stop);

    std::optional<Key> key_;
    StateEntries entries_;
    std::string orderedBy_;
    std::vector<uint32_t> order_;           // rows, ascending by that column
};

// The epoch that a moment means: the newest, or the last one up to the batch.
Result<Epoch> epochOf(Browser& browser, Moment moment);

}
