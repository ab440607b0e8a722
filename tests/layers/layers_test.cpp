// The include table of engine/README.md against the `#include` lines of the sources.
#include <QDirIterator>
#include <QMap>
#include <QRegularExpression>
#include <QTest>

namespace {

const QString kEngine = PROJECT_FOLDER "/engine/";

QString textOf(const QString& path)
{
    QFile file(path);
    return file.open(QFile::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// `| `room` | what | may include; more words |`: rooms by what they may include, from the first table of the map.
QMap<QString, QStringList> allowedRooms()
{
    QMap<QString, QStringList> rooms;
    static const QRegularExpression row("^\\| `(\\w+)` \\|.*\\| ([^|]*) \\|$");
    static const QRegularExpression word("[a-z]+");
    for (const QString& line : textOf(kEngine + "README.md").split('\n')) {
        const auto match = row.match(line);
        if (!match.hasMatch()) continue;
        QStringList allowed;
        // What follows a semicolon is prose.
        for (auto words = word.globalMatch(match.captured(2).section(';', 0, 0)); words.hasNext();) allowed += words.next().captured();
        rooms[match.captured(1)] = allowed;
    }
    return rooms;
}

QStringList sourcesBelow(const QString& folder)
{
    QStringList files;
    for (QDirIterator found(folder, {"*.cpp", "*.h"}, QDir::Files, QDirIterator::Subdirectories); found.hasNext();) files += found.next();
    files.sort();
    return files;
}

struct Include {
    QString name;
    int line = 0;
};

QList<Include> includesOf(const QString& path)
{
    QList<Include> includes;
    static const QRegularExpression include("^\\s*#\\s*include\\s*[<\"]([^>\"]+)[>\"]");
    const QStringList lines = textOf(path).split('\n');
    for (int i = 0; i < lines.size(); ++i) {
        if (const auto match = include.match(lines[i]); match.hasMatch()) includes += {match.captured(1), i + 1};
    }
    return includes;
}

QString place(const QString& path, const Include& include) { return QString("%1:%2: includes %3").arg(path.mid(QString(PROJECT_FOLDER "/").size())).arg(include.line).arg(include.name); }

}

class LayersTest : public QObject {
    Q_OBJECT

private slots:
    void everyRoomStandsInTheTable()
    {
        const QStringList folders = QDir(kEngine).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
        QCOMPARE(allowedRooms().keys(), folders);
    }

    void theTableNamesRoomsThatAreThere()
    {
        const auto rooms = allowedRooms();
        for (const QString& room : rooms.keys()) {
            for (const QString& other : rooms[room]) QVERIFY2(rooms.contains(other), qPrintable(room + " may include " + other + ", which is no room"));
        }
    }

    // Links in one order only: who is included may not include back, however long the way.
    void theTableHasNoCircle()
    {
        const auto rooms = allowedRooms();
        for (const QString& room : rooms.keys()) {
            QStringList reached = rooms[room];
            for (qsizetype i = 0; i < reached.size(); ++i) {
                for (const QString& next : rooms[reached[i]]) {
                    if (!reached.contains(next)) reached += next;
                }
            }
            QVERIFY2(!reached.contains(room), qPrintable(room + " reaches itself by " + reached.join(", ")));
        }
    }

    void roomsIncludeWhatTheyMay()
    {
        const auto rooms = allowedRooms();
        QStringList wrong;
        qsizetype seen = 0;
        for (const QString& path : sourcesBelow(kEngine)) {
            const QString room = path.mid(kEngine.size()).section('/', 0, 0);
            for (const Include& include : includesOf(path)) {
                if (include.name.startsWith("app/") || include.name.startsWith("tests/") || include.name.startsWith("widgets/")) wrong += place(path, include);
                if (!include.name.startsWith("engine/") || !rooms.contains(room)) continue;
                ++seen;
                const QString other = include.name.section('/', 1, 1);
                if (other != room && !rooms[room].contains(other)) wrong += place(path, include) + ", but " + room + " may include " + rooms[room].join(", ");
            }
        }
        QVERIFY(seen > 100);
        QVERIFY2(wrong.isEmpty(), qPrintable("\n" + wrong.join('\n')));
    }

    void librariesHaveOneDoor_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QStringList>("doors");
        QTest::newRow("SQLite") << "^sqlite3" << QStringList{"engine/storage/"};
        QTest::newRow("Asio") << "^boost/asio" << QStringList{"engine/transport/", "engine/runtime/"};
        QTest::newRow("simdjson") << "^simdjson" << QStringList{"engine/formats/", "engine/expression/"};
        QTest::newRow("PCRE2") << "^pcre2" << QStringList{"engine/expression/"};
        QTest::newRow("ICU") << "^unicode/" << QStringList{"engine/expression/"};
        QTest::newRow("zstd") << "^zstd" << QStringList{"engine/columns/"};
        QTest::newRow("CLI11") << "^CLI/" << QStringList{"app/cli/"};
        QTest::newRow("Qt") << "^Q[A-Za-z]|^Qt" << QStringList{};
    }

    void librariesHaveOneDoor()
    {
        QFETCH(QString, pattern);
        QFETCH(QStringList, doors);
        const QRegularExpression library(pattern);
        QStringList wrong;
        for (const QString& path : sourcesBelow(kEngine) + sourcesBelow(PROJECT_FOLDER "/app/cli")) {
            const QString name = path.mid(QString(PROJECT_FOLDER "/").size());
            const bool door = std::any_of(doors.begin(), doors.end(), [&](const QString& one) { return name.startsWith(one); });
            for (const Include& include : includesOf(path)) {
                if (!door && library.match(include.name).hasMatch()) wrong += place(path, include);
            }
        }
        QVERIFY2(wrong.isEmpty(), qPrintable("\n" + wrong.join('\n')));
    }

    // The catalog is put together by mains and tests alone.
    void onlyMainsNameTheNodes()
    {
        QStringList wrong;
        for (const QString& path : sourcesBelow(kEngine)) {
            if (path.startsWith(kEngine + "nodes/")) continue;
            for (const Include& include : includesOf(path)) {
                if (include.name.startsWith("engine/nodes/")) wrong += place(path, include);
            }
        }
        QVERIFY2(wrong.isEmpty(), qPrintable("\n" + wrong.join('\n')));
    }
};

QTEST_GUILESS_MAIN(LayersTest)
#include "layers_test.moc"
