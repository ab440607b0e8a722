// The journal: whatever was changed before a crash is there afterwards.
#include "tests/widgets/document_samples.h"

#include <QProcess>
#include <QSignalSpy>

#include <iostream>
#include <unistd.h>

using namespace streamwright;

namespace {

// The n-th change of a person who never stops. Every tenth is an undo, every eleventh a redo, some are keystrokes
// that merge.
void change(PipelineDocument& document, int n)
{
    const Document& now = document.document();
    if (n % 10 == 9) document.undoStack().undo();
    else if (n % 11 == 10) document.undoStack().redo();
    else if (n % 7 == 3) document.apply(addNode(now, {.id = freeName(now, "added"), .type = "filter"}, {n * 1.0, 0}), QStringLiteral("Add"));
    else if (n % 7 == 5) document.apply(renameNode(now, now.nodes.back().id, freeName(now, "renamed")), QStringLiteral("Rename"));
    else document.apply(setTitle(now, {"words"}, "Title " + std::to_string(n)), QStringLiteral("Title"), QStringLiteral("words.title"));
}

std::string textAfter(const std::string& base, int changes)
{
    PipelineDocument document(catalog());
    document.openText(base);
    for (int n = 0; n < changes; ++n) change(document, n);
    return printDocument(document.document());
}

// Run by this program as a child, which is killed: `path` empty is untitled.
[[noreturn]] void editUntilKilled(const std::string& path)
{
    PipelineDocument document(catalog());
    if (path.empty()) document.openText(kWords);
    else if (!document.open(path)) std::_Exit(1);
    for (int n = 0;; ++n) {
        change(document, n);
        std::cout << n + 1 << std::endl;
    }
}

// Starts the child, kills it in the middle and returns how many changes it said it had made.
int killInMidEdit(const std::string& path)
{
    QProcess child;
    child.start(QCoreApplication::applicationFilePath(), {QStringLiteral("--edit"), QString::fromStdString(path)});
    int last = 0;
    while (last < 300 && child.waitForReadyRead(20000)) {
        while (child.canReadLine()) last = child.readLine().trimmed().toInt();
    }
    child.kill();
    child.waitForFinished();
    while (child.canReadLine()) last = child.readLine().trimmed().toInt();
    return last;
}

void undoAll(PipelineDocument& document)
{
    while (document.undoStack().canUndo()) document.undoStack().undo();
}

// Whether the document is as after `least` changes or a few more, of which the child could not tell any more.
bool isAsAfter(const PipelineDocument& document, int least)
{
    for (int changes = least; changes < least + 100; ++changes) {
        if (textAfter(kWords, changes) == printDocument(document.document())) return true;
    }
    return false;
}

}

class DocumentJournalTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingIsLostByAKill()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        const int made = killInMidEdit(path.string());
        QVERIFY(made >= 300);
        QCOMPARE(room.textOf(path), std::string(kWords));

        PipelineDocument document(catalog());
        QSignalSpy recoverable(&document, &PipelineDocument::recoverable);
        QVERIFY(document.open(path));
        QCOMPARE(recoverable.count(), 1);
        QCOMPARE(document.text(), std::string(kWords));
        QVERIFY(document.recover(document.recoverableChanges().front()));
        QVERIFY(isAsAfter(document, made));
        QVERIFY(document.isModified());
        const std::string recovered = document.text();
        undoAll(document);
        QCOMPARE(document.text(), std::string(kWords));
        QVERIFY(!document.isModified());
        QVERIFY(document.recoverableChanges().empty());
        while (document.undoStack().canRedo()) document.undoStack().redo();
        QVERIFY(document.save());
        QVERIFY(room.textOf(path).size() >= recovered.size());
        QVERIFY(room.journals().empty());
    }

    void untitledOnesAreFoundInTheStateFolder()
    {
        Room room;
        const int made = killInMidEdit({});
        const auto found = abandonedJournals();
        QCOMPARE(found.size(), size_t(1));
        QVERIFY(found.front().file.empty());
        QVERIFY(found.front().changes > 200);   // some found nothing to do again
        PipelineDocument document(catalog());
        QVERIFY(document.recover(found.front()));
        QVERIFY(document.path().empty());
        QVERIFY(isAsAfter(document, made));
        // It has an owner again.
        QVERIFY(abandonedJournals().empty());
    }

    void readOnlyFilesHaveTheirsInTheStateFolder()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        std::filesystem::permissions(path, std::filesystem::perms::owner_read);
        if (::access(path.c_str(), W_OK) == 0) QSKIP("this user may write everything");
        PipelineDocument document(catalog());
        QVERIFY(document.open(path));
        change(document, 0);
        QCOMPARE(room.journals().size(), size_t(1));
        QCOMPARE(room.journals().front().parent_path(), room.folder() / "state/streamwright/journals");
    }

    void aSecondCrashLosesNothingEither()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        const int made = killInMidEdit(path.string());
        const auto journal = room.journals().front();
        // The last line was cut off by a power loss.
        {
            auto file = File::append(journal);
            QVERIFY(file && file->write("{\"do\": \"Half"));
        }
        std::string recovered;
        std::string lines;
        {
            PipelineDocument document(catalog());
            QVERIFY(document.open(path));
            QVERIFY(document.recover(document.recoverableChanges().front()));
            QVERIFY(isAsAfter(document, made));
            document.apply(setName(document.document(), "After the crash"), QStringLiteral("Name"));
            recovered = document.text();
            lines = room.textOf(journal);
        }
        // As if the process had been killed before it could remove its journal.
        room.file(journal.filename().string(), lines);
        PipelineDocument document(catalog());
        QVERIFY(document.open(path));
        QVERIFY(document.recover(document.recoverableChanges().front()));
        QCOMPARE(document.text(), recovered);
    }

    void undoBehindTheLastSaveIsRecovered()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        std::string lines;
        std::string text;
        {
            PipelineDocument document(catalog());
            QVERIFY(document.open(path));
            for (int n = 0; n < 6; ++n) change(document, n);
            QVERIFY(document.save());
            undoAll(document);
            document.undoStack().redo();
            change(document, 3);
            document.undoStack().undo();
            document.undoStack().undo();
            text = document.text();
            lines = room.textOf(room.journals().front());
        }
        room.file(".words.json.journal", lines);
        PipelineDocument document(catalog());
        QVERIFY(document.open(path));
        QVERIFY(document.recover(document.recoverableChanges().front()));
        QCOMPARE(document.text(), text);
    }

    void aFileThatChangedSinceIsOfferedBoth()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        const int made = killInMidEdit(path.string());
        room.file("words.json", "{\"name\": \"theirs\"}");
        PipelineDocument document(catalog());
        QVERIFY(document.open(path));
        QSignalSpy changed(&document, &PipelineDocument::changedOnDisk);
        QVERIFY(document.recover(document.recoverableChanges().front()));
        QVERIFY(isAsAfter(document, made));
        QTRY_COMPARE(changed.count(), 1);
        QVERIFY(!document.save());
        QVERIFY(document.startKeepingBoth());
        QTRY_VERIFY(!document.isSaving());
        QCOMPARE(room.textOf(path), std::string("{\"name\": \"theirs\"}"));
    }

    void changesOfABrokenFileAreRecoveredToo()
    {
        Room room;
        const std::string bytes("\0\1\2\xff", 4);
        const auto path = room.file("broken.json", bytes);
        std::string lines;
        std::string text;
        {
            PipelineDocument document(catalog());
            QVERIFY(document.open(path));
            change(document, 3);
            text = document.text();
            lines = room.textOf(room.journals().front());
        }
        room.file(".broken.json.journal", lines);
        PipelineDocument document(catalog());
        QVERIFY(document.open(path));
        QCOMPARE(document.text(), bytes);
        QVERIFY(document.recover(document.recoverableChanges().front()));
        QCOMPARE(document.text(), text);
        document.undoStack().undo();
        QCOMPARE(document.text(), bytes);
    }

    void whatIsSavedUndoneOrClosedHasNone()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        {
            PipelineDocument document(catalog());
            QVERIFY(document.open(path));
            QVERIFY(room.journals().empty());
            change(document, 0);
            QCOMPARE(room.journals().front(), room.folder() / ".words.json.journal");
            document.undoStack().undo();
            QVERIFY(room.journals().empty());
            document.undoStack().redo();
            QCOMPARE(room.journals().size(), size_t(1));
            QVERIFY(document.save());
            QVERIFY(room.journals().empty());
            change(document, 1);
            QCOMPARE(room.journals().size(), size_t(1));
        }
        QVERIFY(room.journals().empty());
    }

    void journalsOfTheLivingAreLeftAlone()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        PipelineDocument first(catalog());
        QVERIFY(first.open(path));
        change(first, 0);
        PipelineDocument second(catalog());
        QVERIFY(second.open(path));
        QVERIFY(second.recoverableChanges().empty());
        change(second, 0);
        QCOMPARE(room.journals().size(), size_t(2));
    }

    void journalsMayBeDiscarded()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        killInMidEdit(path.string());
        PipelineDocument document(catalog());
        QVERIFY(document.open(path));
        // Whoever goes on working without an answer writes over nothing.
        change(document, 0);
        QCOMPARE(room.journals().size(), size_t(2));
        QVERIFY(document.discard(document.recoverableChanges().front()));
        QVERIFY(document.recoverableChanges().empty());
        QCOMPARE(room.journals().size(), size_t(1));
    }

    // A number to look at: at most 1 ms a command.
    void howLongACommandTakesToWrite()
    {
        Room room;
        const auto path = room.file("chain.json", printDocument(chain(1000)));
        Journal journal;
        journal.begin({path, room.textOf(path)});
        const JournalEntry entry{JournalEntry::Kind::Do, QStringLiteral("Set condition"), setOption(chain(1000), {"n500"}, "condition", Json::string("length(value) > 3"))};
        std::vector<double> times;
        for (int i = 0; i < 2000; ++i) {
            const double start = threadMillis();
            journal.append(entry);
            times.push_back(threadMillis() - start);
        }
        const double first = times.front();
        std::ranges::sort(times);
        qInfo("journal: first %.3f ms, median %.4f ms, p99 %.4f ms, most %.3f ms of this thread", first, times[1000], times[1980], times.back());
        QVERIFY(!journal.path().empty());
    }
};

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    if (argc == 3 && std::string_view(argv[1]) == "--edit") editUntilKilled(argv[2]);
    DocumentJournalTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "document_journal_test.moc"
