#include "engine/storage/transaction.h"

namespace streamwright {

Result<Transaction> Transaction::begin(Connection& connection, TransactionKind kind)
{
    auto begun = connection.run(kind == TransactionKind::Write ? "BEGIN IMMEDIATE" : "BEGIN");
    if (!begun) return begun.error();
    return Transaction(connection);
}

Transaction::~Transaction()
{
    // After a full disk SQLite has rolled back by itself.
    if (connection_ && connection_->inTransaction()) (void)connection_->run("ROLLBACK");
}

Result<void> Transaction::commit()
{
    auto done = connection_->run("COMMIT");
    if (done) connection_ = nullptr;
    return done;
}

}
