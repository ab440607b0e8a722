// The include tables of engine/README.md and widgets/README.md against the `#include` lines of the sources.
#include <QDirIterator>
#include <QMap>
#include <QRegularExpression>
#include <QTest>

namespace {

const QString kEngine = PROJECT_FOLDER "/engine/";
const QString kWidgets = PROJECT_FOLDER "/widgets/";

QString textOf(const QString& path)
{
    QFile file(path);
    return file.open(QFile::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

// `| `room` | what | may include; more words |`: rooms by what they may include, from the first table of the map
// of `folder`.
QMap<QString, QStringList> allowedRooms(const QString& folder)
{
    QMap<QString, QStringList> rooms;
    static const QRegularExpression row("^\\| `(\\w+)` \\|.*\\| ([^|]*) \\|$");
    static const QRegularExpression word("[a-z]+");
    for (const QString& line : textOf(folder + "README.md").split('\n')) {
        const auto match = row.match(line);
        if (!match.hasMatch()) continue;
        QStringList allowed;
        // What follows a semicolon is prose.
        for (auto words = word.globalMatch(match.captured(2).section(';', 0, 0)); words.hasNext();) allowed += words.next().captured();
        rooms[match.captured(1)] = allowed;
    }
    return rooms;
}

// Of the engine, by the room of widgets: paths that it may include, from the second table of their map.
QMap<QString, QStringList> allowedOfTheEngine()
{
    const auto rooms = allowedRooms(kWidgets);
    QMap<QString, QStringList> allowed;
    static const QRegularExpression row("^\\| (`engine/[^|]*`) \\| ([^|]*) \\|$");
    static const QRegularExpression path("`([^`]*)`");
    for (const QString& line : textOf(kWidgets + "README.md").split('\n')) {
        const auto match = row.match(line);
        if (!match.hasMatch()) continue;
        const QStringList doors = match.captured(2).split(", ");
        for (const QString& room : rooms.keys()) {
            const bool may = std::any_of(doors.begin(), doors.end(), [&](const QString& door) { return door == "all" || door == room || rooms[room].contains(door); });
            if (!may) continue;
            for (auto paths = path.globalMatch(match.captured(1)); paths.hasNext();) allowed[room] += paths.next().captured(1);
        }
    }
    return allowed;
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
        const QStringList engine = QDir(kEngine).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
        QCOMPARE(allowedRooms(kEngine).keys(), engine);
        const QStringList widgets = QDir(kWidgets).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
        for (const QString& room : widgets) QVERIFY2(allowedRooms(kWidgets).contains(room), qPrintable(room));
    }

    void theTableNamesRoomsThatAreThere()
    {
        for (const QString& folder : {kEngine, kWidgets}) {
            const auto rooms = allowedRooms(folder);
            for (const QString& room : rooms.keys()) {
                for (const QString& other : rooms[room]) QVERIFY2(rooms.contains(other), qPrintable(room + " may include " + other + ", which is no room"));
            }
        }
    }

    // Links in one order only: who is included may not include back, however long the way.
    void theTableHasNoCircle()
    {
        for (const QString& folder : {kEngine, kWidgets}) {
            const auto rooms = allowedRooms(folder);
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
    }

    void roomsIncludeWhatTheyMay()
    {
        const auto rooms = allowedRooms(kEngine);
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

    void roomsOfWidgetsIncludeWhatTheyMay()
    {
        const auto rooms = allowedRooms(kWidgets);
        const auto engine = allowedOfTheEngine();
        QStringList wrong;
        qsizetype seen = 0;
        for (const QString& path : sourcesBelow(kWidgets)) {
            const QString room = path.mid(kWidgets.size()).section('/', 0, 0);
            if (!rooms.contains(room)) continue;
            const auto mayInclude = [&](const QString& name) {
                if (name.startsWith("app/") || name.startsWith("tests/")) return false;
                const QString other = name.section('/', 1, 1);
                if (name.startsWith("widgets/")) return other == room || rooms[room].contains(other);
                if (!name.startsWith("engine/")) return true;
                const QStringList& paths = engine[room];
                return std::any_of(paths.begin(), paths.end(), [&](const QString& allowed) { return allowed.endsWith('/') ? name.startsWith(allowed) : name == allowed; });
            };
            for (const Include& include : includesOf(path)) {
                ++seen;
                if (!mayInclude(include.name)) wrong += place(path, include) + ", but " + room + " may include " + (rooms[room] + engine[room]).join(", ");
            }
        }
        QVERIFY(seen > 50);
        QVERIFY2(wrong.isEmpty(), qPrintable("\n" + wrong.join('\n')));
    }

    void librariesHaveOneDoor_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QStringList>("doors");
        QTest::newRow("SQLite") << "^sqlite3" << QStringList{"engine/storage/"};
        QTest::newRow("Asio and Beast") << "^boost/(asio|beast)" << QStringList{"engine/remote/", "engine/transport/http_", "engine/transport/listen", "engine/transport/tcp_server.cpp"};
        QTest::newRow("libpq") << "^libpq" << QStringList{"engine/transport/postgres.cpp"};
        QTest::newRow("librdkafka") << "^librdkafka/" << QStringList{"engine/transport/kafka"};
        QTest::newRow("simdjson") << "^simdjson" << QStringList{"engine/formats/", "engine/expression/"};
        QTest::newRow("PCRE2") << "^pcre2" << QStringList{"engine/expression/"};
        QTest::newRow("ICU") << "^unicode/" << QStringList{"engine/expression/"};
        QTest::newRow("zstd") << "^zstd" << QStringList{"engine/columns/"};
        QTest::newRow("CLI11") << "^CLI/" << QStringList{"app/cli/"};
        QTest::newRow("Qt") << "^Q[A-Za-z]|^Qt" << QStringList{"widgets/"};
        QTest::newRow("QCustomPlot") << "^qcustomplot" << QStringList{"widgets/charts/"};
        QTest::newRow("Graphviz") << "^graphviz/" << QStringList{"widgets/canvas/"};
    }

    void librariesHaveOneDoor()
    {
        QFETCH(QString, pattern);
        QFETCH(QStringList, doors);
        const QRegularExpression library(pattern);
        QStringList wrong;
        for (const QString& path : sourcesBelow(kEngine) + sourcesBelow(kWidgets) + sourcesBelow(PROJECT_FOLDER "/app/cli")) {
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
        for (const QString& path : sourcesBelow(kEngine) + sourcesBelow(kWidgets)) {
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
