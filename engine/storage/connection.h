// The only door to SQLite. A connection belongs to one thread at a time.
//
// Errors: busy, full, read-only and failed disks are Transient with the reason; damaged files are Permanent;
// a broken constraint is Broken.
#pragma once
#include "engine/storage/statement.h"

#include <filesystem>
#include <memory>
#include <type_traits>
#include <utility>

struct sqlite3;

namespace streamwright {

enum class OpenMode : unsigned char { ReadOnly, ReadWrite, Create };

class Connection {
public:
    // Waits up to `busyMillis` for another process's lock before it answers busy.
    static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path, OpenMode mode, int busyMillis = 5000);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    const std::filesystem::path& path() const { return path_; }

    Result<Statement> prepare(std::string_view sql);
    // Any number of statements without parameters or results.
    Result<void> script(std::string_view sql);
    // One statement, prepared once and kept; text and blobs are used in place.
    template <class... Args>
    Result<void> run(std::string_view sql, const Args&... args)
    {
        auto statement = cached(sql);
        if (!statement) return statement.error();
        (*statement)->bindAll(args...);
        auto row = (*statement)->step();
        (*statement)->reset();
        if (!row) return row.error();
        return {};
    }
    // Hands the rows of one statement without parameters to take(const Statement&) one by one; a Result<void> that it
    // gives back can end the reading.
    template <class Take>
    Result<void> eachRow(std::string_view sql, Take&& take)
    {
        auto rows = prepare(sql);
        if (!rows) return rows.error();
        for (;;) {
            auto row = rows->step();
            if (!row) return row.error();
            if (!*row) return {};
            if constexpr (std::is_void_v<std::invoke_result_t<Take, const Statement&>>) take(std::as_const(*rows));
            else if (Result<void> taken = take(std::as_const(*rows)); !taken) return taken;
        }
    }
    // A statement kept by this connection, reset: valid until the connection closes, for one use at a time.
    Result<Statement*> cached(std::string_view sql);
    // The first column of the first row, or nothing.
    Result<std::optional<int64_t>> integer(std::string_view sql);

    int64_t changedRows() const;
    bool inTransaction() const;

private:
    Connection(std::filesystem::path path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
    friend class Statement;
    std::filesystem::path path_;
    sqlite3* handle_;
    std::map<std::string, std::unique_ptr<Statement>, std::less<>> statements_;
};

// What the connection's last error means. `code` is SQLite's extended result code.
Error storageError(sqlite3* handle, int code, const std::filesystem::path& path);

// A name as it stands in SQL, quoted.
std::string quoteSqlName(std::string_view name);

}
