// The file of a document: opened whatever it holds, saved safely, kept from other programs.
#include "tests/widgets/document_samples.h"
#include "widgets/document/versions.h"

#include <QFile>
#include <QSignalSpy>

using namespace streamwright;

namespace {

void retitle(PipelineDocument& document, const std::string& title)
{
    document.apply(setTitle(document.document(), {"words"}, title), QStringLiteral("Title"));
}

}

class DocumentFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everythingOpensAndIsSavedToTheByte_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("problems");
        QTest::newRow("odd but ours") << QByteArray(kWords) << true;
        QTest::newRow("broken") << QByteArray("{\"nodes\": {\n  \"a\": {") << true;
        QTest::newRow("foreign JSON") << QByteArray("[{\"id\": \"n1\", \"type\": \"tab\"}]") << true;
        QTest::newRow("foreign text") << QByteArray("<?xml version=\"1.0\"?>") << true;
        QTest::newRow("bytes") << QByteArray("\0\1\2\xff", 4) << true;
        QTest::newRow("nothing") << QByteArray() << true;
        QTest::newRow("works") << QByteArray(R"({"nodes": {"a": {"type": "source.stdin"}, "b": {"type": "sink.console"}}, "edges": ["a -> b"]})") << false;
    }

    void everythingOpensAndIsSavedToTheByte()
    {
        QFETCH(QByteArray, text);
        QFETCH(bool, problems);
        Room room;
        PipelineDocument document(catalog());
        const auto path = room.file("some.json", text.toStdString());
        QVERIFY(document.open(path));
        QCOMPARE(hasErrors(document.checkNow()->diagnostics), problems);
        QVERIFY(!document.isModified());
        QVERIFY(document.save());
        QCOMPARE(room.textOf(path), text.toStdString());
        QCOMPARE(hasErrors(document.checkNow()->diagnostics), problems);
    }

    void whatIsMissingFails()
    {
        Room room;
        PipelineDocument document(catalog());
        QVERIFY(!document.open(room.folder() / "nothing.json"));
        QVERIFY(!document.save());
        QVERIFY(!document.revert());
    }

    void aPipelineInPlaceOfABrokenFileEndsItsProblems()
    {
        Room room;
        PipelineDocument document(catalog());
        const auto path = room.file("broken.json", "{\"nodes\": {");
        QVERIFY(document.open(path));
        const Diagnostic problem = readDocument("{\"nodes\": {").diagnostics.front();
        const auto isTold = [&] { return std::ranges::count(document.checkNow()->diagnostics, problem) > 0; };
        QVERIFY(isTold());
        document.apply(addNode(document.document(), {.id = {"lines"}, .type = "source.stdin"}, {}), QStringLiteral("Add"));
        QVERIFY(document.save());
        QVERIFY(!isTold());
        QCOMPARE(room.textOf(versionsOf(path).front()), std::string("{\"nodes\": {"));
    }

    void theLastFiveVersionsAreKept()
    {
        Room room;
        PipelineDocument document(catalog());
        const auto path = room.file("words.json", kWords);
        QVERIFY(document.open(path));
        std::vector<std::string> saved{kWords};
        for (int i = 0; i < 7; ++i) {
            retitle(document, "Title " + std::to_string(i));
            QVERIFY(document.save());
            saved.push_back(document.text());
        }
        const auto versions = versionsOf(path);
        QCOMPARE(versions.size(), kKeptVersions);
        for (size_t i = 0; i < versions.size(); ++i) QCOMPARE(room.textOf(versions[i]), saved[saved.size() - 2 - i]);
    }

    void savingOffTheThreadLeavesWhatComesMeanwhileUnsaved()
    {
        Room room;
        PipelineDocument document(catalog());
        const auto path = room.file("words.json", kWords);
        QVERIFY(document.open(path));
        QSignalSpy ended(&document, &PipelineDocument::saveEnded);
        QSignalSpy changed(&document, &PipelineDocument::changedOnDisk);
        retitle(document, "Saved");
        document.startSave();
        QVERIFY(document.isSaving());
        QTRY_COMPARE(ended.count(), 1);
        QVERIFY(ended[0][0].toString().isEmpty());
        QVERIFY(!document.isModified());
        QVERIFY(room.journals().empty());
        QCOMPARE(room.textOf(path), document.text());

        retitle(document, "Saved too");
        const std::string saved = document.text();
        document.startSave();
        retitle(document, "Not saved");
        // One at a time.
        QVERIFY(!document.save());
        document.startSave();
        QCOMPARE(ended.count(), 2);
        QTRY_COMPARE(ended.count(), 3);
        QVERIFY(document.isModified());
        QCOMPARE(room.journals().size(), size_t(1));
        QCOMPARE(room.textOf(path), saved);

        room.file("words.json", "{}");
        document.startSave();
        QTRY_COMPARE(ended.count(), 4);
        QVERIFY(!ended[3][0].toString().isEmpty());
        QCOMPARE(changed.count(), 1);
        document.startSaveAs(room.folder() / "other.json");
        QTRY_COMPARE(ended.count(), 5);
        QCOMPARE(document.displayName(), QStringLiteral("other.json"));
        QVERIFY(!document.isModified());
        // Whoever opens another file meanwhile has that one.
        retitle(document, "Late");
        document.startSave();
        QVERIFY(document.open(path));
        QTRY_COMPARE(ended.count(), 6);
        QCOMPARE(document.path(), path);
        QCOMPARE(document.text(), std::string("{}"));
        PipelineDocument untitled(catalog());
        QSignalSpy refused(&untitled, &PipelineDocument::saveEnded);
        untitled.startSave();
        QCOMPARE(refused.count(), 1);
    }

    void linksAndPermissionsStay()
    {
        Room room;
        const auto path = room.file("words.json", kWords);
        QVERIFY(QFile::setPermissions(QString::fromStdString(path.string()), QFile::ReadOwner | QFile::WriteOwner));
        const auto link = room.folder() / "link.json";
        std::filesystem::create_symlink(path, link);
        PipelineDocument document(catalog());
        QVERIFY(document.open(link));
        retitle(document, "Other");
        QVERIFY(document.save());
        QVERIFY(std::filesystem::is_symlink(link));
        QCOMPARE(room.textOf(path), document.text());
        QCOMPARE(static_cast<int>(std::filesystem::status(path).permissions()), 0600);
    }

    void saveAsMovesTheDocument()
    {
        Room room;
        PipelineDocument document(catalog());
        QVERIFY(document.openAsUntitled(room.file("example.json", kWords)));
        QVERIFY(document.path().empty());
        QVERIFY(document.displayName().startsWith(QStringLiteral("Untitled")));
        retitle(document, "Mine");
        QSignalSpy moved(&document, &PipelineDocument::fileChanged);
        QVERIFY(document.saveAs(room.folder() / "mine.json"));
        QCOMPARE(moved.count(), 1);
        QCOMPARE(document.displayName(), QStringLiteral("mine.json"));
        QCOMPARE(document.folder(), room.folder());
        QVERIFY(!document.isModified());
        QCOMPARE(room.textOf(room.folder() / "example.json"), std::string(kWords));
        QVERIFY(room.journals().empty());
    }

    void revertIsOneCommand()
    {
        Room room;
        PipelineDocument document(catalog());
        QVERIFY(document.open(room.file("words.json", kWords)));
        retitle(document, "A");
        document.apply(removeNodes(document.document(), {{"out"}}), QStringLiteral("Delete"));
        const std::string changed = document.text();
        QVERIFY(document.revert());
        QCOMPARE(document.text(), std::string(kWords));
        QVERIFY(!document.isModified());
        document.undoStack().undo();
        QCOMPARE(document.text(), changed);
        QVERIFY(document.isModified());
        document.undoStack().redo();
        QVERIFY(!document.isModified());
    }

    void ownSavesAreNoNews()
    {
        Room room;
        PipelineDocument document(catalog());
        const auto path = room.file("words.json", kWords);
        QVERIFY(document.open(path));
        QSignalSpy changed(&document, &PipelineDocument::changedOnDisk);
        for (int i = 0; i < 3; ++i) {
            retitle(document, std::to_string(i));
            QVERIFY(document.save());
        }
        // The news of another program's change comes after that of ours would have come.
        room.file("words.json", "{}");
        QTRY_COMPARE(changed.count(), 1);
    }

    void otherProgramsAreNoticed_data()
    {
        QTest::addColumn<QString>("how");
        for (const char* how : {"replaces", "writes into", "removes"}) QTest::newRow(how) << QString::fromLatin1(how);
    }

    void otherProgramsAreNoticed()
    {
        QFETCH(QString, how);
        Room room;
        PipelineDocument document(catalog());
        const auto path = room.file("words.json", kWords);
        QVERIFY(document.open(path));
        QSignalSpy changed(&document, &PipelineDocument::changedOnDisk);
        if (how == QStringLiteral("replaces")) room.file("words.json", "{}");
        else if (how == QStringLiteral("removes")) std::filesystem::remove(path);
        else {
            QFile file(QString::fromStdString(path.string()));
            QVERIFY(file.open(QFile::Append) && file.write("\n") == 1);
        }
        QTRY_COMPARE(changed.count(), 1);
        document.keepOurs();
        QVERIFY(document.isModified());
        QVERIFY(document.save());
        QCOMPARE(room.textOf(path), std::string(kWords));
        // It goes on being watched after it was replaced or removed.
        room.file("words.json", "{\"name\": \"theirs\"}");
        QTRY_COMPARE(changed.count(), 2);
        QVERIFY(document.takeTheirs());
        QCOMPARE(document.document().name, std::string("theirs"));
        QVERIFY(!document.isModified());
        document.undoStack().undo();
        QCOMPARE(document.document(), *readDocument(kWords).document);
    }

    void savingNeverWritesOverTheirs()
    {
        Room room;
        PipelineDocument document(catalog());
        const auto path = room.file("words.json", kWords);
        QVERIFY(document.open(path));
        retitle(document, "Ours");
        QSignalSpy changed(&document, &PipelineDocument::changedOnDisk);
        room.file("words.json", "{\"name\": \"theirs\"}");
        QVERIFY(!document.save());
        QCOMPARE(changed.count(), 1);
        QCOMPARE(room.textOf(path), std::string("{\"name\": \"theirs\"}"));
        const auto ours = document.startKeepingBoth();
        QVERIFY(ours);
        QTRY_VERIFY(!document.isSaving());
        QCOMPARE(*ours, room.folder() / "words.ours.json");
        QCOMPARE(document.path(), *ours);
        QCOMPARE(room.textOf(*ours), document.text());
        QCOMPARE(room.textOf(path), std::string("{\"name\": \"theirs\"}"));
        QVERIFY(!document.isModified());
        // Keeping ours after all: theirs is among the versions.
        QVERIFY(document.open(path));
        room.file("words.json", "{\"name\": \"again\"}");
        QTRY_COMPARE(changed.count(), 2);
        document.keepOurs();
        QVERIFY(document.save());
        QCOMPARE(room.textOf(versionsOf(path).front()), std::string("{\"name\": \"again\"}"));
    }
};

QTEST_MAIN(DocumentFilesTest)
#include "document_files_test.moc"
