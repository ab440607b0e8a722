// Finding in a pipeline, and the list of recent files.
#include "tests/widgets/document_samples.h"
#include "widgets/document/find.h"
#include "widgets/document/recent_files.h"

#include <QSignalSpy>

using namespace streamwright;

namespace {

// "place id.field at" of every hit.
QStringList places(const QString& wanted)
{
    static const Document document = *readDocument(R"json({
        "name": "Count of words",
        "settings": {"batch_interval": "2s"},
        "parameters": {"host": "words.example"},
        "nodes": {
            "lines": {"type": "source.socket", "title": "All Words", "options": {"host": "${host}", "port": 9999}},
            "counts": {"type": "reduce_by_key", "options": {"keys": ["word"], "aggregates": ["count(*)  AS n"]}, "note": "words too"},
            "odd": 7
        },
        "layout": {"frames": {"f1": {"title": "Words"}}, "notes": {"n1": {"text": "count\nthem"}}}
    })json").document;
    QStringList all;
    static const char* const kPlaces[] = {"node", "frame", "note", "pipeline"};
    for (const FoundText& hit : find(document, wanted)) all += QStringLiteral("%1 %2.%3 %4").arg(QLatin1String(kPlaces[static_cast<size_t>(hit.place)]), QString::fromStdString(hit.id), hit.field).arg(hit.at);
    return all;
}

QStringList list(std::initializer_list<const char*> texts)
{
    QStringList all;
    for (const char* text : texts) all += QString::fromLatin1(text);
    return all;
}

}

class DocumentFindTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPlaceIsFound()
    {
        QCOMPARE(places(QStringLiteral("WORDS")), list({"pipeline .name 9", "pipeline .host 0", "node lines.title 4", "node counts.note 0", "frame f1.title 0"}));
        QCOMPARE(places(QStringLiteral("count")), list({"pipeline .name 0", "node counts. 0", "node counts.aggregates 2", "note n1.text 0"}));
        QCOMPARE(places(QStringLiteral("socket")), list({"node lines.type 7"}));
        QCOMPARE(places(QStringLiteral("9999")), list({"node lines.port 0"}));
        QCOMPARE(places(QStringLiteral("interval")), list({"pipeline .batch_interval -1"}));
        QCOMPARE(places(QStringLiteral("count them")), list({"note n1.text 0"}));
        QCOMPARE(places(QStringLiteral("  ")), QStringList());
        QCOMPARE(places(QStringLiteral("nowhere")), QStringList());
    }

    void recentFilesAreKeptNewestFirst()
    {
        Room room;
        const QString file = QString::fromStdString((room.folder() / "settings.ini").string());
        QSettings settings(file, QSettings::IniFormat);
        RecentFiles recent(settings);
        QSignalSpy changed(&recent, &RecentFiles::changed);
        for (int i = 0; i < 14; ++i) recent.add(room.file(std::to_string(i) + ".json", "{}"));
        recent.add(room.folder() / "5.json");
        QCOMPARE(changed.count(), 15);
        QCOMPARE(recent.entries().size(), size_t(RecentFiles::kKept));
        QCOMPARE(recent.entries()[0].path, room.folder() / "5.json");
        QCOMPARE(recent.entries()[1].path, room.folder() / "13.json");
        recent.remove(room.folder() / "5.json");
        QCOMPARE(recent.entries()[0].path, room.folder() / "13.json");

        std::filesystem::remove(room.folder() / "12.json");
        recent.look();
        QTRY_VERIFY(recent.entries()[1].missing);
        QVERIFY(!recent.entries()[0].missing);

        // Another window sees the same.
        QSettings others(file, QSettings::IniFormat);
        RecentFiles second(others);
        QCOMPARE(second.entries().size(), recent.entries().size());
        recent.clear();
        QVERIFY(second.entries().empty());
    }
};

QTEST_MAIN(DocumentFindTest)
#include "document_find_test.moc"
