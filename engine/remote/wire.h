// Values as bytes between a remote session and its server, and back. What they look like follows from the structs
// of engine/control/session.h, field by field (Boost.PFR): a field that is added there is in the messages, and in
// `shapeOf`, by which both sides tell whether they mean the same. Numbers are varints, texts have their length in front.
#pragma once
#include "engine/columns/schema.h"
#include "engine/pipeline/document.h"

#include <boost/pfr/core.hpp>
#include <bit>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>

namespace streamwright {

// Bytes that are no message. Thrown by a Reader, caught where the message came in.
class WireProblem : public std::exception {
public:
    explicit WireProblem(const char* what) : what_(what) {}
    const char* what() const noexcept override { return what_; }

private:
    const char* what_;
};

class Writer {
public:
    void byte(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
    void number(uint64_t value);
    void text(std::string_view text);
    std::string take() { return std::move(bytes_); }

private:
    std::string bytes_;
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : left_(bytes) {}
    uint8_t byte();
    uint64_t number();
    std::string_view text();            // lives as long as the bytes
    // Of things that follow, each at least a byte long: never more than bytes are left.
    size_t count();
    bool empty() const { return left_.empty(); }
    void end() const;                   // nothing is left over

private:
    std::string_view left_;
};

// How a T is written, read and described.
template <class T>
struct Wire;

template <class T>
void write(Writer& out, const T& value)
{
    Wire<T>::write(out, value);
}

template <class T>
T read(Reader& in)
{
    return Wire<T>::read(in);
}

// A text that differs where messages of T do.
template <class T>
std::string shapeOf()
{
    std::string shape;
    Wire<T>::describe(shape);
    return shape;
}

template <>
struct Wire<bool> {
    static void write(Writer& out, bool value) { out.byte(value ? 1 : 0); }
    static bool read(Reader& in) { return in.byte() != 0; }
    static void describe(std::string& shape) { shape += 'b'; }
};

// Small numbers of both signs are short: 0, -1, 1, -2 are 0, 1, 2, 3.
template <std::integral T>
struct Wire<T> {
    static void write(Writer& out, T value)
    {
        const auto wide = static_cast<int64_t>(value);
        out.number((static_cast<uint64_t>(wide) << 1) ^ static_cast<uint64_t>(wide >> 63));
    }
    static T read(Reader& in)
    {
        const uint64_t number = in.number();
        const auto wide = static_cast<int64_t>((number >> 1) ^ (~(number & 1) + 1));
        const T value = static_cast<T>(wide);
        if (static_cast<int64_t>(value) != wide) throw WireProblem("a number does not fit");
        return value;
    }
    static void describe(std::string& shape) { shape += sizeof(T) == 8 ? 'l' : 'i'; }
};

template <>
struct Wire<double> {
    static void write(Writer& out, double value) { out.number(std::bit_cast<uint64_t>(value)); }
    static double read(Reader& in) { return std::bit_cast<double>(in.number()); }
    static void describe(std::string& shape) { shape += 'd'; }
};

namespace wire {

// The compiler writes a value without a name as a cast: "(E)7".
template <auto Value>
constexpr bool hasName()
{
    const std::string_view text = __PRETTY_FUNCTION__;
    return text.substr(text.find("Value = ") + 8, 1) != "(";
}

template <class E, size_t... Values>
constexpr size_t namesOf(std::index_sequence<Values...>)
{
    return (size_t{hasName<static_cast<E>(Values)>()} + ...);
}

}

// Enumerators count up from 0.
template <class E>
    requires std::is_enum_v<E>
struct Wire<E> {
    static constexpr size_t kNames = wire::namesOf<E>(std::make_index_sequence<32>());
    static void write(Writer& out, E value) { out.byte(static_cast<uint8_t>(value)); }
    static E read(Reader& in)
    {
        const uint8_t value = in.byte();
        if (value >= kNames) throw WireProblem("a choice is none of those known");
        return static_cast<E>(value);
    }
    static void describe(std::string& shape) { shape += 'e' + std::to_string(kNames); }
};

template <>
struct Wire<std::string> {
    static void write(Writer& out, const std::string& text) { out.text(text); }
    static std::string read(Reader& in) { return std::string(in.text()); }
    static void describe(std::string& shape) { shape += 's'; }
};

template <>
struct Wire<std::filesystem::path> {
    static void write(Writer& out, const std::filesystem::path& path) { out.text(path.native()); }
    static std::filesystem::path read(Reader& in) { return in.text(); }
    static void describe(std::string& shape) { shape += 'p'; }
};

template <class T>
struct Wire<std::optional<T>> {
    static void write(Writer& out, const std::optional<T>& value)
    {
        out.byte(value ? 1 : 0);
        if (value) Wire<T>::write(out, *value);
    }
    static std::optional<T> read(Reader& in) { return in.byte() ? std::optional<T>(Wire<T>::read(in)) : std::nullopt; }
    static void describe(std::string& shape) { Wire<T>::describe(shape += '?'); }
};

template <class T>
struct Wire<std::shared_ptr<const T>> {
    static void write(Writer& out, const std::shared_ptr<const T>& value)
    {
        out.byte(value ? 1 : 0);
        if (value) Wire<T>::write(out, *value);
    }
    static std::shared_ptr<const T> read(Reader& in) { return in.byte() ? std::make_shared<const T>(Wire<T>::read(in)) : nullptr; }
    static void describe(std::string& shape) { Wire<T>::describe(shape += '?'); }
};

template <class T>
struct Wire<std::vector<T>> {
    static void write(Writer& out, const std::vector<T>& values)
    {
        out.number(values.size());
        for (const T& value : values) Wire<T>::write(out, value);
    }
    static std::vector<T> read(Reader& in)
    {
        std::vector<T> values;
        for (size_t left = in.count(); left > 0; --left) values.push_back(Wire<T>::read(in));
        return values;
    }
    static void describe(std::string& shape) { Wire<T>::describe(shape += '*'); }
};

template <class K, class V>
struct Wire<std::map<K, V>> {
    static void write(Writer& out, const std::map<K, V>& values)
    {
        out.number(values.size());
        for (const auto& [key, value] : values) {
            Wire<K>::write(out, key);
            Wire<V>::write(out, value);
        }
    }
    static std::map<K, V> read(Reader& in)
    {
        std::map<K, V> values;
        for (size_t left = in.count(); left > 0; --left) {
            K key = Wire<K>::read(in);
            values.insert_or_assign(std::move(key), Wire<V>::read(in));
        }
        return values;
    }
    static void describe(std::string& shape)
    {
        Wire<K>::describe(shape += 'm');
        Wire<V>::describe(shape);
    }
};

// Structs: their fields, in order.
template <class T>
    requires std::is_aggregate_v<T>
struct Wire<T> {
    static void write(Writer& out, const T& value)
    {
        boost::pfr::for_each_field(value, [&out]<class F>(const F& field) { Wire<F>::write(out, field); });
    }
    static T read(Reader& in)
    {
        T value{};
        boost::pfr::for_each_field(value, [&in]<class F>(F& field) { field = Wire<F>::read(in); });
        return value;
    }
    static void describe(std::string& shape)
    {
        static const T sample{};
        shape += '{';
        boost::pfr::for_each_field(sample, [&shape]<class F>(const F&) { Wire<F>::describe(shape); });
        shape += '}';
    }
};

// As the text of its file.
template <>
struct Wire<Document> {
    static void write(Writer& out, const Document& document);
    static Document read(Reader& in);
    static void describe(std::string& shape) { shape += "document"; }
};

template <>
struct Wire<Schema> {
    static void write(Writer& out, const Schema& schema);
    static Schema read(Reader& in);
    static void describe(std::string& shape);
};

}
