#include "engine/checkpoint/shared_folder.h"

#include "engine/base/files.h"
#include "engine/base/hdfs_place.h"
#include "engine/transport/webhdfs.h"

#include <algorithm>
#include <cerrno>
#include <sys/stat.h>
#include <unistd.h>

namespace streamwright {

namespace {

namespace fs = std::filesystem;

// A file server that goes away may come back: what is wrong with a shared directory is met again and again.
Error mayPass(const Error& error) { return transient(error.message, error.hint); }

class SecondDirectory final : public SharedFolder {
public:
    explicit SecondDirectory(fs::path folder) : folder_(std::move(folder)) {}

    Result<void> makeFolder(const std::string& path) override
    {
        auto made = streamwright::makeFolder(folder_ / path);
        return made ? made : mayPass(made.error());
    }

    Result<std::vector<std::string>> list(const std::string& path) override
    {
        std::vector<std::string> names;
        std::error_code code;
        for (fs::directory_iterator at(folder_ / path, code), end; !code && at != end; at.increment(code)) names.push_back(at->path().filename().string());
        if (code && code != std::errc::no_such_file_or_directory) return mayPass(fileError("list", folder_ / path, code.value()));
        std::ranges::sort(names);
        return names;
    }

    Result<std::optional<std::string>> read(const std::string& path) override
    {
        const fs::path full = folder_ / path;
        struct stat status{};
        if (::lstat(full.c_str(), &status) != 0 && errno == ENOENT) return std::optional<std::string>();
        auto bytes = readFile(full, SIZE_MAX);
        if (!bytes) return mayPass(bytes.error());
        return std::optional(std::move(*bytes));
    }

    Result<void> write(const std::string& path, std::string_view bytes) override
    {
        auto file = File::create(folder_ / path);
        if (!file) return mayPass(file.error());
        auto done = file->write(bytes);
        if (done) done = file->sync();
        if (done) done = syncFolder((folder_ / path).parent_path());
        return done ? done : mayPass(done.error());
    }

    Result<Renamed> rename(const std::string& from, const std::string& to) override
    {
        // A second name is given to one only also by file servers that know no rename without overwriting.
        const fs::path source = folder_ / from, target = folder_ / to;
        struct stat status{};
        if (::lstat(source.c_str(), &status) != 0) return errno == ENOENT ? Result<Renamed>(Renamed::NoSource) : mayPass(fileError("look at", source, errno));
        if (S_ISDIR(status.st_mode)) {
            struct stat there{};
            if (::lstat(target.c_str(), &there) == 0) return Renamed::Taken;
            auto published = publishFile(source, target);
            return published ? Result<Renamed>(Renamed::Done) : mayPass(published.error());
        }
        if (::link(source.c_str(), target.c_str()) != 0) return errno == EEXIST ? Result<Renamed>(Renamed::Taken) : errno == ENOENT ? Result<Renamed>(Renamed::NoSource) : mayPass(fileError("give a name to", target, errno));
        if (auto synced = syncFolder(target.parent_path()); !synced) return mayPass(synced.error());
        (void)removeAll(source);
        return Renamed::Done;
    }

    Result<void> remove(const std::string& path) override
    {
        auto gone = removeAll(folder_ / path);
        return gone ? gone : mayPass(gone.error());
    }

    std::string text() const override { return folder_.string(); }

private:
    fs::path folder_;
};

class HdfsFolder final : public SharedFolder {
public:
    HdfsFolder(HdfsUrl url, const std::string& token) : hdfs_(std::move(url), token) {}

    Result<void> makeFolder(const std::string& path) override { return hdfs_.makeFolder(full(path)); }

    Result<std::vector<std::string>> list(const std::string& path) override
    {
        auto entries = hdfs_.list(full(path));
        if (!entries) return entries.error();
        std::vector<std::string> names;
        for (const HdfsStatus& each : entries->value_or(std::vector<HdfsStatus>())) names.push_back(each.name);
        std::ranges::sort(names);
        return names;
    }

    Result<std::optional<std::string>> read(const std::string& path) override
    {
        auto there = hdfs_.status(full(path));
        if (!there) return there.error();
        if (!*there || (*there)->folder) return std::optional<std::string>();
        auto bytes = hdfs_.read(full(path), 0, (*there)->length);
        if (!bytes) return bytes.error();
        return std::optional(std::move(*bytes));
    }

    Result<void> write(const std::string& path, std::string_view bytes) override { return hdfs_.write(full(path), bytes); }

    Result<Renamed> rename(const std::string& from, const std::string& to) override
    {
        auto renamed = hdfs_.rename(full(from), full(to));
        if (!renamed) return renamed.error();
        return *renamed == WebHdfs::Renamed::Done ? Renamed::Done : *renamed == WebHdfs::Renamed::Taken ? Renamed::Taken : Renamed::NoSource;
    }

    Result<void> remove(const std::string& path) override { return hdfs_.remove(full(path)); }
    std::string text() const override { return hdfs_.url().text(); }

private:
    std::string full(const std::string& path) const { return belowHdfs(hdfs_.url().path, path); }
    WebHdfs hdfs_;
};

}

Result<std::unique_ptr<SharedFolder>> sharedFolder(std::string_view place, const std::string& token)
{
    if (!isHdfs(place)) return std::unique_ptr<SharedFolder>(std::make_unique<SecondDirectory>(fs::path(place)));
    auto url = parseHdfsUrl(place);
    if (!url) return url.error();
    return std::unique_ptr<SharedFolder>(std::make_unique<HdfsFolder>(std::move(*url), token));
}

}
