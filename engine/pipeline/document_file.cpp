#include "engine/pipeline/document_file.h"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace streamwright {

namespace {

Error systemError(const std::string& what, const std::filesystem::path& path)
{
    return mistake(what + " " + path.string() + ": " + std::strerror(errno));
}

bool writeAll(int file, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<size_t>(written));
    }
    return true;
}

}

Result<std::string> loadFile(const std::filesystem::path& path)
{
    if (std::filesystem::is_directory(path)) return mistake("cannot read " + path.string() + ": it is a folder");
    std::ifstream in(path, std::ios::binary);
    if (!in) return systemError("cannot read", path);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
}

Result<void> saveFile(const std::filesystem::path& path, std::string_view text)
{
    // A link is written through to the file that it names.
    std::error_code ignored;
    const std::filesystem::path target = std::filesystem::is_symlink(path) ? std::filesystem::canonical(path, ignored) : path;
    const std::filesystem::path folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
    const std::filesystem::path part = folder / ("." + target.filename().string() + ".saving");
    struct stat old {};
    const mode_t mode = ::stat(target.c_str(), &old) == 0 ? old.st_mode & 07777 : 0644;
    const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (file < 0) return systemError("cannot write", part);
    const bool written = writeAll(file, text) && ::fsync(file) == 0;
    const bool closed = ::close(file) == 0;
    if (!written || !closed || ::rename(part.c_str(), target.c_str()) != 0) {
        const Error error = systemError("cannot write", target);
        ::unlink(part.c_str());
        return error;
    }
    if (const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); directory >= 0) {
        ::fsync(directory);
        ::close(directory);
    }
    return {};
}

DocumentFile DocumentFile::fromText(std::string text)
{
    DocumentFile file;
    file.read_ = readDocument(text);
    file.text_ = std::move(text);
    return file;
}

Result<DocumentFile> DocumentFile::load(const std::filesystem::path& path)
{
    auto text = loadFile(path);
    if (!text) return text.error();
    return fromText(std::move(*text));
}

std::string DocumentFile::print(const Document& now) const
{
    return read_.document && *read_.document == now ? text_ : printDocument(now);
}

}
