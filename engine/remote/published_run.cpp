#include "engine/remote/published_run.h"

#include "engine/base/files.h"
#include "engine/pipeline/json.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace streamwright {

namespace {

constexpr std::string_view kEnding = ".run";

std::string print(const PublishedRun& run)
{
    return printJson(Json::object({{"process", Json::integer(run.process)},
                                   {"address", Json::string(run.address)},
                                   {"token", Json::string(run.token)},
                                   {"name", Json::string(run.name)},
                                   {"file", Json::string(run.file.string())},
                                   {"since", Json::integer(run.since.micros)}}));
}

std::optional<PublishedRun> parse(std::string_view text)
{
    const auto read = readJson(text);
    const Json* json = std::get_if<Json>(&read);
    if (!json || !json->isObject()) return std::nullopt;
    const auto textAt = [json](std::string_view key) {
        const Json* found = json->find(key);
        return found && found->isString() ? found->asString() : std::string();
    };
    const auto numberAt = [json](std::string_view key) {
        const Json* found = json->find(key);
        return found ? found->asInteger().value_or(0) : 0;
    };
    PublishedRun run{numberAt("process"), textAt("address"), textAt("token"), textAt("name"), textAt("file"), Timestamp{numberAt("since")}};
    return run.process > 0 && !run.address.empty() ? std::optional(std::move(run)) : std::nullopt;
}

std::filesystem::path pathOf(const std::filesystem::path& folder, int64_t process) { return folder / fmt::format("{}{}", process, kEnding); }

// What the file says, if its process lives; a file of a dead one is removed.
std::optional<PublishedRun> readOrRemove(const std::filesystem::path& path)
{
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0) return std::nullopt;
    const bool dead = ::flock(file, LOCK_SH | LOCK_NB) == 0;
    if (dead) ::unlink(path.c_str());
    ::close(file);
    if (dead) return std::nullopt;
    const auto text = readFile(path);
    return text ? parse(*text) : std::nullopt;
}

}

Result<std::filesystem::path> runFolder()
{
    const char* given = std::getenv("XDG_RUNTIME_DIR");
    std::error_code ignored;
    const std::filesystem::path folder = given && *given ? std::filesystem::path(given) / "streamwright" : std::filesystem::temp_directory_path(ignored) / fmt::format("streamwright-{}", ::getuid());
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return fileError("make", folder, errno);
    struct stat found{};
    if (::lstat(folder.c_str(), &found) != 0) return fileError("look at", folder, errno);
    if (!S_ISDIR(found.st_mode) || found.st_uid != ::getuid()) return permanent(fmt::format("{} is not a folder of this user's", folder.string()), "remove it, or set XDG_RUNTIME_DIR");
    if ((found.st_mode & 077) != 0 && ::chmod(folder.c_str(), 0700) != 0) return fileError("protect", folder, errno);
    return folder;
}

Result<std::vector<PublishedRun>> publishedRuns()
{
    const auto folder = runFolder();
    if (!folder) return folder.error();
    std::vector<PublishedRun> runs;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(*folder, failure)) {
        if (entry.path().extension() != kEnding) continue;
        if (auto run = readOrRemove(entry.path())) runs.push_back(std::move(*run));
    }
    if (failure) return fileError("list", *folder, failure.value());
    std::ranges::sort(runs, std::ranges::greater(), &PublishedRun::since);
    return runs;
}

std::optional<PublishedRun> publishedRunOf(int64_t process)
{
    const auto folder = runFolder();
    return folder ? readOrRemove(pathOf(*folder, process)) : std::nullopt;
}

// Locked before it has the name by which it is found: who finds it unlocked knows that its process is dead.
Result<Publication> Publication::publish(const PublishedRun& run)
{
    const auto folder = runFolder();
    if (!folder) return folder.error();
    (void)publishedRuns();      // what dead ones left goes
    const std::filesystem::path path = pathOf(*folder, run.process);
    const std::filesystem::path unfinished = path.string() + ".new";
    ::unlink(unfinished.c_str());
    const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return fileError("create", unfinished, errno);
    Publication publication(unfinished, file);
    const std::string text = print(run);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) return fileError("lock", unfinished, errno);
    if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) return fileError("write", unfinished, errno);
    if (::rename(unfinished.c_str(), path.c_str()) != 0) return fileError("rename", unfinished, errno);
    publication.path_ = path;
    return publication;
}

Publication::Publication(Publication&& other) noexcept : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

Publication& Publication::operator=(Publication&& other) noexcept
{
    std::swap(path_, other.path_);
    std::swap(file_, other.file_);
    return *this;
}

Publication::~Publication()
{
    if (file_ < 0) return;
    ::unlink(path_.c_str());
    ::close(file_);
}

}
