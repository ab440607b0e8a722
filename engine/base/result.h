// What may fail returns a Result<T>: a value or an Error. Never thrown, never ignored.
#pragma once
#include <boost/system/result.hpp>
#include <string>
#include <utility>

namespace streamwright {

// How a failure is met (engine/README.md, "Failure").
enum class ErrorKind : unsigned char {
    Mistake,    // what the user wrote is wrong: exit code 2
    Transient,  // connection, busy, no space: retried with a growing pause, without limit unless told
    Broken,     // an operator failed: the batch is rolled back and tried again from its logged ranges
    Permanent,  // bad credentials, schema refused, file corrupt: the run stops at once
};

struct Error {
    ErrorKind kind = ErrorKind::Broken;
    std::string message;  // what happened and where; value last
    std::string hint;     // what to do, empty if unknown
};

template <class T>
using Result = boost::system::result<T, Error>;

inline Error mistake(std::string message, std::string hint = {}) { return {ErrorKind::Mistake, std::move(message), std::move(hint)}; }
inline Error transient(std::string message, std::string hint = {}) { return {ErrorKind::Transient, std::move(message), std::move(hint)}; }
inline Error broken(std::string message, std::string hint = {}) { return {ErrorKind::Broken, std::move(message), std::move(hint)}; }
inline Error permanent(std::string message, std::string hint = {}) { return {ErrorKind::Permanent, std::move(message), std::move(hint)}; }

// Asking a Result for a value that it does not hold is a broken invariant.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}
