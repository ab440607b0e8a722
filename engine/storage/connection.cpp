#include "engine/storage/connection.h"

#include "engine/base/files.h"

#include <cerrno>
#include <sqlite3.h>

namespace streamwright {

Error storageError(sqlite3* handle, int code, const std::filesystem::path& path)
{
    const std::string file = path.string();
    const std::string reason = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    const int system = handle ? sqlite3_system_errno(handle) : 0;
    switch (code & 0xFF) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return transient(fmt::format("another process holds {}: {}", file, reason));
        case SQLITE_FULL: return fileError("write", path, ENOSPC);
        case SQLITE_READONLY: return transient(fmt::format("{} cannot be written: {}", file, reason), "give write access to it; the stream goes on by itself");
        case SQLITE_NOMEM: return transient(fmt::format("no memory left to use {}", file));
        case SQLITE_IOERR:
            if (system == ENOSPC || system == EDQUOT || system == EFBIG || system == EROFS) return fileError("write", path, system);
            return transient(fmt::format("the disk failed under {}: {} ({})", file, reason, system ? std::strerror(system) : sqlite3_errstr(code)));
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return permanent(fmt::format("{} is damaged: {}", file, reason));
        case SQLITE_CANTOPEN:
            if (system == ENOSPC || system == EDQUOT || system == EMFILE || system == ENFILE || system == EROFS) return fileError("open", path, system);
            return permanent(fmt::format("cannot open {}: {}", file, system ? std::strerror(system) : reason));
        case SQLITE_CONSTRAINT: return broken(fmt::format("{} refused a row: {}", file, reason));
        default: return broken(fmt::format("{}: {}", file, reason));
    }
}

std::string quoteSqlName(std::string_view name)
{
    std::string quoted = "\"";
    for (const char c : name) {
        if (c == '"') quoted += c;
        quoted += c;
    }
    return quoted + "\"";
}

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& path, OpenMode mode, int busyMillis)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    switch (mode) {
        case OpenMode::ReadOnly: flags |= SQLITE_OPEN_READONLY; break;
        case OpenMode::ReadWrite: flags |= SQLITE_OPEN_READWRITE; break;
        case OpenMode::Create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    }
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
    if (code != SQLITE_OK) {
        const Error error = storageError(handle, code, path);
        sqlite3_close(handle);
        return error;
    }
    sqlite3_busy_timeout(handle, busyMillis);
    return std::unique_ptr<Connection>(new Connection(path, handle));
}

Connection::~Connection()
{
    statements_.clear();
    sqlite3_close(handle_);
}

Result<Statement> Connection::prepare(std::string_view sql)
{
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return storageError(handle_, code, path_);
    return Statement(*this, statement);
}

Result<Statement*> Connection::cached(std::string_view sql)
{
    const auto found = statements_.find(sql);
    if (found != statements_.end()) {
        found->second->reset();
        return found->second.get();
    }
    auto prepared = prepare(sql);
    if (!prepared) return prepared.error();
    return statements_.emplace(sql, std::make_unique<Statement>(std::move(*prepared))).first->second.get();
}

Result<void> Connection::script(std::string_view sql)
{
    const int code = sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return storageError(handle_, code, path_);
    return {};
}

Result<std::optional<int64_t>> Connection::integer(std::string_view sql)
{
    auto statement = prepare(sql);
    if (!statement) return statement.error();
    auto row = statement->step();
    if (!row) return row.error();
    if (!*row || statement->isNull(0)) return std::optional<int64_t>();
    return std::optional<int64_t>(statement->integer(0));
}

int64_t Connection::changedRows() const { return sqlite3_changes64(handle_); }
bool Connection::inTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

}
