// The document of one tab as Qt sees it: signals and an undo stack over the Document of the engine. Every
// change is an Edit with a readable name and can be undone; a journal beside the file survives a crash; the
// user's file is written by save() alone. UI thread only.
#pragma once
#include "engine/dataflow/check.h"
#include "engine/pipeline/edits.h"
#include "widgets/document/journal.h"

#include <QObject>
#include <QPointF>
#include <QUndoStack>

namespace streamwright {

class Selection;

class PipelineDocument : public QObject {
    Q_OBJECT

public:
    // `catalog` outlives it.
    explicit PipelineDocument(const Catalog& catalog, QObject* parent = nullptr);
    ~PipelineDocument() override;

    const Catalog& catalog() const;
    const Document& document() const;
    // The same as an immutable copy, shared until the next edit.
    std::shared_ptr<const Document> copy() const;
    const Node* node(const NodeId& id) const;
    const NodeType* typeOf(const NodeId& id) const;     // null: unknown here

    // What check() found for the document as it was at most a moment ago; never null. Made off this thread.
    std::shared_ptr<const CheckedPipeline> checked() const;
    Diagnostics diagnosticsOf(const NodeId& id) const;
    // Waits for the check of the document as it is now.
    std::shared_ptr<const CheckedPipeline> checkNow();

    QUndoStack& undoStack();
    // Applies and remembers. An empty edit does nothing; one that the file has no place for is refused. Edits with the same key that follow each other within a second, with nothing
    // between them, are one command (keystrokes in a field); an empty key never merges.
    void apply(const Edit& edit, const QString& name, const QString& mergeKey = {});
    // The next edit begins a new command, whatever its key: focus has left the field.
    void endMerge();

    Selection& selection();

    // ---- the file
    const std::filesystem::path& path() const;          // empty: untitled
    std::filesystem::path folder() const;               // what relative paths belong to; untitled: the user's data folder
    QString displayName() const;                        // "running_word_count.json", "Untitled 2"
    bool isModified() const;
    // Fails when it cannot be read; what is wrong in it is kept and told by checked(). Text that is not JSON
    // opens as an empty document with its problems.
    Result<void> open(const std::filesystem::path& path);
    // As a copy without a file of its own: examples.
    Result<void> openAsUntitled(const std::filesystem::path& path);
    void openText(const std::string& text);
    // Temp, fsync, rename; the last 5 versions are kept in the user's state folder (versions.h). Refused when
    // another program has changed the file: see below.
    // Waits for the disk: for closing; else startSave().
    Result<void> save();
    Result<void> saveAs(const std::filesystem::path& path);
    // The same off the UI thread; answers by saveEnded(). What is changed meanwhile is not saved yet.
    void startSave();
    void startSaveAs(const std::filesystem::path& path);
    bool isSaving() const;
    Result<void> revert();                              // one undo command
    // Bytes as save() would write them.
    std::string text() const;

    // ---- after changedOnDisk(): what to do with the two versions
    void keepOurs();                                    // save() will write over theirs
    Result<void> takeTheirs();                          // one undo command
    // Ours goes on under another name beside it, which is returned; saved as by startSaveAs().
    Result<std::filesystem::path> startKeepingBoth();

    // ---- after a crash
    // What was found when the file was opened; abandonedJournals() lists the untitled ones.
    const std::vector<AbandonedJournal>& recoverableChanges() const;
    // The document is as it was at the crash, with its undo history, in place of what was opened; its file is
    // untouched until save().
    Result<void> recover(const AbandonedJournal& journal);
    Result<void> discard(const AbandonedJournal& journal);

Q_SIGNALS:
    void edited();                      // the document is another one; look at it again
    void refused(const QString& message, const QString& hint);  // an edit, and why
    void selectionChanged();
    void checkedChanged();
    void fileChanged();                 // path or display name
    void modifiedChanged(bool modified);
    void saveEnded(const QString& problem, const QString& hint);    // no problem: it is saved
    // Another program wrote or removed the file: keep ours, take theirs, or keep both.
    void changedOnDisk();
    // The journal of a designer that crashed was found for the file that was opened.
    void recoverable();
    // Changes are no longer safe from a crash: the disk is full, or the like.
    void journalFailed(const QString& message);

private:
    class Private;
    std::unique_ptr<Private> d_;
};

}
