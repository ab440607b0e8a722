#include "widgets/theme/names.h"

#include <QCoreApplication>
#include <QHash>

namespace streamwright {

namespace {

// Words that sentence case would spell wrongly.
QString spelled(const QString& word)
{
    static const QHash<QString, QString> names{{"ca", "CA"},   {"csv", "CSV"},   {"hdfs", "HDFS"},           {"http", "HTTP"},     {"id", "ID"},   {"json", "JSON"}, {"kafka", "Kafka"},
                                               {"tcp", "TCP"}, {"tls", "TLS"},   {"postgres", "PostgreSQL"}, {"sqlite", "SQLite"}, {"url", "URL"}, {"utc", "UTC"},   {"stdin", "standard input"}};
    return names.value(word, word);
}

QString sentence(const QString& name)
{
    QStringList words;
    for (const QString& word : name.split('_', Qt::SkipEmptyParts)) words += spelled(word);
    QString text = words.join(' ');
    if (!text.isEmpty()) text[0] = text[0].toUpper();
    return text;
}

}

QString typeTitle(const std::string& type) { return QCoreApplication::translate("engine", sentence(QString::fromStdString(type).section('.', -1)).toUtf8().constData()); }

QString fieldTitle(const std::string& field) { return QCoreApplication::translate("engine", sentence(QString::fromStdString(field)).toUtf8().constData()); }

QString groupTitle(Group group)
{
    const auto text = [](const char* title) { return QCoreApplication::translate("Group", title); };
    switch (group) {
    case Group::Source: return text("Sources");
    case Group::Transform: return text("Transformations");
    case Group::Window: return text("Windows");
    case Group::State: return text("State");
    case Group::Sink: return text("Sinks");
    }
    return {};
}

}
