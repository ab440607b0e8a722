// The options of nodes that work with a PostgreSQL server: where it is, who asks, how the connection is secured.
#pragma once
#include "engine/dataflow/declare.h"
#include "engine/transport/postgres.h"

namespace streamwright {

struct PostgresOptions {
    std::string url;
    std::string host;
    std::optional<int64_t> port;
    std::string database;
    std::string user;
    std::string password;
    std::string tls;
    std::string caFile;
    std::string certificateFile;
    std::string keyFile;
    Duration connectTimeout = seconds(10);
    Duration requestTimeout = seconds(60);
};

// `only`: fields are shown while another one has a value.
template <class Options>
void declarePostgresFields(Declare<Options>& declare, const std::optional<FieldSpec::Visible>& only = {})
{
    const auto member = [](auto PostgresOptions::*of) { return static_cast<std::remove_reference_t<decltype(std::declval<Options>().*of)> Options::*>(of); };
    const auto field = [&](auto PostgresOptions::*of, FieldSpec spec) {
        spec.visibleWhen = only;
        declare.field(member(of), std::move(spec));
    };
    field(&PostgresOptions::url, {.name = "url", .help = "Address of the server and the database, as libpq takes it; instead of host, port, database and user.", .example = Json::string("postgresql://writer@db.example:5432/sales")});
    field(&PostgresOptions::host, {.name = "host", .help = "Host of the PostgreSQL server; localhost if neither it nor the url is given.", .example = Json::string("db.example")});
    field(&PostgresOptions::port, {.name = "port", .help = "Its port; 5432 if not given.", .kind = FieldKind::Integer, .least = 1, .most = 65535});
    field(&PostgresOptions::database, {.name = "database", .help = "Name of the database.", .example = Json::string("sales")});
    field(&PostgresOptions::user, {.name = "user", .help = "The role that asks.", .example = Json::string("writer")});
    field(&PostgresOptions::password, {.name = "password", .help = "Its password, by reference.", .kind = FieldKind::Secret, .example = Json::string("${env:SALES_PASSWORD}")});
    field(&PostgresOptions::tls, {.name = "tls", .help = "Whether the connection is encrypted, as libpq's sslmode: prefer (where the server can), require, verify-ca and verify-full (its certificate is checked, and its name).", .kind = FieldKind::Choice, .choices = {"disable", "prefer", "require", "verify-ca", "verify-full"}, .example = Json::string("verify-full")});
    field(&PostgresOptions::caFile, {.name = "ca_file", .help = "Certificates of the authorities that are trusted, PEM; with verify-ca and verify-full, those of the system if not given.", .kind = FieldKind::Path, .advanced = true});
    field(&PostgresOptions::certificateFile, {.name = "certificate_file", .help = "The certificate that tells the server who asks, PEM.", .kind = FieldKind::Path, .advanced = true});
    field(&PostgresOptions::keyFile, {.name = "key_file", .help = "The private key of certificate_file, PEM, readable by this user only.", .kind = FieldKind::Path, .advanced = true});
    field(&PostgresOptions::connectTimeout, {.name = "connect_timeout", .help = "How long a connection may take until it is tried again.", .kind = FieldKind::Duration, .fallback = Json::string("10s"), .advanced = true});
    field(&PostgresOptions::requestTimeout, {.name = "request_timeout", .help = "How long a statement may take, and the server be silent, until the connection is given up and the statement tried again.", .kind = FieldKind::Duration, .fallback = Json::string("60s"), .advanced = true});
}

std::vector<FieldError> checkPostgresOptions(const PostgresOptions& options);
// `application` is what the server shows of this connection.
PostgresServer postgresServer(const PostgresOptions& options, const PlanContext& context, const std::string& application);

}
