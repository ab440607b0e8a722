// A transaction that is rolled back unless it was committed.
#pragma once
#include "engine/storage/connection.h"

namespace streamwright {

// Write takes the lock at once, so that it cannot fail with busy later; Read sees one state of the file.
enum class TransactionKind : unsigned char { Read, Write };

class Transaction {
public:
    static Result<Transaction> begin(Connection& connection, TransactionKind kind = TransactionKind::Write);
    Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
    ~Transaction();

    Result<void> commit();

private:
    explicit Transaction(Connection& connection) : connection_(&connection) {}
    Connection* connection_;
};

}
