// Single keys, greatest keys, inputs and exports of a checkpoint that a run has written.
#include "engine/checkpoint/export.h"
#include "engine/checkpoint/receive_log.h"
#include "engine/checkpoint/schema.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "engine/runtime/run.h"
#include "engine/storage/connection.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fmt/format.h>

using namespace streamwright;

namespace {

// Batch b counts the words of line b; an empty count forgets `gone`.
constexpr const char* kPipeline = R"js({{"format": "streamwright/1", "name": "keys", "settings": {{"batch_interval": "1s", "checkpoint": "{}"}},
"nodes": {{"in": {{"type": "source.replay", "options": {{"file": "{}", "schema": "word STRING, n BIGINT"}}}},
"totals": {{"type": "update_state_by_key", "options": {{"keys": ["word"], "values": "n", "update": "if(array_contains(values, -1L), NULL, concat(coalesce(state, ''), repeat('x', cast(aggregate(values, 0L, (a, v) -> a + v) AS INT))))", "as": "marks", "call": "keys_with_values"}}}},
"out": {{"type": "sink.discard"}}}}, "edges": ["in -> totals", "totals -> out"]}})js";

constexpr const char* kInput = R"([{"word":"a","n":1},{"word":"b","n":5}]
[{"word":"a","n":1},{"word":"c","n":2}]
[{"word":"a","n":1}]
[{"word":"b","n":-1}]
[{"word":"b","n":7}]
)";

const Catalog& catalog()
{
    static const Catalog made = builtInNodes();
    return made;
}

}

class CheckpointKeysTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QFile input(folder_.filePath("input.jsonl"));
        QVERIFY(input.open(QFile::WriteOnly) && input.write(kInput) > 0);
        input.close();
        const DocumentRead read = readDocument(fmt::format(kPipeline, path("checkpoint"), path("input.jsonl")));
        QVERIFY(read.document);
        // One after the other: else batches that end quickly are decided together, as one epoch.
        for (int batch = 0; batch < 5; ++batch) {
            RunOptions options{.workers = 1, .virtualClock = true};
            options.batches = 1;
            auto run = prepare(check(*read.document, catalog(), {}), std::move(options));
            QVERIFY2(run.has_value(), run ? "" : run.error().message.c_str());
            const Outcome outcome = (*run)->execute();
            QVERIFY2(outcome.kind == Outcome::Kind::Finished, outcome.error.message.c_str());
        }
        auto browser = Browser::open(path("checkpoint"));
        QVERIFY(browser.has_value());
        browser_ = std::move(*browser);
    }
    void cleanupTestCase() { browser_.reset(); }

    void aKeyIsFollowedThroughItsEpochs()
    {
        QCOMPARE(versionsOf("a"), QStringList({"1: x", "2: xx", "3: xxx"}));
        // It went, and came again as another entry.
        QCOMPARE(versionsOf("b"), QStringList({"1: xxxxx", "4: gone", "5: xxxxxxx"}));
        QCOMPARE(versionsOf("c"), QStringList({"2: xx"}));
        QCOMPARE(versionsOf("none"), QStringList());
        QVERIFY(!browser_->keyVersions({"in"}, "state", "a", StopToken()));
    }

    void epochsSayWhatTheyChanged()
    {
        const auto epochs = *browser_->epochs();
        QCOMPARE(epochs.size(), size_t{5});
        QCOMPARE(epochs[0].changed.at({"totals"}), 2);
        QCOMPARE(epochs[2].changed.at({"totals"}), 1);
    }

    void greatestKeys()
    {
        const auto bySize = *browser_->topKeys({"totals"}, "state", {5}, {.by = TopKeysSearch::By::Size, .most = 2}, StopToken());
        QCOMPARE(bySize.size(), size_t{2});
        QVERIFY(bySize[0].key == "b" && bySize[0].bytes == 8 && bySize[1].key == "a" && bySize[1].bytes == 4);
        const auto byChanges = *browser_->topKeys({"totals"}, "state", {5}, {.by = TopKeysSearch::By::Changes, .most = 10}, StopToken());
        QCOMPARE(byChanges.size(), size_t{3});
        QVERIFY(byChanges[0].key == "a" && byChanges[0].changes == 3 && byChanges[1].changes == 1);
        // As it was then.
        const auto before = *browser_->topKeys({"totals"}, "state", {4}, {}, StopToken());
        QCOMPARE(before.size(), size_t{2});
        StopToken stopped;
        stopped.request();
        QVERIFY_EXCEPTION_THROWN((void)browser_->topKeys({"totals"}, "state", {5}, {}, stopped), Stopped);
    }

    void inputsAreTheOffsets()
    {
        const auto first = *browser_->inputs({1}), third = *browser_->inputs({3});
        QVERIFY(first.size() == 1 && first[0].source.name == "in" && first[0].from == "" && !first[0].until.empty() && first[0].segments.empty());
        QCOMPARE(third[0].from, std::optional((*browser_->inputs({2}))[0].until));
        QVERIFY(!browser_->inputs({77}));
    }

    // Of a source that keeps a receive log: its records.
    void recordsOfTheReceiveLog()
    {
        const QTemporaryDir place;
        QVERIFY(QDir(place.path()).mkpath("received/in"));
        const std::filesystem::path folder = place.path().toStdString();
        for (const char* file : {"checkpoint.sqlite", "checkpoint.sqlite-wal"}) QFile::copy(QString::fromStdString(path("checkpoint") + "/" + file), place.filePath(file));
        LogPosition middle, end;
        {
            auto log = std::move(*ReceiveLog::open(folder / "received" / "in"));
            middle = *log->append("one\ntwo\n");
            end = *log->append("three\n");
        }
        {
            auto connection = std::move(*Connection::open(folder / kDatabaseName, OpenMode::ReadWrite));
            QVERIFY(connection->run("UPDATE offsets SET offset = ? WHERE epoch = 2", middle.text()));
            QVERIFY(connection->run("UPDATE offsets SET offset = ? WHERE epoch = 3", end.text()));
            QVERIFY(connection->run("UPDATE offsets SET offset = '' WHERE epoch = 1"));
        }
        const auto browser = std::move(*Browser::open(folder));
        const auto second = *browser->inputs({2}), third = *browser->inputs({3});
        QCOMPARE(second[0].records, 2);
        QVERIFY(second[0].first == std::vector<std::string>({"one", "two"}) && second[0].problem.empty());
        QVERIFY(third[0].records == 1 && third[0].first == std::vector<std::string>({"three"}) && third[0].segments.size() == 1);
    }

    void csvHasWhatAPersonKnows()
    {
        const auto table = exportCsv(*browser_, {"totals"}, "state", {5}, {}, path("totals.csv"));
        QVERIFY2(table.has_value(), table ? "" : table.error().message.c_str());
        QVERIFY(table->rows == 3 && table->name == "totals");
        QStringList lines = textOf("totals.csv").trimmed().split('\n');
        QCOMPARE(lines.takeFirst(), "word,state");
        lines.sort();
        QCOMPARE(lines, QStringList({"a,xxx", "b,xxxxxxx", "c,xx"}));
        QCOMPARE(exportCsv(*browser_, {}, {}, {5}, {.key = "a"}, path("a.csv"))->rows, 1);
        QVERIFY(!exportCsv(*browser_, {"in"}, {}, {5}, {}, path("no.csv")));
        QVERIFY(!exportCsv(*browser_, {"totals"}, {}, {5}, {}, path("nowhere/no.csv")));
        QVERIFY(!QFile::exists(folder_.filePath("no.csv")));
    }

    void sqliteIsPlain()
    {
        for (int again = 0; again < 2; ++again) {
            const auto tables = exportSqlite(*browser_, {}, {}, {5}, {}, path("states.sqlite"));
            QVERIFY2(tables.has_value(), tables ? "" : tables.error().message.c_str());
            QVERIFY(tables->size() == 1 && (*tables)[0].name == "totals" && (*tables)[0].rows == 3);
        }
        auto connection = std::move(*Connection::open(path("states.sqlite"), OpenMode::ReadOnly));
        QCOMPARE(connection->integer("SELECT length(state) FROM totals WHERE word = 'b'")->value_or(-1), 7);
        QCOMPARE(connection->integer("SELECT count(*) FROM pragma_table_info('totals')")->value_or(-1), 2);
        QCOMPARE(connection->integer("SELECT epoch FROM checkpoint WHERE table_name = 'totals' AND node = 'totals'")->value_or(-1), 5);
        QVERIFY(!QFile::exists(folder_.filePath("states.sqlite.unfinished")));
    }

private:
    std::string path(const char* name) const { return folder_.filePath(name).toStdString(); }
    QString textOf(const char* name) const
    {
        QFile file(folder_.filePath(name));
        return file.open(QFile::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }
    QStringList versionsOf(const std::string& key) const
    {
        const auto found = browser_->keyVersions({"totals"}, "state", key, StopToken());
        if (!found) return {QString::fromStdString(found.error().message)};
        const size_t column = *found->schema->indexOf("state");
        QStringList lines;
        for (const KeyVersion& version : found->versions) {
            lines += QString("%1: %2").arg(version.epoch.value).arg(version.there ? QString::fromStdString(std::string(found->rows->column(column)->text(version.row).view())) : QString("gone"));
        }
        return lines;
    }

    QTemporaryDir folder_;
    std::unique_ptr<Browser> browser_;
};

QTEST_GUILESS_MAIN(CheckpointKeysTest)
#include "checkpoint_keys_test.moc"
