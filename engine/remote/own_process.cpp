#include "engine/remote/own_process.h"

#include "engine/remote/published_run.h"

#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <csignal>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace streamwright {

namespace {

// The end of a process is seen a little after its connections are closed.
constexpr int kEndsWithinMilliseconds = 300;
constexpr int kReadyWithinMilliseconds = 10'000, kLookEveryMilliseconds = 5;
constexpr int kStopsWithinMilliseconds = 2000;
constexpr size_t kMostSaid = 500;

bool endsWithin(int watch, int milliseconds)
{
    pollfd one{watch, POLLIN, 0};
    return ::poll(&one, 1, milliseconds) > 0;
}

// The last lines.
std::string tailOf(int file)
{
    const off_t size = ::lseek(file, 0, SEEK_END);
    std::string text(std::min<size_t>(kMostSaid, size > 0 ? static_cast<size_t>(size) : 0), '\0');
    const ssize_t got = ::pread(file, text.data(), text.size(), size - static_cast<off_t>(text.size()));
    text.resize(got > 0 ? static_cast<size_t>(got) : 0);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
}

std::string howItEnded(int status)
{
    if (WIFSIGNALED(status)) return fmt::format("was ended by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

// Attributes and files of a child, freed with it.
struct Spawning {
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    Spawning()
    {
        ::posix_spawnattr_init(&attributes);
        ::posix_spawn_file_actions_init(&files);
    }
    ~Spawning()
    {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&files);
    }
};

}

OwnProcess::OwnProcess(std::filesystem::path program) : program_(std::move(program)) {}

OwnProcess::~OwnProcess()
{
    if (process_ > 0 && !gone_) {
        // Nobody waits for it here.
        if (!kept_) ::kill(process_, SIGTERM);
        std::thread([process = process_, watch = watch_, kept = kept_] {
            if (!kept && !endsWithin(watch, kStopsWithinMilliseconds)) ::kill(process, SIGKILL);
            ::waitpid(process, nullptr, 0);
            ::close(watch);
        }).detach();
        watch_ = -1;
    }
    if (watch_ >= 0) ::close(watch_);
    if (said_ >= 0) ::close(said_);
}

// In a session of its own, so that the end of a terminal does not end it. Its standard error is kept in memory: a
// pipe would break when we go.
Result<void> OwnProcess::spawn()
{
    Spawning spawning;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&spawning.attributes, &none);
    ::posix_spawnattr_setsigdefault(&spawning.attributes, &all);
    ::posix_spawnattr_setflags(&spawning.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (said_ >= 0) ::close(said_);
    said_ = ::memfd_create("standard error", MFD_CLOEXEC);
    ::posix_spawn_file_actions_addopen(&spawning.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&spawning.files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&spawning.files, said_, STDERR_FILENO);
    std::string words[] = {program_.string(), "run", "--listen", "--until-left"};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
    pid_t process = 0;
    const int failure = ::posix_spawn(&process, program_.c_str(), &spawning.files, &spawning.attributes, arguments, environ);
    if (failure != 0) return permanent(fmt::format("{} cannot be started: {}", program_.string(), std::strerror(failure)));
    process_ = process;
    watch_ = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
    found_ = killed_ = false;
    return {};
}

std::optional<Error> OwnProcess::ended(int within)
{
    if (!endsWithin(watch_, within)) return std::nullopt;
    int status = 0;
    if (::waitpid(process_, &status, 0) != process_) return std::nullopt;
    ::close(std::exchange(watch_, -1));
    const std::string said = tailOf(said_);
    if (killed_) return permanent(fmt::format("own process {} did not stop and was ended by force", process_), "what was decided is in the checkpoint; Run goes on from there");
    return permanent(fmt::format("own process {} {}{}{}", process_, howItEnded(status), said.empty() ? "" : ": ", said), "what was decided is in the checkpoint; Run goes on from there");
}

Result<Endpoint> OwnProcess::find()
{
    const std::scoped_lock lock(mutex_);
    if (gone_) return *gone_;
    if (process_ == 0) {
        if (auto spawned = spawn(); !spawned) return spawned.error();
    }
    // Then it is found again where it was, or it is gone.
    int wait = found_ ? kEndsWithinMilliseconds : kLookEveryMilliseconds;
    for (int waited = 0; waited < kReadyWithinMilliseconds; waited += std::exchange(wait, kLookEveryMilliseconds)) {
        if (auto end = ended(wait)) {
            gone_ = std::move(end);
            return *gone_;
        }
        const auto run = publishedRunOf(process_);
        if (!run) continue;
        found_ = true;
        return Endpoint{run->address, run->token};
    }
    return transient(fmt::format("own process {} did not get ready within {} s", process_, kReadyWithinMilliseconds / 1000));
}

std::string OwnProcess::name() const
{
    const std::scoped_lock lock(mutex_);
    return process_ > 0 ? fmt::format("own process {}", process_) : "own process";
}

bool OwnProcess::begin()
{
    const std::scoped_lock lock(mutex_);
    if (gone_) process_ = 0;
    gone_.reset();
    return true;
}

bool OwnProcess::kill()
{
    const std::scoped_lock lock(mutex_);
    if (process_ == 0 || gone_) return false;
    killed_ = true;
    return ::kill(process_, SIGKILL) == 0;
}

void OwnProcess::keep()
{
    const std::scoped_lock lock(mutex_);
    kept_ = true;
}

}
