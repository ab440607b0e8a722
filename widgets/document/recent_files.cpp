#include "widgets/document/recent_files.h"

#include "widgets/document/background.h"

#include <QFileInfo>

namespace streamwright {

namespace {

const QString kKey = QStringLiteral("recent_files");

QString textOf(const std::filesystem::path& path) { return QString::fromStdString(path.string()); }

std::set<QString> missingOf(const QStringList& paths)
{
    std::set<QString> missing;
    for (const QString& path : paths) {
        if (!QFileInfo::exists(path)) missing.insert(path);
    }
    return missing;
}

}

RecentFiles::RecentFiles(QSettings& settings, QObject* parent) : QObject(parent), settings_(settings)
{
    look();
}

QStringList RecentFiles::list() const
{
    // Another window may have added to it.
    settings_.sync();
    return settings_.value(kKey).toStringList();
}

void RecentFiles::store(const QStringList& paths)
{
    settings_.setValue(kKey, paths);
    Q_EMIT changed();
}

std::vector<RecentFiles::Entry> RecentFiles::entries() const
{
    std::vector<Entry> all;
    for (const QString& path : list()) all.push_back({path.toStdString(), missing_.contains(path)});
    return all;
}

void RecentFiles::add(const std::filesystem::path& path)
{
    const QString text = textOf(std::filesystem::absolute(path).lexically_normal());
    QStringList paths = list();
    paths.removeAll(text);
    paths.prepend(text);
    missing_.erase(text);
    store(paths.mid(0, kKept));
}

void RecentFiles::remove(const std::filesystem::path& path)
{
    QStringList paths = list();
    paths.removeAll(textOf(path));
    store(paths);
}

void RecentFiles::clear() { store({}); }

void RecentFiles::look()
{
    inBackground(this, [paths = list()] { return missingOf(paths); }, [this](const std::set<QString>& missing) {
        if (missing == missing_) return;
        missing_ = missing;
        Q_EMIT changed();
    });
}

}
