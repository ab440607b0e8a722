#include "widgets/document/journal.h"

#include "engine/base/files.h"
#include "widgets/document/background.h"
#include "widgets/document/state_folder.h"
#include "widgets/theme/names.h"

#include <QCoreApplication>

#include <unistd.h>

namespace streamwright {

namespace {

constexpr const char* kSuffix = ".journal";

std::filesystem::path journalFolder() { return stateFolder() / "journals"; }

bool mayWriteIn(const std::filesystem::path& folder) { return ::access(folder.c_str(), W_OK) == 0; }

// The folder, and how the journal's name begins there.
std::pair<std::filesystem::path, std::string> placeOf(const std::filesystem::path& file)
{
    const bool beside = !file.empty() && mayWriteIn(file.parent_path()) && ::access(file.c_str(), W_OK) == 0;
    if (beside) return {file.parent_path(), "." + file.filename().string()};
    const std::string name = file.empty() ? "untitled-" + std::to_string(QCoreApplication::applicationPid()) : file.filename().string() + "-" + hashOf(file.string()).substr(0, 8);
    return {journalFolder(), name};
}

// None if it is no journal, or its owner lives.
std::optional<AbandonedJournal> abandoned(const std::filesystem::path& journal)
{
    if (!FileLock::take(journal)) return std::nullopt;
    const auto text = readFile(journal);
    if (!text) return std::nullopt;
    const auto read = readJournal(*text);
    if (!read || read->entries.empty()) return std::nullopt;
    return AbandonedJournal{journal, read->base.file, read->entries.size()};
}

std::vector<AbandonedJournal> abandonedIn(const std::filesystem::path& folder, const std::string& nameBegin)
{
    std::vector<AbandonedJournal> found;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
        const std::string name = entry.path().filename().string();
        if (!name.starts_with(nameBegin) || !name.ends_with(kSuffix)) continue;
        if (auto one = abandoned(entry.path())) found.push_back(std::move(*one));
    }
    std::ranges::sort(found, {}, &AbandonedJournal::journal);
    return found;
}

}

struct Journal::Open {
    // Shared with the thread that makes it durable.
    std::shared_ptr<File> file;
    FileLock lock;
};

Journal::Journal(QObject* parent) : QObject(parent)
{
    constexpr int kSyncMillis = 1000;
    syncTimer_.setSingleShot(true);
    syncTimer_.setInterval(kSyncMillis);
    connect(&syncTimer_, &QTimer::timeout, this, &Journal::sync);
}

Journal::~Journal() { remove(); }

void Journal::begin(JournalBase base)
{
    remove();
    failed_ = false;
    if (base == base_ && !firstLine_.empty()) return;
    base_ = std::move(base);
    firstLine_ = printJournalBase(base_);
}

Result<ReadJournal> Journal::adopt(const std::filesystem::path& journal)
{
    auto lock = FileLock::take(journal);
    if (!lock) return mistake("the journal is in use, or gone: " + journal.string());
    const auto text = readFile(journal);
    if (!text) return text.error();
    auto read = readJournal(*text);
    if (!read) return read.error();
    auto file = File::append(journal);
    if (!file) return file.error();
    // New lines must not continue one that was cut off.
    if (auto cut = file->truncate(read->wholeBytes); !cut) return cut.error();
    begin(read->base);
    path_ = journal;
    open_.reset(new Open{std::make_shared<File>(std::move(*file)), std::move(*lock)});
    return read;
}

Result<void> Journal::create()
{
    const auto [folder, name] = placeOf(base_.file);
    if (auto made = makeFolder(folder); !made) return made;
    // A name may be taken by another window, or by a journal that nobody has looked at yet.
    for (int number = 1;; ++number) {
        path_ = folder / (name + (number == 1 ? "" : "." + std::to_string(number)) + kSuffix);
        if (!std::filesystem::exists(std::filesystem::symlink_status(path_))) break;
    }
    auto file = File::create(path_);
    if (!file) return file.error();
    // Whoever looks through journals may hold it, for a moment.
    auto lock = FileLock::take(path_, FileLock::Busy::Wait);
    if (!lock) return mistake("the journal cannot be locked: " + path_.string());
    open_.reset(new Open{std::make_shared<File>(std::move(*file)), std::move(*lock)});
    return open_->file->write(firstLine_);
}

void Journal::append(const JournalEntry& entry)
{
    if (failed_) return;
    Result<void> written;
    if (!open_) written = create();
    if (written) written = open_->file->write(printJournalEntry(entry));
    if (!written) {
        failed_ = true;
        Q_EMIT failed(engineText(written.error().message));
        return;
    }
    if (!syncTimer_.isActive()) syncTimer_.start();
}

void Journal::remove()
{
    syncTimer_.stop();
    if (!open_) return;
    (void)removeAll(path_);
    open_.reset();
    path_.clear();
}

void Journal::sync()
{
    if (!open_) return;
    // Failing is no news: the changes are with the kernel all the same, and saving will tell.
    inBackground(this, [file = open_->file] { return file->sync().has_value() && syncFolder(file->path().parent_path()).has_value(); }, [](bool) {});
}

std::vector<AbandonedJournal> abandonedJournals(const std::filesystem::path& file)
{
    // A journal beside its file belongs to it wherever both were moved.
    auto found = abandonedIn(file.parent_path(), "." + file.filename().string());
    std::erase_if(found, [&](const AbandonedJournal& one) { return one.file.filename() != file.filename(); });
    for (AbandonedJournal& one : found) one.file = file;
    for (AbandonedJournal& one : abandonedIn(journalFolder(), file.filename().string())) {
        if (one.file == file) found.push_back(std::move(one));
    }
    return found;
}

std::vector<AbandonedJournal> abandonedJournals() { return abandonedIn(journalFolder(), {}); }

Result<void> discardJournal(const AbandonedJournal& journal) { return removeAll(journal.journal); }

}
