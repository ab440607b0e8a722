// The changes of a document that are not in its file yet, as lines in `.NAME.journal` beside it, or in the
// user's state folder for untitled and read-only ones. Each change is with the kernel when append() returns, so
// that a crash of this process loses nothing; at most once a second it is made durable, off the UI thread. The
// journal is locked while its owner lives. UI thread only.
#pragma once
#include "widgets/document/file_lock.h"
#include "widgets/document/journal_text.h"

#include <QObject>
#include <QTimer>

namespace streamwright {

class File;

class Journal : public QObject {
    Q_OBJECT

public:
    explicit Journal(QObject* parent = nullptr);
    ~Journal() override;                    // removes it: closing a document is a decision

    // Begins anew on another base; what was written is removed. The file is made by the first append.
    void begin(JournalBase base);
    // Goes on with one whose owner died: what was read of it, to be applied to its base.
    Result<ReadJournal> adopt(const std::filesystem::path& journal);
    void append(const JournalEntry& entry);
    // Where it is; empty while there is nothing in it.
    const std::filesystem::path& path() const { return path_; }

Q_SIGNALS:
    void failed(const QString& message);    // once: nothing is written any more until begin()

private:
    struct Open;
    Result<void> create();
    void remove();
    void sync();
    JournalBase base_;
    std::string firstLine_;     // made ahead: with a large pipeline it takes longer than a change may
    std::filesystem::path path_;
    std::unique_ptr<Open> open_;
    bool failed_ = false;
    QTimer syncTimer_;
};

// A journal whose owner is dead.
struct AbandonedJournal {
    std::filesystem::path journal;
    std::filesystem::path file;             // whose changes they are; empty: untitled
    size_t changes = 0;
};
// Of this file: beside it and in the state folder.
std::vector<AbandonedJournal> abandonedJournals(const std::filesystem::path& file);
// In the state folder: untitled and read-only ones.
std::vector<AbandonedJournal> abandonedJournals();
Result<void> discardJournal(const AbandonedJournal& journal);

}
