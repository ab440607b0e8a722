// Numbers of a stream that are looked up in a table.
#pragma once
#include "tests/faults/source_room.h"

#include <QMap>

namespace streamwright {

// Numbers of a stream with what a table says about them, as JSON lines under `out`.
class TableRoom : public SourceRoom {
public:
    void with(const QByteArray& table, const QByteArray& settings = R"("batch_interval": "50ms")")
    {
        pipeline(R"("in": {"type": "source.rate", "options": {"rows_per_second": 200}}, "known": {"type": "source.table", "options": )" + table + R"(}, "both": {"type": "join", "options": {"keys": ["key"]}}, "keyed": {"type": "select", "options": {"columns": ["value", "value % 3 AS key"]}},)"
                 R"("out": {"type": "sink.files", "options": {"path": "out", "format": "json"}}, "bad": {"type": "sink.files", "options": {"path": "bad", "format": "json"}})",
                 R"("in -> keyed", "keyed -> both.left", "known -> both.right", "both -> out", "known.rejected -> bad")", settings);
    }
    // The texts in the order of the numbers.
    QByteArrayList texts() const
    {
        QMap<qint64, QByteArray> byNumber;
        const QByteArrayList numbers = values("out", "value"), texts = values("out", "text");
        for (qsizetype i = 0; i < numbers.size(); ++i) byNumber[numbers[i].toLongLong()] = texts[i];
        return byNumber.values();
    }
};

}
