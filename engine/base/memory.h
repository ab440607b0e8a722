// The memory budget of a run. Buffers charge the account of the thread's current scope; over the
// limit the allocation throws MemoryExceeded, which stops the run with the node's name instead of
// the machine. Thread-safe.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

namespace streamwright {

class MemoryAccount {
public:
    explicit MemoryAccount(int64_t limitBytes) : limit_(limitBytes) {}
    // Throws MemoryExceeded when the account would go over its limit.
    void charge(int64_t bytes);
    void release(int64_t bytes) noexcept { used_.fetch_sub(bytes, std::memory_order_relaxed); }
    int64_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
    int64_t limit() const noexcept { return limit_; }

private:
    int64_t limit_;
    std::atomic<int64_t> used_{0};
};

class MemoryExceeded : public std::exception {
public:
    MemoryExceeded(std::string node, int64_t wanted, int64_t used, int64_t limit);
    const char* what() const noexcept override { return message_.c_str(); }
    const std::string& node() const { return node_; }

private:
    std::string node_;
    std::string message_;
};

// While it lives, what this thread allocates is charged to `account` in the name of `node`.
class MemoryScope {
public:
    MemoryScope(std::shared_ptr<MemoryAccount> account, const std::string* node);
    ~MemoryScope();
    MemoryScope(const MemoryScope&) = delete;
    MemoryScope& operator=(const MemoryScope&) = delete;

    // The scope's account of this thread, null outside of a run.
    static const std::shared_ptr<MemoryAccount>& account();
    static const std::string& node();

private:
    std::shared_ptr<MemoryAccount> previousAccount_;
    const std::string* previousNode_;
};

// What a batch frees stays with the process for the next batch: getting it anew from the kernel, page by
// page, costs more than filling it. For programs that run pipelines, once at their start.
void keepFreedMemory();

// Bytes with 64 readable bytes behind the end, so that kernels may load whole vectors. Charged to the
// account of the scope it was made in, for as long as it lives.
class Buffer {
public:
    static std::shared_ptr<Buffer> allocate(size_t bytes);
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    char* data() { return data_; }
    const char* data() const { return data_; }
    size_t size() const { return size_; }

    static constexpr size_t kPadding = 64;

private:
    Buffer(size_t bytes, std::shared_ptr<MemoryAccount> account);
    char* data_;
    size_t size_;
    std::shared_ptr<MemoryAccount> account_;
};

}
