#include "engine/storage/statement.h"

#include "engine/storage/connection.h"

#include <sqlite3.h>

namespace streamwright {

Statement::Statement(Statement&& other) noexcept : connection_(other.connection_), handle_(std::exchange(other.handle_, nullptr)) {}

Statement& Statement::operator=(Statement&& other) noexcept
{
    std::swap(connection_, other.connection_);
    std::swap(handle_, other.handle_);
    return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

void Statement::bind(int place, int64_t value) { sqlite3_bind_int64(handle_, place, value); }
void Statement::bind(int place, double value) { sqlite3_bind_double(handle_, place, value); }
void Statement::bind(int place, std::nullptr_t) { sqlite3_bind_null(handle_, place); }
void Statement::bind(int place, std::string_view text)
{
    // A null pointer would bind NULL.
    sqlite3_bind_text64(handle_, place, text.data() ? text.data() : "", text.size(), SQLITE_STATIC, SQLITE_UTF8);
}
void Statement::bind(int place, Blob blob) { sqlite3_bind_blob64(handle_, place, blob.bytes.data() ? blob.bytes.data() : "", blob.bytes.size(), SQLITE_STATIC); }

Result<bool> Statement::step()
{
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3* connection = sqlite3_db_handle(handle_);
    return storageError(connection, sqlite3_extended_errcode(connection), connection_->path());
}

void Statement::reset()
{
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }
double Statement::real(int column) const { return sqlite3_column_double(handle_, column); }
bool Statement::isNull(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
int Statement::columns() const { return sqlite3_column_count(handle_); }
std::string_view Statement::columnName(int column) const { return sqlite3_column_name(handle_, column); }

std::string_view Statement::text(int column) const
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return text ? std::string_view(text, static_cast<size_t>(sqlite3_column_bytes(handle_, column))) : std::string_view();
}

std::string_view Statement::blob(int column) const
{
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_, column));
    return bytes ? std::string_view(bytes, static_cast<size_t>(sqlite3_column_bytes(handle_, column))) : std::string_view();
}

}
