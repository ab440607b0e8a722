#include "engine/base/memory.h"

#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

namespace streamwright {

namespace {

const std::string kNoNode;
thread_local std::shared_ptr<MemoryAccount> currentAccount;
thread_local const std::string* currentNode = &kNoNode;

// Large buffers begin with a page: the kernel copies a file's page many times slower to a place that lies a
// few bytes further into a page than its own (`rep movsb`, 4K aliasing).
size_t alignmentOf(size_t bytes) { return bytes >= 64 * 1024 ? 4096 : 64; }

std::string megabytes(int64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

}

void MemoryAccount::charge(int64_t bytes)
{
    const int64_t used = used_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (used <= limit_) return;
    release(bytes);
    throw MemoryExceeded(*currentNode, bytes, used - bytes, limit_);
}

MemoryExceeded::MemoryExceeded(std::string node, int64_t wanted, int64_t used, int64_t limit)
    : node_(std::move(node)),
      message_("the run's memory budget of " + megabytes(limit) + " is used up: " + (node_.empty() ? std::string("the engine") : "node " + node_) +
               " asked for " + megabytes(wanted) + " more while " + megabytes(used) + " were in use; raise the setting `memory`, lower max_rows_per_batch, or make windows and keys fewer")
{
}

MemoryScope::MemoryScope(std::shared_ptr<MemoryAccount> account, const std::string* node)
    : previousAccount_(std::move(currentAccount)), previousNode_(currentNode)
{
    currentAccount = std::move(account);
    currentNode = node ? node : &kNoNode;
}

MemoryScope::~MemoryScope()
{
    currentAccount = std::move(previousAccount_);
    currentNode = previousNode_;
}

const std::shared_ptr<MemoryAccount>& MemoryScope::account() { return currentAccount; }
const std::string& MemoryScope::node() { return *currentNode; }

void keepFreedMemory()
{
    mallopt(M_MMAP_THRESHOLD, 32 << 20);    // the most that glibc takes
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

std::shared_ptr<Buffer> Buffer::allocate(size_t bytes)
{
    if (currentAccount) currentAccount->charge(static_cast<int64_t>(bytes + kPadding));
    return std::shared_ptr<Buffer>(new Buffer(bytes, currentAccount));
}

Buffer::Buffer(size_t bytes, std::shared_ptr<MemoryAccount> account)
    : data_(static_cast<char*>(std::aligned_alloc(alignmentOf(bytes), (bytes + kPadding + alignmentOf(bytes) - 1) / alignmentOf(bytes) * alignmentOf(bytes)))), size_(bytes), account_(std::move(account))
{
    if (!data_) {
        if (account_) account_->release(static_cast<int64_t>(bytes + kPadding));
        throw std::bad_alloc();
    }
    std::memset(data_ + bytes, 0, kPadding);
}

Buffer::~Buffer()
{
    std::free(data_);
    if (account_) account_->release(static_cast<int64_t>(size_ + kPadding));
}

}
