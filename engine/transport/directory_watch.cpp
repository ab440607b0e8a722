#include "engine/transport/directory_watch.h"

#include "engine/base/clock.h"

#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace streamwright {

namespace {

constexpr int64_t kLookAnyway = 1'000'000'000;

FoundFile foundFile(std::string path, const struct stat& status)
{
    return {std::move(path), status.st_size, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec};
}

bool isFolder(const std::string& path)
{
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

std::vector<std::string> foldersOf(const std::string& folder)
{
    if (folder.find_first_of("*?[") == std::string::npos || isFolder(folder)) return isFolder(folder) ? std::vector<std::string>{folder} : std::vector<std::string>{};
    std::vector<std::string> folders;
    glob_t found{};
    if (::glob(folder.c_str(), GLOB_ONLYDIR, nullptr, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; ++i) {
            if (isFolder(found.gl_pathv[i])) folders.emplace_back(found.gl_pathv[i]);
        }
    }
    ::globfree(&found);
    return folders;
}

Result<void> listFolder(const std::string& folder, const std::string& pattern, std::vector<FoundFile>& files)
{
    DIR* opened = ::opendir(folder.c_str());
    if (!opened) {
        if (errno == ENOENT) return {};
        return transient(fmt::format("the folder {} cannot be read: {}", folder, std::strerror(errno)));
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(opened, ::closedir);
    const std::string prefix = folder.ends_with('/') ? folder : folder + "/";
    while (const dirent* entry = ::readdir(directory.get())) {
        const char* name = entry->d_name;
        if (name[0] == '.' || name[0] == '_' || entry->d_type == DT_DIR) continue;
        if (!pattern.empty() && ::fnmatch(pattern.c_str(), name, 0) != 0) continue;
        struct stat status{};
        if (::fstatat(::dirfd(directory.get()), name, &status, 0) != 0 || !S_ISREG(status.st_mode)) continue;
        files.push_back(foundFile(prefix + name, status));
    }
    return {};
}

}

Result<Listing> listFiles(const std::string& folder, const std::string& pattern)
{
    Listing listing;
    listing.folders = foldersOf(folder);
    for (const std::string& each : listing.folders) {
        if (auto listed = listFolder(each, pattern, listing.files); !listed) return listed.error();
    }
    std::sort(listing.files.begin(), listing.files.end(), [](const FoundFile& a, const FoundFile& b) {
        return a.modified != b.modified ? a.modified < b.modified : a.path < b.path;
    });
    return listing;
}

Result<FoundFile> statFile(const std::string& path)
{
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return transient(fmt::format("the file {} cannot be read: {}", path, std::strerror(errno)));
    return foundFile(path, status);
}

DirectoryWatch::DirectoryWatch() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

DirectoryWatch::~DirectoryWatch()
{
    if (inotify_ >= 0) ::close(inotify_);
}

void DirectoryWatch::watch(const std::vector<std::string>& folders)
{
    for (auto it = watched_.begin(); it != watched_.end();) {
        if (std::find(folders.begin(), folders.end(), it->first) == folders.end()) {
            ::inotify_rm_watch(inotify_, it->second);
            it = watched_.erase(it);
        } else {
            ++it;
        }
    }
    blind_ = folders.empty() || inotify_ < 0;
    for (const std::string& folder : folders) {
        if (std::any_of(watched_.begin(), watched_.end(), [&](const auto& known) { return known.first == folder; })) continue;
        const int number = ::inotify_add_watch(inotify_, folder.c_str(), IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF);
        if (number < 0) {
            blind_ = true;
        } else {
            watched_.emplace_back(folder, number);
            lastTrue_ = 0;
        }
    }
}

bool DirectoryWatch::changed()
{
    bool any = blind_;
    alignas(inotify_event) char events[4096];
    while (inotify_ >= 0) {
        const ssize_t got = ::read(inotify_, events, sizeof(events));
        if (got <= 0) break;
        any = true;
        for (ssize_t at = 0; at < got;) {
            const auto* event = reinterpret_cast<const inotify_event*>(events + at);
            // The folder is gone: when one of this name comes again it is watched anew.
            if (event->mask & IN_MOVE_SELF) ::inotify_rm_watch(inotify_, event->wd);
            if (event->mask & (IN_IGNORED | IN_MOVE_SELF)) {
                std::erase_if(watched_, [&](const auto& known) { return known.second == event->wd; });
                blind_ = true;
            }
            at += static_cast<ssize_t>(sizeof(inotify_event)) + event->len;
        }
    }
    const int64_t now = steadyNanos();
    if (!any && now - lastTrue_ < kLookAnyway) return false;
    lastTrue_ = now;
    return true;
}

}
