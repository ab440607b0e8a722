#include "engine/nodes/postgres_options.h"

namespace streamwright {

namespace {

namespace fs = std::filesystem;

// Where Debian, and most others, keep the certificates of the authorities.
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt";

void checkUrl(const PostgresOptions& options, std::vector<FieldError>& errors)
{
    const bool isUrl = options.url.starts_with("postgresql://") || options.url.starts_with("postgres://");
    const auto settings = isUrl ? postgresUrl(options.url) : mistake("it must begin with postgresql://", "write for example \"postgresql://user@host:5432/database\"");
    if (!settings) errors.push_back({"url", "url is not the address of a PostgreSQL server: " + settings.error().message, settings.error().hint});
    for (const auto& [name, given] : {std::pair("host", !options.host.empty()), {"port", options.port.has_value()}, {"database", !options.database.empty()}, {"user", !options.user.empty()}}) {
        if (given) errors.push_back({name, fmt::format("{} is said by the url too", name), fmt::format("leave out either url or {}", name)});
    }
}

}

std::vector<FieldError> checkPostgresOptions(const PostgresOptions& options)
{
    std::vector<FieldError> errors;
    if (!options.url.empty()) checkUrl(options, errors);
    else if (options.database.empty()) errors.push_back({"database", "the database is not named", "write \"database\": \"sales\", or a url"});
    if (options.certificateFile.empty() != options.keyFile.empty()) errors.push_back({options.keyFile.empty() ? "key_file" : "certificate_file", "certificate_file and key_file belong together, but one of them is missing", {}});
    for (const auto& [name, duration] : {std::pair("connect_timeout", options.connectTimeout), {"request_timeout", options.requestTimeout}}) {
        if (duration < milliseconds(100)) errors.push_back({name, fmt::format("{} must be at least 100ms, but is {}", name, printDuration(duration)), {}});
    }
    return errors;
}

PostgresServer postgresServer(const PostgresOptions& options, const PlanContext& context, const std::string& application)
{
    PostgresServer server;
    if (auto settings = postgresUrl(options.url); !options.url.empty() && settings) server.settings = std::move(*settings);
    const auto set = [&](const char* name, const std::string& value) {
        if (!value.empty()) server.settings[name] = value;
    };
    set("host", options.host);
    set("port", options.port ? std::to_string(*options.port) : std::string());
    set("dbname", options.database);
    set("user", options.user);
    set("password", options.password);
    set("sslmode", options.tls);
    const auto setFile = [&](const char* name, const std::string& file) {
        if (!file.empty()) set(name, (context.folder / file).string());
    };
    setFile("sslrootcert", options.caFile);
    setFile("sslcert", options.certificateFile);
    setFile("sslkey", options.keyFile);
    std::error_code ignored;
    const auto mode = server.settings.find("sslmode");
    const bool verifies = mode != server.settings.end() && mode->second.starts_with("verify-");
    if (verifies && !server.settings.contains("sslrootcert") && fs::exists(kSystemAuthorities, ignored)) set("sslrootcert", kSystemAuthorities);
    set("application_name", application);
    server.connectTimeout = options.connectTimeout;
    server.requestTimeout = options.requestTimeout;
    return server;
}

}
