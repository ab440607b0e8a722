// What is wrong with a field, a line each, with the sign of its severity. Hidden when nothing is. UI thread only.
#pragma once
#include "engine/base/diagnostic.h"

#include <QWidget>

namespace streamwright {

class ProblemList : public QWidget {
    Q_OBJECT

public:
    explicit ProblemList(QWidget* parent);
    void show(const Diagnostics& problems);

private:
    Diagnostics shown_;
};

}
