// The groups of which an aggregate failed, each with the reason of its first row that did.
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>

namespace streamwright {

class GroupFailures {
public:
    struct Failure {
        uint64_t place = 0;     // of the row, in input order
        std::string reason;
    };
    void add(uint32_t group, uint64_t place, std::string reason)
    {
        const auto [known, isNew] = failures_.try_emplace(group);
        if (isNew || place < known->second.place) known->second = {place, std::move(reason)};
    }
    bool empty() const { return failures_.empty(); }
    const Failure* find(uint32_t group) const
    {
        const auto known = failures_.find(group);
        return known == failures_.end() ? nullptr : &known->second;
    }

private:
    std::unordered_map<uint32_t, Failure> failures_;
};

}
