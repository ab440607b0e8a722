// Rows of the tables of a checkpoint as bytes, and back into another one.
#pragma once
#include "engine/checkpoint/store.h"
#include "engine/storage/connection.h"

namespace streamwright {

// What belongs to one epoch, and the tables that say what holds now: who it is, states, pending and published output.
Result<std::string> rowsOfEpoch(Connection& connection, Epoch epoch);
// The latter alone.
Result<std::string> rowsOfNow(Connection& connection);
// All of it, handed over in parts of about `partBytes`, each to be taken in by itself.
Result<void> rowsOfAll(Connection& connection, size_t partBytes, const std::function<Result<void>(std::string part)>& take);

// Takes the rows in, in the transaction of the caller. What they say of now replaces what was said before.
Result<void> takeRows(Connection& connection, std::string_view rows);

// Puts text and numbers into bytes, and takes them out again.
class BytesWriter {
public:
    void number(int64_t value) { bytes_.append(reinterpret_cast<const char*>(&value), sizeof value); }
    void text(std::string_view text)
    {
        number(static_cast<int64_t>(text.size()));
        bytes_.append(text);
    }
    void byte(char value) { bytes_ += value; }
    size_t size() const { return bytes_.size(); }
    std::string take() { return std::exchange(bytes_, {}); }

private:
    std::string bytes_;
};

class BytesReader {
public:
    explicit BytesReader(std::string_view bytes) : bytes_(bytes) {}
    bool atEnd() const { return bytes_.empty(); }
    // False once something was asked for that is not there.
    bool good() const { return good_; }
    int64_t number();
    std::string_view text();
    char byte();

private:
    std::string_view bytes_;
    bool good_ = true;
};

}
