// What PipelineDocument is made of. Not for other rooms.
#pragma once
#include "widgets/document/checker.h"
#include "widgets/document/disk_file.h"
#include "widgets/document/edit_command.h"
#include "widgets/document/journal.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/document/selection.h"

#include <QElapsedTimer>

namespace streamwright {

// A file as it was read or written: what the document is compared with.
struct Saved {
    std::string text;
    Document document;
    Diagnostics problems;   // of text that is not JSON
};
Saved savedFrom(std::string text);

class PipelineDocument::Private {
public:
    Private(PipelineDocument& owner, const Catalog& nodeTypes);

    // Puts a new command on the stack; false if the document has no place for the edit.
    bool push(const Edit& edit, const QString& name, MergeMark mark);
    Edit run(const EditCommand& command, EditCommand::Way way);
    void changed(const Edit& edit, const Edit& inverse);
    MergeMark mark(const QString& key) const { return {key, clock.elapsed(), round}; }
    void record(JournalEntry::Kind kind, const QString& name, const Edit& edit);
    void replay(const std::vector<JournalEntry>& entries);
    void replay(const JournalEntry& entry);
    const EditCommand* lastCommand() const;
    const EditCommand* nextCommand() const;

    void begin(Saved from, std::filesystem::path at);
    Result<void> takeFromDisk(const QString& name);
    void tookPlace(const std::filesystem::path& target, Saved now);
    void forgetJournal() { journal.begin({path, saved.text}); }

    void check();
    void take(const CheckedPipeline& result);
    void keepSelection(const Edit& edit, const Edit& inverse);

    PipelineDocument& q;
    const Catalog& catalog;
    Document document;
    std::shared_ptr<const Document> copy;
    Saved saved;
    std::filesystem::path path;
    int untitledNumber = 0;         // given when somebody asks for the name
    QUndoStack undoStack;
    Selection selection;
    Checker checker;
    DiskFile disk;
    Journal journal;
    bool replaying = false;
    std::vector<AbandonedJournal> abandoned;
    int openings = 0;               // a save that ends after another file was opened is none of this document
    std::shared_ptr<const CheckedPipeline> checked = std::make_shared<CheckedPipeline>();
    QElapsedTimer clock;
    int round = 0;                  // of MergeMark
};

}
