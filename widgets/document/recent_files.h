// The files that were opened or saved last, newest first, kept in the user's settings and shared with other
// windows. UI thread only; whether a file is still there is looked up off it.
#pragma once
#include <QObject>
#include <QSettings>
#include <QStringList>

#include <filesystem>
#include <set>
#include <vector>

namespace streamwright {

class RecentFiles : public QObject {
    Q_OBJECT

public:
    static constexpr qsizetype kKept = 12;
    // `settings` outlives it.
    explicit RecentFiles(QSettings& settings, QObject* parent = nullptr);

    struct Entry {
        std::filesystem::path path;
        bool missing = false;           // as of the last look()
        bool operator==(const Entry&) const = default;
    };
    std::vector<Entry> entries() const;
    void add(const std::filesystem::path& path);
    void remove(const std::filesystem::path& path);
    void clear();
    // Looks which of them are there; before the list is shown.
    void look();

Q_SIGNALS:
    void changed();

private:
    QStringList list() const;
    void store(const QStringList& paths);
    QSettings& settings_;
    std::set<QString> missing_;
};

}
