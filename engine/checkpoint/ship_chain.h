// The checkpoint as a shared folder holds it: a chain of files, each made by whoever first gives it its name.
//
//   epochs/<20 digits>             a link: header, then rows and staged output
//   snapshots/<20 digits>-<hash>/  all rows as of that link, part-00000 …
//   .tmp/                          what is being written
//
// Links are numbered one after the other. The number is not the epoch's: batches that are decided together are one
// epoch, a takeover is a link without one, and two owners must want the same name.
#pragma once
#include "engine/checkpoint/shared_folder.h"
#include "engine/checkpoint/store.h"

namespace streamwright {

struct ChainPlace {
    int64_t number = 0;         // 0: before the first link
    std::string hash;           // of the link's file
    bool operator==(const ChainPlace&) const = default;
};

struct ChainLink {
    // Whole: not what came before counts, but the snapshot of this link, which is there first.
    enum class Kind : unsigned char { Owner, Epoch, Whole };
    Kind kind = Kind::Epoch;
    ChainPlace place;
    std::string previous;       // hash of the link before
    std::string checkpoint;     // its UUID
    int64_t incarnation = 0;
    std::string owner;
    Epoch epoch;                // the last one decided
    std::string rows;
    std::map<std::string, std::string> outbox;      // by sink, of the pending output
};

// The bytes of a link; its place's hash is set by it.
std::string linkBytes(ChainLink& link);

class ShipChain {
public:
    explicit ShipChain(std::unique_ptr<SharedFolder> folder) : folder_(std::move(folder)) {}

    Result<void> makeFolders();
    // The last link, none if there is no link; Permanent when it is damaged.
    Result<std::optional<ChainLink>> head();
    // Adds the link after another one. False: that name was taken by somebody else's link, who is in `other`.
    Result<bool> append(const ChainLink& link, const std::string& bytes, std::string& other);
    // Hands over what rebuilds the checkpoint at the last link: parts of rows, in order; the last link at the end.
    // Permanent when links are missing or do not follow each other.
    Result<ChainLink> replay(const std::function<Result<void>(std::string_view rows)>& take);

    // A snapshot is whole when `finish` has returned.
    Result<std::string> beginSnapshot();
    Result<void> writeSnapshot(const std::string& snapshot, int64_t part, bool last, const ChainPlace& at, std::string_view rows);
    Result<void> finishSnapshot(const std::string& snapshot, const ChainPlace& at);
    // Removes links and snapshots that no restore needs, with two snapshots to restore from left.
    Result<void> tidy();

    // The number of the link that the newest snapshot belongs to, 0 if there is none.
    Result<int64_t> newestSnapshot();
    // Removes what was being written by runs that have ended, or are fenced.
    Result<void> removeUnfinished();

    std::string text() const { return folder_->text(); }

private:
    Result<std::vector<int64_t>> numbers();
    Result<std::optional<ChainLink>> readLink(int64_t number);
    Result<bool> replaySnapshot(const std::string& name, ChainPlace& at, const std::function<Result<void>(std::string_view)>& take);

    std::unique_ptr<SharedFolder> folder_;
};

}
