// The only door to PostgreSQL (libpq). A connection belongs to one thread at a time; `cancel` alone may be called from any
// other. Nothing waits for ever: a connection that is not made in `connectTimeout`, and a server that neither takes nor
// gives a byte for `requestTimeout`, is given up.
//
// Errors are in the server's own words. Transient: no connection, a lost one, the server starts, ends or has too many
// connections, no space, deadlocks, locks that others hold. Permanent: who we are is refused (class 28), what is asked is
// not possible (class 42), and the rest. After a Transient error of `script`, `query` or a copy ask `usable`.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct pg_conn;
struct pg_result;

namespace streamwright {

// Where the server is and who asks, by libpq's keywords ("host", "user", "sslmode" …).
struct PostgresServer {
    std::map<std::string, std::string> settings;
    Duration connectTimeout = seconds(10);
    Duration requestTimeout = seconds(60);

    // "sales at db.example:5432", without who asks and how.
    std::string description() const;
};

// The settings of `postgresql://user@host:port/database?sslmode=require`, or libpq's own words about what is wrong.
Result<std::map<std::string, std::string>> postgresUrl(const std::string& url);

class PostgresConnection {
public:
    explicit PostgresConnection(PostgresServer server);
    ~PostgresConnection();
    PostgresConnection(const PostgresConnection&) = delete;
    PostgresConnection& operator=(const PostgresConnection&) = delete;

    // Looking up a name blocks and cannot be cancelled. A connection that was there is closed before.
    Result<void> connect();
    void close();
    // False: `connect` is needed.
    bool usable() const { return connection_ != nullptr; }
    // The same of a connection that was not used for a while: the server may have ended it meanwhile.
    bool alive();
    const PostgresServer& server() const { return server_; }
    // "PostgreSQL 15.4, TLSv1.3".
    std::string greeting() const;
    // What the server says about itself ("server_encoding"); empty if it does not.
    std::string parameter(const char* name) const;

    using Row = std::vector<std::optional<std::string>>;
    // Statements without parameters, in one message: all of them or, after an error, none, unless they begin and end a
    // transaction. The rows of the last one that has some.
    Result<std::vector<Row>> script(const std::string& statements);
    // One statement; its parameters $1… are texts.
    Result<std::vector<Row>> query(const std::string& statement, const std::vector<std::optional<std::string>>& parameters);

    // `COPY … FROM STDIN`: begin, any number of pieces, end. After an error only `script` ("ROLLBACK") may follow. How many
    // rows were copied.
    Result<void> beginCopyIn(const std::string& statement);
    Result<void> copyIn(std::string_view bytes);
    Result<int64_t> endCopyIn();
    // `COPY … TO STDOUT`: hands over what comes, a whole row at a time in the text format.
    Result<void> copyOut(const std::string& statement, const std::function<Result<void>(std::string_view)>& take);

    // Whether the last call failed with this SQLSTATE of the server.
    bool failedFor(std::string_view state) const { return state_ == state; }

    // Ends what waits, now and later.
    void cancel();

private:
    enum class For : unsigned char { Reading, Writing };
    struct Clear {
        void operator()(pg_result* result) const;
    };
    using Answer = std::unique_ptr<pg_result, Clear>;

    Result<void> makeConnection();
    Result<void> wait(For what, int64_t until);
    Result<void> flush();
    // The next result of what was sent; null after the last one.
    Result<Answer> nextAnswer();
    Result<std::vector<Row>> answers();
    Result<void> firstAnswer(int wanted);
    Error lost(const std::string& reason);
    Error failed(const pg_result* result);

    PostgresServer server_;
    pg_conn* connection_ = nullptr;
    int wake_ = -1;     // eventfd, readable once cancelled
    std::string state_; // SQLSTATE of the last call
};

}
