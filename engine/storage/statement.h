// A prepared SQL statement. Text and blobs are bound in place: they must live until the statement is reset.
#pragma once
#include "engine/base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace streamwright {

class Connection;

struct Blob {
    std::string_view bytes;
};

class Statement {
public:
    Statement(const Connection& connection, sqlite3_stmt* handle) : connection_(&connection), handle_(handle) {}
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&& other) noexcept;
    ~Statement();

    // Parameters count from 1.
    void bind(int place, int64_t value);
    void bind(int place, int value) { bind(place, static_cast<int64_t>(value)); }
    void bind(int place, bool value) { bind(place, static_cast<int64_t>(value)); }
    void bind(int place, double value);
    void bind(int place, std::string_view text);
    void bind(int place, const std::string& text) { bind(place, std::string_view(text)); }
    void bind(int place, const char* text) { bind(place, std::string_view(text)); }
    void bind(int place, Blob blob);
    void bind(int place, std::nullptr_t);
    template <class T>
    void bind(int place, const std::optional<T>& value)
    {
        if (value) bind(place, *value);
        else bind(place, nullptr);
    }
    template <class... Args>
    void bindAll(const Args&... args)
    {
        int place = 0;
        (bind(++place, args), ...);
    }

    // True: a row is there to be read; false: the statement is done.
    Result<bool> step();
    void reset();

    // Columns count from 0. Views are valid until the next step or reset.
    int64_t integer(int column) const;
    double real(int column) const;
    std::string_view text(int column) const;
    std::string_view blob(int column) const;
    bool isNull(int column) const;
    int columns() const;
    std::string_view columnName(int column) const;

private:
    const Connection* connection_;
    sqlite3_stmt* handle_;
};

}
