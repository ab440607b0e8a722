// The file of a document on disk: writes it, and notices when another program does, also by removing it or
// renaming over it. What we wrote ourselves is known by its content. UI thread only; reads off it.
#pragma once
#include "engine/base/result.h"

#include <QFileSystemWatcher>
#include <QObject>
#include <QTimer>

#include <filesystem>

namespace streamwright {

class DiskFile : public QObject {
    Q_OBJECT

public:
    explicit DiskFile(QObject* parent = nullptr);

    // Watches the file and its folder; `text` is what it holds as far as we know. An empty path: nothing.
    void follow(const std::filesystem::path& path, std::string_view text);
    // Replaces the file by temp, fsync and rename, keeps what it held among its versions, and follows it.
    // Refused when another program has changed the followed file since, until acceptTheirs().
    Result<void> write(const std::filesystem::path& path, std::string text);
    // The same off the UI thread; `then` is called here unless this object is gone, the file is written anyway.
    void writeInBackground(const std::filesystem::path& path, std::string text, std::function<void(const Result<void>&)> then);
    bool isWriting() const { return writing_; }
    // What the other program wrote is known from now on, and may be written over.
    void acceptTheirs();
    // Looks now instead of when the system says so. Answers by changed().
    void look();

Q_SIGNALS:
    void changed();             // another program changed or removed it; once for each content

private:
    void watch();
    void take(const std::string& hash);
    struct Job {
        std::filesystem::path path;
        std::string text;
        std::string expected;   // hash of what the file must hold; empty: anything
        int round = 0;          // whether another file was followed meanwhile
    };
    struct Outcome {
        Result<void> done;
        std::string theirs;     // hash of what stood there instead of what was expected
    };
    static Outcome run(const Job& job);
    Job begin(const std::filesystem::path& path, std::string text);
    Result<void> end(const Job& job, const Outcome& outcome);
    std::filesystem::path path_;
    std::string known_;         // hash of what we read or wrote
    std::string theirs_;        // hash of what was noticed; empty if nothing
    QFileSystemWatcher watcher_;
    QTimer settle_;
    int round_ = 0;
    bool writing_ = false;
};

}
