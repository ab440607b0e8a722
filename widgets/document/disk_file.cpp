#include "widgets/document/disk_file.h"

#include "engine/base/files.h"
#include "widgets/document/background.h"
#include "widgets/document/state_folder.h"
#include "widgets/document/versions.h"

namespace streamwright {

namespace {

constexpr const char* kGone = "gone";

// A word of its own for a file that cannot be read.
std::string hashOfFile(const std::filesystem::path& path)
{
    const auto text = readFile(path);
    return text ? hashOf(*text) : kGone;
}

// Replaces the content of what stands there: through a link, and with its permissions.
Result<void> replaceContent(const std::filesystem::path& path, std::string_view text)
{
    std::error_code failure;
    auto target = std::filesystem::canonical(path, failure);
    if (failure) return writeDurably(path, text);
    const auto permissions = std::filesystem::status(target, failure).permissions();
    if (auto written = writeDurably(target, text); !written) return written;
    std::filesystem::permissions(target, permissions, failure);
    return {};
}

}

DiskFile::DiskFile(QObject* parent) : QObject(parent)
{
    // Programs write in several steps: one look after the last of them.
    constexpr int kSettleMillis = 100;
    settle_.setSingleShot(true);
    settle_.setInterval(kSettleMillis);
    connect(&settle_, &QTimer::timeout, this, &DiskFile::look);
    const auto settle = [this] {
        watch();
        settle_.start();
    };
    connect(&watcher_, &QFileSystemWatcher::fileChanged, this, settle);
    connect(&watcher_, &QFileSystemWatcher::directoryChanged, this, settle);
}

void DiskFile::follow(const std::filesystem::path& path, std::string_view text)
{
    ++round_;
    known_ = hashOf(text);
    theirs_.clear();
    if (path == path_) return;
    path_ = path;
    const QStringList old = watcher_.files() + watcher_.directories();
    if (!old.isEmpty()) watcher_.removePaths(old);
    watch();
}

// A file that was replaced is another one to the watcher, and is forgotten.
void DiskFile::watch()
{
    if (path_.empty()) return;
    const QString file = QString::fromStdString(path_.string());
    const QString folder = QString::fromStdString(path_.parent_path().string());
    std::error_code failure;
    if (!watcher_.files().contains(file) && std::filesystem::exists(path_, failure)) watcher_.addPath(file);
    if (!watcher_.directories().contains(folder)) watcher_.addPath(folder);
}

void DiskFile::look()
{
    if (path_.empty() || writing_) return;
    inBackground(this, [path = path_] { return hashOfFile(path); }, [this, round = round_](const std::string& hash) {
        // The file was written or left while it was being read.
        if (round == round_) take(hash);
    });
}

void DiskFile::take(const std::string& hash)
{
    if (hash == known_) theirs_.clear();
    if (hash == known_ || hash == theirs_) return;
    theirs_ = hash;
    Q_EMIT changed();
}

void DiskFile::acceptTheirs()
{
    ++round_;
    known_ = hashOfFile(path_);
    theirs_.clear();
}

DiskFile::Outcome DiskFile::run(const Job& job)
{
    const auto before = readFile(job.path);
    if (before && !job.expected.empty() && hashOf(*before) != job.expected) {
        return {mistake("another program has changed the file since it was opened: " + job.path.string(), "keep yours, take theirs, or keep both"), hashOf(*before)};
    }
    // A full state folder is no reason not to save.
    if (before && *before != job.text) (void)keepVersion(job.path, *before);
    return {replaceContent(job.path, job.text), {}};
}

DiskFile::Job DiskFile::begin(const std::filesystem::path& path, std::string text)
{
    // What is read while it is being written tells nothing.
    ++round_;
    writing_ = true;
    return {path, std::move(text), path == path_ ? known_ : std::string(), round_};
}

Result<void> DiskFile::end(const Job& job, const Outcome& outcome)
{
    writing_ = false;
    if (job.round != round_) return outcome.done;
    if (outcome.done) {
        follow(job.path, job.text);
        watch();
    } else if (!outcome.theirs.empty()) {
        take(outcome.theirs);
    }
    return outcome.done;
}

Result<void> DiskFile::write(const std::filesystem::path& path, std::string text)
{
    const Job job = begin(path, std::move(text));
    return end(job, run(job));
}

void DiskFile::writeInBackground(const std::filesystem::path& path, std::string text, std::function<void(const Result<void>&)> then)
{
    const Job job = begin(path, std::move(text));
    inBackground(this, [job] { return run(job); }, [this, job, then = std::move(then)](const Outcome& outcome) { then(end(job, outcome)); });
}

}
