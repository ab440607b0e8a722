// The file of a PipelineDocument: opening, saving, what other programs and crashes leave.
#include "engine/base/files.h"
#include "engine/pipeline/document_json.h"
#include "widgets/document/document_parts.h"
#include "widgets/document/state_folder.h"
#include "widgets/theme/names.h"

namespace streamwright {

namespace {

std::filesystem::path normalized(const std::filesystem::path& path) { return std::filesystem::absolute(path).lexically_normal(); }

}

Saved savedFrom(std::string text)
{
    DocumentRead read = readDocument(text);
    return {std::move(text), read.document.value_or(Document()), std::move(read.diagnostics)};
}

void PipelineDocument::Private::begin(Saved from, std::filesystem::path at)
{
    ++openings;
    saved = std::move(from);
    document = saved.document;
    path = std::move(at);
    abandoned.clear();
    undoStack.clear();
    undoStack.setClean();
    selection.clear();
    disk.follow(path, saved.text);
    Q_EMIT q.fileChanged();
    changed({}, {});
}

Result<void> PipelineDocument::Private::takeFromDisk(const QString& name)
{
    if (path.empty()) return mistake("the pipeline has no file yet");
    auto text = readFile(path);
    if (!text) return text.error();
    disk.follow(path, *text);
    saved = savedFrom(std::move(*text));
    if (document == saved.document) check();
    else (void)push(replaceDocument(saved.document), name, {});
    undoStack.setClean();
    forgetJournal();
    return {};
}

void PipelineDocument::Private::replay(const std::vector<JournalEntry>& entries)
{
    replaying = true;
    for (const JournalEntry& entry : entries) replay(entry);
    replaying = false;
    ++round;
}

void PipelineDocument::Private::replay(const JournalEntry& entry)
{
    const auto same = [&](const Edit& edit) { return printEdit(edit) == printEdit(entry.edit); };
    using Kind = JournalEntry::Kind;
    if (entry.edit.empty()) return;
    // What was done before the journal began is on no stack: it is done anew.
    if (const EditCommand* last = lastCommand(); entry.kind == Kind::Undo && last && same(last->inverse())) return undoStack.undo();
    if (const EditCommand* next = nextCommand(); entry.kind == Kind::Redo && next && same(next->edit())) return undoStack.redo();
    if (entry.kind != Kind::Merge) ++round;
    (void)push(entry.edit, entry.name, {QStringLiteral("recovered"), 0, round});
}

const std::filesystem::path& PipelineDocument::path() const { return d_->path; }

std::filesystem::path PipelineDocument::folder() const
{
    return d_->path.empty() ? untitledFolder() : d_->path.parent_path();
}

QString PipelineDocument::displayName() const
{
    static int untitled = 0;
    if (!d_->path.empty()) return QString::fromStdString(d_->path.filename().string());
    if (!d_->document.name.empty()) return QString::fromStdString(d_->document.name);
    if (d_->untitledNumber == 0) d_->untitledNumber = ++untitled;
    return d_->untitledNumber == 1 ? tr("Untitled") : tr("Untitled %1").arg(d_->untitledNumber);
}

Result<void> PipelineDocument::open(const std::filesystem::path& path)
{
    auto text = readFile(path);
    if (!text) return text.error();
    d_->begin(savedFrom(std::move(*text)), normalized(path));
    d_->forgetJournal();
    d_->abandoned = abandonedJournals(d_->path);
    if (!d_->abandoned.empty()) Q_EMIT recoverable();
    return {};
}

Result<void> PipelineDocument::openAsUntitled(const std::filesystem::path& path)
{
    auto text = readFile(path);
    if (!text) return text.error();
    openText(*text);
    return {};
}

void PipelineDocument::openText(const std::string& text)
{
    d_->begin(savedFrom(text), {});
    d_->forgetJournal();
}

Result<void> PipelineDocument::save()
{
    if (d_->path.empty()) return mistake("the pipeline has no file yet", "save it under a name");
    return saveAs(d_->path);
}

Result<void> PipelineDocument::saveAs(const std::filesystem::path& path)
{
    if (isSaving()) return transient("the pipeline is being saved already");
    const auto target = normalized(path);
    if (auto written = d_->disk.write(target, text()); !written) return written;
    d_->tookPlace(target, {text(), d_->document, {}});
    return {};
}

void PipelineDocument::startSave()
{
    if (d_->path.empty()) Q_EMIT saveEnded(tr("The pipeline has no file yet."), tr("Save it under a name."));
    else startSaveAs(d_->path);
}

void PipelineDocument::startSaveAs(const std::filesystem::path& path)
{
    if (isSaving()) return Q_EMIT saveEnded(tr("The pipeline is being saved already."), {});
    const auto target = normalized(path);
    // What is typed from now on is another command than what is saved.
    endMerge();
    d_->disk.writeInBackground(target, text(), [this, target, text = text(), document = copy(), opening = d_->openings](const Result<void>& written) {
        if (written && opening == d_->openings) d_->tookPlace(target, {text, *document, {}});
        if (written) Q_EMIT saveEnded({}, {});
        else Q_EMIT saveEnded(engineText(written.error().message), engineText(written.error().hint));
    });
}

bool PipelineDocument::isSaving() const { return d_->disk.isWriting(); }

// The file holds `now`.
void PipelineDocument::Private::tookPlace(const std::filesystem::path& target, Saved now)
{
    // Text that is not JSON stays a problem as long as nothing was put in its place.
    if (now.text != saved.text) saved = std::move(now);
    const bool moved = std::exchange(path, target) != target;
    ++round;
    if (document == saved.document) {
        undoStack.setClean();
        forgetJournal();
    } else {
        // Changed meanwhile: the stack cannot say any more which of its states was saved.
        undoStack.resetClean();
        forgetJournal();
        record(JournalEntry::Kind::Do, tr("Changes since saving"), replaceDocument(document));
    }
    if (moved) Q_EMIT q.fileChanged();
}

Result<void> PipelineDocument::revert() { return d_->takeFromDisk(tr("Revert to the saved file")); }

std::string PipelineDocument::text() const
{
    return d_->document == d_->saved.document ? d_->saved.text : printDocument(d_->document);
}

void PipelineDocument::keepOurs()
{
    d_->disk.acceptTheirs();
    // No state of the undo stack is what the file holds, and ours is in no file any more.
    d_->undoStack.resetClean();
    d_->record(JournalEntry::Kind::Do, tr("Keep ours"), {});
}

Result<void> PipelineDocument::takeTheirs() { return d_->takeFromDisk(tr("Take the version on disk")); }

Result<std::filesystem::path> PipelineDocument::startKeepingBoth()
{
    const std::filesystem::path& theirs = d_->path;
    if (theirs.empty()) return mistake("the pipeline has no file yet");
    std::filesystem::path ours;
    std::error_code failure;
    int number = 1;
    do {
        const std::string suffix = number == 1 ? ".ours" : ".ours" + std::to_string(number);
        ours = theirs.parent_path() / (theirs.stem().string() + suffix + theirs.extension().string());
        ++number;
    } while (std::filesystem::exists(ours, failure));
    startSaveAs(ours);
    return ours;
}

const std::vector<AbandonedJournal>& PipelineDocument::recoverableChanges() const { return d_->abandoned; }

Result<void> PipelineDocument::recover(const AbandonedJournal& journal)
{
    const AbandonedJournal wanted = journal;    // may be one of recoverableChanges(), which go
    auto read = d_->journal.adopt(wanted.journal);
    if (!read) return read.error();
    // Emptying the stack must not take the journal for one of a saved document.
    d_->replaying = true;
    d_->begin(savedFrom(read->base.text), wanted.file);
    d_->replay(read->entries);
    // The file may have changed since, or may be gone.
    d_->disk.look();
    return {};
}

Result<void> PipelineDocument::discard(const AbandonedJournal& journal)
{
    const std::filesystem::path path = journal.journal;
    auto gone = discardJournal(journal);
    if (gone) std::erase_if(d_->abandoned, [&](const AbandonedJournal& one) { return one.journal == path; });
    return gone;
}

}
