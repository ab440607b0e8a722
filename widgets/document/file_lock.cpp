#include "widgets/document/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace streamwright {

std::optional<FileLock> FileLock::take(const std::filesystem::path& file, Busy busy)
{
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    if (::flock(descriptor, busy == Busy::Wait ? LOCK_EX : LOCK_EX | LOCK_NB) == 0) return FileLock(descriptor);
    ::close(descriptor);
    return std::nullopt;
}

FileLock::~FileLock()
{
    if (descriptor_ >= 0) ::close(descriptor_);
}

}
