#include "engine/checkpoint/received_keys.h"

namespace streamwright {

namespace {

constexpr int64_t kSpans = 16;

}

const ReceivedKeys::Known* ReceivedKeys::find(const std::string& key, Timestamp now)
{
    forget(now);
    for (auto span = spans_.rbegin(); span != spans_.rend(); ++span) {
        if (const auto found = span->keys.find(key); found != span->keys.end()) return &found->second;
    }
    return nullptr;
}

Timestamp ReceivedKeys::roomAt() const { return spans_.empty() ? Timestamp() : spans_.front().until + time_; }

void ReceivedKeys::add(std::string key, Timestamp at, Known known)
{
    // A clock that was set back must not make an old span young again.
    if (spans_.empty() || at > spans_.back().until) spans_.push_back({at + Duration{time_.micros / kSpans}, {}});
    count_ += spans_.back().keys.insert_or_assign(std::move(key), known).second ? 1 : 0;
}

void ReceivedKeys::forget(Timestamp now)
{
    while (!spans_.empty() && spans_.front().until < since(now)) {
        count_ -= spans_.front().keys.size();
        spans_.pop_front();
    }
}

}
