// The databases of a checkpoint: how they are brought up to date, what is refused, and what their tables promise.
#include "engine/checkpoint/schema.h"
#include "engine/checkpoint/state_rows.h"
#include "engine/columns/builder.h"

#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <random>

using namespace streamwright;

namespace {

constexpr std::array<std::string_view, 3> kScripts{"CREATE TABLE a (x INTEGER NOT NULL) STRICT; INSERT INTO a VALUES (7);",
                                                   "ALTER TABLE a ADD COLUMN y TEXT NOT NULL DEFAULT 'new';", "CREATE TABLE b (z INTEGER) STRICT; CREATE TABLE a (twice INTEGER);"};

Migrations upTo(size_t version) { return {"thing", 0x1234, std::span(kScripts).first(version)}; }

std::unique_ptr<Connection> openAt(const QTemporaryDir& folder) { return std::move(*Connection::open(folder.filePath("d.sqlite").toStdString(), OpenMode::Create)); }

}

class MigrationsTest : public QObject {
    Q_OBJECT

private slots:
    void bringUpToDateAndKeepRows()
    {
        QTemporaryDir folder;
        auto connection = openAt(folder);
        QVERIFY(migrate(*connection, upTo(1)).has_value());
        QVERIFY(checkVersion(*connection, upTo(1)).has_value());
        QVERIFY(checkVersion(*connection, upTo(2)).error().message.find("has version 1, this program reads 2") != std::string::npos);
        QVERIFY(migrate(*connection, upTo(2)).has_value());
        QVERIFY(migrate(*connection, upTo(2)).has_value());
        QCOMPARE(connection->integer("SELECT count(*) FROM a WHERE x = 7 AND y = 'new'").value().value_or(0), 1);
        // A script that fails leaves what was there.
        QVERIFY(!migrate(*connection, upTo(3)).has_value());
        QCOMPARE(connection->integer("PRAGMA user_version").value().value_or(0), 2);
        QCOMPARE(connection->integer("SELECT count(*) FROM sqlite_schema WHERE name = 'b'").value().value_or(-1), 0);
    }

    void refuseWhatIsNewerOrForeign()
    {
        QTemporaryDir folder;
        auto connection = openAt(folder);
        QVERIFY(migrate(*connection, upTo(2)).has_value());
        const auto newer = migrate(*connection, upTo(1));
        QVERIFY(newer.error().kind == ErrorKind::Permanent && newer.error().message.find("made by a newer Streamwright") != std::string::npos);
        const auto foreign = migrate(*connection, checkpointMigrations());
        QVERIFY(foreign.error().kind == ErrorKind::Permanent && foreign.error().message.find("is a SQLite database, but no checkpoint") != std::string::npos);
    }

    void everyTableIsStrict()
    {
        for (const Migrations& migrations : {checkpointMigrations(), historyMigrations()}) {
            QTemporaryDir folder;
            auto connection = openAt(folder);
            QVERIFY(migrate(*connection, migrations).has_value());
            QVERIFY(connection->integer("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'").value().value_or(0) > 0);
            QCOMPARE(connection->integer("SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND strict = 0").value().value_or(-1), 0);
        }
    }

    // Text that does not compress: blocks stay under 4 MiB, and all rows are there.
    void blocksAreCut()
    {
        std::mt19937_64 random(3);
        const auto schema = std::make_shared<const Schema>(*parseSchema("text STRING"));
        std::vector<BatchPtr> batches;
        for (int batch = 0; batch < 3; ++batch) {
            std::vector<Value> values;
            for (int row = 0; row < 4000; ++row) {
                std::string text(2000, '\0');
                for (char& c : text) c = static_cast<char>(random() % 127 + 1);
                values.push_back({std::move(text)});
            }
            batches.push_back(makeBatch(schema, {columnOf(TypeKind::String, values)}, values.size()));
        }
        int64_t rows = 0;
        const std::vector<EncodedBlock> blocks = encodeBlocks(batches);
        for (const EncodedBlock& block : blocks) {
            QVERIFY2(block.bytes.size() <= 4 << 20, std::to_string(block.bytes.size()).c_str());
            rows += block.rows;
        }
        QCOMPARE(rows, 12000);
        QVERIFY(blocks.size() >= 6);
    }
};

QTEST_GUILESS_MAIN(MigrationsTest)
#include "migrations_test.moc"
