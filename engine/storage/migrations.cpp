#include "engine/storage/migrations.h"

#include "engine/storage/transaction.h"

namespace streamwright {

namespace {

struct Found {
    int64_t version = 0;
    bool empty = true;
};

Result<Found> look(Connection& connection, const Migrations& migrations)
{
    const auto version = connection.integer("PRAGMA user_version");
    if (!version) return version.error();
    const auto application = connection.integer("PRAGMA application_id");
    if (!application) return application.error();
    const auto tables = connection.integer("SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    const Found found{version->value_or(0), tables->value_or(0) == 0};
    if (!found.empty && application->value_or(0) != migrations.applicationId) {
        return permanent(fmt::format("{} is a SQLite database, but no {} of Streamwright", connection.path().string(), migrations.what), "choose another path");
    }
    const auto newest = static_cast<int64_t>(migrations.scripts.size());
    if (found.version > newest) {
        return permanent(fmt::format("{} has version {}, this program knows up to {}: it was made by a newer Streamwright", connection.path().string(), found.version, newest), "use the newer program");
    }
    return found;
}

}

Result<void> checkVersion(Connection& connection, const Migrations& migrations)
{
    auto found = look(connection, migrations);
    if (!found) return found.error();
    if (found->empty) return permanent(fmt::format("{} is empty: its making was cut off", connection.path().string()), "run the pipeline once more, it makes a new one");
    if (found->version < static_cast<int64_t>(migrations.scripts.size())) {
        return permanent(fmt::format("{} has version {}, this program reads {}", connection.path().string(), found->version, migrations.scripts.size()), "run the pipeline once: it brings the file up to date");
    }
    return {};
}

Result<void> migrate(Connection& connection, const Migrations& migrations)
{
    auto found = look(connection, migrations);
    if (!found) return found.error();
    if (found->version == static_cast<int64_t>(migrations.scripts.size())) return {};
    auto transaction = Transaction::begin(connection);
    if (!transaction) return transaction.error();
    for (size_t i = static_cast<size_t>(found->version); i < migrations.scripts.size(); ++i) {
        if (auto done = connection.script(migrations.scripts[i]); !done) return done;
    }
    auto done = connection.script(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", migrations.applicationId, migrations.scripts.size()));
    if (!done) return done;
    return transaction->commit();
}

}
