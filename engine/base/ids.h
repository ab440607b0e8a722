// Ids are types: a bare int or string in a signature says nothing.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace streamwright {

// Name of a node in a document, `[a-z][a-z0-9_]*`; identifies state, history and markers.
struct NodeId {
    std::string name;
    auto operator<=>(const NodeId&) const = default;
};

// Number of a decided batch in a checkpoint, 1 for the first; 0 means none.
struct Epoch {
    int64_t value = 0;
    auto operator<=>(const Epoch&) const = default;
};

// Microseconds since 1970-01-01T00:00:00Z.
struct Timestamp {
    int64_t micros = 0;
    auto operator<=>(const Timestamp&) const = default;
    int64_t millis() const { return micros >= 0 ? micros / 1000 : (micros - 999) / 1000; }
};

// A length of time in microseconds.
struct Duration {
    int64_t micros = 0;
    auto operator<=>(const Duration&) const = default;
    double seconds() const { return static_cast<double>(micros) / 1e6; }
};

inline constexpr Duration milliseconds(int64_t n) { return {n * 1000}; }
inline constexpr Duration seconds(int64_t n) { return {n * 1'000'000}; }
inline constexpr Timestamp operator+(Timestamp t, Duration d) { return {t.micros + d.micros}; }
inline constexpr Timestamp operator-(Timestamp t, Duration d) { return {t.micros - d.micros}; }
inline constexpr Duration operator-(Timestamp a, Timestamp b) { return {a.micros - b.micros}; }

}

template <>
struct std::hash<streamwright::NodeId> {
    size_t operator()(const streamwright::NodeId& id) const noexcept { return std::hash<std::string>()(id.name); }
};
