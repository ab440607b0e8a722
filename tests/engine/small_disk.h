// A disk that is full when a test says so. A file system of a few mebibytes in memory where this process may
// mount one (as root, or in name spaces of its own), else the limit of file sizes.
#pragma once
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <string>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

namespace streamwright {

class SmallDisk {
public:
    // `folder` exists and is empty. Made before the test starts threads.
    explicit SmallDisk(std::filesystem::path folder) : folder_(std::move(folder))
    {
        std::signal(SIGXFSZ, SIG_IGN);
        const bool wanted = !std::getenv("STREAMWRIGHT_TEST_NO_MOUNT");
        mounted_ = wanted && (mount() || (ownNameSpaces() && mount()));
    }
    ~SmallDisk()
    {
        free();
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    const std::filesystem::path& folder() const { return folder_; }
    bool isMounted() const { return mounted_; }

    void fill()
    {
        if (!mounted_) return limitFiles(1);
        const int file = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        const std::string bytes(1 << 16, 'x');
        for (size_t size = bytes.size(); size > 0;) {
            if (::write(file, bytes.data(), size) <= 0) size /= 2;
        }
        ::close(file);
    }
    void free()
    {
        if (mounted_) ::unlink(ballast().c_str());
        else limitFiles(RLIM_INFINITY);
    }

private:
    bool mount() { return ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=4m") == 0; }
    static bool ownNameSpaces()
    {
        const auto user = ::getuid(), group = ::getgid();
        if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
        std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
        std::ofstream("/proc/self/setgroups") << "deny";
        std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
        return true;
    }
    static void limitFiles(rlim_t bytes)
    {
        rlimit limit{};
        ::getrlimit(RLIMIT_FSIZE, &limit);
        limit.rlim_cur = std::min(bytes, limit.rlim_max);
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::filesystem::path ballast() const { return folder_ / ".ballast"; }

    std::filesystem::path folder_;
    bool mounted_ = false;
};

}
