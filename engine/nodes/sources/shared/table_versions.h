// The versions of a table that ranges name: in memory, and in a folder of the checkpoint so that a batch that is run again
// finds the rows that it had. An offset is "NUMBER HASH"; equal rows have equal hashes.
#pragma once
#include "engine/dataflow/context.h"
#include "engine/dataflow/source.h"

#include <filesystem>
#include <mutex>

namespace streamwright {

struct TableVersion {
    int64_t number = 0;
    uint64_t hash = 0;
    std::vector<BatchPtr> rows;     // of kVectorRows at most; the same objects for as long as the version is in use
    std::vector<Rejected> rejected;

    Offset offset() const;
};
using TableVersionPtr = std::shared_ptr<const TableVersion>;

class TableVersions {
public:
    // An empty folder: in memory only.
    void open(SchemaPtr schema, std::filesystem::path folder);

    // The version that follows `after`, kept durably; `after` itself when the rows are its rows.
    Result<TableVersionPtr> add(const Offset& after, const std::vector<BatchPtr>& rows, std::vector<Rejected> rejected);
    // Null when it is not kept any more, or had other columns. Any thread.
    Result<TableVersionPtr> find(const Offset& offset);
    // Any thread.
    void forgetBefore(const Offset& offset);

private:
    std::filesystem::path fileOf(const Offset& offset) const;
    TableVersionPtr made(int64_t number, uint64_t hash, const BatchPtr& rows, std::vector<Rejected> rejected) const;

    SchemaPtr schema_;
    std::filesystem::path folder_;
    std::mutex mutex_;
    std::vector<TableVersionPtr> used_;     // the last two
};

}
