// How long a row takes from a socket to what a sink has written. Open loop: rows are sent at their time
// whether or not earlier ones came back, so that a pause of the program shows in all the rows that it holds up.
//   latency PROGRAM FOLDER [ROWS_PER_SECOND [SECONDS [INTERVAL]]]
// Writes a pipeline into FOLDER (socket, receive log and checkpoint on, console), runs PROGRAM on it, and
// prints a JSON line with percentiles in microseconds and the processor time that PROGRAM took.
#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <netinet/tcp.h>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

constexpr int kTicksPerSecond = 1000;

int64_t nanos()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

[[noreturn]] void fail(const char* what)
{
    std::perror(what);
    std::exit(1);
}

// A listening socket on a free port of this machine.
std::pair<int, int> listenAnywhere()
{
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener, 1) != 0) fail("listen");
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    return {listener, ntohs(address.sin_port)};
}

std::string writePipeline(const std::string& folder, int port, const std::string& interval)
{
    const std::string path = folder + "/latency.json";
    std::ofstream(path) << fmt::format(R"({{"format": "streamwright/1", "name": "latency",
  "settings": {{"batch_interval": "{}", "checkpoint": "checkpoint", "parallelism": 1}},
  "nodes": {{"lines": {{"type": "source.socket", "options": {{"port": {}}}}}, "out": {{"type": "sink.console", "options": {{"rows": 1000000}}}}}},
  "edges": ["lines -> out"]}})", interval, port);
    return path;
}

pid_t start(const std::string& program, const std::string& pipeline, int& output)
{
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) fail("pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        ::execl(program.c_str(), program.c_str(), "run", pipeline.c_str(), "--progress", "none", nullptr);
        fail(program.c_str());
    }
    ::close(pipe[1]);
    output = pipe[0];
    return child;
}

// Reads the console's frames until `wanted` rows have come; the row's number tells when it was sent.
void collect(int output, const std::vector<std::atomic<int64_t>>& sent, std::vector<int64_t>& latencies)
{
    std::string held;
    std::vector<char> bytes(1 << 20);
    while (latencies.size() < sent.size()) {
        const ssize_t got = ::read(output, bytes.data(), bytes.size());
        if (got <= 0) return;
        const int64_t now = nanos();
        held.append(bytes.data(), static_cast<size_t>(got));
        size_t from = 0;
        for (size_t end = held.find('\n'); end != std::string::npos; from = end + 1, end = held.find('\n', from)) {
            if (held[from] != '#') continue;
            latencies.push_back(now - sent[std::strtoul(held.c_str() + from + 1, nullptr, 10)]);
        }
        held.erase(0, from);
    }
}

// The rows of each millisecond at its start, each marked with when it should have gone out.
void sendRows(int peer, int rate, std::vector<std::atomic<int64_t>>& sent)
{
    const int timer = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    const itimerspec every{{0, 1'000'000'000 / kTicksPerSecond}, {0, 1'000'000'000 / kTicksPerSecond}};
    ::timerfd_settime(timer, 0, &every, nullptr);
    const int64_t begin = nanos();
    size_t row = 0;
    for (int64_t tick = 1; row < sent.size();) {
        uint64_t passed = 0;
        if (::read(timer, &passed, sizeof(passed)) != sizeof(passed)) fail("timer");
        std::string lines;
        for (; passed > 0; --passed, ++tick) {
            const int64_t due = begin + tick * (1'000'000'000 / kTicksPerSecond);
            for (const auto until = static_cast<size_t>(tick * rate / kTicksPerSecond); row < std::min(until, sent.size()); ++row) {
                sent[row] = due;
                lines += fmt::format("#{} word\n", row);
            }
        }
        for (size_t at = 0; at < lines.size();) {
            const ssize_t wrote = ::send(peer, lines.data() + at, lines.size() - at, MSG_NOSIGNAL);
            if (wrote <= 0) fail("send");
            at += static_cast<size_t>(wrote);
        }
    }
    ::close(timer);
}

}

int main(int argc, char** argv)
{
    if (argc < 3) {
        fmt::print(stderr, "latency PROGRAM FOLDER [ROWS_PER_SECOND [SECONDS [INTERVAL]]]\n");
        return 2;
    }
    const int rate = argc > 3 ? std::atoi(argv[3]) : 10'000;
    const int seconds = argc > 4 ? std::atoi(argv[4]) : 20;
    const auto [listener, port] = listenAnywhere();
    int output = -1;
    const pid_t child = start(argv[1], writePipeline(argv[2], port, argc > 5 ? argv[5] : "1ms"), output);
    const int peer = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const int on = 1;
    ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));

    // The first second warms up and does not count.
    std::vector<std::atomic<int64_t>> sent(static_cast<size_t>(rate) * static_cast<size_t>(seconds + 1));
    std::vector<int64_t> latencies;
    std::thread reading([&, out = output] { collect(out, sent, latencies); });
    sendRows(peer, rate, sent);
    reading.join();
    ::kill(child, SIGTERM);
    std::thread drain([out = output] {
        char bytes[4096];
        while (::read(out, bytes, sizeof(bytes)) > 0) {
        }
    });
    int status = 0;
    rusage usage{};
    ::wait4(child, &status, 0, &usage);
    drain.join();
    if (latencies.size() != sent.size() || status != 0) {
        fmt::print(stderr, "{} of {} rows came out, the program ended with {}\n", latencies.size(), sent.size(), status);
        return 1;
    }
    latencies.erase(latencies.begin(), latencies.begin() + rate);
    std::sort(latencies.begin(), latencies.end());
    const auto micros = [&](double share) { return latencies[static_cast<size_t>(share * static_cast<double>(latencies.size() - 1))] / 1000; };
    const double processor = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    fmt::print("{{\"rows\": {}, \"p50\": {}, \"p99\": {}, \"p999\": {}, \"max\": {}, \"processor_seconds\": {:.2f}}}\n", latencies.size(), micros(0.5), micros(0.99), micros(0.999), micros(1), processor);
    return 0;
}
