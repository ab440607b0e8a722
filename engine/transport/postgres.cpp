#include "engine/transport/postgres.h"

#include "engine/base/clock.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace streamwright {

namespace {

// On a dead line the kernel of either side gives up after about this long, if nothing else does before.
constexpr const char* kKeepaliveIdle = "15";
constexpr const char* kKeepaliveInterval = "5";
constexpr const char* kKeepaliveCount = "3";

// The server, too, must not keep a transaction, and with it the locks that the next one of ours waits for, for a line that
// is dead. The last of the settings is not known to servers before 14.
constexpr const char* kSessionSettings =
    "SET tcp_keepalives_idle = 15; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
    "SELECT set_config(name, '5s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'";

int64_t nanosOf(Duration duration) { return duration.micros * 1000; }

// One line: libpq's messages end in line feeds, and guesses about the reason stand on lines that a tab begins.
std::string oneLine(std::string_view text)
{
    std::string line;
    for (const char c : text.substr(0, text.find("\n\t"))) {
        if (c == '\n' && (line.empty() || line.back() == ' ')) continue;
        line += c == '\n' ? ' ' : c;
    }
    while (line.ends_with(' ')) line.pop_back();
    return line;
}

ErrorKind kindOf(std::string_view state)
{
    const auto of = [&](std::string_view prefix) { return state.starts_with(prefix); };
    const bool passes = of("08") || of("53") || of("57") || of("58") || state == "40001" || state == "40P01" || state == "55P03" || state == "55006"
                     || state == "25006" || state == "25P03";
    return passes ? ErrorKind::Transient : ErrorKind::Permanent;
}

std::string hintOf(std::string_view state)
{
    if (state == "57014") return "a batch that needs longer needs a larger request_timeout, or a smaller max_rows_per_batch";
    if (state == "25006") return "the server is read-only for now, as a standby is; the stream goes on by itself";
    if (state.starts_with("28")) return "look at user, password and the server's pg_hba.conf";
    return {};
}

// Of a connection that was not made only text is left; told verbosely it has the state: "FATAL:  28P01: password …".
struct ConnectFailure {
    std::string text;
    std::string state;
};
ConnectFailure connectFailure(std::string_view message)
{
    ConnectFailure failure;
    std::string_view left = message.substr(0, message.find("\nLOCATION:"));
    // Where it is stands before each message of ours. With several addresses each failure says which.
    constexpr std::string_view kWhere = "connection to server at ", kFailed = " failed: ";
    if (left.starts_with(kWhere) && left.find(kWhere, 1) == std::string_view::npos && left.find(kFailed) != std::string_view::npos) left.remove_prefix(left.find(kFailed) + kFailed.size());
    const auto isState = [](std::string_view text) { return text.size() == 5 && std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }); };
    for (size_t at = left.find(":  "); at != std::string_view::npos; at = left.find(":  ", at + 1)) {
        const std::string_view state = left.substr(at + 3, 5);
        if (!isState(state) || left.substr(at + 8, 2) != ": ") continue;
        failure.state = state;
        // Alone, the words "FATAL:" say no more than that it failed.
        const bool alone = left.substr(0, at).find(' ') == std::string_view::npos;
        failure.text = (alone ? std::string() : std::string(left.substr(0, at + 3))) + std::string(left.substr(at + 10)) + fmt::format(", SQLSTATE {}", state);
        return failure;
    }
    failure.text = left;
    return failure;
}

// The other side is there, but is not who it should be: waiting does not help.
bool isRefusedByUs(std::string_view text)
{
    for (const std::string_view words : {"certificate verify failed", "does not match host name", "server does not support SSL", "could not read certificate file", "could not load private key file",
                                         "root certificate file", "could not read root certificate", "no password supplied", "invalid sslmode", "private key file"}) {
        if (text.find(words) != std::string_view::npos) return true;
    }
    return false;
}

std::string valueOf(const std::map<std::string, std::string>& settings, const char* name, const char* otherwise)
{
    const auto found = settings.find(name);
    return found == settings.end() || found->second.empty() ? otherwise : found->second;
}

}

std::string PostgresServer::description() const
{
    return fmt::format("{} at {}:{}", valueOf(settings, "dbname", valueOf(settings, "user", "postgres").c_str()), valueOf(settings, "host", valueOf(settings, "hostaddr", "localhost").c_str()), valueOf(settings, "port", "5432"));
}

Result<std::map<std::string, std::string>> postgresUrl(const std::string& url)
{
    char* wrong = nullptr;
    PQconninfoOption* options = PQconninfoParse(url.c_str(), &wrong);
    if (!options) {
        Error error = mistake(wrong ? oneLine(wrong) : "it cannot be read", "write for example \"postgresql://user@host:5432/database\"");
        PQfreemem(wrong);
        return error;
    }
    std::map<std::string, std::string> settings;
    for (const PQconninfoOption* option = options; option->keyword; ++option) {
        if (option->val) settings[option->keyword] = option->val;
    }
    PQconninfoFree(options);
    return settings;
}

void PostgresConnection::Clear::operator()(pg_result* result) const { PQclear(result); }

PostgresConnection::PostgresConnection(PostgresServer server) : server_(std::move(server)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

PostgresConnection::~PostgresConnection()
{
    close();
    if (wake_ >= 0) ::close(wake_);
}

void PostgresConnection::close()
{
    if (connection_) PQfinish(std::exchange(connection_, nullptr));
}

bool PostgresConnection::alive()
{
    while (connection_) {
        pollfd wanted{PQsocket(connection_), POLLIN, 0};
        if (::poll(&wanted, 1, 0) <= 0) return true;
        // There is something that nobody asked for: the end, or a remark.
        if (!PQconsumeInput(connection_) || PQstatus(connection_) == CONNECTION_BAD) close();
    }
    return false;
}

void PostgresConnection::cancel()
{
    const uint64_t one = 1;
    if (::write(wake_, &one, sizeof one) < 0) return;   // full: it was woken before
}

Error PostgresConnection::lost(const std::string& reason)
{
    close();
    state_.clear();
    return transient(fmt::format("{}: {}", server_.description(), reason));
}

Error PostgresConnection::failed(const pg_result* result)
{
    const auto field = [&](int code) {
        const char* text = PQresultErrorField(result, code);
        return std::string(text ? text : "");
    };
    state_ = field(PG_DIAG_SQLSTATE);
    const std::string& state = state_;
    std::string message = fmt::format("{}: {}", server_.description(), oneLine(field(PG_DIAG_MESSAGE_PRIMARY)));
    if (const std::string detail = oneLine(field(PG_DIAG_MESSAGE_DETAIL)); !detail.empty()) message += fmt::format(" ({})", detail);
    if (const std::string context = oneLine(field(PG_DIAG_CONTEXT)); context.starts_with("COPY ")) message += fmt::format(" [{}]", context.substr(0, 200));
    if (!state.empty()) message += fmt::format(", SQLSTATE {}", state);
    const std::string hint = oneLine(field(PG_DIAG_MESSAGE_HINT));
    return {kindOf(state), std::move(message), hint.empty() ? hintOf(state) : hint};
}

Result<void> PostgresConnection::wait(For what, int64_t until)
{
    for (;;) {
        const int64_t left = until - steadyNanos();
        if (left <= 0) return lost(fmt::format("no answer for {} s", server_.requestTimeout.seconds()));
        pollfd wanted[2] = {{PQsocket(connection_), static_cast<short>(what == For::Reading ? POLLIN : POLLIN | POLLOUT), 0}, {wake_, POLLIN, 0}};
        const int ready = ::poll(wanted, 2, static_cast<int>(std::min<int64_t>(left / 1'000'000 + 1, 1 << 30)));
        if (wanted[1].revents != 0) return lost("cancelled");
        if (ready > 0) return {};
    }
}

Result<void> PostgresConnection::makeConnection()
{
    std::map<std::string, std::string> settings = server_.settings;
    if (!settings.contains("hostaddr") && !settings.contains("service")) settings.emplace("host", "localhost");
    settings["client_encoding"] = "UTF8";
    settings.emplace("application_name", "streamwright");
    settings.emplace("keepalives_idle", kKeepaliveIdle);
    settings.emplace("keepalives_interval", kKeepaliveInterval);
    settings.emplace("keepalives_count", kKeepaliveCount);
    settings.emplace("tcp_user_timeout", std::to_string(server_.requestTimeout.micros / 1000));
    settings.emplace("gssencmode", "disable");
    std::vector<const char*> names, values;
    for (const auto& [name, value] : settings) names.push_back(name.c_str()), values.push_back(value.c_str());
    names.push_back(nullptr), values.push_back(nullptr);
    connection_ = PQconnectStartParams(names.data(), values.data(), 0);
    if (!connection_) return transient("no memory for a connection");
    PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);
    const int64_t until = steadyNanos() + nanosOf(server_.connectTimeout);
    auto state = PQstatus(connection_) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED) {
            const ConnectFailure failure = connectFailure(PQerrorMessage(connection_));
            Error error = lost(oneLine(failure.text));
            if (isRefusedByUs(failure.text) || (!failure.state.empty() && kindOf(failure.state) == ErrorKind::Permanent)) error.kind = ErrorKind::Permanent;
            error.hint = hintOf(failure.state);
            return error;
        }
        if (auto ready = wait(state == PGRES_POLLING_READING ? For::Reading : For::Writing, until); !ready) {
            if (steadyNanos() < until) return ready;
            return transient(fmt::format("{}: no connection in {} s", server_.description(), server_.connectTimeout.seconds()));
        }
        state = PQconnectPoll(connection_);
    }
    PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
    // What the server remarks beside its answers goes nowhere.
    PQsetNoticeReceiver(connection_, [](void*, const PGresult*) {}, nullptr);
    if (PQsetnonblocking(connection_, 1) != 0) return lost(oneLine(PQerrorMessage(connection_)));
    return {};
}

Result<void> PostgresConnection::connect()
{
    close();
    if (auto made = makeConnection(); !made) {
        close();
        return made;
    }
    if (auto set = script(kSessionSettings); !set) {
        close();
        return set.error();
    }
    return {};
}

std::string PostgresConnection::greeting() const
{
    const char* tls = PQsslAttribute(connection_, "protocol");
    return fmt::format("PostgreSQL {}, {}", parameter("server_version"), PQsslInUse(connection_) && tls ? tls : "not encrypted");
}

std::string PostgresConnection::parameter(const char* name) const
{
    const char* value = connection_ ? PQparameterStatus(connection_, name) : nullptr;
    return value ? value : "";
}

// Sends all that waits to be sent, and takes what comes meanwhile, so that neither side waits for the other.
Result<void> PostgresConnection::flush()
{
    for (;;) {
        const int left = PQflush(connection_);
        if (left == 0) return {};
        if (left < 0) return lost(oneLine(PQerrorMessage(connection_)));
        if (auto ready = wait(For::Writing, steadyNanos() + nanosOf(server_.requestTimeout)); !ready) return ready;
        if (!PQconsumeInput(connection_)) return lost(oneLine(PQerrorMessage(connection_)));
    }
}

Result<PostgresConnection::Answer> PostgresConnection::nextAnswer()
{
    while (PQisBusy(connection_)) {
        if (auto ready = wait(For::Reading, steadyNanos() + nanosOf(server_.requestTimeout)); !ready) return ready.error();
        if (!PQconsumeInput(connection_)) return lost(oneLine(PQerrorMessage(connection_)));
    }
    Answer answer(PQgetResult(connection_));
    // What the server said before it closed the connection (it ends, or ended this backend) is in a result; else libpq says.
    if (answer && PQresultStatus(answer.get()) == PGRES_FATAL_ERROR && PQstatus(connection_) == CONNECTION_BAD) {
        const char* state = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
        Error error = state ? failed(answer.get()) : lost(oneLine(PQresultErrorMessage(answer.get())));
        close();
        return error;
    }
    return answer;
}

Result<std::vector<PostgresConnection::Row>> PostgresConnection::answers()
{
    if (auto sent = flush(); !sent) return sent.error();
    std::vector<Row> rows;
    std::optional<Error> failure;
    for (;;) {
        auto next = nextAnswer();
        if (!next) return failure.value_or(next.error());
        if (!*next) break;
        const pg_result* result = next->get();
        const auto status = PQresultStatus(result);
        if (status == PGRES_TUPLES_OK) {
            rows.assign(static_cast<size_t>(PQntuples(result)), Row(static_cast<size_t>(PQnfields(result))));
            for (int row = 0; row < PQntuples(result); ++row) {
                for (int column = 0; column < PQnfields(result); ++column) {
                    if (!PQgetisnull(result, row, column)) rows[static_cast<size_t>(row)][static_cast<size_t>(column)].emplace(PQgetvalue(result, row, column), static_cast<size_t>(PQgetlength(result, row, column)));
                }
            }
        } else if (status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY && !failure) {
            failure = failed(result);
        }
    }
    if (failure) return *failure;
    return rows;
}

Result<std::vector<PostgresConnection::Row>> PostgresConnection::script(const std::string& statements)
{
    state_.clear();
    if (!PQsendQuery(connection_, statements.c_str())) return lost(oneLine(PQerrorMessage(connection_)));
    return answers();
}

Result<std::vector<PostgresConnection::Row>> PostgresConnection::query(const std::string& statement, const std::vector<std::optional<std::string>>& parameters)
{
    state_.clear();
    std::vector<const char*> values;
    for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
    if (!PQsendQueryParams(connection_, statement.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, 0)) return lost(oneLine(PQerrorMessage(connection_)));
    return answers();
}

// Takes the first answer, which must have this status; with another one, takes the rest too.
Result<void> PostgresConnection::firstAnswer(int wanted)
{
    if (auto sent = flush(); !sent) return sent;
    auto first = nextAnswer();
    if (!first) return first.error();
    if (*first && PQresultStatus(first->get()) == wanted) return {};
    const Error error = *first ? failed(first->get()) : permanent(server_.description() + ": the server gave no answer");
    while (*first) {
        first = nextAnswer();
        if (!first) return error;
    }
    return error;
}

Result<void> PostgresConnection::beginCopyIn(const std::string& statement)
{
    state_.clear();
    if (!PQsendQuery(connection_, statement.c_str())) return lost(oneLine(PQerrorMessage(connection_)));
    return firstAnswer(PGRES_COPY_IN);
}

Result<void> PostgresConnection::copyIn(std::string_view bytes)
{
    if (PQputCopyData(connection_, bytes.data(), static_cast<int>(bytes.size())) <= 0) return lost(oneLine(PQerrorMessage(connection_)));
    return flush();
}

Result<int64_t> PostgresConnection::endCopyIn()
{
    if (PQputCopyEnd(connection_, nullptr) <= 0) return lost(oneLine(PQerrorMessage(connection_)));
    if (auto sent = flush(); !sent) return sent.error();
    int64_t rows = 0;
    std::optional<Error> failure;
    for (;;) {
        auto next = nextAnswer();
        if (!next) return failure.value_or(next.error());
        if (!*next) break;
        if (PQresultStatus(next->get()) == PGRES_COMMAND_OK) rows = std::strtoll(PQcmdTuples(next->get()), nullptr, 10);
        else if (!failure) failure = failed(next->get());
    }
    if (failure) return *failure;
    return rows;
}

Result<void> PostgresConnection::copyOut(const std::string& statement, const std::function<Result<void>(std::string_view)>& take)
{
    state_.clear();
    if (!PQsendQuery(connection_, statement.c_str())) return lost(oneLine(PQerrorMessage(connection_)));
    if (auto begun = firstAnswer(PGRES_COPY_OUT); !begun) return begun;
    for (;;) {
        char* bytes = nullptr;
        const int size = PQgetCopyData(connection_, &bytes, 1);
        if (size == 0) {
            if (auto ready = wait(For::Reading, steadyNanos() + nanosOf(server_.requestTimeout)); !ready) return ready;
            if (!PQconsumeInput(connection_)) return lost(oneLine(PQerrorMessage(connection_)));
            continue;
        }
        if (size < 0) break;
        auto taken = take(std::string_view(bytes, static_cast<size_t>(size)));
        PQfreemem(bytes);
        if (!taken) {
            // Nobody wants the rest.
            close();
            return taken;
        }
    }
    if (auto rest = answers(); !rest) return rest.error();
    return {};
}

}
